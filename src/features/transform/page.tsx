import type { JSX } from 'react';
import { useState } from 'react';

import type { TransformJob } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { CodeDialog } from '../../shared/code';
import { usePage } from '../../shared/context';
import { Copied, Facts, Pairs } from '../../shared/facts';
import { FailureNote, HeaderLine, JobTime } from '../../shared/header';
import { isRunning, useJob } from '../../shared/job';
import type { ILogSource } from '../../shared/log/viewer';
import { LogViewer } from '../../shared/log/viewer';
import { S3Uri } from '../../shared/s3uri';
import { PendingPage, StaleBar } from '../../shared/states';
import { StatusBadge } from '../../shared/status';
import { Tabs } from '../../shared/tabs';
import { TimeText } from '../../shared/time';
import { Outputs } from './outputs';

const NONE = 'None';

/** The log of a transform job. */
function transformLog(name: string): ILogSource {
  return {
    id: `transform-job:${name}`,
    read: (studio, query, signal) =>
      studio.api.call('getTransformJobLogs', { name, query, signal }),
    url: (studio, stream) =>
      studio.api.url('downloadTransformJobLog', { name, query: { stream } })
  };
}

/** The page of one batch transform job. */
export default function TransformJobPage(props: { name: string }): JSX.Element {
  const { trans } = usePage();
  const { name } = props;
  const query = useJob<TransformJob>('TransformJob', name, (studio, signal) =>
    studio.api.call('describeTransformJob', { name, signal })
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
        asOf={query.updated ?? Date.now()}
        refresh={query.refresh}
      />
      <StaleBar query={query} />
      <Tabs
        label={trans.__('Parts of the batch transform job')}
        tabs={[
          {
            id: 'overview',
            label: trans.__('Overview'),
            content: () => <Overview job={job} />
          },
          {
            id: 'outputs',
            label: trans.__('Outputs'),
            content: () => <Outputs job={job} running={running} />
          },
          {
            id: 'logs',
            label: trans.__('Logs'),
            content: () => (
              <LogViewer source={transformLog(name)} running={running} />
            )
          }
        ]}
      />
    </div>
  );
}

function Header(props: {
  job: TransformJob;
  asOf: number;
  refresh: () => void;
}): JSX.Element {
  const { trans, commands, studio } = usePage();
  const { job } = props;
  const { name } = job;
  const [coding, setCoding] = useState(false);
  const experiment = job.automl_job?.split('/').pop();
  return (
    <header className="smstudio-Header">
      <HeaderLine
        title={trans.__('BATCH TRANSFORM JOB: %1', name)}
        refresh={props.refresh}
        status={
          <span role="status" aria-live="polite">
            <StatusBadge status={job.status} />
          </span>
        }
      >
        <button
          className="jp-mod-styled jp-mod-reject"
          title={trans.__('Open the form with the settings of this job')}
          onClick={() =>
            void commands.execute(CommandIDs.cloneTransformJob, { name })
          }
        >
          {trans.__('Clone')}
        </button>
        <button
          className="jp-mod-styled jp-mod-reject"
          onClick={() => setCoding(true)}
        >
          {trans.__('Copy as code')}
        </button>
        {job.can_stop && (
          <button
            className="jp-mod-styled jp-mod-warn"
            onClick={() =>
              void commands.execute(CommandIDs.stopTransformJob, { name })
            }
          >
            {trans.__('Stop batch transform job')}
          </button>
        )}
      </HeaderLine>
      <JobTime job={job} asOf={props.asOf}>
        {job.status === 'Failed' ? null : job.status_text}
      </JobTime>
      <p className="smstudio-Header-text">
        {trans.__('Model')}{' '}
        <button
          className="smstudio-Link"
          onClick={() =>
            void commands.execute(CommandIDs.openModel, {
              name: job.model_name
            })
          }
        >
          {job.model_name}
        </button>
        {experiment && (
          <>
            {' · '}
            {trans.__('Part of the experiment')}{' '}
            <button
              className="smstudio-Link"
              onClick={() =>
                void commands.execute(CommandIDs.openExperiment, {
                  name: experiment
                })
              }
            >
              {experiment}
            </button>
          </>
        )}
      </p>
      <FailureNote
        title={trans.__('The job failed.')}
        reason={job.failure_reason}
      />
      {coding && (
        <CodeDialog
          load={async () =>
            studio.api.call('planTransformJob', {
              body: await studio.api.call('cloneTransformJob', { name })
            })
          }
          onClose={() => setCoding(false)}
        />
      )}
    </header>
  );
}

function Overview(props: { job: TransformJob }): JSX.Element {
  const { trans } = usePage();
  const { job } = props;
  const given = (value: string): string | null =>
    value === NONE ? null : value;
  return (
    <div className="smstudio-Profile">
      <h2>{trans.__('Input')}</h2>
      <Facts
        items={[
          [trans.__('Location'), <S3Uri key="input" uri={job.input_s3_uri} />],
          [trans.__('Data'), job.data_type],
          [trans.__('Content type'), job.content_type],
          [trans.__('Compression'), given(job.compression)],
          [trans.__('Split by'), given(job.split)]
        ]}
      />
      <h2>{trans.__('Output')}</h2>
      <Facts
        items={[
          [
            trans.__('Location'),
            job.output_s3_uri && <S3Uri key="output" uri={job.output_s3_uri} />
          ],
          [trans.__('Accept'), job.accept],
          [trans.__('Assemble with'), given(job.assemble)]
        ]}
      />
      <h2>{trans.__('Filters')}</h2>
      <Facts
        items={[
          [trans.__('Input filter'), code(job.input_filter)],
          [
            trans.__('Join'),
            job.join === NONE
              ? trans.__('Predictions only')
              : trans.__('Each input row with its prediction')
          ],
          [trans.__('Output filter'), code(job.output_filter)]
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
          [trans.__('Batch strategy'), job.strategy],
          [
            trans.__('Max payload'),
            job.max_payload_mb === null ? null : `${job.max_payload_mb} MB`
          ],
          [trans.__('Requests at once'), job.max_concurrent]
        ]}
      />
      <h2>{trans.__('Job')}</h2>
      <Facts
        items={[
          [trans.__('ARN'), <Copied key="arn" text={job.arn} />],
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
          ]
        ]}
      />
      <Pairs
        title={trans.__('Environment variables')}
        pairs={job.environment}
        empty={trans.__('None')}
      />
    </div>
  );
}

function code(path: string | null): JSX.Element | null {
  return path === null ? null : <code>{path}</code>;
}
