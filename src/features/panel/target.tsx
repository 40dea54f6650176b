import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { ChooseTarget, Targets } from '../../api/generated';
import { usePage, useStatus } from '../../shared/context';
import { ErrorBox } from '../../shared/states';
import { Account } from './account/account';

/** The switch between the local engine and AWS profiles with their regions. */
export function TargetBar(): JSX.Element {
  const { studio, trans, visible } = usePage();
  const status = useStatus();
  const [targets, setTargets] = useState<Targets | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  const target = status?.target;
  const title = target?.title;
  useEffect(() => {
    studio.api
      .call('getTargets')
      .then(found => {
        setTargets(found);
        setError(null);
      })
      .catch(reason => setError(ApiFailure.from(reason)));
  }, [studio, title, visible]);
  if (!target) {
    return <></>;
  }
  const choose = (choice: ChooseTarget): void => {
    setError(null);
    studio
      .chooseTarget(choice)
      .catch(reason => setError(ApiFailure.from(reason)));
  };
  const defaults: Record<string, string> = {
    environment: trans.__('environment'),
    container: trans.__('role of the container'),
    'web-identity': trans.__('web identity'),
    instance: trans.__('role of the instance')
  };
  const current = optionKey(target);
  const options = targets?.options ?? [];
  const known = options.some(option => optionKey(option) === current);
  return (
    <div className="smstudio-Target">
      <select
        className="jp-mod-styled"
        aria-label={trans.__('Target')}
        title={trans.__('Where the work is done: on this machine or in AWS')}
        value={current}
        onChange={event => {
          const option = options.find(
            choice => optionKey(choice) === event.target.value
          );
          if (option) {
            choose({
              kind: option.kind,
              profile: option.profile,
              region: option.region,
              read_only: target.read_only
            });
          }
        }}
      >
        {!known && <option value={current}>{target.title}</option>}
        {options.map(option => (
          <option key={optionKey(option)} value={optionKey(option)}>
            {option.kind === 'local'
              ? trans.__('Local engine')
              : trans.__('AWS: %1', option.profile ?? defaults[option.method])}
          </option>
        ))}
      </select>
      <select
        className="jp-mod-styled"
        aria-label={trans.__('AWS Region')}
        title={trans.__('AWS Region')}
        value={target.region}
        onChange={event =>
          choose({
            kind: target.kind,
            profile: target.profile,
            region: event.target.value,
            role_arn: target.role_arn,
            read_only: target.read_only,
            assume: target.assume
          })
        }
      >
        {(targets?.regions.includes(target.region)
          ? targets.regions
          : [target.region, ...(targets?.regions ?? [])]
        ).map(region => (
          <option key={region} value={region}>
            {region}
          </option>
        ))}
      </select>
      {target.kind === 'aws' && (
        <label
          className="smstudio-Target-protect"
          title={trans.__(
            'Pages refuse what would create, change, stop or delete something in this account'
          )}
        >
          <input
            type="checkbox"
            checked={target.read_only}
            onChange={event =>
              choose({
                kind: target.kind,
                profile: target.profile,
                region: target.region,
                role_arn: target.role_arn,
                read_only: event.target.checked,
                assume: target.assume
              })
            }
          />
          {trans.__('Read-only')}
        </label>
      )}
      {error && <ErrorBox error={error} />}
      {targets?.problem && target.kind === 'local' && (
        <div className="smstudio-Account-problem" role="status">
          <strong>{targets.problem}</strong>
          <span>
            {trans.__(
              'Mend the file: sections in [brackets], then lines of name = value. The local engine works without it.'
            )}
          </span>
        </div>
      )}
      {target.kind === 'aws' && <Account target={target} targets={targets} />}
    </div>
  );
}

function optionKey(option: { kind: string; profile: string | null }): string {
  return `${option.kind}/${option.profile ?? ''}`;
}
