import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import type { AutoMLJob, Stage } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { usePage } from '../../shared/context';
import { HeaderLine, JobTime } from '../../shared/header';
import { isRunning, useJob } from '../../shared/job';
import { metric } from '../../shared/numbers';
import { useQuery } from '../../shared/query';
import { PendingPage, StaleBar } from '../../shared/states';
import { StatusBadge } from '../../shared/status';
import { Tabs } from '../../shared/tabs';
import { Activity } from './activity';
import { readBoard } from './board';
import { DeployCandidate } from './deploycandidate';
import type { NotebookKind } from './places';
import { modelName, notebookName } from './places';
import { JobProfile } from './profile';
import { ScoreChart } from './scores';
import { Trials } from './trials';

/** What the page and the commands around it share: which candidate's deploy form should open. */
export interface IDeployRequests {
  /** Name of the candidate, '' for the best one, null for none. */
  wanted: string | null;
  listen: ((candidate: string) => void) | null;
}

/** The page of one Autopilot job. */
export default function JobPage(props: {
  name: string;
  rendermime: IRenderMimeRegistry;
  requests: IDeployRequests;
}): JSX.Element {
  const { trans } = usePage();
  const { name, requests } = props;
  const [deploying, setDeploying] = useState<string | null>(null);
  useEffect(() => {
    requests.listen = setDeploying;
    if (requests.wanted !== null) {
      setDeploying(requests.wanted);
      requests.wanted = null;
    }
    return () => {
      requests.listen = null;
    };
  }, [requests]);
  const job = useJob<AutoMLJob>('AutoMLJob', name, (source, signal) =>
    source.api.call('describeAutoMLJob', { name, signal })
  );
  const running = job.data !== null && isRunning(job.data.status);
  const board = useQuery(
    `automl-candidates:${name}`,
    (source, signal) => readBoard(source, name, signal),
    {
      concerns: change =>
        (change.kind === 'AutoMLJob' && change.name === name) ||
        (running && change.kind === 'TrainingJob'),
      busy: () => running
    }
  );
  if (job.loading || !job.data) {
    return <PendingPage query={job} rows={8} />;
  }
  const candidates = board.data?.items ?? [];
  const objective =
    board.data?.objective_metric ??
    job.data.resolved_objective ??
    job.data.objective;
  return (
    <div className="smstudio-Main">
      <Header
        job={job.data}
        asOf={job.updated ?? Date.now()}
        refresh={() => {
          job.refresh();
          board.refresh();
        }}
        onDeploy={() => setDeploying('')}
      />
      <StaleBar query={job} />
      {running && <Activity job={job.data} candidates={candidates} />}
      <Tabs
        label={trans.__('Parts of the experiment')}
        tabs={[
          {
            id: 'trials',
            label: trans.__('Trials'),
            content: () => (
              <>
                {objective && (
                  <ScoreChart
                    rendermime={props.rendermime}
                    candidates={candidates}
                    objective={objective}
                    minimize={board.data?.direction === 'Minimize'}
                  />
                )}
                <Trials
                  job={job.data as AutoMLJob}
                  board={board}
                  objective={objective ?? null}
                  onDeploy={setDeploying}
                />
              </>
            )
          },
          {
            id: 'profile',
            label: trans.__('Job profile'),
            content: () => <JobProfile job={job.data as AutoMLJob} />
          }
        ]}
      />
      {deploying !== null && (
        <DeployCandidate
          job={name}
          candidate={
            deploying === ''
              ? (job.data.best_candidate ?? null)
              : (candidates.find(each => each.name === deploying) ?? null)
          }
          onClose={() => setDeploying(null)}
        />
      )}
    </div>
  );
}

