import { notebookIcon } from '@jupyterlab/ui-components';
import type { JSX } from 'react';
import { useMemo } from 'react';

import type { NotebookInstanceSummary } from '../../api/generated';
import { CommandIDs, RowData } from '../../commands';
import { createdColumn, nameColumn, statusColumn } from '../../shared/columns';
import { usePage } from '../../shared/context';
import type { IColumn } from '../../shared/grid';
import { ListPage } from '../../shared/listpage';
import { OpenLinks } from './open';

/** The main-area page "Notebook instances". */
export default function NotebookInstancesPage(): JSX.Element {
  const { trans, commands } = usePage();
  const columns = useMemo<IColumn<NotebookInstanceSummary>[]>(
    () => [
      nameColumn(trans),
      {
        id: 'instance',
        label: trans.__('Instance'),
        render: row => row.instance_type
      },
      createdColumn(trans),
      statusColumn(trans),
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
      load={(studio, query, signal) =>
        studio.api.call('listNotebookInstances', { query, signal })
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
