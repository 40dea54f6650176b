import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { JSX } from 'react';
import { useMemo, useState } from 'react';

import type { Trial, TrialPage, TuningJob } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { duration } from '../../shared/clock';
import { CodeDialog } from '../../shared/code';
import { usePage } from '../../shared/context';
import { Facts } from '../../shared/facts';
import { FailureNote, HeaderLine, JobTime } from '../../shared/header';
import { isRunning, useJob } from '../../shared/job';
import { metric } from '../../shared/numbers';
import type { IQuery } from '../../shared/query';
import { useQuery } from '../../shared/query';
import { ErrorBox, PendingPage, Skeleton, StaleBar } from '../../shared/states';
import { StatusBadge } from '../../shared/status';
import { Tabs } from '../../shared/tabs';
import { TuningCharts } from './charts';
import { Progress } from './progress';
import { Settings } from './settings';
import { TrialsTable } from './trialstable';

const PAGE = 100;

/** The page of one tuning job. */
export default function TuningJobPage(props: {
  name: string;
  rendermime: IRenderMimeRegistry;
}): JSX.Element {
  const { trans, studio } = usePage();
  const { name, rendermime } = props;
  const query = useJob<TuningJob>(
    'HyperParameterTuningJob',
    name,
    (source, signal) => source.api.call('describeTuningJob', { name, signal })
  );
  const job = query.data;
  const running = job !== null && isRunning(job.status);
  const trials = useQuery<Trial[]>(
    `trials:${name}`,
    (_, signal) => allTrials(studio, name, signal),
    {
      concerns: change =>
        (change.kind === 'HyperParameterTuningJob' && change.name === name) ||
        (running && change.kind === 'TrainingJob'),
      busy: () => running
    }
  );
  if (query.loading || !job) {
    return <PendingPage query={query} rows={8} />;
  }
  const objective = job.objective ?? trans.__('Objective');
  return (
    <div className="smstudio-Main">
      <Header
        job={job}
        running={running}
        asOf={query.updated ?? Date.now()}
        refresh={() => {
          query.refresh();
          trials.refresh();
        }}
      />
      <StaleBar query={query} />
      <Progress
        job={job}
        running={running}
        asOf={query.updated ?? Date.now()}
      />
      <Tabs
        label={trans.__('Parts of the tuning job')}
        tabs={[
          {
            id: 'trials',
            label: trans.__('Trials'),
            content: () => (
              <TrialsTable job={job} trials={trials} objective={objective} />
            )
          },
          {
            id: 'charts',
            label: trans.__('Charts'),
            content: () => (
              <Charts job={job} trials={trials} rendermime={rendermime} />
            )
          },
          {
            id: 'best',
            label: trans.__('Best training job'),
            content: () => <Best job={job} />
          },
          {
            id: 'settings',
            label: trans.__('Settings'),
            content: () => <Settings job={job} />
          }
        ]}
      />
    </div>
  );
}

function Header(props: {
  job: TuningJob;
  running: boolean;
  asOf: number;
  refresh: () => void;
}): JSX.Element {
  const { trans, commands, studio } = usePage();
  const { job, running } = props;
  const { name } = job;
  const [code, setCode] = useState(false);
  const run = (command: string) => () =>
    void commands.execute(command, { name });
  return (
    <header className="smstudio-Header">
      <HeaderLine
        title={trans.__('TUNING JOB: %1', name)}
        refresh={props.refresh}
        status={
          <span role="status" aria-live="polite">
            <StatusBadge status={job.status} />
          </span>
        }
      >
        {job.definitions.length === 1 && (
          <>
            <button
              className="jp-mod-styled jp-mod-reject"
              title={trans.__('Open the form with the settings of this job')}
              onClick={run(CommandIDs.cloneTuningJob)}
            >
              {trans.__('Clone')}
            </button>
            <button
              className="jp-mod-styled jp-mod-reject"
              onClick={() => setCode(true)}
            >
              {trans.__('Copy as code')}
            </button>
          </>
        )}
        {job.can_stop ? (
          <button
            className="jp-mod-styled jp-mod-warn"
            onClick={run(CommandIDs.stopTuningJob)}
          >
            {trans.__('Stop tuning job')}
          </button>
        ) : (
          !running && (
            <button
              className="jp-mod-styled jp-mod-warn"
              onClick={run(CommandIDs.deleteTuningJob)}
            >
              {trans.__('Delete…')}
            </button>
          )
        )}
      </HeaderLine>
      <JobTime job={job} asOf={props.asOf}>
        {job.status_text}
      </JobTime>
      {job.failure_reason !== job.status_text && (
        <FailureNote reason={job.failure_reason} />
      )}
      {code && (
        <CodeDialog
          load={async () => {
            const body = await studio.api.call('cloneTuningJob', { name });
            return studio.api.call('planTuningJob', { body });
          }}
          onClose={() => setCode(false)}
        />
      )}
    </header>
  );
}

