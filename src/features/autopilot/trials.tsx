import type { JSX } from 'react';
import { useMemo, useState } from 'react';

import type { AutoMLJob, Candidate } from '../../api/generated';
import { CommandIDs, RowData } from '../../commands';
import { duration } from '../../shared/clock';
import { usePage } from '../../shared/context';
import type { IColumn } from '../../shared/grid';
import { Grid } from '../../shared/grid';
import type { ISort } from '../../shared/merge';
import { metric } from '../../shared/numbers';
import type { IQuery } from '../../shared/query';
import { EmptyState, ErrorBox, Skeleton, StaleNote } from '../../shared/states';
import { StatusBadge } from '../../shared/status';
import { TimeText } from '../../shared/time';
import {
  METRIC,
  metricNames,
  metricValue,
  orderCandidates
} from './leaderboard';

/** What the leaderboard shows. */
export interface IBoard {
  items: Candidate[];
  objective_metric: string | null;
  direction: string | null;
}

/** The tab "Trials": the leaderboard. */
export function Trials(props: {
  job: AutoMLJob;
  board: IQuery<IBoard>;
  objective: string | null;
  onDeploy: (candidate: string) => void;
}): JSX.Element {
  const { trans, commands } = usePage();
  const { job, board, objective } = props;
  const [sort, setSort] = useState<ISort | null>(null);
  const items = useMemo(() => board.data?.items ?? [], [board.data]);
  const effective = useMemo<ISort>(
    () =>
      sort ?? {
        column: 'objective',
        descending: board.data?.direction !== 'Minimize'
      },
    [sort, board.data]
  );
  const rows = useMemo(
    () => orderCandidates(items, effective),
    [items, effective]
  );
  const names = useMemo(
    () => metricNames(items, objective),
    [items, objective]
  );
  const columns = useMemo<IColumn<Candidate>[]>(
    () => [
      {
        id: 'name',
        label: trans.__('Trial name'),
        sortable: true,
        render: row => (
          <span title={row.name}>
            {row.is_best && (
              <span className="smstudio-Best">{trans.__('★ Best')}</span>
            )}
            {row.name}
          </span>
        )
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
        id: 'objective',
        label: trans.__('Objective: %1', objective ?? '—'),
        sortable: true,
        numeric: true,
        render: row => metric(row.objective?.value)
      },
      ...names.map((name): IColumn<Candidate> => ({
        id: `${METRIC}${name}`,
        label: name,
        sortable: true,
        numeric: true,
        render: row => metric(metricValue(row, name))
      })),
      {
        id: 'elapsed',
        label: trans.__('Duration'),
        sortable: true,
        numeric: true,
        render: row => duration(row.elapsed_seconds)
      },
      {
        id: 'created',
        label: trans.__('Start time'),
        sortable: true,
        render: row => <TimeText value={row.created} />
      },
      {
        id: 'ended',
        label: trans.__('End time'),
        sortable: true,
        render: row => <TimeText value={row.ended} />
      }
    ],
    [trans, objective, names]
  );
  if (board.loading) {
    return <Skeleton rows={5} />;
  }
  if (board.error && !rows.length) {
    return <ErrorBox error={board.error} onRetry={board.refresh} />;
  }
  if (!rows.length) {
    return (
      <EmptyState
        title={
          job.status === 'InProgress' && !job.pilot
            ? trans.__('No trials yet')
            : trans.__("You don't have any trials running.")
        }
      >
        {job.status === 'InProgress' && !job.pilot
          ? trans.__('Trials appear here once features are engineered.')
          : null}
      </EmptyState>
    );
  }
  return (
    <div className="smstudio-Trials">
      {board.error && (
        <StaleNote
          error={board.error}
          updated={board.updated}
          onRetry={board.refresh}
        />
      )}
      <Grid<Candidate>
        label={trans.__('Trials')}
        columns={columns}
        rows={rows}
        rowKey={row => row.name}
        kind={RowData.candidate}
        data={row => ({
          job: job.name,
          deployable: String(row.can_deploy),
          training: trainingJob(row) ?? ''
        })}
        rowClass={row => (row.is_best ? 'smstudio-mod-best' : '')}
        sort={effective}
        onSort={setSort}
        onOpen={row => {
          const training = trainingJob(row);
          if (training) {
            void commands.execute(CommandIDs.openTrainingJob, {
              name: training
            });
          }
        }}
        complete
      />
    </div>
  );
}

/** The training job that fitted a candidate's model: the last one of its steps. */
export function trainingJob(candidate: Candidate): string | null {
  const jobs = candidate.steps.filter(step => step.kind === 'TrainingJob');
  return jobs.length ? jobs[jobs.length - 1].name : null;
}
