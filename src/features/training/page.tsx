import { refreshIcon } from '@jupyterlab/ui-components';
import type { JSX } from 'react';

import type { TrainingJob } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { absoluteTime, duration } from '../../shared/clock';
import { usePage } from '../../shared/context';
import { Facts } from '../../shared/facts';
import { metric } from '../../shared/numbers';
import { useQuery } from '../../shared/query';
import { ErrorBox, Skeleton, StaleNote } from '../../shared/states';
import { StatusBadge } from '../../shared/status';
import { Tabs } from '../../shared/tabs';
import { Elapsed, TimeText } from '../../shared/time';
import { LogViewer } from './logs';

/** The page of one training job. */
export default function TrainingJobPage(props: { name: string }): JSX.Element {
  const { trans, commands } = usePage();
  const { name } = props;
  const query = useQuery<TrainingJob>(
    `training-job:${name}`,
    (studio, signal) =>
      studio.api.call('describeTrainingJob', { name, signal }),
    {
      concerns: change => change.kind === 'TrainingJob' && change.name === name,
      busy: data => ['InProgress', 'Stopping'].includes(data.status)
    }
  );
  const job = query.data;
  if (query.loading || !job) {
    return (
      <div className="smstudio-Main">
        {query.error ? (
          <ErrorBox error={query.error} onRetry={query.refresh} />
        ) : (
          <div role="status" aria-label={trans.__('Loading')}>
            <Skeleton rows={6} />
          </div>
        )}
      </div>
    );
  }
  const running = ['InProgress', 'Stopping'].includes(job.status);
  const parent = job.automl_job?.split('/').pop();
  return (
    <div className="smstudio-Main">
      <header className="smstudio-Header">
        <div className="smstudio-Header-line">
          <button
            className="smstudio-IconButton"
            title={trans.__('Refresh')}
            aria-label={trans.__('Refresh')}
            onClick={query.refresh}
          >
            <refreshIcon.react tag="span" width="16px" />
          </button>
          <h1>{trans.__('TRAINING JOB: %1', job.name)}</h1>
          <span role="status" aria-live="polite">
            <StatusBadge status={job.status} detail={job.secondary_status} />
          </span>
          <span className="smstudio-Header-buttons">
            {job.can_stop && (
              <button
                className="jp-mod-styled jp-mod-warn"
                onClick={() =>
                  void commands.execute(CommandIDs.stopTrainingJob, { name })
                }
              >
                {trans.__('Stop training job')}
              </button>
            )}
          </span>
        </div>
        <div className="smstudio-Header-status">
          {job.status_text}{' '}
          <span className="smstudio-mod-dim">
            {trans.__('Elapsed time')}{' '}
            <Elapsed
              seconds={job.elapsed_seconds}
              running={running}
              asOf={query.updated ?? Date.now()}
            />
          </span>
        </div>
        {parent && (
          <p className="smstudio-Header-text">
            {trans.__('Part of the experiment')}{' '}
            <button
              className="smstudio-Link"
              onClick={() =>
                void commands.execute(CommandIDs.openExperiment, {
                  name: parent
                })
              }
            >
              {parent}
            </button>
          </p>
        )}
        {job.failure_reason && job.failure_reason !== job.status_text && (
          <div className="smstudio-Note smstudio-mod-error" role="alert">
            <pre>{job.failure_reason}</pre>
          </div>
        )}
      </header>
      {query.error && (
        <StaleNote
          error={query.error}
          updated={query.updated}
          onRetry={query.refresh}
        />
      )}
      <Tabs
        label={trans.__('Parts of the training job')}
        tabs={[
          {
            id: 'overview',
            label: trans.__('Overview'),
            content: () => <Overview job={job} />
          },
          {
            id: 'logs',
            label: trans.__('Logs'),
            content: () => <LogViewer name={name} running={running} />
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

function Overview(props: { job: TrainingJob }): JSX.Element {
  const { trans } = usePage();
  const { job } = props;
  return (
    <div className="smstudio-Profile">
      <h2>{trans.__('Status history')}</h2>
      <Timeline job={job} />
      <h2>{trans.__('Final metrics')}</h2>
      {job.metrics.length ? (
        <table
          className="smstudio-Table"
          aria-label={trans.__('Final metrics')}
        >
          <thead>
            <tr>
              <th scope="col">{trans.__('Metric')}</th>
              <th scope="col" className="smstudio-mod-numeric">
                {trans.__('Value')}
              </th>
              <th scope="col">{trans.__('Time')}</th>
            </tr>
          </thead>
          <tbody>
            {job.metrics.map(each => (
              <tr key={each.name}>
                <td>{each.name}</td>
                <td className="smstudio-mod-numeric">{metric(each.value)}</td>
                <td>
                  <TimeText value={each.time} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <p className="smstudio-mod-dim">
          {trans.__('The job has not written metrics.')}
        </p>
      )}
      <h2>{trans.__('Artifacts')}</h2>
      <Facts
        items={[
          [
            trans.__('Model'),
            job.model_s3_uri && <code key="model">{job.model_s3_uri}</code>
          ],
          [
            trans.__('Output'),
            job.output_s3_uri && <code key="output">{job.output_s3_uri}</code>
          ]
        ]}
      />
    </div>
  );
}

function Timeline(props: { job: TrainingJob }): JSX.Element {
  const { locale } = usePage();
  return (
    <ol className="smstudio-Timeline">
      {props.job.transitions.map((step, index) => (
        <li
          key={index}
          className={step.ended ? 'smstudio-mod-done' : 'smstudio-mod-active'}
        >
          <span className="smstudio-Timeline-status">{step.status}</span>
          <span className="smstudio-mod-dim">
            <time dateTime={step.started}>
              {absoluteTime(Date.parse(step.started), locale)}
            </time>
            {step.ended &&
              ` · ${duration((Date.parse(step.ended) - Date.parse(step.started)) / 1000)}`}
          </span>
          {step.message && <span>{step.message}</span>}
        </li>
      ))}
    </ol>
  );
}

function JobSettings(props: { job: TrainingJob }): JSX.Element {
  const { trans } = usePage();
  const { job } = props;
  const seconds = (value: number | null): string | null =>
    value === null ? null : duration(value);
  return (
    <div className="smstudio-Profile">
      <Facts
        items={[
          [trans.__('Name'), job.name],
          [trans.__('ARN'), <code key="arn">{job.arn}</code>],
          [
            trans.__('Creation time'),
            <TimeText key="created" value={job.created} both />
          ],
          [
            trans.__('Start time'),
            job.started && <TimeText key="started" value={job.started} both />
          ],
          [
            trans.__('End time'),
            job.ended && <TimeText key="ended" value={job.ended} both />
          ],
          [trans.__('Training time'), seconds(job.training_seconds)],
          [trans.__('Billable time'), seconds(job.billable_seconds)],
          [
            trans.__('Training image'),
            job.image && <code key="image">{job.image}</code>
          ],
          [trans.__('Algorithm'), job.algorithm],
          [trans.__('Input mode'), job.input_mode],
          [
            trans.__('Instances'),
            job.instance_type &&
              `${job.instance_count ?? 1} × ${job.instance_type}`
          ],
          [
            trans.__('Volume size'),
            job.volume_gb === null ? null : `${job.volume_gb} GB`
          ],
          [trans.__('Max runtime'), seconds(job.max_runtime_seconds)],
          [
            trans.__('IAM role'),
            job.role_arn && <code key="role">{job.role_arn}</code>
          ]
        ]}
      />
      <h2>{trans.__('Channels')}</h2>
      <table className="smstudio-Table" aria-label={trans.__('Channels')}>
        <thead>
          <tr>
            <th scope="col">{trans.__('Channel')}</th>
            <th scope="col">{trans.__('Location')}</th>
            <th scope="col">{trans.__('Content type')}</th>
          </tr>
        </thead>
        <tbody>
          {job.inputs.map(input => (
            <tr key={input.channel}>
              <td>{input.channel}</td>
              <td>
                <code>{input.s3_uri}</code>
              </td>
              <td>{input.content_type ?? '—'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Pairs
        title={trans.__('Hyperparameters')}
        pairs={job.hyperparameters}
        empty={trans.__('None')}
      />
      <Pairs
        title={trans.__('Environment variables')}
        pairs={job.environment}
        empty={trans.__('None')}
      />
    </div>
  );
}

function Pairs(props: {
  title: string;
  pairs: Record<string, string>;
  empty: string;
}): JSX.Element {
  const names = Object.keys(props.pairs).sort();
  return (
    <>
      <h2>{props.title}</h2>
      {names.length ? (
        <Facts items={names.map(name => [name, props.pairs[name] || ' '])} />
      ) : (
        <p className="smstudio-mod-dim">{props.empty}</p>
      )}
    </>
  );
}
