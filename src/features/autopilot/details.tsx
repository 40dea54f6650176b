import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { JSX } from 'react';
import { useState } from 'react';

import type { Artifact, CandidateDetails } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { duration } from '../../shared/clock';
import { usePage } from '../../shared/context';
import { HeaderLine } from '../../shared/header';
import { Copied, Facts, Pairs } from '../../shared/facts';
import { bytes, metric } from '../../shared/numbers';
import { useQuery } from '../../shared/query';
import { S3Uri } from '../../shared/s3uri';
import { PendingPage, StaleBar } from '../../shared/states';
import { StatusBadge } from '../../shared/status';
import { Tabs } from '../../shared/tabs';
import { BatchForm } from './batch';
import { DeployCandidate } from './deploycandidate';
import { ExplainabilityTab } from './explainability';
import { PerformanceTab } from './performance';

/** The page of one model of an experiment. */
export default function ModelDetailsPage(props: {
  job: string;
  candidate: string;
  rendermime: IRenderMimeRegistry;
}): JSX.Element {
  const { trans } = usePage();
  const { job, candidate, rendermime } = props;
  const query = useQuery<CandidateDetails>(
    `candidate:${job}:${candidate}`,
    (source, signal) =>
      source.api.call('describeCandidate', {
        name: job,
        parts: { candidate },
        signal
      }),
    {
      concerns: change => change.kind === 'AutoMLJob' && change.name === job,
      busy: data => data.candidate.status === 'InProgress'
    }
  );
  const details = query.data;
  if (query.loading || !details) {
    return <PendingPage query={query} rows={8} />;
  }
  return (
    <div className="smstudio-Main">
      <Header details={details} refresh={query.refresh} />
      <StaleBar query={query} />
      <Tabs
        label={trans.__('Parts of the model')}
        tabs={[
          {
            id: 'explainability',
            label: trans.__('Explainability'),
            content: () => (
              <ExplainabilityTab details={details} rendermime={rendermime} />
            )
          },
          {
            id: 'performance',
            label: trans.__('Performance'),
            content: () => (
              <PerformanceTab details={details} rendermime={rendermime} />
            )
          },
          {
            id: 'artifacts',
            label: trans.__('Artifacts'),
            content: () => <Artifacts details={details} />
          },
          {
            id: 'network',
            label: trans.__('Network'),
            content: () => <Network details={details} />
          }
        ]}
      />
    </div>
  );
}

function Header(props: {
  details: CandidateDetails;
  refresh: () => void;
}): JSX.Element {
  const { trans, commands } = usePage();
  const { candidate, job, training_job: training } = props.details;
  const [deploying, setDeploying] = useState(false);
  const [predicting, setPredicting] = useState(false);
  return (
    <header className="smstudio-Header">
      <HeaderLine
        title={trans.__('MODEL: %1', candidate.name)}
        refresh={props.refresh}
        status={
          <>
            {candidate.is_best && (
              <span className="smstudio-Best">{trans.__('★ Best')}</span>
            )}
            <StatusBadge
              status={candidate.status}
              detail={candidate.failure_reason}
            />
          </>
        }
      >
        {candidate.can_deploy && (
          <>
            <button
              className="jp-mod-styled jp-mod-reject"
              onClick={() => setPredicting(true)}
            >
              {trans.__('Make batch predictions')}
            </button>
            <button
              className="jp-mod-styled jp-mod-accept"
              onClick={() => setDeploying(true)}
            >
              {trans.__('Deploy model')}
            </button>
          </>
        )}
      </HeaderLine>
      <p className="smstudio-Header-text">
        {trans.__('Experiment')}{' '}
        <button
          className="smstudio-Link"
          onClick={() =>
            void commands.execute(CommandIDs.openExperiment, { name: job })
          }
        >
          {job}
        </button>
        {candidate.objective &&
          ` · ${candidate.objective.metric} = ${metric(candidate.objective.value)}`}
        {` · ${trans.__('trained in %1', duration(candidate.elapsed_seconds))}`}
        {training && (
          <>
            {' · '}
            <button
              className="smstudio-Link"
              onClick={() =>
                void commands.execute(CommandIDs.openTrainingJob, {
                  name: training
                })
              }
            >
              {trans.__('Training job')}
            </button>
            {' · '}
            <button
              className="smstudio-Link"
              onClick={() =>
                void commands.execute(CommandIDs.openCandidateTrial, {
                  training
                })
              }
            >
              {trans.__('Open in trial details')}
            </button>
          </>
        )}
      </p>
      {candidate.failure_reason && (
        <div className="smstudio-Note smstudio-mod-error" role="alert">
          {candidate.failure_reason}
        </div>
      )}
      {deploying && (
        <DeployCandidate
          job={job}
          candidate={candidate}
          onClose={() => setDeploying(false)}
        />
      )}
      {predicting && (
        <BatchForm
          job={job}
          candidate={candidate}
          onClose={() => setPredicting(false)}
        />
      )}
    </header>
  );
}

