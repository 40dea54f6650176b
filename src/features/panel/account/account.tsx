import type { TranslationBundle } from '@jupyterlab/translation';
import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../../api/client';
import type { TargetInfo, Targets, Whoami } from '../../../api/generated';
import { usePage } from '../../../shared/context';
import { useQuery } from '../../../shared/query';
import { ErrorBox } from '../../../shared/states';
import { useNow } from '../../../shared/time';
import { Assume } from './assume';
import { CodeDialog } from './code';
import { accountNumber, endsAt, left, shortName, SOON } from './identity';
import { NewProfile } from './newprofile';
import { signInRequests } from './requests';
import { RoleChooser } from './roles';
import { SignInDialog } from './signin';

type Open = 'sign-in' | 'new-profile' | 'assume' | 'role' | 'code' | null;

/** Who AWS takes us for, how long that lasts, and what can be done about it. */
export function Account(props: {
  target: TargetInfo;
  targets: Targets | null;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { target } = props;
  const query = useQuery<Whoami>(
    `identity:${target.assume?.role_arn ?? ''}`,
    (session, signal) => session.api.call('getIdentity', { signal }),
    { concerns: change => change.kind === 'Target', busy: () => false }
  );
  const [open, setOpen] = useState<Open>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  useEffect(() => {
    const asked = (): void => setOpen('sign-in');
    signInRequests.connect(asked);
    return () => {
      signInRequests.disconnect(asked);
    };
  }, []);
  const found = query.data;
  const close = (): void => setOpen(null);
  const renew = (): void => {
    setError(null);
    studio.api
      .call('renewIdentity')
      .then(query.refresh)
      .catch(reason => setError(ApiFailure.from(reason)));
  };
  return (
    <div className="smstudio-Account">
      {found?.identity && <Who found={found} target={target} />}
      {found?.message && (
        <div className="smstudio-Account-problem" role="status">
          <strong>{found.message}</strong>
          {found.hint && <span>{found.hint}</span>}
        </div>
      )}
      {!found && !query.error && (
        <span className="smstudio-mod-dim" role="status">
          {trans.__('Asking AWS who you are…')}
        </span>
      )}
      {(error ?? query.error) && <ErrorBox error={(error ?? query.error)!} />}
      <div className="smstudio-Account-actions">
        {found?.signs_in && (
          <button className="smstudio-Link" onClick={() => setOpen('sign-in')}>
            {found.identity ? trans.__('Sign in again…') : trans.__('Sign in…')}
          </button>
        )}
        {found?.mfa_serial && (
          <button className="smstudio-Link" onClick={() => setOpen('code')}>
            {trans.__('MFA code…')}
          </button>
        )}
        <button
          className="smstudio-Link"
          title={trans.__('Read the credentials of this machine again')}
          onClick={renew}
        >
          {trans.__('Renew')}
        </button>
        <button className="smstudio-Link" onClick={() => setOpen('assume')}>
          {trans.__('Assume role…')}
        </button>
        <button className="smstudio-Link" onClick={() => setOpen('role')}>
          {trans.__('Execution role…')}
        </button>
        <button
          className="smstudio-Link"
          onClick={() => setOpen('new-profile')}
        >
          {trans.__('New sign-in…')}
        </button>
      </div>
      {open === 'sign-in' && (
        <SignInDialog profile={target.profile} onClose={close} />
      )}
      {open === 'new-profile' && (
        <NewProfile regions={props.targets?.regions ?? []} onClose={close} />
      )}
      {open === 'assume' && <Assume target={target} onClose={close} />}
      {open === 'role' && <RoleChooser target={target} onClose={close} />}
      {open === 'code' && (
        <CodeDialog
          target={target}
          serial={found?.mfa_serial ?? ''}
          onClose={close}
        />
      )}
    </div>
  );
}

/** `Scientist/ann · 1111-2222-3333`, with the end of the credentials under it. */
function Who(props: { found: Whoami; target: TargetInfo }): JSX.Element {
  const { trans } = usePage();
  const { found, target } = props;
  const now = useNow(30_000);
  const identity = found.identity!;
  const end = endsAt(found);
  const ending = end !== null && end - now < SOON * 1000;
  return (
    <div className="smstudio-Account-who">
      <span title={identity.arn}>
        {shortName(identity.arn)}
        <span className="smstudio-mod-dim">
          {' · '}
          {accountNumber(identity.account)}
        </span>
      </span>
      {found.credentials && (
        <span
          className={ending ? 'smstudio-Account-ending' : 'smstudio-mod-dim'}
          role={ending ? 'status' : undefined}
        >
          {methodName(found.credentials.method, trans)}
          {' · '}
          {end !== null
            ? trans.__('ends in %1', left(end - now))
            : found.credentials.renews
              ? trans.__('renewed in time')
              : trans.__('does not expire')}
        </span>
      )}
      {target.role_arn && (
        <span className="smstudio-mod-dim" title={target.role_arn}>
          {trans.__('Execution role: %1', target.role_arn.split('/').pop())}
        </span>
      )}
    </div>
  );
}

/** Where credentials come from, by botocore's name of it. */
function methodName(method: string, trans: TranslationBundle): string {
  const names: Record<string, string> = {
    sso: trans.__('Identity Center'),
    env: trans.__('environment'),
    'assume-role': trans.__('assumed role'),
    'assume-role-with-web-identity': trans.__('web identity'),
    'shared-credentials-file': trans.__('keys of the profile'),
    'config-file': trans.__('keys of the profile'),
    'custom-process': trans.__('program of the profile'),
    'iam-role': trans.__('role of the instance'),
    'container-role': trans.__('role of the container'),
    login: trans.__('console sign-in')
  };
  return names[method] ?? method;
}
