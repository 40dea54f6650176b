import type { JSX } from 'react';

import { usePage } from '../context';
import type { IPair } from './form';

/** Rows of a name and a value that one adds and takes away. */
export function PairsEditor(props: {
  field: string;
  pairs: IPair[];
  onChange: (pairs: IPair[]) => void;
  nameLabel: string;
  valueLabel: string;
  addLabel: string;
  error: (field: string) => string | null;
}): JSX.Element {
  const { trans } = usePage();
  const { field, pairs, onChange } = props;
  const change = (index: number, part: Partial<IPair>): void =>
    onChange(
      pairs.map((pair, at) => (at === index ? { ...pair, ...part } : pair))
    );
  const whole = props.error(field);
  return (
    <div className="smstudio-Tags" data-field={field}>
      {pairs.map((pair, index) => {
        const error = pair.name ? props.error(`${field}.${pair.name}`) : null;
        return (
          <div key={index} data-field={`${field}.${pair.name}`}>
            <div className="smstudio-Tags-row">
              <input
                type="text"
                className="jp-mod-styled"
                value={pair.name}
                placeholder={props.nameLabel}
                aria-label={trans.__(
                  '%1 of row %2',
                  props.nameLabel,
                  index + 1
                )}
                spellCheck={false}
                onChange={event => change(index, { name: event.target.value })}
              />
              <input
                type="text"
                className="jp-mod-styled"
                value={pair.value}
                placeholder={props.valueLabel}
                aria-label={trans.__(
                  '%1 of row %2',
                  props.valueLabel,
                  index + 1
                )}
                aria-invalid={error ? true : undefined}
                spellCheck={false}
                onChange={event => change(index, { value: event.target.value })}
              />
              <button
                type="button"
                className="smstudio-IconButton"
                title={trans.__('Remove this row')}
                aria-label={trans.__('Remove row %1', index + 1)}
                onClick={() => onChange(pairs.filter((_, at) => at !== index))}
              >
                ✕
              </button>
            </div>
            {error && (
              <div className="smstudio-Field-error" role="alert">
                {error}
              </div>
            )}
          </div>
        );
      })}
      {whole && (
        <div className="smstudio-Field-error" role="alert">
          {whole}
        </div>
      )}
      <button
        type="button"
        className="jp-mod-styled jp-mod-reject"
        onClick={() => onChange([...pairs, { name: '', value: '' }])}
      >
        {props.addLabel}
      </button>
    </div>
  );
}
