import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { JSX } from 'react';
import { useState } from 'react';

import type {
  TrainingForm,
  TrainingJob,
  TrainingPlan
} from '../../api/generated';
import { CommandIDs } from '../../commands';
import { duration } from '../../shared/clock';
import { CodeDialog } from '../../shared/code';
import { usePage } from '../../shared/context';
import { DeployForm } from '../../shared/deploy';
import { Facts } from '../../shared/facts';
import { FailureNote, HeaderLine, JobTime } from '../../shared/header';
import { isRunning, useJob } from '../../shared/job';
import type { ILogSource } from '../../shared/log/viewer';
import { LogViewer } from '../../shared/log/viewer';
import { S3Uri } from '../../shared/s3uri';
import { PendingPage, StaleBar } from '../../shared/states';
import { StatusBadge } from '../../shared/status';
import { Tabs } from '../../shared/tabs';
import { Metrics } from './metrics';
import { JobSettings } from './settings';
import { Timeline } from './timeline';

/** The log of a training job. */
function trainingLog(name: string): ILogSource {
  return {
    id: `training-job:${name}`,
    read: (studio, query, signal) =>
      studio.api.call('getTrainingJobLogs', { name, query, signal }),
    url: (studio, stream) =>
      studio.api.url('downloadTrainingJobLog', { name, query: { stream } })
  };
}

/** The page of one training job. */
export default function TrainingJobPage(props: {
  name: string;
  rendermime: IRenderMimeRegistry;
}): JSX.Element {
  const { trans } = usePage();
  const { name, rendermime } = props;
  const query = useJob<TrainingJob>('TrainingJob', name, (studio, signal) =>
    studio.api.call('describeTrainingJob', { name, signal })
  );
  const job = query.data;
  if (query.loading || !job) {
    return <PendingPage query={query} rows={6} />;
  }
  const running = isRunning(job.status);
  return (
    <div className="smstudio-Main">
      <Header
        job={job}
        running={running}
        asOf={query.updated ?? Date.now()}
        refresh={query.refresh}
      />
      <StaleBar query={query} />
      <Tabs
        label={trans.__('Parts of the training job')}
        tabs={[
          {
            id: 'overview',
            label: trans.__('Overview'),
            content: () => <Overview job={job} />
          },
          {
            id: 'metrics',
            label: trans.__('Metrics'),
            content: () => <Metrics job={job} rendermime={rendermime} />
          },
          {
            id: 'logs',
            label: trans.__('Logs'),
            content: () => (
              <LogViewer source={trainingLog(name)} running={running} />
            )
          },
          {
            id: 'settings',
            label: trans.__('Settings'),
            content: () => <JobSettings job={job} />
          }
        ]}
      />
    </div>
  );
}

