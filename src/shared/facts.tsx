import type { JSX, ReactNode } from 'react';

import { usePage } from './context';
import { CopyButton } from './s3uri';

/** Names and values, one pair a row; pairs without a value are left out. */
export function Facts(props: {
  items: [label: string, value: ReactNode][];
}): JSX.Element {
  return (
    <dl className="smstudio-Facts">
      {props.items
        .filter(
          ([, value]) => value !== null && value !== undefined && value !== ''
        )
        .map(([label, value]) => (
          <div key={label} className="smstudio-Facts-row">
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** A text with a button that copies it. */
export function Copied(props: { text: string }): JSX.Element {
  const { trans } = usePage();
  return (
    <span className="smstudio-S3Uri">
      <code>{props.text}</code>
      <CopyButton text={props.text} label={trans.__('Copy')} />
    </span>
  );
}

/** Names and values under a heading, in the order of their names. */
export function Pairs(props: {
  title: string;
  pairs: Record<string, string>;
  empty: string;
}): JSX.Element {
  const names = Object.keys(props.pairs).sort();
  return (
    <>
      <h2>{props.title}</h2>
      {names.length ? (
        <Facts items={names.map(name => [name, props.pairs[name] || ' '])} />
      ) : (
        <p className="smstudio-mod-dim">{props.empty}</p>
      )}
    </>
  );
}
