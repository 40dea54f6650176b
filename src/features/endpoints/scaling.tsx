import type { JSX } from 'react';
import { useState } from 'react';

import { ApiFailure } from '../../api/client';
import type {
  Endpoint,
  EndpointScaling,
  ScalingPolicy,
  VariantScaling
} from '../../api/generated';
import { usePage } from '../../shared/context';
import { useQuery } from '../../shared/query';
import { ErrorBox, Skeleton, StaleBar } from '../../shared/states';
import { StatusBadge } from '../../shared/status';
import { TimeText } from '../../shared/time';
import { ScalingForm } from './scalingform';
import { Schedules } from './schedules';

/** The tab "Scaling": limits, target tracking, scheduled actions and what scaling did, variant by variant. */
export function Scaling(props: { endpoint: Endpoint }): JSX.Element {
  const { trans } = usePage();
  const { endpoint } = props;
  const query = useQuery<EndpointScaling>(
    `endpoint-scaling:${endpoint.name}`,
    (studio, signal) =>
      studio.api.call('getEndpointScaling', { name: endpoint.name, signal }),
    {
      concerns: change =>
        change.kind === 'Endpoint' && change.name === endpoint.name,
      busy: data => data.variants.some(each => each.min !== null)
    }
  );
  if (query.loading) {
    return <Skeleton rows={6} />;
  }
  if (!query.data) {
    return query.error ? (
      <ErrorBox error={query.error} onRetry={query.refresh} />
    ) : (
      <Skeleton rows={6} />
    );
  }
  return (
    <div className="smstudio-Profile">
      <StaleBar query={query} />
      {query.data.variants.map(scaling => {
        const variant = endpoint.variants.find(
          each => each.name === scaling.variant && !each.shadow
        );
        return (
          <section
            key={scaling.variant}
            className="smstudio-Card smstudio-ScalingCard"
            aria-label={trans.__('Scaling of %1', scaling.variant)}
          >
            <h2>{scaling.variant}</h2>
            {variant?.serverless ? (
              <p className="smstudio-mod-dim">
                {trans.__(
                  'A serverless variant has no instances; it scales with its requests by itself.'
                )}
              </p>
            ) : (
              <OneVariant
                endpoint={endpoint.name}
                instances={variant?.current_instances ?? null}
                scaling={scaling}
                refresh={query.refresh}
              />
            )}
          </section>
        );
      })}
    </div>
  );
}

function OneVariant(props: {
  endpoint: string;
  instances: number | null;
  scaling: VariantScaling;
  refresh: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { scaling, endpoint } = props;
  const { variant } = scaling;
  const on = scaling.min !== null;
  const [editing, setEditing] = useState(false);
  const [error, setError] = useState<ApiFailure | null>(null);
  const [busy, setBusy] = useState(false);
  const act = (work: Promise<unknown>): void => {
    setBusy(true);
    setError(null);
    work
      .then(() => props.refresh())
      .catch(reason => setError(ApiFailure.from(reason)))
      .finally(() => setBusy(false));
  };
  return (
    <>
      <p>
        {on
          ? trans.__(
              'Between %1 and %2 instances; %3 now.',
              scaling.min,
              scaling.max,
              props.instances ?? '—'
            )
          : trans.__(
              'Does not scale by itself; %1 instances.',
              props.instances ?? '—'
            )}
      </p>
      {scaling.policies.length > 0 && (
        <Policies
          scaling={scaling}
          disabled={busy}
          remove={policy =>
            act(
              studio.api.call('removeScalingPolicy', {
                name: endpoint,
                query: { variant, policy }
              })
            )
          }
        />
      )}
      {editing ? (
        <ScalingForm
          {...props}
          onClose={saved => {
            setEditing(false);
            if (saved) {
              props.refresh();
            }
          }}
        />
      ) : (
        <div className="smstudio-Buttons smstudio-mod-start">
          <button
            type="button"
            className={`jp-mod-styled ${on ? 'jp-mod-reject' : 'jp-mod-accept'}`}
            aria-label={trans.__('Configure auto scaling of %1', variant)}
            onClick={() => setEditing(true)}
          >
            {trans.__('Configure auto scaling')}
          </button>
          {on && (
            <button
              type="button"
              className="jp-mod-styled jp-mod-warn"
              disabled={busy}
              aria-label={trans.__('Stop scaling %1', variant)}
              title={trans.__(
                'Policies and scheduled actions go; the instances stay'
              )}
              onClick={() =>
                act(
                  studio.api.call('stopScaling', {
                    name: endpoint,
                    query: { variant }
                  })
                )
              }
            >
              {trans.__('Stop scaling')}
            </button>
          )}
        </div>
      )}
      {error && <ErrorBox error={error} />}
      {on && (
        <Schedules
          endpoint={endpoint}
          scaling={scaling}
          refresh={props.refresh}
        />
      )}
      {on && <Activities scaling={scaling} />}
    </>
  );
}

function Policies(props: {
  scaling: VariantScaling;
  disabled: boolean;
  remove: (policy: string) => void;
}): JSX.Element {
  const { trans } = usePage();
  const says = (policy: ScalingPolicy): string =>
    policy.target === null
      ? policy.kind
      : trans.__('keeps %1 at %2', policy.metric ?? '?', policy.target);
  return (
    <ul className="smstudio-Policies" aria-label={trans.__('Policies')}>
      {props.scaling.policies.map(policy => (
        <li key={policy.name}>
          <div>
            <strong>{policy.name}</strong>{' '}
            <span className="smstudio-mod-dim">{says(policy)}</span>
            <span className="smstudio-Field-help">
              {[
                policy.scale_in_cooldown !== null &&
                  trans.__('scale-in cool down %1 s', policy.scale_in_cooldown),
                policy.scale_out_cooldown !== null &&
                  trans.__(
                    'scale-out cool down %1 s',
                    policy.scale_out_cooldown
                  ),
                policy.disable_scale_in && trans.__('never scales in')
              ]
                .filter(Boolean)
                .join(' · ')}
            </span>
          </div>
          <button
            type="button"
            className="smstudio-IconButton"
            title={trans.__('Remove this policy')}
            aria-label={trans.__('Remove policy %1', policy.name)}
            disabled={props.disabled}
            onClick={() => props.remove(policy.name)}
          >
            ✕
          </button>
        </li>
      ))}
    </ul>
  );
}

function Activities(props: { scaling: VariantScaling }): JSX.Element {
  const { trans } = usePage();
  const { activities, activities_problem, variant } = props.scaling;
  return (
    <>
      <h3>{trans.__('Activities')}</h3>
      {activities.length ? (
        <div className="smstudio-Scroll">
          <table
            className="smstudio-Table"
            aria-label={trans.__('Activities of %1', variant)}
          >
            <thead>
              <tr>
                <th scope="col">{trans.__('Time')}</th>
                <th scope="col">{trans.__('Status')}</th>
                <th scope="col">{trans.__('Activity')}</th>
              </tr>
            </thead>
            <tbody>
              {activities.map((activity, index) => (
                <tr key={index}>
                  <td>
                    <TimeText value={activity.time} />
                  </td>
                  <td>
                    <StatusBadge
                      status={
                        activity.status === 'Successful'
                          ? 'Succeeded'
                          : activity.status
                      }
                    />
                  </td>
                  <td>
                    {activity.description}
                    <span className="smstudio-Field-help">
                      {activity.cause}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <p className="smstudio-mod-dim">
          {activities_problem
            ? trans.__('The activities are not known: %1', activities_problem)
            : trans.__('Nothing was scaled yet.')}
        </p>
      )}
    </>
  );
}
