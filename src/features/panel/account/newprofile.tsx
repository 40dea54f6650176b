import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../../api/client';
import type { Account, SignIn } from '../../../api/generated';
import { usePage } from '../../../shared/context';
import { DialogButtons, unplaced } from '../../../shared/dialogbuttons';
import { Field } from '../../../shared/form';
import { Modal } from '../../../shared/modal';
import { ErrorBox, Skeleton } from '../../../shared/states';
import { DeviceView, useDevice } from './device';

const EXAMPLE = 'https://example.awsapps.com/start';

/** Signs in at an organisation's address, and makes a profile of one of its accounts. */
export function NewProfile(props: {
  regions: string[];
  onClose: () => void;
}): JSX.Element {
  const { trans } = usePage();
  const { signIn, error, starting, start } = useDevice();
  const [url, setUrl] = useState('');
  const [region, setRegion] = useState('us-east-1');
  const begin = (): void =>
    start({ start_url: url.trim(), sso_region: region });
  const badUrl = error?.fields.some(each => each.field === 'start_url');
  return (
    <Modal
      title={trans.__('Sign in at an organisation')}
      onClose={props.onClose}
    >
      {signIn?.status === 'SignedIn' ? (
        <ChooseAccount
          signIn={signIn}
          regions={props.regions}
          onClose={props.onClose}
        />
      ) : (
        <form
          onSubmit={event => {
            event.preventDefault();
            begin();
          }}
        >
          {!signIn && (
            <>
              <Field
                name="start_url"
                label={trans.__('Start URL')}
                help={trans.__(
                  'Of your organisation’s access portal (IAM Identity Center).'
                )}
                error={
                  badUrl
                    ? trans.__('An address that begins with https://')
                    : null
                }
                required
              >
                {control => (
                  <input
                    {...control}
                    type="text"
                    className="jp-mod-styled"
                    autoFocus
                    placeholder={EXAMPLE}
                    value={url}
                    onChange={event => setUrl(event.target.value)}
                  />
                )}
              </Field>
              <Field
                name="sso_region"
                label={trans.__('Region of IAM Identity Center')}
              >
                {control => (
                  <RegionSelect
                    control={control}
                    regions={props.regions}
                    region={region}
                    onChange={setRegion}
                  />
                )}
              </Field>
            </>
          )}
          {error && !badUrl && <ErrorBox error={error} />}
          {signIn && <DeviceView signIn={signIn} onAgain={begin} />}
          <DialogButtons
            label={signIn ? undefined : trans.__('Sign in')}
            leave={trans.__('Cancel')}
            disabled={starting || !url.trim()}
            onClose={props.onClose}
          />
        </form>
      )}
    </Modal>
  );
}

/** Account, role, region and name of the profile. */
function ChooseAccount(props: {
  signIn: SignIn;
  regions: string[];
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { signIn } = props;
  const [accounts, setAccounts] = useState<Account[] | null>(null);
  const [account, setAccount] = useState('');
  const [roles, setRoles] = useState<string[]>([]);
  const [role, setRole] = useState('');
  const [region, setRegion] = useState('us-east-1');
  const [name, setName] = useState('');
  const [error, setError] = useState<ApiFailure | null>(null);
  const fail = (reason: unknown): void => setError(ApiFailure.from(reason));
  useEffect(() => {
    studio.api
      .call('listSignInAccounts', { name: signIn.id })
      .then(found => {
        setAccounts(found.items);
        setAccount(found.items[0]?.id ?? '');
      })
      .catch(fail);
  }, [studio, signIn.id]);
  useEffect(() => {
    if (!account) {
      return;
    }
    let current = true;
    studio.api
      .call('listAccountRoles', { name: signIn.id, parts: { account } })
      .then(found => {
        if (current) {
          setRoles(found.items);
          setRole(found.items[0] ?? '');
        }
      })
      .catch(fail);
    return () => {
      current = false;
    };
  }, [studio, signIn.id, account]);
  const save = async (): Promise<void> => {
    setError(null);
    try {
      const saved = await studio.api.call('saveProfile', {
        body: {
          name: name.trim(),
          region,
          sign_in: signIn.id,
          account_id: account,
          role_name: role
        }
      });
      await studio.chooseTarget({ kind: 'aws', profile: saved.name, region });
      studio.refresh();
      props.onClose();
    } catch (reason) {
      fail(reason);
    }
  };
  if (!accounts && !error) {
    return <Skeleton rows={3} />;
  }
  return (
    <form
      onSubmit={event => {
        event.preventDefault();
        void save();
      }}
    >
      {accounts?.length === 0 && (
        <p role="status">
          {trans.__(
            'You are signed in, but may work in no account. Ask your administrator for one.'
          )}
        </p>
      )}
      {!!accounts?.length && (
        <>
          <Field name="account_id" label={trans.__('Account')}>
            {control => (
              <select
                {...control}
                className="jp-mod-styled"
                value={account}
                onChange={event => setAccount(event.target.value)}
              >
                {accounts.map(each => (
                  <option key={each.id} value={each.id}>
                    {`${each.name} (${each.id})`}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field name="role_name" label={trans.__('Role')}>
            {control => (
              <select
                {...control}
                className="jp-mod-styled"
                value={role}
                onChange={event => setRole(event.target.value)}
              >
                {roles.map(each => (
                  <option key={each}>{each}</option>
                ))}
              </select>
            )}
          </Field>
          <Field name="region" label={trans.__('AWS Region')}>
            {control => (
              <RegionSelect
                control={control}
                regions={props.regions}
                region={region}
                onChange={setRegion}
              />
            )}
          </Field>
          <Field
            name="name"
            label={trans.__('Name of the profile')}
            help={trans.__(
              'Added to the AWS configuration of this machine, for all tools.'
            )}
            error={
              error?.fields.length ? trans.__('A name without brackets.') : null
            }
            required
          >
            {control => (
              <input
                {...control}
                type="text"
                className="jp-mod-styled"
                autoFocus
                value={name}
                onChange={event => setName(event.target.value)}
              />
            )}
          </Field>
        </>
      )}
      <DialogButtons
        label={trans.__('Add and use the profile')}
        disabled={!name.trim() || !role}
        error={unplaced(error)}
        onClose={props.onClose}
      />
    </form>
  );
}

function RegionSelect(props: {
  control: object;
  regions: string[];
  region: string;
  onChange: (region: string) => void;
}): JSX.Element {
  return (
    <select
      {...props.control}
      className="jp-mod-styled"
      value={props.region}
      onChange={event => props.onChange(event.target.value)}
    >
      {(props.regions.includes(props.region)
        ? props.regions
        : [props.region, ...props.regions]
      ).map(region => (
        <option key={region}>{region}</option>
      ))}
    </select>
  );
}
