import type { JSX } from 'react';

import type { TrainingJob } from '../../api/generated';
import { duration } from '../../shared/clock';
import { usePage } from '../../shared/context';
import { Copied, Facts, Pairs } from '../../shared/facts';
import { S3Uri } from '../../shared/s3uri';
import { TimeText } from '../../shared/time';

/** The tab "Settings": what the job was created with. */
export function JobSettings(props: { job: TrainingJob }): JSX.Element {
  const { trans } = usePage();
  const { job } = props;
  const seconds = (value: number | null): string | null =>
    value === null ? null : duration(value);
  return (
    <div className="smstudio-Profile">
      <Facts
        items={[
          [trans.__('Name'), job.name],
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
          ],
          [trans.__('Training time'), seconds(job.training_seconds)],
          [trans.__('Billable time'), seconds(job.billable_seconds)],
          [
            trans.__('Training image'),
            job.image && <Copied key="image" text={job.image} />
          ],
          [trans.__('Algorithm'), job.algorithm],
          [
            trans.__('Script'),
            job.source_s3_uri && (
              <S3Uri key="source" uri={job.source_s3_uri} object />
            )
          ],
          [trans.__('Entry point'), job.entry_point],
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
            trans.__('Managed spot training'),
            job.spot ? trans.__('Yes') : null
          ],
          [trans.__('Max wait'), seconds(job.max_wait_seconds)],
          [trans.__('Warm pool'), job.warm_pool_status],
          [
            trans.__('Checkpoints'),
            job.checkpoint_s3_uri && (
              <S3Uri key="checkpoints" uri={job.checkpoint_s3_uri} />
            )
          ],
          [
            trans.__('IAM role'),
            job.role_arn && <Copied key="role" text={job.role_arn} />
          ]
        ]}
      />
      <h2>{trans.__('Channels')}</h2>
      {job.inputs.length ? (
        <table className="smstudio-Table" aria-label={trans.__('Channels')}>
          <thead>
            <tr>
              <th scope="col">{trans.__('Channel')}</th>
              <th scope="col">{trans.__('Location')}</th>
              <th scope="col">{trans.__('Content type')}</th>
              <th scope="col">{trans.__('Data')}</th>
            </tr>
          </thead>
          <tbody>
            {job.inputs.map(input => (
              <tr key={input.channel}>
                <td>{input.channel}</td>
                <td>
                  <S3Uri uri={input.s3_uri} />
                </td>
                <td>{input.content_type ?? '—'}</td>
                <td>
                  {input.data_type}
                  {input.compression && input.compression !== 'None'
                    ? ` · ${input.compression}`
                    : ''}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <p className="smstudio-mod-dim">{trans.__('None')}</p>
      )}
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
