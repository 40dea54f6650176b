import type { JSX } from 'react';
import { useMemo } from 'react';

import type { TrainingJobSummary } from '../../api/generated';
import { CommandIDs, RowData } from '../../commands';
import {
  createdColumn,
  elapsedColumn,
  modifiedColumn,
  nameColumn,
  statusColumn
} from '../../shared/columns';
import { usePage } from '../../shared/context';
import type { IColumn } from '../../shared/grid';
import { trainingIcon } from '../../shared/icons';
import { JobListPage } from '../../shared/joblist';

/** The main-area page "Training jobs". */
export default function TrainingJobsPage(): JSX.Element {
  const { trans } = usePage();
  const columns = useMemo<IColumn<TrainingJobSummary>[]>(
    () => [
      nameColumn(trans),
      statusColumn(trans, row => row.secondary_status),
      {
        id: 'secondary',
        label: trans.__('Step'),
        render: row => row.secondary_status
      },
      createdColumn(trans),
      elapsedColumn(trans),
      modifiedColumn(trans)
    ],
    [trans]
  );
  return (
    <JobListPage<TrainingJobSummary>
      id="training-jobs"
      title={trans.__('Training jobs')}
      icon={trainingIcon}
      kind={RowData.trainingJob}
      columns={columns}
      load={(studio, query, signal) =>
        studio.api.call('listTrainingJobs', { query, signal })
      }
      open={CommandIDs.openTrainingJob}
      create={CommandIDs.createTrainingJob}
      createLabel={trans.__('Create training job')}
      emptyTitle={trans.__('No training jobs')}
      emptyText={trans.__(
        'Train a built-in algorithm or a script of your own; experiments and estimators of the SageMaker SDK show here, too.'
      )}
    />
  );
}