function Header(props: {
  job: TrainingJob;
  running: boolean;
  asOf: number;
  refresh: () => void;
}): JSX.Element {
  const { trans, commands, studio } = usePage();
  const { job, running } = props;
  const { name } = job;
  const [open, setOpen] = useState<'code' | 'deploy' | null>(null);
  const run = (command: string) => () =>
    void commands.execute(command, { name });
  return (
    <header className="smstudio-Header">
      <HeaderLine
        title={trans.__('TRAINING JOB: %1', name)}
        refresh={props.refresh}
        status={
          <span role="status" aria-live="polite">
            <StatusBadge status={job.status} detail={job.secondary_status} />
          </span>
        }
      >
        {job.can_deploy && (
          <button
            className="jp-mod-styled jp-mod-accept"
            onClick={() => setOpen('deploy')}
          >
            {trans.__('Deploy model')}
          </button>
        )}
        <button
          className="jp-mod-styled jp-mod-reject"
          title={trans.__('Open the form with the settings of this job')}
          onClick={run(CommandIDs.cloneTrainingJob)}
        >
          {trans.__('Clone')}
        </button>
        <button
          className="jp-mod-styled jp-mod-reject"
          title={trans.__('Search the best hyperparameters for this job')}
          onClick={run(CommandIDs.tuneTrainingJob)}
        >
          {trans.__('Tune')}
        </button>
        <button
          className="jp-mod-styled jp-mod-reject"
          onClick={() => setOpen('code')}
        >
          {trans.__('Copy as code')}
        </button>
        {job.can_stop ? (
          <button
            className="jp-mod-styled jp-mod-warn"
            onClick={run(CommandIDs.stopTrainingJob)}
          >
            {trans.__('Stop training job')}
          </button>
        ) : (
          !running && (
            <button
              className="jp-mod-styled jp-mod-warn"
              onClick={run(CommandIDs.deleteTrainingJob)}
            >
              {trans.__('Delete…')}
            </button>
          )
        )}
      </HeaderLine>
      <JobTime job={job} asOf={props.asOf}>
        {job.status === 'Failed' ? null : job.status_text}
      </JobTime>
      <Parents job={job} />
      <FailureNote
        title={
          job.status === 'Failed'
            ? trans.__('The job failed.')
            : trans.__('Reason')
        }
        reason={job.failure_reason}
      />
      {open === 'code' && (
        <CodeDialog
          load={async () => {
            const form: TrainingForm = await studio.api.call(
              'cloneTrainingJob',
              { name }
            );
            return studio.api.call('planTrainingJob', {
              body: form
            }) as Promise<TrainingPlan>;
          }}
          onClose={() => setOpen(null)}
        />
      )}
      {open === 'deploy' && (
        <DeployForm
          job={name}
          onClose={() => setOpen(null)}
          send={form =>
            studio.api.call('deployTrainingJob', { name, body: form })
          }
        >
          <p className="smstudio-Header-text">{job.model_s3_uri}</p>
        </DeployForm>
      )}
    </header>
  );
}

/** Which jobs this one belongs to. */
function Parents(props: { job: TrainingJob }): JSX.Element | null {
  const { trans, commands } = usePage();
  const link = (command: string, name: string): JSX.Element => (
    <button
      className="smstudio-Link"
      onClick={() => void commands.execute(command, { name })}
    >
      {name}
    </button>
  );
  const experiment = props.job.automl_job?.split('/').pop();
  const tuning = props.job.tuning_job?.split('/').pop();
  if (!experiment && !tuning) {
    return null;
  }
  return (
    <p className="smstudio-Header-text">
      {experiment && (
        <>
          {trans.__('Part of the experiment')}{' '}
          {link(CommandIDs.openExperiment, experiment)}{' '}
        </>
      )}
      {tuning && (
        <>
          {trans.__('Trial of the tuning job')}{' '}
          {link(CommandIDs.openTuningJob, tuning)}
        </>
      )}
    </p>
  );
}

function Overview(props: { job: TrainingJob }): JSX.Element {
  const { trans } = usePage();
  const { job } = props;
  return (
    <div className="smstudio-Profile">
      <h2>{trans.__('Status history')}</h2>
      <Timeline job={job} />
      <h2>{trans.__('Artifacts')}</h2>
      <Facts
        items={[
          [
            trans.__('Model'),
            job.model_s3_uri ? (
              <S3Uri key="model" uri={job.model_s3_uri} object />
            ) : (
              <span key="none" className="smstudio-mod-dim">
                {trans.__('None yet')}
              </span>
            )
          ],
          [
            trans.__('Output'),
            job.output_s3_uri && <S3Uri key="output" uri={job.output_s3_uri} />
          ]
        ]}
      />
      <h2>{trans.__('Resources')}</h2>
      <Facts
        items={[
          [
            trans.__('Instances'),
            job.instance_type &&
              `${job.instance_count ?? 1} × ${job.instance_type}`
          ],
          [
            trans.__('Training time'),
            job.training_seconds === null
              ? null
              : duration(job.training_seconds)
          ],
          [
            trans.__('Billable time'),
            job.billable_seconds === null
              ? null
              : duration(job.billable_seconds)
          ]
        ]}
      />
    </div>
  );
}
