import type { JSX, ReactNode } from 'react';

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
