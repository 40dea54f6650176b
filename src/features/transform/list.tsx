import type { JSX } from 'react';
import { useMemo } from 'react';

import type { TransformJobSummary } from '../../api/generated';
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
import { transformIcon } from '../../shared/icons';
import { JobListPage } from '../../shared/joblist';

/** The main-area page "Batch transform jobs". */
export default function TransformJobsPage(): JSX.Element {
  const { trans } = usePage();
  const columns = useMemo<IColumn<TransformJobSummary>[]>(
    () => [
      nameColumn(trans),
      statusColumn(trans, row => row.failure_reason),
      createdColumn(trans),
      elapsedColumn(trans),
      modifiedColumn(trans)
    ],
    [trans]
  );
  return (
    <JobListPage<TransformJobSummary>
      id="transform-jobs"
      title={trans.__('Batch transform jobs')}
      icon={transformIcon}
      kind={RowData.transformJob}
      columns={columns}
      load={(studio, query, signal) =>
        studio.api.call('listTransformJobs', { query, signal })
      }
      open={CommandIDs.openTransformJob}
      create={CommandIDs.createTransformJob}
      createLabel={trans.__('Create batch transform job')}
      emptyTitle={trans.__('No batch transform jobs')}
      emptyText={trans.__(
        'A batch transform job predicts every row of the files in S3 with a model, without an endpoint.'
      )}
    />
  );
}
