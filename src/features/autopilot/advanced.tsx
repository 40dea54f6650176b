import type { JSX } from 'react';

import type { DataPreview, Options } from '../../api/generated';
import { usePage } from '../../shared/context';
import { TextField } from '../../shared/fields';
import { Field } from '../../shared/form';
import type { IPickers } from '../../shared/pickers';
import { Tags } from '../../shared/tags';
import { DataFields, SecurityFields } from './datafields';
import type { IExperimentForm } from './form';

const ROLE_PREFIX = 'arn:aws:iam::';

/** The fold "ADVANCED SETTINGS – Optional". */
export function Advanced(props: {
  form: IExperimentForm;
  options: Options;
  set: (change: Partial<IExperimentForm>) => void;
  error: (field: string) => string | null;
  preview: DataPreview | null;
  pickers: IPickers | null;
}): JSX.Element {
  const { trans } = usePage();
  const { form, options, set, error } = props;
  const number = (
    field:
      | 'max_candidates'
      | 'max_runtime_per_training_job_seconds'
      | 'max_job_runtime_seconds',
    label: string,
    help: string,
    placeholder: string
  ): JSX.Element => (
    <Field name={field} label={label} help={help} error={error(field)}>
      {control => (
        <input
          {...control}
          type="number"
          step={1}
          className="jp-mod-styled smstudio-mod-short"
          value={form[field]}
          placeholder={placeholder}
          onChange={event => set({ [field]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <details className="smstudio-Fold">
      <summary>{trans.__('Advanced settings – Optional')}</summary>
      <h3>{trans.__('Data')}</h3>
      <DataFields {...props} />
      <h3>{trans.__('Runtime')}</h3>
      {number(
        'max_candidates',
        trans.__('Max candidates'),
        trans.__(
          'How many models are tried. From 1 to %1.',
          options.limits.max_candidates.max ?? 750
        ),
        String(options.defaults.max_candidates)
      )}
      {number(
        'max_runtime_per_training_job_seconds',
        trans.__('Max trial runtime (seconds)'),
        trans.__('The longest time that one trial may train.'),
        trans.__('no limit')
      )}
      {number(
        'max_job_runtime_seconds',
        trans.__('Max job runtime (seconds)'),
        trans.__(
          'The longest time that the experiment may take; it then ends with the best model so far.'
        ),
        trans.__('no limit')
      )}
      <h3>{trans.__('Access')}</h3>
      <TextField
        name="role_arn"
        label={trans.__('IAM role')}
        error={error('role_arn')}
        required={!options.defaults.role_arn}
        help={
          options.defaults.role_arn
            ? trans.__('Leave it empty to use %1.', options.defaults.role_arn)
            : trans.__(
                'The ARN of a role that lets SageMaker read the input and write the output.'
              )
        }
        value={form.role_arn}
        placeholder={options.defaults.role_arn ?? ROLE_PREFIX}
        onChange={role_arn => set({ role_arn })}
      />
      <h3>{trans.__('Encryption and network')}</h3>
      <SecurityFields {...props} />
      <h3>{trans.__('Deployment')}</h3>
      <label className="smstudio-Choice" data-field="auto_deploy">
        <input
          type="checkbox"
          checked={form.deploy}
          disabled={!form.complete}
          onChange={event => set({ deploy: event.target.checked })}
        />
        <span>
          {trans.__('Auto deploy')}
          <span className="smstudio-Field-help">
            {trans.__(
              'Deploys the best model to an endpoint when the experiment ends.'
            )}
          </span>
        </span>
      </label>
      {form.deploy && form.complete && (
        <TextField
          name="auto_deploy.endpoint_name"
          label={trans.__('Auto deploy endpoint')}
          error={error('auto_deploy.endpoint_name')}
          help={trans.__('Leave it empty to get a generated name.')}
          value={form.endpoint_name}
          onChange={value => set({ endpoint_name: value.trim() })}
        />
      )}
      <h3>{trans.__('Tags')}</h3>
      <Tags
        tags={form.tags}
        onChange={tags => set({ tags })}
        error={error('tags')}
      />
    </details>
  );
}