function Header(props: {
  job: AutoMLJob;
  asOf: number;
  refresh: () => void;
  onDeploy: () => void;
}): JSX.Element {
  const { trans, commands } = usePage();
  const { job } = props;
  const running = isRunning(job.status);
  const stop = (): void =>
    void commands.execute(CommandIDs.stopExperiment, { name: job.name });
  const best = job.best_candidate;
  const endpoint = job.deployed_endpoint;
  return (
    <header className="smstudio-Header">
      <HeaderLine
        title={trans.__('EXPERIMENT: %1', job.name)}
        refresh={props.refresh}
        status={
          <StatusBadge status={job.status} detail={job.secondary_status} />
        }
      >
        {best?.can_deploy && (
          <button
            className="jp-mod-styled jp-mod-accept"
            onClick={props.onDeploy}
          >
            {trans.__('Deploy model')}
          </button>
        )}
        {job.can_stop && (
          <button className="jp-mod-styled jp-mod-warn" onClick={stop}>
            {trans.__('Stop the experiment')}
          </button>
        )}
      </HeaderLine>
      <Chevrons stages={job.stages} />
      <Tools job={job} />
      <JobTime job={job} asOf={props.asOf}>
        <span role="status" aria-live="polite">
          {job.status_text}
        </span>
      </JobTime>
      {running && job.can_stop && (
        <p className="smstudio-Header-text">
          {trans.__('If the experiment is taking too long to run, you can')}{' '}
          <button className="smstudio-Link" onClick={stop}>
            {trans.__('stop the experiment')}
          </button>
          {trans.__('. You can always return to this page later.')}
        </p>
      )}
      {best?.objective && (
        <p className="smstudio-Header-text">
          {trans.__(
            'Best: %1 with %2 = %3',
            best.name,
            best.objective.metric,
            metric(best.objective.value)
          )}{' '}
          <button
            className="smstudio-Link"
            onClick={() =>
              void commands.execute(CommandIDs.openModelDetails, {
                name: modelName(job.name, best.name)
              })
            }
          >
            {trans.__('View model details')}
          </button>
        </p>
      )}
      {endpoint && (
        <p className="smstudio-Header-text">
          {trans.__('Deployed to')}{' '}
          <button
            className="smstudio-Link"
            onClick={() =>
              void commands.execute(CommandIDs.openEndpoint, { name: endpoint })
            }
          >
            {endpoint}
          </button>
        </p>
      )}
      {job.failure_reason && job.failure_reason !== job.status_text && (
        <div className="smstudio-Note smstudio-mod-error" role="alert">
          {job.failure_reason}
        </div>
      )}
      {job.partial_failures.map(text => (
        <div key={text} className="smstudio-Note smstudio-mod-warning">
          {text}
        </div>
      ))}
    </header>
  );
}

/** The two notebooks, and what one does with a whole experiment. */
function Tools(props: { job: AutoMLJob }): JSX.Element {
  const { trans, commands } = usePage();
  const { job } = props;
  const notebooks: [NotebookKind, string, string | null][] = [
    [
      'candidate-definition',
      trans.__('Open candidate generation notebook'),
      job.candidate_definition_notebook
    ],
    [
      'data-exploration',
      trans.__('Open data exploration notebook'),
      job.data_exploration_notebook
    ]
  ];
  const run = (command: string) => () =>
    void commands.execute(command, { name: job.name });
  return (
    <div className="smstudio-Header-tools">
      {notebooks.map(([kind, label, location]) =>
        location ? (
          <button
            key={kind}
            className="jp-mod-styled jp-mod-accept"
            onClick={() =>
              void commands.execute(CommandIDs.openAutopilotNotebook, {
                name: notebookName(kind, job.name)
              })
            }
          >
            {label}
          </button>
        ) : null
      )}
      {job.on_table && (
        <button
          className="jp-mod-styled jp-mod-reject"
          onClick={run(CommandIDs.cloneExperiment)}
        >
          {trans.__('Run again with changes')}
        </button>
      )}
      <button
        className="jp-mod-styled jp-mod-reject"
        onClick={run(CommandIDs.compareExperiments)}
      >
        {trans.__('Compare with…')}
      </button>
    </div>
  );
}

function Chevrons(props: { stages: Stage[] }): JSX.Element {
  const { trans } = usePage();
  const labels: Record<string, string> = {
    AnalyzingData: trans.__('Analyzing Data'),
    FeatureEngineering: trans.__('Feature Engineering'),
    ModelTuning: trans.__('Model Tuning'),
    TrainingModels: trans.__('Training Models'),
    GeneratingExplainabilityReport: trans.__('Explainability Report Generated'),
    GeneratingModelInsightsReport: trans.__('Insights Report Generated'),
    DeployingModel: trans.__('Deploying Model'),
    CandidateDefinitionsGenerated: trans.__('Candidate Definitions Generated'),
    Completed: trans.__('Completed')
  };
  const said: Record<string, string> = {
    done: trans.__('done'),
    active: trans.__('in progress'),
    pending: trans.__('not yet'),
    failed: trans.__('failed'),
    stopped: trans.__('stopped')
  };
  return (
    <ol className="smstudio-Chevrons" aria-label={trans.__('Stages')}>
      {props.stages.map(stage => (
        <li
          key={stage.id}
          className={`smstudio-mod-${stage.state}`}
          aria-current={stage.state === 'active' ? 'step' : undefined}
        >
          <span>{labels[stage.id] ?? stage.label}</span>
          <span className="smstudio-Hidden"> ({said[stage.state]})</span>
        </li>
      ))}
    </ol>
  );
}
