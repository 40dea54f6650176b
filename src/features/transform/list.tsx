import type { JSX } from 'react';
import { useMemo } from 'react';

import type { TransformJobSummary } from '../../api/generated';
import { CommandIDs, RowData } from '../../commands';
import { duration } from '../../shared/clock';
import { usePage } from '../../shared/context';
import type { IColumn } from '../../shared/grid';
import { transformIcon } from '../../shared/icons';
import { ListPage } from '../../shared/listpage';
import { StatusBadge } from '../../shared/status';
import { TimeText } from '../../shared/time';

type TransformStatus = TransformJobSummary['status'];

const STATUSES: TransformStatus[] = [
  'InProgress',
  'Completed',
  'Failed',
  'Stopping',
  'Stopped'
];

/** The main-area page "Batch transform jobs". */
export default function TransformJobsPage(): JSX.Element {
  const { trans, commands } = usePage();
  const columns = useMemo<IColumn<TransformJobSummary>[]>(
    () => [
      {
        id: 'name',
        label: trans.__('Name'),
        sortable: true,
        render: row => <span title={row.name}>{row.name}</span>
      },
      {
        id: 'status',
        label: trans.__('Status'),
        sortable: true,
        render: row => (
          <StatusBadge status={row.status} detail={row.failure_reason} />
        )
      },
      {
        id: 'created',
        label: trans.__('Created'),
        sortable: true,
        render: row => <TimeText value={row.created} />
      },
      {
        id: 'elapsed',
        label: trans.__('Duration'),
        numeric: true,
        render: row => duration(row.elapsed_seconds)
      },
      {
        id: 'modified',
        label: trans.__('Last Modified'),
        render: row => <TimeText value={row.modified} />
      }
    ],
    [trans]
  );
  const create = (): void =>
    void commands.execute(CommandIDs.createTransformJob);
  const button = (
    <button className="jp-mod-styled jp-mod-accept" onClick={create}>
      {trans.__('Create batch transform job')}
    </button>
  );
  return (
    <ListPage<TransformJobSummary>
      id="transform-jobs"
      title={trans.__('Batch transform jobs')}
      icon={transformIcon}
      kind={RowData.transformJob}
      statuses={STATUSES}
      columns={columns}
      load={query => (studio, token, signal) =>
        studio.api.call('listTransformJobs', {
          query: {
            ...query,
            status: query.status as TransformStatus | null,
            next_token: token
          },
          signal
        })
      }
      open={name =>
        void commands.execute(CommandIDs.openTransformJob, { name })
      }
      action={button}
      emptyTitle={trans.__('No batch transform jobs')}
      emptyText={
        <>
          <p>
            {trans.__(
              'A batch transform job predicts every row of the files in S3 with a model, without an endpoint.'
            )}
          </p>
          {button}
        </>
      }
    />
  );
}
