import type { JSX } from 'react';
import { useMemo, useState } from 'react';

import type { AutoMLJob, Candidate } from '../../api/generated';
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
import { TimeText } from '../../shared/time';
import type { IBoard } from './board';
import {
  METRIC,
  metricNames,
  metricValue,
  orderCandidates
} from './leaderboard';
import { componentOf, modelName } from './places';

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
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
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
        id: 'chosen',
        label: '',
        title: trans.__('Select trials'),
        render: row => (
          <input
            type="checkbox"
            aria-label={trans.__('Select %1', row.name)}
            checked={chosen.has(row.name)}
            onChange={event => {
              const names = new Set(chosen);
              if (event.target.checked) {
                names.add(row.name);
              } else {
                names.delete(row.name);
              }
              setChosen(names);
            }}
          />
        )
      },
      trialColumn(trans, row => row.is_best),
      statusColumn(trans, row => row.failure_reason),
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
      { ...elapsedColumn<Candidate>(trans), sortable: true },
      { ...createdColumn<Candidate>(trans), label: trans.__('Start time') },
      {
        id: 'ended',
        label: trans.__('End time'),
        sortable: true,
        render: row => <TimeText value={row.ended} />
      }
    ],
    [trans, objective, names, chosen]
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
      <StaleBar query={board} />
      <Chosen
        job={job.name}
        rows={rows.filter(row => chosen.has(row.name))}
        onDeploy={props.onDeploy}
        onNone={() => setChosen(new Set())}
      />
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

/** What one does with the trials that are ticked. */
function Chosen(props: {
  job: string;
  rows: Candidate[];
  onDeploy: (candidate: string) => void;
  onNone: () => void;
}): JSX.Element | null {
  const { trans, commands } = usePage();
  const { job, rows } = props;
  if (!rows.length) {
    return null;
  }
  const [first] = rows;
  const trainings = rows
    .map(trainingJob)
    .filter((name): name is string => name !== null);
  return (
    <div className="smstudio-Header-tools" role="status">
      <span>{trans.__('%1 selected', rows.length)}</span>
      <button
        className="jp-mod-styled jp-mod-accept"
        disabled={rows.length !== 1 || !first.can_deploy}
        title={
          rows.length === 1 ? undefined : trans.__('Select one trial to deploy')
        }
        onClick={() => props.onDeploy(first.name)}
      >
        {trans.__('Deploy model')}
      </button>
      <button
        className="jp-mod-styled jp-mod-reject"
        disabled={rows.length !== 1}
        onClick={() =>
          void commands.execute(CommandIDs.openModelDetails, {
            name: modelName(job, first.name)
          })
        }
      >
        {trans.__('Open in model details')}
      </button>
      {commands.hasCommand(CommandIDs.openTrialDetails) && (
        <button
          className="jp-mod-styled jp-mod-reject"
          disabled={!trainings.length}
          onClick={() =>
            void commands.execute(CommandIDs.openTrialDetails, {
              names: trainings.map(componentOf)
            })
          }
        >
          {trans.__('Open in trial details')}
        </button>
      )}
      <button className="smstudio-Link" onClick={props.onNone}>
        {trans.__('Select none')}
      </button>
    </div>
  );
}

/** The training job that fitted a candidate's model: the last one of its steps. */
export function trainingJob(candidate: Candidate): string | null {
  const jobs = candidate.steps.filter(step => step.kind === 'TrainingJob');
  return jobs.length ? jobs[jobs.length - 1].name : null;
}
