import type { JSX } from 'react';

import type { Endpoint } from '../../api/generated';
import { usePage } from '../../shared/context';
import { LogViewer } from '../../shared/log/viewer';

/** The tab "Logs": what the model servers write, one stream each. */
export function Logs(props: { endpoint: Endpoint }): JSX.Element {
  const { trans } = usePage();
  const { name, status } = props.endpoint;
  return (
    <LogViewer
      source={{
        id: `endpoint:${name}`,
        read: (studio, query, signal) =>
          studio.api.call('getEndpointLogs', { name, query, signal }),
        url: (studio, stream) =>
          studio.api.url('downloadEndpointLog', { name, query: { stream } }),
        streamLabel: trans.__('Model server'),
        nameOf: stream => stream
      }}
      running={status !== 'Failed' && status !== 'OutOfService'}
    />
  );
}
