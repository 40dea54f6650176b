import type { JSX } from 'react';

import { usePage } from '../../shared/context';
import { LogViewer } from '../../shared/log/viewer';

const GROUP = '/aws/sagemaker/studio';

/** What the start-up script of an app wrote. */
export default function ScriptLogs(props: { stream: string }): JSX.Element {
  const { trans } = usePage();
  const { stream } = props;
  return (
    <div className="smstudio-Main">
      <header className="smstudio-Header">
        <div className="smstudio-Header-line">
          <h1>{trans.__('Start-up script')}</h1>
        </div>
        <p className="smstudio-Header-text">
          <code>{`${GROUP}: ${stream}`}</code>
        </p>
      </header>
      <LogViewer
        source={{
          id: `script:${stream}`,
          read: (studio, query, signal) =>
            studio.api.call('getScriptLogs', {
              query: {
                stream,
                next_token: query.next_token,
                from_start: query.from_start,
                max_results: query.max_results
              },
              signal
            }),
          url: studio =>
            studio.api.url('downloadScriptLog', { query: { stream } }),
          streamLabel: trans.__('Stream')
        }}
        running
      />
    </div>
  );
}
