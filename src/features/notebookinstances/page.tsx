import type { JSX } from 'react';
import { useState } from 'react';

import type { NotebookInstance } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { CodeTabs } from '../../shared/code';
import { usePage, useStatus } from '../../shared/context';
import { Copied, Facts } from '../../shared/facts';
import { FailureNote, HeaderLine } from '../../shared/header';
import type { ILogSource } from '../../shared/log/viewer';
import { LogViewer } from '../../shared/log/viewer';
import { useQuery } from '../../shared/query';
import { EmptyState, PendingPage, StaleBar } from '../../shared/states';
import { StatusBadge, tone } from '../../shared/status';
import { Tabs } from '../../shared/tabs';
import { TimeText } from '../../shared/time';
import { OpenLinks } from './open';

// A name of AWS, the same in every language.
const POLICY = 'IAM';

/** The logs of an instance: steps of its start, scripts, the server. */
function logsOf(name: string, label: string): ILogSource {
  return {
    id: `notebook-instance:${name}`,
    read: (studio, query, signal) =>
      studio.api.call('getNotebookInstanceLogs', { name, query, signal }),
    url: (studio, stream) =>
      studio.api.url('downloadNotebookInstanceLog', {
        name,
        query: { stream }
      }),
    streamLabel: label,
    nameOf: stream => stream.slice(name.length + 1)
  };
}

/** The page of one notebook instance. */
export default function NotebookInstancePage(props: {
  name: string;
  onClose: () => void;
}): JSX.Element {
  const { trans } = usePage();
  const { name } = props;
  const query = useQuery<NotebookInstance>(
    `notebook-instance:${name}`,
    (studio, signal) =>
      studio.api.call('describeNotebookInstance', { name, signal }),
    {
      concerns: change =>
        change.kind === 'NotebookInstance' && change.name === name,
      busy: data => tone(data.status) === 'busy'
    }
  );
  const instance = query.data;
  if (query.error?.status === 404) {
    return (
      <div className="smstudio-Main">
        <EmptyState
          title={trans.__(
            'The notebook instance "%1" does not exist any more.',
            name
          )}
        >
          <button
            className="jp-mod-styled jp-mod-reject"
            onClick={props.onClose}
          >
            {trans.__('Close this page')}
          </button>
        </EmptyState>
      </div>
    );
  }
  if (query.loading || !instance) {
    return <PendingPage query={query} rows={6} />;
  }
  return (
    <div className="smstudio-Main">
      <Header instance={instance} refresh={query.refresh} />
      <StaleBar query={query} />
      <Body instance={instance} />
    </div>
  );
}

function Header(props: {
  instance: NotebookInstance;
  refresh: () => void;
}): JSX.Element {
  const { trans, commands } = usePage();
  const { instance } = props;
  const { name } = instance;
  const run = (command: string): void =>
    void commands.execute(command, { name });
  return (
    <header className="smstudio-Header">
      <HeaderLine
        title={trans.__('NOTEBOOK INSTANCE: %1', name)}
        refresh={props.refresh}
        status={
          <span role="status" aria-live="polite">
            <StatusBadge status={instance.status} />
          </span>
        }
      >
        {instance.can_open && (
          <>
            <button
              className="jp-mod-styled jp-mod-reject"
              onClick={() => run(CommandIDs.launchJupyter)}
            >
              {trans.__('Open Jupyter')}
            </button>
            <button
              className="jp-mod-styled jp-mod-accept"
              onClick={() => run(CommandIDs.launchJupyterLab)}
            >
              {trans.__('Open JupyterLab')}
            </button>
          </>
        )}
        {instance.can_start && (
          <button
            className="jp-mod-styled jp-mod-accept"
            onClick={() => run(CommandIDs.startNotebookInstance)}
          >
            {trans.__('Start')}
          </button>
        )}
        {instance.can_stop && (
          <button
            className="jp-mod-styled jp-mod-reject"
            onClick={() => run(CommandIDs.stopNotebookInstance)}
          >
            {trans.__('Stop')}
          </button>
        )}
        <button
          className="jp-mod-styled jp-mod-reject"
          disabled={!instance.can_edit}
          title={
            instance.can_edit
              ? undefined
              : trans.__('Stop the instance to change its settings.')
          }
          onClick={() =>
            void commands.execute(CommandIDs.createNotebookInstance, {
              name: `edit:${name}`
            })
          }
        >
          {trans.__('Update settings')}
        </button>
        <button
          className="jp-mod-styled jp-mod-warn"
          disabled={!instance.can_delete}
          title={
            instance.can_delete
              ? undefined
              : trans.__('Stop the instance before you delete it.')
          }
          onClick={() => run(CommandIDs.deleteNotebookInstance)}
        >
          {trans.__('Delete…')}
        </button>
      </HeaderLine>
      {instance.failure_reason ? (
        <FailureNote
          title={trans.__('The notebook instance failed.')}
          reason={instance.failure_reason}
        />
      ) : (
        <div className="smstudio-Header-status">{instance.status_text}</div>
      )}
    </header>
  );
}

