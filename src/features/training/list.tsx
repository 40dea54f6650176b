import type { JSX } from 'react';
import { useMemo } from 'react';

import type { TrainingJobSummary } from '../../api/generated';
import { CommandIDs, RowData } from '../../commands';
import { duration } from '../../shared/clock';
import { usePage } from '../../shared/context';
import type { IColumn } from '../../shared/grid';
import { trainingIcon } from '../../shared/icons';
import { ListPage } from '../../shared/listpage';
import { StatusBadge } from '../../shared/status';
import { TimeText } from '../../shared/time';

type TrainingStatus = TrainingJobSummary['status'];

const STATUSES: TrainingStatus[] = [
  'InProgress',
  'Completed',
  'Failed',
  'Stopping',
  'Stopped'
];

/** The main-area page "Training jobs". */
export default function TrainingJobsPage(): JSX.Element {
  const { trans, commands } = usePage();
  const columns = useMemo<IColumn<TrainingJobSummary>[]>(
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
          <StatusBadge status={row.status} detail={row.secondary_status} />
        )
      },
      {
        id: 'secondary',
        label: trans.__('Step'),
        render: row => row.secondary_status
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
    void commands.execute(CommandIDs.createTrainingJob);
  return (
    <ListPage<TrainingJobSummary>
      id="training-jobs"
      title={trans.__('Training jobs')}
      icon={trainingIcon}
      kind={RowData.trainingJob}
      statuses={STATUSES}
      columns={columns}
      load={query => (studio, token, signal) =>
        studio.api.call('listTrainingJobs', {
          query: {
            ...query,
            status: query.status as TrainingStatus | null,
            next_token: token
          },
          signal
        })
      }
      open={name => void commands.execute(CommandIDs.openTrainingJob, { name })}
      action={
        <button className="jp-mod-styled jp-mod-accept" onClick={create}>
          {trans.__('Create training job')}
        </button>
      }
      emptyTitle={trans.__('No training jobs')}
      emptyText={
        <>
          <p>
            {trans.__(
              'Train a built-in algorithm or a script of your own; experiments and estimators of the SageMaker SDK show here, too.'
            )}
          </p>
          <button className="jp-mod-styled jp-mod-accept" onClick={create}>
            {trans.__('Create training job')}
          </button>
        </>
      }
    />
  );
}
