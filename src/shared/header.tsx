import type { LabIcon } from '@jupyterlab/ui-components';
import { refreshIcon } from '@jupyterlab/ui-components';
import type { JSX, ReactNode } from 'react';

import { usePage } from './context';
import { isRunning } from './job';
import { Elapsed } from './time';

/** The first line of a page: what it shows, in which state, and what can be done with it. */
export function HeaderLine(props: {
  title: string;
  icon?: LabIcon;
  refresh: () => void;
  status?: ReactNode;
  /** Buttons. */
  children?: ReactNode;
}): JSX.Element {
  const { trans } = usePage();
  return (
    <div className="smstudio-Header-line">
      <button
        className="smstudio-IconButton"
        title={trans.__('Refresh')}
        aria-label={trans.__('Refresh')}
        onClick={props.refresh}
      >
        <refreshIcon.react tag="span" width="16px" />
      </button>
      {props.icon && <props.icon.react tag="span" width="20px" />}
      <h1>{props.title}</h1>
      {props.status}
      <span className="smstudio-Header-buttons">{props.children}</span>
    </div>
  );
}

/** What a job does, and how long it has worked. */
export function JobTime(props: {
  job: { status: string; elapsed_seconds: number };
  /** When `job` was told, in milliseconds since the epoch. */
  asOf: number;
  children: ReactNode;
}): JSX.Element {
  const { trans } = usePage();
  return (
    <div className="smstudio-Header-status">
      {props.children}{' '}
      <span className="smstudio-mod-dim">
        {trans.__('Elapsed time')}{' '}
        <Elapsed
          seconds={props.job.elapsed_seconds}
          running={isRunning(props.job.status)}
          asOf={props.asOf}
        />
      </span>
    </div>
  );
}

/** Why something failed; nothing where it did not. */
export function FailureNote(props: {
  title?: string;
  reason: string | null;
}): JSX.Element | null {
  return props.reason ? (
    <div className="smstudio-Note smstudio-mod-error" role="alert">
      {props.title && <strong>{props.title}</strong>}
      <pre>{props.reason}</pre>
    </div>
  ) : null;
}