function Artifacts(props: { details: CandidateDetails }): JSX.Element {
  const { trans } = usePage();
  const { artifacts, reports, training_image: image } = props.details;
  const titles: [kind: string, title: string][] = [
    ['input', trans.__('Inputs')],
    ['training-input', trans.__('Intermediate results')],
    ['model', trans.__('Outputs')],
    ['notebook', trans.__('Notebooks')],
    ['report', trans.__('Reports')]
  ];
  const names: Record<string, string> = {
    'candidate-definition': trans.__('Candidate definition notebook'),
    'data-exploration': trans.__('Data exploration notebook'),
    explainability: trans.__('Explainability report'),
    'model-insights': trans.__('Performance report'),
    backtest: trans.__('Back-test')
  };
  const of = (kind: string): Artifact[] =>
    reports.filter(each => each.kind === kind);
  return (
    <div className="smstudio-Model">
      {titles.map(([kind, title]) => {
        const found = artifacts.filter(each => each.kind === kind);
        return found.length ? (
          <section key={kind} aria-label={title}>
            <h2>{title}</h2>
            <Facts
              items={found.map(each => [
                names[each.name] ?? each.name,
                <S3Uri
                  key={each.s3_uri}
                  uri={each.s3_uri}
                  object={!each.folder && kind !== 'input'}
                />
              ])}
            />
          </section>
        ) : null;
      })}
      {image && <Facts items={[[trans.__('Training image'), image]]} />}
      <ReportFiles files={of('report')} />
      <ReportFiles
        title={trans.__('Files of the back-test')}
        files={of('backtest')}
      />
    </div>
  );
}

/** Files of a report, each to download; nothing without files. */
export function ReportFiles(props: {
  title?: string;
  files: Artifact[];
}): JSX.Element | null {
  const { trans, studio } = usePage();
  const title = props.title ?? trans.__('Files of the report');
  if (!props.files.length) {
    return null;
  }
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <ul className="smstudio-Files">
        {props.files.map(file => (
          <li key={file.s3_uri}>
            <a
              href={studio.api.url('downloadObject', {
                query: { uri: file.s3_uri }
              })}
              download
            >
              {file.name}
            </a>{' '}
            <span className="smstudio-mod-dim">{bytes(file.size ?? 0)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Network(props: { details: CandidateDetails }): JSX.Element {
  const { trans } = usePage();
  const { details } = props;
  const { candidate, security } = details;
  const onOff = (value: boolean | null): string =>
    value === null
      ? trans.__('not known')
      : value
        ? trans.__('On')
        : trans.__('Off');
  return (
    <div className="smstudio-Model">
      <h2>{trans.__('Network isolation and encryption')}</h2>
      <Facts
        items={[
          [trans.__('Network isolation'), onOff(details.network_isolation)],
          [
            trans.__('Inter-container traffic encryption'),
            onOff(security.encrypt_inter_container_traffic)
          ],
          [trans.__('Subnets'), security.subnets.join(', ')],
          [trans.__('Security groups'), security.security_group_ids.join(', ')],
          [
            trans.__('Output encryption key'),
            security.output_kms_key_id ?? trans.__('none')
          ],
          [
            trans.__('Volume encryption key'),
            security.volume_kms_key_id ?? trans.__('none')
          ],
          [trans.__('IAM role'), <Copied key="role" text={details.role_arn} />]
        ]}
      />
      {candidate.containers.map((container, index) => (
        <section key={index} aria-label={container.image}>
          <Pairs
            title={trans.__(
              'Environment of container %1: %2',
              index + 1,
              container.image.split('/').pop() ?? ''
            )}
            pairs={container.environment}
            empty={trans.__('none')}
          />
        </section>
      ))}
    </div>
  );
}
