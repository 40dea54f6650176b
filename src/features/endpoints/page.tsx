import { refreshIcon } from '@jupyterlab/ui-components';
import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import type { Endpoint, Variant } from '../../api/generated';
import { usePage } from '../../shared/context';
import { Facts } from '../../shared/facts';
import { useQuery } from '../../shared/query';
import { ErrorBox, Skeleton, StaleNote } from '../../shared/states';
import { StatusBadge, tone } from '../../shared/status';
import { Tabs } from '../../shared/tabs';
import { TimeText } from '../../shared/time';
import { DeleteForm } from './delete';
import { TestInference } from './inference';

/** What the page and the command "Delete" share. */
export interface IDeleteRequests {
  wanted: boolean;
  listen: (() => void) | null;
}

/** The page of one endpoint. */
export default function EndpointPage(props: {
  name: string;
  requests: IDeleteRequests;
  onClose: () => void;
}): JSX.Element {
  const { trans } = usePage();
  const { name, requests } = props;
  const [deleting, setDeleting] = useState(false);
  const [gone, setGone] = useState(false);
  useEffect(() => {
    requests.listen = () => setDeleting(true);
    if (requests.wanted) {
      setDeleting(true);
      requests.wanted = false;
    }
    return () => {
      requests.listen = null;
    };
  }, [requests]);
  const query = useQuery<Endpoint>(
    `endpoint:${name}`,
    (studio, signal) => studio.api.call('describeEndpoint', { name, signal }),
    {
      concerns: change => change.kind === 'Endpoint' && change.name === name,
      busy: data => tone(data.status) === 'busy'
    }
  );
  const endpoint = query.data;
  if (query.loading) {
    return (
      <div
        className="smstudio-Main"
        role="status"
        aria-label={trans.__('Loading')}
      >
        <Skeleton rows={6} />
      </div>
    );
  }
  if (gone || query.error?.status === 404) {
    return (
      <div className="smstudio-Main">
        <div className="smstudio-Empty" role="status">
          <div className="smstudio-Empty-title">
            {trans.__('The endpoint %1 does not exist any more.', name)}
          </div>
          <button
            className="jp-mod-styled jp-mod-reject"
            onClick={props.onClose}
          >
            {trans.__('Close this page')}
          </button>
        </div>
      </div>
    );
  }
  if (!endpoint) {
    return (
      <div className="smstudio-Main">
        {query.error && (
          <ErrorBox error={query.error} onRetry={query.refresh} />
        )}
      </div>
    );
  }
  return (
    <div className="smstudio-Main">
      <header className="smstudio-Header">
        <div className="smstudio-Header-line">
          <button
            className="smstudio-IconButton"
            title={trans.__('Refresh')}
            aria-label={trans.__('Refresh')}
            onClick={query.refresh}
          >
            <refreshIcon.react tag="span" width="16px" />
          </button>
          <h1>{trans.__('ENDPOINT: %1', endpoint.name)}</h1>
          <span role="status" aria-live="polite">
            <StatusBadge status={endpoint.status} />
          </span>
          <span className="smstudio-Header-buttons">
            {endpoint.can_delete && (
              <button
                className="jp-mod-styled jp-mod-warn"
                onClick={() => setDeleting(true)}
              >
                {trans.__('Delete…')}
              </button>
            )}
          </span>
        </div>
        <div className="smstudio-Header-status">{endpoint.status_text}</div>
        {endpoint.failure_reason && (
          <div className="smstudio-Note smstudio-mod-error" role="alert">
            {endpoint.failure_reason}
          </div>
        )}
      </header>
      {query.error && (
        <StaleNote
          error={query.error}
          updated={query.updated}
          onRetry={query.refresh}
        />
      )}
      <Tabs
        label={trans.__('Parts of the endpoint')}
        tabs={[
          {
            id: 'test',
            label: trans.__('Test inference'),
            content: () => <TestInference endpoint={endpoint} />
          },
          {
            id: 'settings',
            label: trans.__('AWS settings'),
            content: () => <Settings endpoint={endpoint} />
          }
        ]}
      />
      {deleting && (
        <DeleteForm
          endpoint={endpoint}
          onClose={() => setDeleting(false)}
          onDeleted={() => {
            setDeleting(false);
            setGone(true);
          }}
        />
      )}
    </div>
  );
}

function Settings(props: { endpoint: Endpoint }): JSX.Element {
  const { trans } = usePage();
  const { endpoint } = props;
  return (
    <div className="smstudio-Profile">
      <Facts
        items={[
          [trans.__('Name'), endpoint.name],
          [trans.__('ARN'), <code key="arn">{endpoint.arn}</code>],
          [trans.__('Status'), endpoint.status],
          [
            trans.__('Creation time'),
            <TimeText key="created" value={endpoint.created} both />
          ],
          [
            trans.__('Last modified'),
            <TimeText key="modified" value={endpoint.modified} both />
          ],
          [trans.__('URL'), <code key="url">{endpoint.url}</code>],
          [trans.__('Endpoint configuration'), endpoint.config_name],
          [
            trans.__('Data capture'),
            endpoint.data_capture ? trans.__('On') : trans.__('Off')
          ]
        ]}
      />
      <h2>{trans.__('Production variants')}</h2>
      <Variants variants={endpoint.variants} />
    </div>
  );
}

function Variants(props: { variants: Variant[] }): JSX.Element {
  const { trans } = usePage();
  const now = (current: number | null, desired: number | null): string =>
    desired === null || desired === current
      ? String(current ?? '—')
      : `${current ?? '—'} → ${desired}`;
  return (
    <table
      className="smstudio-Table"
      aria-label={trans.__('Production variants')}
    >
      <thead>
        <tr>
          <th scope="col">{trans.__('Variant')}</th>
          <th scope="col">{trans.__('Model')}</th>
          <th scope="col">{trans.__('Instance type')}</th>
          <th scope="col" className="smstudio-mod-numeric">
            {trans.__('Instance count')}
          </th>
          <th scope="col" className="smstudio-mod-numeric">
            {trans.__('Weight')}
          </th>
          <th scope="col">{trans.__('Containers')}</th>
        </tr>
      </thead>
      <tbody>
        {props.variants.map(variant => (
          <tr key={variant.name}>
            <td>{variant.name}</td>
            <td>{variant.model_name ?? '—'}</td>
            <td>
              {variant.serverless
                ? trans.__('Serverless')
                : (variant.instance_type ?? '—')}
            </td>
            <td className="smstudio-mod-numeric">
              {now(variant.current_instances, variant.desired_instances)}
            </td>
            <td className="smstudio-mod-numeric">
              {now(variant.current_weight, variant.desired_weight)}
            </td>
            <td>
              <ol className="smstudio-Containers">
                {variant.containers.map((container, index) => (
                  <li key={index} title={container.model_data_url}>
                    {container.image.split('/').pop()}
                  </li>
                ))}
              </ol>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
