import type { JSX } from 'react';

import type { Options } from '../../api/generated';
import { usePage } from '../../shared/context';
import { Choices } from '../../shared/form';
import type { IExperimentForm } from './form';

/** The training method, and the algorithms that it may use. */
export function TrainingMethod(props: {
  form: IExperimentForm;
  options: Options;
  set: (change: Partial<IExperimentForm>) => void;
  error: (field: string) => string | null;
}): JSX.Element {
  const { trans } = usePage();
  const { form, options, set, error } = props;
  const offered = options.algorithms
    .filter(each => each.help === form.mode)
    .map(each => each.value);
  const chosen = form.algorithms.length ? form.algorithms : offered;
  const problem = error('mode') ?? error('algorithms');
  return (
    <>
      <Choices
        name="mode"
        legend={trans.__('Training method')}
        value={form.mode}
        choices={[
          {
            value: '',
            label: trans.__('Auto'),
            help: trans.__(
              'Ensembling for up to 100 MB of data, hyperparameter optimization for more.'
            )
          },
          {
            value: 'ENSEMBLING',
            label: trans.__('Ensembling'),
            help: trans.__(
              'Trains models of several kinds and stacks the best of them.'
            )
          },
          {
            value: 'HYPERPARAMETER_TUNING',
            label: trans.__('Hyperparameter optimization (HPO)'),
            help: trans.__(
              'Engineers features in several ways and tunes an algorithm on each.'
            )
          }
        ]}
        onChange={mode => set({ mode, algorithms: [] })}
      />
      {offered.length > 0 && (
        <fieldset className="smstudio-Choices" data-field="algorithms">
          <legend>{trans.__('Algorithms')}</legend>
          {offered.map(name => (
            <label key={name} className="smstudio-Choice">
              <input
                type="checkbox"
                checked={chosen.includes(name)}
                disabled={chosen.length === 1 && chosen[0] === name}
                onChange={event => {
                  const wanted = offered.filter(each =>
                    each === name ? event.target.checked : chosen.includes(each)
                  );
                  // All of them is what AWS takes anyway.
                  set({
                    algorithms: wanted.length === offered.length ? [] : wanted
                  });
                }}
              />
              <span>{name}</span>
            </label>
          ))}
        </fieldset>
      )}
      {problem && (
        <div className="smstudio-Field-error" role="alert">
          {problem}
        </div>
      )}
    </>
  );
}
