import type { JSX } from 'react';

import type { AutoMLJob } from '../../api/generated';
import { duration } from '../../shared/clock';
import { usePage } from '../../shared/context';
import { Facts } from '../../shared/facts';
import { S3Uri } from '../../shared/s3uri';
import { TimeText } from '../../shared/time';

/** The tab "Job profile". */
export function JobProfile(props: { job: AutoMLJob }): JSX.Element {
  const { trans } = usePage();
  const { job } = props;
  const both = (
    given: string | null,
    resolved: string | null
  ): string | null => {
    if (resolved && resolved !== given) {
      return given
        ? trans.__('%1 (resolved: %2)', given, resolved)
        : trans.__('Auto (resolved: %1)', resolved);
    }
    return given ?? trans.__('Auto');
  };
  const seconds = (value: number | null): string | null =>
    value === null ? null : duration(value);
  return (
    <div className="smstudio-Profile">
      <Facts
        items={[
          [trans.__('Name'), job.name],
          [trans.__('ARN'), <code key="arn">{job.arn}</code>],
          [
            trans.__('Status'),
            job.status === job.secondary_status
              ? job.status
              : `${job.status} (${job.secondary_status})`
          ],
          [
            trans.__('Creation time'),
            <TimeText key="created" value={job.created} both />
          ],
          [
            trans.__('Last modified'),
            <TimeText key="modified" value={job.modified} both />
          ],
          [
            trans.__('End time'),
            job.ended && <TimeText key="ended" value={job.ended} both />
          ],
          [trans.__('IAM role'), <code key="role">{job.role_arn}</code>],
          ...job.inputs.map((input): [string, JSX.Element] => [
            trans.__('Input (%1)', input.channel),
            <span key={input.s3_uri}>
              <code>{input.s3_uri}</code>{' '}
              <span className="smstudio-mod-dim">
                {[input.data_type, input.content_type, input.compression]
                  .filter(text => text && text !== 'None')
                  .join(' · ')}
              </span>
            </span>
          ]),
          [trans.__('Output'), <code key="output">{job.output_s3_uri}</code>],
          [trans.__('Target attribute name'), job.target],
          [
            trans.__('Problem type'),
            both(job.problem_type, job.resolved_problem_type)
          ],
          [
            trans.__('Objective metric'),
            both(job.objective, job.resolved_objective)
          ],
          ...Object.entries(job.problem_settings),
          [trans.__('Training mode'), job.mode],
          [trans.__('Algorithms'), job.algorithms.join(', ')],
          [trans.__('Validation fraction'), job.validation_fraction],
          [trans.__('Sample weight'), job.sample_weight],
          [
            trans.__('Feature specification'),
            job.feature_specification_s3_uri && (
              <S3Uri
                key="features"
                uri={job.feature_specification_s3_uri}
                object
              />
            )
          ],
          [
            trans.__('Max candidates'),
            job.limits.max_candidates ?? job.resolved_limits.max_candidates
          ],
          [
            trans.__('Max trial runtime'),
            seconds(job.limits.max_runtime_per_training_job_seconds ?? null)
          ],
          [
            trans.__('Max job runtime'),
            seconds(job.limits.max_job_runtime_seconds ?? null)
          ],
          [trans.__('Output encryption key'), job.security.output_kms_key_id],
          [trans.__('Volume encryption key'), job.security.volume_kms_key_id],
          [trans.__('Subnets'), job.security.subnets.join(', ')],
          [
            trans.__('Security groups'),
            job.security.security_group_ids.join(', ')
          ],
          [
            trans.__('Inter-container traffic encryption'),
            job.security.encrypt_inter_container_traffic
              ? trans.__('On')
              : trans.__('Off')
          ],
          [
            trans.__('Candidate definition notebook'),
            job.candidate_definition_notebook && (
              <code key="definitions">{job.candidate_definition_notebook}</code>
            )
          ],
          [
            trans.__('Data exploration notebook'),
            job.data_exploration_notebook && (
              <code key="exploration">{job.data_exploration_notebook}</code>
            )
          ]
        ]}
      />
    </div>
  );
}
