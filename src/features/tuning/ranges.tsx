import type { JSX } from 'react';
import { useId } from 'react';

import type { TrainingOptions } from '../../api/generated';
import { usePage } from '../../shared/context';
import { declared } from '../../shared/training/form';
import type { IRange, ITuningForm } from './form';
import { rangeOf } from './form';

const SCALINGS = [
  'Auto',
  'Linear',
  'Logarithmic',
  'ReverseLogarithmic'
] as const;

/** What is searched: a row for each hyperparameter. */
export function RangeFields(props: {
  form: ITuningForm;
  options: TrainingOptions;
  onChange: (ranges: IRange[]) => void;
  error: (field: string) => string | null;
}): JSX.Element {
  const { trans } = usePage();
  const { form, onChange } = props;
  const list = useId();
  const known = declared(form.training, props.options);
  const free = known.filter(
    each => each.tune && !form.ranges.some(range => range.name === each.name)
  );
  const change = (index: number, part: Partial<IRange>): void =>
    onChange(
      form.ranges.map((range, at) =>
        at === index ? { ...range, ...part } : range
      )
    );
  const rename = (index: number, name: string): void => {
    const parameter = known.find(each => each.name === name);
    change(index, parameter ? rangeOf(parameter) : { name });
  };
  const whole = props.error('ranges');
  return (
    <div data-field="ranges">
      <datalist id={list}>
        {known
          .filter(each => each.tune)
          .map(each => (
            <option key={each.name} value={each.name} />
          ))}
      </datalist>
      {form.ranges.map((range, index) => {
        const error = props.error(`ranges.${index}`);
        return (
          <div
            key={index}
            className="smstudio-Range"
            data-field={`ranges.${index}`}
            role="group"
            aria-label={range.name || trans.__('New range')}
          >
            <input
              type="text"
              className="jp-mod-styled"
              list={list}
              value={range.name}
              placeholder={trans.__('Hyperparameter')}
              aria-label={trans.__('Hyperparameter of row %1', index + 1)}
              aria-invalid={error ? true : undefined}
              spellCheck={false}
              onChange={event => rename(index, event.target.value)}
            />
            <select
              className="jp-mod-styled"
              aria-label={trans.__('Kind of row %1', index + 1)}
              value={range.kind}
              onChange={event =>
                change(index, { kind: event.target.value as IRange['kind'] })
              }
            >
              <option value="Continuous">{trans.__('Continuous')}</option>
              <option value="Integer">{trans.__('Integer')}</option>
              <option value="Categorical">{trans.__('Categorical')}</option>
            </select>
            {range.kind === 'Categorical' ? (
              <input
                type="text"
                className="jp-mod-styled smstudio-Range-values"
                value={range.values}
                placeholder={trans.__('Values, separated by commas')}
                aria-label={trans.__('Values of row %1', index + 1)}
                spellCheck={false}
                onChange={event =>
                  change(index, { values: event.target.value })
                }
              />
            ) : (
              <>
                <input
                  type="text"
                  inputMode="decimal"
                  className="jp-mod-styled"
                  value={range.min}
                  placeholder={trans.__('Minimum')}
                  aria-label={trans.__('Minimum of row %1', index + 1)}
                  onChange={event => change(index, { min: event.target.value })}
                />
                <input
                  type="text"
                  inputMode="decimal"
                  className="jp-mod-styled"
                  value={range.max}
                  placeholder={trans.__('Maximum')}
                  aria-label={trans.__('Maximum of row %1', index + 1)}
                  onChange={event => change(index, { max: event.target.value })}
                />
                <select
                  className="jp-mod-styled"
                  aria-label={trans.__('Scaling of row %1', index + 1)}
                  value={range.scaling}
                  onChange={event =>
                    change(index, {
                      scaling: event.target.value as IRange['scaling']
                    })
                  }
                >
                  {SCALINGS.map(each => (
                    <option key={each}>{each}</option>
                  ))}
                </select>
              </>
            )}
            <button
              type="button"
              className="smstudio-IconButton"
              title={trans.__('Remove this row')}
              aria-label={trans.__('Remove row %1', index + 1)}
              onClick={() =>
                onChange(form.ranges.filter((_, at) => at !== index))
              }
            >
              ✕
            </button>
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
      <div className="smstudio-Source-ways">
        {free.length > 0 && (
          <select
            className="jp-mod-styled"
            value=""
            aria-label={trans.__('Add a hyperparameter to search')}
            onChange={event => {
              const parameter = known.find(
                each => each.name === event.target.value
              );
              if (parameter) {
                onChange([...form.ranges, rangeOf(parameter)]);
              }
            }}
          >
            <option value="" disabled>
              {trans.__('Add a hyperparameter to search')}
            </option>
            {free.map(each => (
              <option key={each.name}>{each.name}</option>
            ))}
          </select>
        )}
        {!known.length && (
          <button
            type="button"
            className="jp-mod-styled jp-mod-reject"
            onClick={() =>
              onChange([
                ...form.ranges,
                {
                  name: '',
                  kind: 'Continuous',
                  min: '',
                  max: '',
                  scaling: 'Auto',
                  values: ''
                }
              ])
            }
          >
            {trans.__('Add a hyperparameter to search')}
          </button>
        )}
      </div>
    </div>
  );
}
