import type { JSX, ReactNode } from 'react';

import { usePage } from './context';

/** How many trials are in which state, and how many there may be. */
export interface ITrialCounts {
  done: number;
  running: number;
  stopped: number;
  failed: number;
  max: number | null;
}

/** Trials by their state: a bar and the numbers, with more to say beside them. */
export function TrialCounts(props: {
  counts: ITrialCounts;
  /** Takes how many trials have begun. */
  children: (started: number) => ReactNode;
}): JSX.Element {
  const { trans } = usePage();
  const { done, running, stopped, failed, max } = props.counts;
  const parts: [kind: string, label: string, count: number][] = [
    ['done', trans.__('Completed'), done],
    ['busy', trans.__('Running'), running],
    ['quiet', trans.__('Stopped'), stopped],
    ['bad', trans.__('Failed'), failed]
  ];
  const started = done + running + stopped + failed;
  const total = Math.max(max ?? started, started, 1);
  return (
    <>
      <div
        className="smstudio-Bar smstudio-mod-slim"
        role="progressbar"
        aria-label={trans.__('Trials')}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={done + failed + stopped}
      >
        {parts.map(([kind, label, count]) =>
          count ? (
            <div
              key={kind}
              className={`smstudio-Bar-part smstudio-mod-${kind}`}
              style={{ flexGrow: count }}
              title={`${label}: ${count}`}
            />
          ) : null
        )}
        {total > started && <div style={{ flexGrow: total - started }} />}
      </div>
      <div className="smstudio-Tuning-counts">
        {parts.map(([kind, label, count]) => (
          <span key={kind}>
            <span
              className={`smstudio-Tuning-mark smstudio-mod-${kind}`}
              aria-hidden="true"
            />
            {label} <strong>{count}</strong>
          </span>
        ))}
        {props.children(started)}
      </div>
    </>
  );
}
