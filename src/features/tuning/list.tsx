import type { JSX } from 'react';
import { useMemo } from 'react';

import type { TuningJobSummary } from '../../api/generated';
import { CommandIDs, RowData } from '../../commands';
import { duration } from '../../shared/clock';
import { usePage } from '../../shared/context';
import type { IColumn } from '../../shared/grid';
import { tuningIcon } from '../../shared/icons';
import { ListPage } from '../../shared/listpage';
import { StatusBadge } from '../../shared/status';
import { TimeText } from '../../shared/time';

type TuningStatus = TuningJobSummary['status'];

const STATUSES: TuningStatus[] = [
  'InProgress',
  'Completed',
  'Failed',
  'Stopping',
  'Stopped'
];

/** The main-area page "Tuning jobs". */
export default function TuningJobsPage(): JSX.Element {
  const { trans, commands } = usePage();
  const columns = useMemo<IColumn<TuningJobSummary>[]>(
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
        render: row => <StatusBadge status={row.status} />
      },
      {
        id: 'trials',
        label: trans.__('Trials'),
        numeric: true,
        title: trans.__('Finished trials of those that the job may run'),
        render: row =>
          row.max_jobs === null
            ? String(finished(row))
            : `${finished(row)} / ${row.max_jobs}`
      },
      {
        id: 'strategy',
        label: trans.__('Strategy'),
        render: row => row.strategy
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
      }
    ],
    [trans]
  );
  const create = (): void => void commands.execute(CommandIDs.createTuningJob);
  return (
    <ListPage<TuningJobSummary>
      id="tuning-jobs"
      title={trans.__('Tuning jobs')}
      icon={tuningIcon}
      kind={RowData.tuningJob}
      statuses={STATUSES}
      columns={columns}
      load={query => (studio, token, signal) =>
        studio.api.call('listTuningJobs', {
          query: {
            ...query,
            status: query.status as TuningStatus | null,
            next_token: token
          },
          signal
        })
      }
      open={name => void commands.execute(CommandIDs.openTuningJob, { name })}
      action={
        <button className="jp-mod-styled jp-mod-accept" onClick={create}>
          {trans.__('Create tuning job')}
        </button>
      }
      emptyTitle={trans.__('No tuning jobs')}
      emptyText={
        <>
          <p>
            {trans.__(
              'A tuning job runs many training jobs and finds the hyperparameters with the best result.'
            )}
          </p>
          <button className="jp-mod-styled jp-mod-accept" onClick={create}>
            {trans.__('Create tuning job')}
          </button>
        </>
      }
    />
  );
}

/** Trials that have ended, whichever way. */
export function finished(job: Pick<TuningJobSummary, 'counters'>): number {
  const { completed, failed, stopped } = job.counters;
  return completed + failed + stopped;
}
