import type { JSX } from 'react';
import { useMemo, useState } from 'react';

import type { Trial, TuningJob } from '../../api/generated';
import { CommandIDs, RowData } from '../../commands';
import {
  createdColumn,
  elapsedColumn,
  statusColumn,
  trialColumn
} from '../../shared/columns';
import { usePage } from '../../shared/context';
import type { IColumn } from '../../shared/grid';
import { Grid } from '../../shared/grid';
import type { ISort } from '../../shared/merge';
import { metric } from '../../shared/numbers';
import type { IQuery } from '../../shared/query';
import { EmptyState, ErrorBox, Skeleton, StaleBar } from '../../shared/states';
import {
  orderTrials,
  PARAMETER,
  parameterNames,
  parameterValue
} from './trials';

/** The tab "Trials": every training job with its hyperparameters and its result. */
export function TrialsTable(props: {
  job: TuningJob;
  trials: IQuery<Trial[]>;
  objective: string;
}): JSX.Element {
  const { trans, commands } = usePage();
  const { job, trials, objective } = props;
  const [sort, setSort] = useState<ISort | null>(null);
  const effective: ISort = useMemo(
    () =>
      sort ?? { column: 'objective', descending: job.direction !== 'Minimize' },
    [sort, job.direction]
  );
  const items = useMemo(() => trials.data ?? [], [trials.data]);
  const rows = useMemo(() => orderTrials(items, effective), [items, effective]);
  const names = useMemo(
    () => [
      ...new Set([
        ...job.definitions.flatMap(each =>
          each.ranges.map(range => range.name)
        ),
        ...parameterNames(items)
      ])
    ],
    [job.definitions, items]
  );
  const best = job.best?.name;
  const several = job.definitions.length > 1;
  const columns = useMemo<IColumn<Trial>[]>(
    () => [
      trialColumn(trans, row => row.name === best),
      statusColumn(trans, row => row.failure_reason),
      {
        id: 'objective',
        label: trans.__('Objective: %1', objective),
        sortable: true,
        numeric: true,
        render: row => metric(row.objective)
      },
      ...(several
        ? [
            {
              id: 'definition',
              label: trans.__('Definition'),
              render: (row: Trial) => row.definition ?? '—'
            }
          ]
        : []),
      ...names.map((name): IColumn<Trial> => ({
        id: PARAMETER + name,
        label: name,
        sortable: true,
        numeric: true,
        render: row => {
          const value = parameterValue(row, name);
          return typeof value === 'number' ? short(value) : (value ?? '—');
        }
      })),
      { ...elapsedColumn<Trial>(trans), sortable: true },
      { ...createdColumn<Trial>(trans), label: trans.__('Start time') }
    ],
    [trans, objective, names, best, several]
  );
  if (trials.loading) {
    return <Skeleton rows={5} />;
  }
  if (trials.error && !rows.length) {
    return <ErrorBox error={trials.error} onRetry={trials.refresh} />;
  }
  if (!rows.length) {
    return (
      <EmptyState title={trans.__('No trials yet')}>
        {job.status === 'InProgress'
          ? trans.__('The first ones are being proposed.')
          : null}
      </EmptyState>
    );
  }
  return (
    <div className="smstudio-Trials">
      <StaleBar query={trials} />
      <Grid<Trial>
        label={trans.__('Trials')}
        columns={columns}
        rows={rows}
        rowKey={row => row.name}
        kind={RowData.trial}
        data={row => ({ status: row.status })}
        rowClass={row => (row.name === best ? 'smstudio-mod-best' : '')}
        sort={effective}
        onSort={setSort}
        onOpen={row =>
          void commands.execute(CommandIDs.openTrainingJob, { name: row.name })
        }
        complete
      />
    </div>
  );
}

/** Six digits tell neighbours apart; whole numbers stay whole. */
function short(value: number): string {
  return Number.isInteger(value)
    ? String(value)
    : String(Number(value.toPrecision(6)));
}
