import type { JSX } from 'react';

import type { Endpoint } from '../../api/generated';
import { duration } from '../../shared/clock';
import { usePage } from '../../shared/context';
import { TimeText } from '../../shared/time';

/** How an update goes: which share of the traffic the new fleet has, its instances, what would roll it back. */
export function DeploymentProgress(props: {
  endpoint: Endpoint;
}): JSX.Element | null {
  const { trans } = usePage();
  const { endpoint } = props;
  const { deployment } = endpoint;
  if (!deployment) {
    return null;
  }
  const back = endpoint.status === 'RollingBack';
  const share =
    deployment.share === null ? null : Math.round(deployment.share * 100);
  const label =
    share === null
      ? trans.__('The new fleet comes up.')
      : trans.__(
          '%1 % of the traffic is at the new fleet, %2 % at the old one.',
          share,
          100 - share
        );
  return (
    <section
      className="smstudio-Card smstudio-Deployment"
      aria-label={trans.__('Progress of the update')}
    >
      <h2>{back ? trans.__('Rolling back') : trans.__('Update under way')}</h2>
      {share !== null && (
        <div className="smstudio-Bar" aria-hidden="true">
          <div
            className={`smstudio-Bar-part ${back ? 'smstudio-mod-bad' : 'smstudio-mod-busy'}`}
            style={{ flexGrow: share }}
          >
            <span>{trans.__('new: %1 %', share)}</span>
          </div>
          <div
            className="smstudio-Bar-part smstudio-mod-done"
            style={{ flexGrow: 100 - share }}
          >
            <span>{trans.__('old: %1 %', 100 - share)}</span>
          </div>
        </div>
      )}
      <div role="status" aria-live="polite">
        {label}
      </div>
      <div className="smstudio-Deployment-facts">
        {deployment.kind && <code>{deployment.kind}</code>}
        {deployment.config_name && (
          <span>{trans.__('to %1', deployment.config_name)}</span>
        )}
        {deployment.started && (
          <span>
            {trans.__('begun')} <TimeText value={deployment.started} />
          </span>
        )}
        {!!deployment.wait_seconds && (
          <span>
            {trans.__('bakes %1 a step', duration(deployment.wait_seconds))}
          </span>
        )}
        {deployment.alarms.length > 0 && (
          <span>
            {trans.__('rolled back by %1', deployment.alarms.join(', '))}
          </span>
        )}
      </div>
      <ul className="smstudio-Deployment-variants">
        {deployment.variants.map(variant => (
          <li key={variant.name}>
            <strong>{variant.name}</strong>{' '}
            {variant.desired_instances !== null &&
              trans.__(
                '%1 of %2 new instances',
                variant.current_instances ?? 0,
                variant.desired_instances
              )}{' '}
            {variant.status && (
              <span className="smstudio-mod-dim">{variant.status}</span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
