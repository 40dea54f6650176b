import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import type { Endpoint } from '../../api/generated';
import { usePage } from '../../shared/context';
import { HeaderLine } from '../../shared/header';
import { useQuery } from '../../shared/query';
import { ErrorBox, Skeleton, StaleBar } from '../../shared/states';
import { StatusBadge, tone } from '../../shared/status';
import { Tabs } from '../../shared/tabs';
import { Capture } from './capture';
import { DeleteForm } from './delete';
import { DeploymentProgress } from './deployment';
import { TestInference } from './inference';
import { Logs } from './logs';
import { Metrics } from './metrics';
import { Scaling } from './scaling';
import { Settings } from './settings';
import { UpdateTab } from './updateform';
import { Variants } from './variants';

/** What the page and the command "Delete" share. */
export interface IDeleteRequests {
  wanted: boolean;
  listen: (() => void) | null;
}

/** The page of one endpoint. */
export default function EndpointPage(props: {
  name: string;
  requests: IDeleteRequests;
  rendermime: IRenderMimeRegistry;
  onClose: () => void;
}): JSX.Element {
  const { trans } = usePage();
  const { name, requests } = props;
  const [deleting, setDeleting] = useState(false);
  const [gone, setGone] = useState(false);
  const [tab, setTab] = useState('test');
  const [changeCapture, setChangeCapture] = useState(false);
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
        <HeaderLine
          title={trans.__('ENDPOINT: %1', endpoint.name)}
          refresh={query.refresh}
          status={
            <span role="status" aria-live="polite">
              <StatusBadge status={endpoint.status} />
            </span>
          }
        >
          {endpoint.can_delete && (
            <button
              className="jp-mod-styled jp-mod-warn"
              onClick={() => setDeleting(true)}
            >
              {trans.__('Delete…')}
            </button>
          )}
        </HeaderLine>
        <div className="smstudio-Header-status">{endpoint.status_text}</div>
        {endpoint.failure_reason && (
          <div
            className={`smstudio-Note ${endpoint.rolled_back ? 'smstudio-mod-warning' : 'smstudio-mod-error'}`}
            role="alert"
          >
            {endpoint.rolled_back && (
              <strong>
                {endpoint.status === 'RollingBack'
                  ? trans.__('The update is rolled back.')
                  : trans.__(
                      'The last update failed; the endpoint is as it was before.'
                    )}
              </strong>
            )}
            <pre>{endpoint.failure_reason}</pre>
          </div>
        )}
      </header>
      <StaleBar query={query} />
      <DeploymentProgress endpoint={endpoint} />
      <Tabs
        label={trans.__('Parts of the endpoint')}
        chosen={tab}
        onChoose={id => {
          setTab(id);
          setChangeCapture(false);
        }}
        tabs={[
          {
            id: 'test',
            label: trans.__('Test inference'),
            content: () => <TestInference endpoint={endpoint} />
          },
          {
            id: 'variants',
            label: trans.__('Variants'),
            content: () => (
              <Variants endpoint={endpoint} refresh={query.refresh} />
            )
          },
          {
            id: 'metrics',
            label: trans.__('Metrics'),
            content: () => (
              <Metrics endpoint={endpoint} rendermime={props.rendermime} />
            )
          },
          {
            id: 'scaling',
            label: trans.__('Scaling'),
            content: () => <Scaling endpoint={endpoint} />
          },
          {
            id: 'update',
            label: trans.__('Update'),
            content: () => (
              <UpdateTab
                endpoint={endpoint}
                capture={changeCapture}
                refresh={query.refresh}
              />
            )
          },
          {
            id: 'capture',
            label: trans.__('Data capture'),
            content: () => (
              <Capture
                endpoint={endpoint}
                onChange={() => {
                  setChangeCapture(true);
                  setTab('update');
                }}
              />
            )
          },
          {
            id: 'logs',
            label: trans.__('Logs'),
            content: () => <Logs endpoint={endpoint} />
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