function Body(props: { instance: NotebookInstance }): JSX.Element {
  const { trans } = usePage();
  const { instance } = props;
  const starting = instance.status === 'Pending';
  // A start is watched by its steps; once it is over, the page stays where it is.
  const [chosen, setChosen] = useState(
    starting || instance.status === 'Failed' ? 'logs' : 'overview'
  );
  const busy = !['Stopped', 'Failed'].includes(instance.status);
  return (
    <Tabs
      label={trans.__('Parts of the notebook instance')}
      chosen={chosen}
      onChoose={setChosen}
      tabs={[
        {
          id: 'overview',
          label: trans.__('Settings'),
          content: () => <Settings instance={instance} />
        },
        {
          id: 'logs',
          label: trans.__('Progress and logs'),
          content: () => (
            <LogViewer
              // the streams of a start may be new
              key={starting ? 'starting' : 'started'}
              source={logsOf(instance.name, trans.__('Log'))}
              running={busy}
            />
          )
        },
        {
          id: 'access',
          label: trans.__('Access'),
          content: () => <Access instance={instance} />
        }
      ]}
    />
  );
}

function Settings(props: { instance: NotebookInstance }): JSX.Element {
  const { trans, commands } = usePage();
  const { instance } = props;
  const config = instance.lifecycle_config;
  return (
    <div className="smstudio-Profile">
      <Facts
        items={[
          [trans.__('Notebook instance type'), instance.instance_type],
          [trans.__('Volume size'), trans.__('%1 GB', instance.volume_gb)],
          [trans.__('Platform identifier'), instance.platform],
          [
            trans.__('Lifecycle configuration'),
            config && (
              <button
                key="config"
                className="smstudio-Link"
                onClick={() =>
                  void commands.execute(CommandIDs.listNotebookLifecycles, {
                    name: config
                  })
                }
              >
                {config}
              </button>
            )
          ],
          [trans.__('Minimum IMDS version'), instance.minimum_imds],
          [trans.__('Elastic Inference'), instance.accelerators.join(', ')],
          [
            trans.__('Creation time'),
            <TimeText key="created" value={instance.created} both />
          ],
          [
            trans.__('Last modified time'),
            <TimeText key="modified" value={instance.modified} both />
          ],
          [trans.__('ARN'), <Copied key="arn" text={instance.arn} />]
        ]}
      />
      <h2>{trans.__('Permissions and encryption')}</h2>
      <Facts
        items={[
          [
            trans.__('IAM role'),
            <Copied key="role" text={instance.role_arn} />
          ],
          [
            trans.__('Root access'),
            instance.root_access ? trans.__('Enabled') : trans.__('Disabled')
          ],
          [trans.__('Encryption key'), instance.kms_key]
        ]}
      />
      <h2>{trans.__('Network')}</h2>
      <Facts
        items={[
          [trans.__('Address'), instance.url],
          [trans.__('Subnet'), instance.subnet_id ?? trans.__('No VPC')],
          [trans.__('Security groups'), instance.security_groups.join(', ')],
          [trans.__('Network interface'), instance.network_interface],
          [
            trans.__('Direct internet access'),
            instance.direct_internet
              ? trans.__('Enabled')
              : trans.__('Disabled')
          ]
        ]}
      />
      <h2>{trans.__('Git repositories')}</h2>
      {instance.default_repository ||
      instance.additional_repositories.length ? (
        <Facts
          items={[
            [trans.__('Default repository'), instance.default_repository],
            [
              trans.__('Additional repositories'),
              instance.additional_repositories.join(', ')
            ]
          ]}
        />
      ) : (
        <p className="smstudio-mod-dim">{trans.__('None')}</p>
      )}
      {instance.tags.length > 0 && (
        <>
          <h2>{trans.__('Tags')}</h2>
          <Facts items={instance.tags.map(tag => [tag.key, tag.value ?? ''])} />
        </>
      )}
    </div>
  );
}

function Access(props: { instance: NotebookInstance }): JSX.Element {
  const { trans } = usePage();
  const { instance } = props;
  const local = useStatus()?.target.kind === 'local';
  return (
    <div className="smstudio-Profile">
      {instance.can_open && <OpenLinks name={instance.name} />}
      <p>
        {trans.__(
          'Each opening makes a link with CreatePresignedNotebookInstanceUrl: it is valid for 5 minutes and opens one session of 12 hours.'
        )}
      </p>
      <h2>{trans.__('IP addresses that may open it')}</h2>
      {local && (
        <p>
          {instance.allowed_ips.length
            ? instance.allowed_ips.join(', ')
            : trans.__('Every address of this machine.')}
        </p>
      )}
      <p>
        {trans.__(
          'On AWS, attach this policy to the users, with the addresses that may open the instance:'
        )}
      </p>
      <CodeTabs
        snippets={[{ id: 'policy', label: POLICY, text: instance.ip_policy }]}
      />
    </div>
  );
}
