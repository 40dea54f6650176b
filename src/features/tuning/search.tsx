import type { JSX } from 'react';
import { useId } from 'react';

import { usePage } from '../../shared/context';
import { TextField } from '../../shared/fields';
import { Field } from '../../shared/form';
import type { ITuningForm } from './form';

const STRATEGIES = ['Bayesian', 'Random', 'Hyperband', 'Grid'] as const;

/** Objective, strategy, limits, warm start. */
export function SearchFields(props: {
  form: ITuningForm;
  metrics: { name: string; direction: 'Maximize' | 'Minimize' }[];
  set: (change: Partial<ITuningForm>) => void;
  error: (field: string) => string | null;
}): JSX.Element {
  const { trans } = usePage();
  const { form, metrics, set, error } = props;
  const list = useId();
  const text = (
    field:
      | 'max_jobs'
      | 'max_parallel'
      | 'max_runtime_seconds'
      | 'target_value'
      | 'max_not_improving'
      | 'random_seed'
      | 'min_resource'
      | 'max_resource'
      | 'parents',
    label: string,
    placeholder?: string,
    help?: string
  ): JSX.Element => (
    <TextField
      name={field}
      label={label}
      error={error(field)}
      help={help}
      value={form[field]}
      placeholder={placeholder}
      onChange={value => set({ [field]: value })}
    />
  );
  return (
    <>
      <div className="smstudio-Form-row">
        <Field
          name="objective"
          label={trans.__('Objective metric')}
          required
          error={error('objective')}
        >
          {control => (
            <>
              <input
                {...control}
                type="text"
                className="jp-mod-styled"
                list={list}
                value={form.objective}
                spellCheck={false}
                onChange={event => {
                  const known = metrics.find(
                    each => each.name === event.target.value
                  );
                  set({
                    objective: event.target.value,
                    ...(known ? { direction: known.direction } : {})
                  });
                }}
              />
              <datalist id={list}>
                {metrics.map(each => (
                  <option key={each.name} value={each.name} />
                ))}
              </datalist>
            </>
          )}
        </Field>
        <Field name="direction" label={trans.__('Better is')}>
          {control => (
            <select
              {...control}
              className="jp-mod-styled"
              value={form.direction}
              onChange={event =>
                set({
                  direction: event.target.value as ITuningForm['direction']
                })
              }
            >
              <option value="Maximize">{trans.__('more (Maximize)')}</option>
              <option value="Minimize">{trans.__('less (Minimize)')}</option>
            </select>
          )}
        </Field>
        <Field
          name="strategy"
          label={trans.__('Strategy')}
          error={error('strategy')}
        >
          {control => (
            <select
              {...control}
              className="jp-mod-styled"
              value={form.strategy}
              onChange={event =>
                set({ strategy: event.target.value as ITuningForm['strategy'] })
              }
            >
              {STRATEGIES.map(each => (
                <option key={each}>{each}</option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <div className="smstudio-Form-row">
        {text('max_jobs', trans.__('Training jobs at most'))}
        {text('max_parallel', trans.__('Training jobs at once'))}
        {text(
          'max_runtime_seconds',
          trans.__('Max runtime of the search (seconds)'),
          trans.__('no limit')
        )}
      </div>
      <details
        className="smstudio-Channel-more"
        open={form.warm_start !== '' || form.strategy === 'Hyperband'}
      >
        <summary>
          {trans.__('When it stops, and what it knows already')}
        </summary>
        <div className="smstudio-Form-row">
          {text(
            'target_value',
            trans.__('Stop at an objective of'),
            trans.__('no target')
          )}
          {text(
            'max_not_improving',
            trans.__('Stop after trials without improvement'),
            trans.__('no limit')
          )}
          {form.strategy !== 'Hyperband' && (
            <Field
              name="early_stopping"
              label={trans.__('Stop poor trials early')}
              error={error('early_stopping')}
            >
              {control => (
                <select
                  {...control}
                  className="jp-mod-styled"
                  value={form.early_stopping}
                  onChange={event =>
                    set({
                      early_stopping: event.target
                        .value as ITuningForm['early_stopping']
                    })
                  }
                >
                  <option value="Off">{trans.__('Off')}</option>
                  <option value="Auto">{trans.__('Auto')}</option>
                </select>
              )}
            </Field>
          )}
          {form.strategy === 'Hyperband' && (
            <>
              {text('min_resource', trans.__('Least resource of a trial'))}
              {text('max_resource', trans.__('Most resource of a trial'))}
            </>
          )}
          {text('random_seed', trans.__('Random seed'))}
        </div>
        <div className="smstudio-Form-row">
          <Field name="warm_start" label={trans.__('Warm start')}>
            {control => (
              <select
                {...control}
                className="jp-mod-styled"
                value={form.warm_start}
                onChange={event =>
                  set({
                    warm_start: event.target.value as ITuningForm['warm_start']
                  })
                }
              >
                <option value="">{trans.__('Off')}</option>
                <option value="IdenticalDataAndAlgorithm">
                  {trans.__('Same data and algorithm')}
                </option>
                <option value="TransferLearning">
                  {trans.__('Transfer learning')}
                </option>
              </select>
            )}
          </Field>
          {form.warm_start !== '' &&
            text(
              'parents',
              trans.__('Parent tuning jobs'),
              undefined,
              trans.__('At most five names, separated by commas.')
            )}
        </div>
      </details>
    </>
  );
}
