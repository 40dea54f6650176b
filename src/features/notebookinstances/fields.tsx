import type { JSX } from 'react';

import { usePage } from '../../shared/context';
import { Check, Choices, Field } from '../../shared/form';
import { InstanceTypeField } from '../../shared/instances';
import type { Pair } from './controls';
import { localNote, reason, SelectField, TextField } from './controls';
import type { INotebookPart } from './form';

const REPOSITORY_EXAMPLE = 'https://github.com/aws/amazon-sagemaker-examples';
const ADDRESS_EXAMPLE = '127.0.0.1 10.0.0.0/8';

/** Name, type, and what the console calls additional configuration. */
export function SettingsFields(props: INotebookPart): JSX.Element {
  const { trans } = usePage();
  const { form, options, set, error, editing } = props;
  return (
    <>
      <h2>{trans.__('Notebook instance settings')}</h2>
      {!editing && (
        <TextField
          {...props}
          field="name"
          label={trans.__('Notebook instance name')}
          required
          focus
          help={trans.__(
            'At most %1 letters, digits and hyphens (-).',
            options.name.max_length ?? 63
          )}
        />
      )}
      <div className="smstudio-Form-row">
        <InstanceTypeField
          value={form.instance_type}
          types={options.instance_types}
          error={error('instance_type')}
          onChange={instance_type => set({ instance_type })}
        />
        <SelectField
          {...props}
          field="platform"
          label={trans.__('Platform identifier')}
          values={options.platforms.map(each => [each, each])}
        />
      </div>
      <div className="smstudio-Form-row">
        <SelectField
          {...props}
          field="lifecycle_config"
          label={trans.__('Lifecycle configuration')}
          values={[
            ['', trans.__('No configuration')],
            ...named(options.lifecycle_configs, form.lifecycle_config)
          ]}
        />
        <TextField
          {...props}
          field="volume_gb"
          label={trans.__('Volume size in GB')}
          numeric
          help={trans.__(
            'From %1 to %2; it holds the folder SageMaker, which is kept when the instance stops.',
            options.min_volume_gb,
            options.max_volume_gb
          )}
        />
      </div>
      <div className="smstudio-Form-row">
        <SelectField
          {...props}
          field="minimum_imds"
          label={trans.__('Minimum IMDS version')}
          values={[
            ['', trans.__('As AWS chooses')],
            ['1', '1'],
            ['2', '2']
          ]}
        />
        <SelectField
          {...props}
          field="accelerator"
          label={trans.__('Elastic Inference')}
          values={[
            ['', trans.__('None')],
            ...options.accelerators.map(each => [each, each] as Pair)
          ]}
        />
      </div>
    </>
  );
}

/** Role, root access, key. */
export function PermissionFields(props: INotebookPart): JSX.Element {
  const { trans } = usePage();
  const { form, set, editing } = props;
  return (
    <>
      <h2>{trans.__('Permissions and encryption')}</h2>
      <Choices
        name="role"
        legend={trans.__('IAM role')}
        value={form.role}
        choices={[
          { value: 'given', label: trans.__('Enter the ARN of a role') },
          {
            value: 'new',
            label: trans.__('Create a new role'),
            help: trans.__(
              'With the policy AmazonSageMakerFullAccess, which reaches every bucket with "sagemaker" in its name.'
            )
          }
        ]}
        onChange={role => set({ role })}
      />
      {form.role === 'given' ? (
        <TextField
          {...props}
          field="role_arn"
          label={trans.__('Role ARN')}
          required
        />
      ) : (
        <>
          <Choices
            name="role_buckets"
            legend={trans.__('S3 buckets you specify')}
            value={form.role_buckets}
            choices={[
              { value: 'any', label: trans.__('Any S3 bucket') },
              { value: 'specific', label: trans.__('Specific S3 buckets') },
              { value: 'none', label: trans.__('None') }
            ]}
            onChange={role_buckets => set({ role_buckets })}
          />
          {form.role_buckets === 'specific' && (
            <TextField
              {...props}
              field="bucket_names"
              label={trans.__('Names of the buckets')}
              required
              help={trans.__('With commas or blanks between them.')}
            />
          )}
        </>
      )}
      <Choices
        name="root_access"
        legend={trans.__('Root access')}
        value={form.root_access ? 'yes' : 'no'}
        choices={[
          {
            value: 'yes',
            label: trans.__('Enable - Give users root access to the notebook'),
            help: localNote(props, 'root_access')
              ? reason(trans, 'root_access')
              : undefined
          },
          {
            value: 'no',
            label: trans.__(
              'Disable - Do not give users root access to the notebook'
            )
          }
        ]}
        onChange={value => set({ root_access: value === 'yes' })}
      />
      {!editing && (
        <TextField
          {...props}
          field="kms_key"
          label={trans.__('Encryption key')}
          note
          placeholder={trans.__('No custom encryption')}
        />
      )}
    </>
  );
}

/** VPC, direct internet access, and who may open the instance. */
export function NetworkFields(props: INotebookPart): JSX.Element {
  const { trans } = usePage();
  const { form, options, set, editing } = props;
  return (
    <>
      {!editing && (
        <details className="smstudio-Fold">
          <summary>{trans.__('Network – Optional')}</summary>
          <div className="smstudio-Form-row">
            <TextField
              {...props}
              field="subnet_id"
              label={trans.__('Subnet')}
              placeholder={trans.__('No VPC')}
            />
            <TextField
              {...props}
              field="security_groups"
              label={trans.__('Security groups')}
            />
          </div>
          <Check
            checked={form.direct_internet}
            label={trans.__(
              'Direct internet access: access the internet directly through Amazon SageMaker'
            )}
            help={
              localNote(props, 'direct_internet')
                ? reason(trans, 'direct_internet')
                : trans.__('It can only be disabled with a subnet.')
            }
            onChange={direct_internet => set({ direct_internet })}
          />
        </details>
      )}
      {options.local && (
        <TextField
          {...props}
          field="allowed_ips"
          label={trans.__('IP addresses that may open it')}
          note
          placeholder={ADDRESS_EXAMPLE}
          help={trans.__(
            'Addresses and networks with blanks between them; empty: every address of this machine. On AWS a condition of IAM does this, which the page of the instance writes for you.'
          )}
        />
      )}
    </>
  );
}

/** Repositories that are cloned at each start unless they are there. */
export function RepositoryFields(props: INotebookPart): JSX.Element {
  const { trans } = usePage();
  const { options } = props;
  return (
    <details
      className="smstudio-Fold"
      open={!!props.form.default_repository || undefined}
    >
      <summary>{trans.__('Git repositories – Optional')}</summary>
      <TextField
        {...props}
        field="default_repository"
        label={trans.__('Default repository')}
        choices={options.repositories}
        placeholder={REPOSITORY_EXAMPLE}
        help={trans.__(
          'The address of a public repository, or the name of a code repository of this account.'
        )}
      />
      <Field
        name="additional_repositories"
        label={trans.__('Additional repositories')}
        error={props.error('additional_repositories')}
        help={trans.__(
          'At most %1, one a line.',
          options.max_additional_repositories
        )}
      >
        {control => (
          <textarea
            {...control}
            className="jp-mod-styled"
            rows={3}
            value={props.form.additional_repositories}
            spellCheck={false}
            onChange={event =>
              props.set({ additional_repositories: event.target.value })
            }
          />
        )}
      </Field>
    </details>
  );
}

function named(names: string[], chosen: string): Pair[] {
  const all = chosen && !names.includes(chosen) ? [chosen, ...names] : names;
  return all.map(each => [each, each]);
}
