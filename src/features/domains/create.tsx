import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { CreateDomain, DomainFormOptions } from '../../api/generated';
import { usePage, useStatus } from '../../shared/context';
import { Check, Choices } from '../../shared/form';
import { Modal } from '../../shared/modal';
import { ErrorBox, Skeleton } from '../../shared/states';
import { NameField, TextField } from './fields';
import type { FieldError } from '../../shared/formdialog';
import { FormDialog } from '../../shared/formdialog';
import { words } from './names';

// Names of products and forms of ids, the same in every language.
const [IAM, SSO] = [
  'AWS Identity and Access Management (IAM)',
  'AWS IAM Identity Center (SSO)'
];
const [VPC, SUBNETS, GROUPS] = ['vpc-…', 'subnet-…, subnet-…', 'sg-…'];

interface IForm {
  quick: boolean;
  name: string;
  user: string;
  role: string;
  auth: 'IAM' | 'SSO';
  share: boolean;
  output: boolean;
  path: string;
  sharingKey: string;
  network: 'PublicInternetOnly' | 'VpcOnly';
  vpc: string;
  subnets: string;
  groups: string;
  key: string;
}

/** The form "Create domain": Quick start or Standard setup. */
export function CreateDomainDialog(props: {
  onClose: () => void;
  onMade: (id: string) => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const [options, setOptions] = useState<DomainFormOptions | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  useEffect(() => {
    studio.api
      .call('getDomainOptions', {})
      .then(setOptions)
      .catch(reason => setError(ApiFailure.from(reason)));
  }, [studio]);
  return options ? (
    <Fields {...props} options={options} />
  ) : (
    <Modal title={trans.__('Create domain')} onClose={props.onClose}>
      {error ? <ErrorBox error={error} /> : <Skeleton rows={4} />}
    </Modal>
  );
}

function Fields(props: {
  options: DomainFormOptions;
  onClose: () => void;
  onMade: (id: string) => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const status = useStatus();
  const { options } = props;
  const [form, setForm] = useState<IForm>({
    quick: true,
    name: options.suggested_name,
    user: options.suggested_name,
    role: options.execution_role ?? '',
    auth: 'IAM',
    share: true,
    output: true,
    path: options.sharing_path ?? '',
    sharingKey: '',
    network: 'PublicInternetOnly',
    vpc: '',
    subnets: '',
    groups: '',
    key: ''
  });
  const set = (change: Partial<IForm>): void =>
    setForm(before => ({ ...before, ...change }));
  const local = status?.target.kind !== 'aws';
  return (
    <FormDialog
      title={trans.__('Create domain')}
      submit={trans.__('Create domain')}
      wide
      onClose={props.onClose}
      send={async () => {
        const made = await studio.api.call('createDomain', {
          body: bodyOf(form)
        });
        props.onMade(made.id);
      }}
    >
      {error => (
        <>
          <Choices
            name="quick"
            legend={trans.__('Setup')}
            value={form.quick ? 'quick' : 'standard'}
            choices={[
              {
                value: 'quick',
                label: trans.__('Quick start'),
                help: trans.__(
                  'A name, a user and a role. Notebooks can be shared with their output.'
                )
              },
              {
                value: 'standard',
                label: trans.__('Standard setup'),
                help: trans.__(
                  'Choose authentication, notebook sharing, network and encryption, too.'
                )
              }
            ]}
            onChange={value => set({ quick: value === 'quick' })}
          />
          <NameField
            name="name"
            label={trans.__('Domain name')}
            value={form.name}
            error={error('name')}
            onChange={name => set({ name })}
          />
          <NameField
            name="user_name"
            label={trans.__('User name')}
            optional
            value={form.user}
            error={error('user_name')}
            help={
              local
                ? undefined
                : trans.__(
                    'On AWS a new domain is Pending for some minutes: add the user profile when it is InService.'
                  )
            }
            onChange={user => set({ user })}
          />
          <TextField
            name="execution_role"
            label={trans.__('Default execution role')}
            value={form.role}
            error={error('execution_role')}
            help={trans.__('ARN of the IAM role that apps have.')}
            onChange={role => set({ role })}
          />
          {!form.quick && (
            <Standard form={form} set={set} error={error} local={local} />
          )}
        </>
      )}
    </FormDialog>
  );
}

function Standard(props: {
  form: IForm;
  set: (change: Partial<IForm>) => void;
  error: FieldError;
  local: boolean;
}): JSX.Element {
  const { trans } = usePage();
  const { form, set, error, local } = props;
  return (
    <>
      <Choices
        name="auth_mode"
        legend={trans.__('Authentication (cannot be changed later)')}
        value={form.auth}
        choices={[
          { value: 'IAM', label: IAM },
          { value: 'SSO', label: SSO }
        ]}
        onChange={auth => set({ auth })}
      />
      <h3>{trans.__('Notebook sharing')}</h3>
      <Check
        checked={form.share}
        label={trans.__('Enable notebook resource sharing')}
        help={trans.__('Snapshots of notebooks are kept at an S3 location.')}
        onChange={share => set({ share })}
      />
      {form.share && (
        <>
          <TextField
            name="sharing.s3_output_path"
            label={trans.__('S3 location')}
            value={form.path}
            pattern="s3://[^/]+(/.*)?"
            error={error('sharing.s3_output_path')}
            onChange={path => set({ path })}
          />
          <Choices
            name="output"
            legend={trans.__('Cell output')}
            value={form.output ? 'allowed' : 'disabled'}
            choices={[
              {
                value: 'allowed',
                label: trans.__('Allow users to share cell output')
              },
              {
                value: 'disabled',
                label: trans.__('Disable cell output sharing')
              }
            ]}
            onChange={value => set({ output: value === 'allowed' })}
          />
          <TextField
            name="sharing.kms_key_id"
            label={trans.__('Encryption key of shared notebooks')}
            value={form.sharingKey}
            error={error('sharing.kms_key_id')}
            onChange={sharingKey => set({ sharingKey })}
          />
        </>
      )}
      <h3>{trans.__('Network and storage')}</h3>
      {local && (
        <p className="smstudio-Field-help">
          {trans.__(
            'The local engine keeps these fields and shows them again; on this machine there is no VPC, and nothing is encrypted with KMS.'
          )}
        </p>
      )}
      <Choices
        name="network"
        legend={trans.__('Network access')}
        value={form.network}
        choices={[
          {
            value: 'PublicInternetOnly',
            label: trans.__('Public Internet Only')
          },
          { value: 'VpcOnly', label: trans.__('VPC Only') }
        ]}
        onChange={network => set({ network })}
      />
      <TextField
        name="vpc_id"
        label={trans.__('VPC')}
        value={form.vpc}
        required={form.network === 'VpcOnly'}
        error={error('vpc_id')}
        placeholder={VPC}
        onChange={vpc => set({ vpc })}
      />
      <TextField
        name="subnet_ids"
        label={trans.__('Subnets')}
        value={form.subnets}
        required={form.network === 'VpcOnly'}
        error={error('subnet_ids')}
        placeholder={SUBNETS}
        onChange={subnets => set({ subnets })}
      />
      <TextField
        name="security_group_ids"
        label={trans.__('Security groups')}
        value={form.groups}
        error={error('security_group_ids')}
        placeholder={GROUPS}
        onChange={groups => set({ groups })}
      />
      <TextField
        name="kms_key_id"
        label={trans.__('Encryption key')}
        value={form.key}
        error={error('kms_key_id')}
        onChange={key => set({ key })}
      />
    </>
  );
}

/** What the form sends. */
export function bodyOf(form: IForm): CreateDomain {
  return {
    quick: form.quick,
    name: form.name,
    user_name: form.user || null,
    execution_role: form.role || null,
    auth_mode: form.auth,
    share_notebooks: form.share,
    sharing: {
      output_allowed: form.output,
      s3_output_path: form.path || null,
      kms_key_id: form.sharingKey || null
    },
    network: form.network,
    vpc_id: form.vpc || null,
    subnet_ids: words(form.subnets),
    security_group_ids: words(form.groups),
    kms_key_id: form.key || null,
    tags: []
  };
}