function Charts(props: {
  job: TuningJob;
  trials: IQuery<Trial[]>;
  rendermime: IRenderMimeRegistry;
}): JSX.Element {
  const { trans } = usePage();
  const { job, trials } = props;
  const names = job.definitions.map(each => each.name ?? '');
  const [chosen, setChosen] = useState(names[0]);
  const definition =
    job.definitions.find(each => (each.name ?? '') === chosen) ??
    job.definitions[0];
  const shown = useMemo(
    () =>
      (trials.data ?? []).filter(
        each => names.length < 2 || each.definition === chosen
      ),
    [trials.data, chosen, names.length]
  );
  if (trials.error && !trials.data) {
    return <ErrorBox error={trials.error} onRetry={trials.refresh} />;
  }
  if (!trials.data) {
    return <Skeleton rows={6} />;
  }
  return (
    <>
      {names.length > 1 && (
        <div className="smstudio-Tools">
          <label>
            {trans.__('Training job definition')}{' '}
            <select
              className="jp-mod-styled"
              value={chosen}
              onChange={event => setChosen(event.target.value)}
            >
              {names.map(each => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
        </div>
      )}
      <TuningCharts
        rendermime={props.rendermime}
        trials={shown}
        objective={definition?.objective ?? trans.__('Objective')}
        minimize={definition?.direction === 'Minimize'}
      />
    </>
  );
}

function Best(props: { job: TuningJob }): JSX.Element {
  const { trans, commands } = usePage();
  const { job } = props;
  const show = (title: string, trial: Trial): JSX.Element => (
    <section className="smstudio-Card" aria-label={title}>
      <h2>{title}</h2>
      <Facts
        items={[
          [
            trans.__('Training job'),
            <button
              key="open"
              className="smstudio-Link"
              onClick={() =>
                void commands.execute(CommandIDs.openTrainingJob, {
                  name: trial.name
                })
              }
            >
              {trial.name}
            </button>
          ],
          [
            trans.__('Status'),
            <StatusBadge key="status" status={trial.status} />
          ],
          [trial.metric ?? trans.__('Objective'), metric(trial.objective)],
          ...Object.entries(trial.hyperparameters).map(
            ([name, value]): [string, string] => [name, value]
          ),
          [trans.__('Duration'), duration(trial.elapsed_seconds)]
        ]}
      />
      <div className="smstudio-Buttons">
        <button
          className="jp-mod-styled jp-mod-accept"
          onClick={() =>
            void commands.execute(CommandIDs.openTrainingJob, {
              name: trial.name
            })
          }
        >
          {trans.__('Open training job')}
        </button>
        <button
          className="jp-mod-styled jp-mod-reject"
          onClick={() =>
            void commands.execute(CommandIDs.cloneTrainingJob, {
              name: trial.name
            })
          }
        >
          {trans.__('Clone')}
        </button>
      </div>
    </section>
  );
  if (!job.best) {
    return (
      <p className="smstudio-mod-dim">
        {trans.__('No trial has a result yet.')}
      </p>
    );
  }
  const overall =
    job.overall_best && job.overall_best.name !== job.best.name
      ? job.overall_best
      : null;
  return (
    <div className="smstudio-Inference">
      {show(trans.__('Best training job'), job.best)}
      {overall && show(trans.__('Best one among the parents, too'), overall)}
    </div>
  );
}

/** All trials of a job. */
async function allTrials(
  studio: ReturnType<typeof usePage>['studio'],
  name: string,
  signal: AbortSignal
): Promise<Trial[]> {
  const trials: Trial[] = [];
  let token: string | null = null;
  do {
    const page: TrialPage = await studio.api.call('listTrials', {
      name,
      query: { max_results: PAGE, next_token: token },
      signal
    });
    trials.push(...page.items);
    token = page.next_token;
  } while (token);
  return trials;
}
