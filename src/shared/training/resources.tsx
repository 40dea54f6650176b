import type { JSX } from 'react';

import { usePage } from '../context';
import { TextField } from '../fields';
import { Check } from '../form';
import { InstanceTypeField } from '../instances';
import type { IFormPart } from './form';
import { EnvironmentFields, FurtherFields } from './further';
import { PairsEditor } from './pairs';

const ROLE_PREFIX = 'arn:aws:iam::';
const S3_PREFIX = 's3://';

/** Where the job runs, how long it may, and where its model goes. */
export function ResourceFields(props: IFormPart): JSX.Element {
  const { trans } = usePage();
  const { form, options, set, error } = props;
  const number = (
    field:
      | 'instance_count'
      | 'volume_gb'
      | 'max_runtime_seconds'
      | 'max_wait_seconds',
    label: string,
    placeholder?: string
  ): JSX.Element => (
    <TextField
      name={field}
      label={label}
      error={error(field)}
      numeric
      value={form[field]}
      placeholder={placeholder}
      onChange={value => set({ [field]: value })}
    />
  );
  return (
    <>
      <div className="smstudio-Form-row">
        <InstanceTypeField
          value={form.instance_type}
          types={options.instance_types}
          error={error('instance_type')}
          onChange={instance_type => set({ instance_type })}
        />
        {number('instance_count', trans.__('Instance count'))}
        {number('volume_gb', trans.__('Volume size (GB)'))}
        {number(
          'max_runtime_seconds',
          trans.__('Max runtime (seconds)'),
          '86400'
        )}
      </div>
      <TextField
        name="output_s3_uri"
        label={trans.__('S3 location for output data')}
        error={error('output_s3_uri')}
        optionalNote={trans.__('Optional')}
        help={
          options.output_s3_uri
            ? trans.__('Leave it empty to use %1.', options.output_s3_uri)
            : trans.__(
                'Leave it empty to use the default bucket, which is made when it is missing.'
              )
        }
        value={form.output_s3_uri}
        placeholder={S3_PREFIX}
        onChange={output_s3_uri => set({ output_s3_uri })}
      />
      <details className="smstudio-Fold">
        <summary>{trans.__('Advanced settings – Optional')}</summary>
        <MoreFields {...props} number={number} />
      </details>
    </>
  );
}

function MoreFields(
  props: IFormPart & {
    number: (
      field: 'max_wait_seconds',
      label: string,
      placeholder?: string
    ) => JSX.Element;
  }
): JSX.Element {
  const { trans } = usePage();
  const { form, options, set, error } = props;
  return (
    <>
      <h3>{trans.__('Access')}</h3>
      <TextField
        name="role_arn"
        label={trans.__('IAM role')}
        error={error('role_arn')}
        required={!options.role_arn}
        help={
          options.role_arn
            ? trans.__('Leave it empty to use %1.', options.role_arn)
            : trans.__(
                'The ARN of a role that lets SageMaker read the input and write the output.'
              )
        }
        value={form.role_arn}
        placeholder={options.role_arn ?? ROLE_PREFIX}
        onChange={role_arn => set({ role_arn })}
      />
      <Check
        checked={form.network_isolation}
        label={trans.__('Network isolation')}
        help={trans.__('The training program has no network.')}
        onChange={network_isolation => set({ network_isolation })}
      />
      <h3>{trans.__('Spot instances and checkpoints')}</h3>
      <Check
        checked={form.spot}
        label={trans.__('Managed spot training')}
        help={trans.__(
          'Cheaper instances that AWS may take back. The local engine runs the job as any other.'
        )}
        onChange={spot => set({ spot })}
      />
      {form.spot &&
        props.number(
          'max_wait_seconds',
          trans.__('Max wait (seconds)'),
          form.max_runtime_seconds
        )}
      <TextField
        name="checkpoint_s3_uri"
        label={trans.__('S3 location for checkpoints')}
        error={error('checkpoint_s3_uri')}
        help={trans.__(
          'What the program writes to /opt/ml/checkpoints is kept there.'
        )}
        value={form.checkpoint_s3_uri}
        placeholder={S3_PREFIX}
        onChange={checkpoint_s3_uri => set({ checkpoint_s3_uri })}
      />
      <EnvironmentFields form={form} set={set} error={error} />
      {form.source !== 'algorithm' && (
        <>
          <h3>{trans.__('Metric definitions')}</h3>
          <p className="smstudio-Field-help">
            {trans.__(
              'How metrics are read from the log: a name, and a regular expression whose first group is the value.'
            )}
          </p>
          <PairsEditor
            field="metric_definitions"
            pairs={form.metric_definitions.map(each => ({
              name: each.name,
              value: each.regex
            }))}
            onChange={pairs =>
              set({
                metric_definitions: pairs.map(each => ({
                  name: each.name,
                  regex: each.value
                }))
              })
            }
            nameLabel={trans.__('Metric')}
            valueLabel={trans.__('Regular expression')}
            addLabel={trans.__('Add a metric')}
            error={error}
          />
        </>
      )}
      <FurtherFields
        form={form}
        set={set}
        error={error}
        label={trans.__('JSON, as CreateTrainingJob takes it')}
        help={trans.__(
          'For what this form has no field for, for example VpcConfig. It goes before the fields.'
        )}
      />
    </>
  );
}
