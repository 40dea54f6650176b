import { notebookIcon } from '@jupyterlab/ui-components';
import type { JSX } from 'react';
import { useMemo } from 'react';

import type {
  ListNotebookInstances,
  NotebookInstanceSummary
} from '../../api/generated';
import { CommandIDs, RowData } from '../../commands';
import { usePage } from '../../shared/context';
import type { IColumn } from '../../shared/grid';
import { ListPage } from '../../shared/listpage';
import { StatusBadge } from '../../shared/status';
import { TimeText } from '../../shared/time';
import { OpenLinks } from './open';

/** The main-area page "Notebook instances". */
export default function NotebookInstancesPage(): JSX.Element {
  const { trans, commands } = usePage();
  const columns = useMemo<IColumn<NotebookInstanceSummary>[]>(
    () => [
      {
        id: 'name',
        label: trans.__('Name'),
        sortable: true,
        render: row => <span title={row.name}>{row.name}</span>
      },
      {
        id: 'instance',
        label: trans.__('Instance'),
        render: row => row.instance_type
      },
      {
        id: 'created',
        label: trans.__('Created'),
        sortable: true,
        render: row => <TimeText value={row.created} />
      },
      {
        id: 'status',
        label: trans.__('Status'),
        sortable: true,
        render: row => <StatusBadge status={row.status} />
      },
      {
        id: 'actions',
        label: trans.__('Actions'),
        render: row =>
          row.status === 'InService' ? <OpenLinks name={row.name} /> : null
      },
      {
        id: 'lifecycle',
        label: trans.__('Lifecycle configuration'),
        from: 'wide',
        render: row => row.lifecycle_config
      }
    ],
    [trans]
  );
  return (
    <ListPage<NotebookInstanceSummary>
      id="notebook-instances"
      title={trans.__('Notebook instances')}
      icon={notebookIcon}
      kind={RowData.notebookInstance}
      statuses={[
        'Pending',
        'InService',
        'Stopping',
        'Stopped',
        'Failed',
        'Deleting',
        'Updating'
      ]}
      columns={columns}
      load={query => (studio, token, signal) =>
        studio.api.call('listNotebookInstances', {
          query: {
            ...query,
            status: query.status as ListNotebookInstances['status'],
            next_token: token
          },
          signal
        })
      }
      open={name =>
        void commands.execute(CommandIDs.openNotebookInstance, { name })
      }
      action={
        <>
          <button
            className="jp-mod-styled jp-mod-reject"
            onClick={() =>
              void commands.execute(CommandIDs.listNotebookLifecycles)
            }
          >
            {trans.__('Lifecycle configurations')}
          </button>
          <button
            className="jp-mod-styled jp-mod-accept"
            onClick={() =>
              void commands.execute(CommandIDs.createNotebookInstance)
            }
          >
            {trans.__('Create notebook instance')}
          </button>
        </>
      }
      emptyTitle={trans.__('No notebook instances')}
      emptyText={trans.__(
        'A notebook instance is a Jupyter server of its own with a folder that is kept. Create one, start it when you need it, stop it when you do not.'
      )}
    />
  );
}
