import type { JSX } from 'react';
import { useMemo } from 'react';

import type { TuningJobSummary } from '../../api/generated';
import { CommandIDs, RowData } from '../../commands';
import {
  createdColumn,
  elapsedColumn,
  nameColumn,
  statusColumn
} from '../../shared/columns';
import { usePage } from '../../shared/context';
import type { IColumn } from '../../shared/grid';
import { tuningIcon } from '../../shared/icons';
import { JobListPage } from '../../shared/joblist';

/** The main-area page "Tuning jobs". */
export default function TuningJobsPage(): JSX.Element {
  const { trans } = usePage();
  const columns = useMemo<IColumn<TuningJobSummary>[]>(
    () => [
      nameColumn(trans),
      statusColumn(trans),
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
      createdColumn(trans),
      elapsedColumn(trans)
    ],
    [trans]
  );
  return (
    <JobListPage<TuningJobSummary>
      id="tuning-jobs"
      title={trans.__('Tuning jobs')}
      icon={tuningIcon}
      kind={RowData.tuningJob}
      columns={columns}
      load={(studio, query, signal) =>
        studio.api.call('listTuningJobs', { query, signal })
      }
      open={CommandIDs.openTuningJob}
      create={CommandIDs.createTuningJob}
      createLabel={trans.__('Create tuning job')}
      emptyTitle={trans.__('No tuning jobs')}
      emptyText={trans.__(
        'A tuning job runs many training jobs and finds the hyperparameters with the best result.'
      )}
    />
  );
}

/** Trials that have ended, whichever way. */
export function finished(job: Pick<TuningJobSummary, 'counters'>): number {
  const { completed, failed, stopped } = job.counters;
  return completed + failed + stopped;
}
