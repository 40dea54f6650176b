import type { JSX } from 'react';

import type { TuningDefinition, TuningJob } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { duration } from '../../shared/clock';
import { usePage } from '../../shared/context';
import { Facts } from '../../shared/facts';
import { metric } from '../../shared/numbers';
import { S3Uri } from '../../shared/s3uri';
import { TimeText } from '../../shared/time';

/** The tab "Settings": what the job was created with. */
export function Settings(props: { job: TuningJob }): JSX.Element {
  const { trans, commands } = usePage();
  const { job } = props;
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
            trans.__('End time'),
            job.ended && <TimeText key="ended" value={job.ended} both />
          ],
          [trans.__('Strategy'), job.strategy],
          [
            trans.__('Early stopping'),
            job.early_stopping === 'Auto' ? trans.__('Auto') : trans.__('Off')
          ],
          [
            trans.__('Training jobs at once'),
            job.max_parallel === null ? null : String(job.max_parallel)
          ],
          [
            trans.__('Max runtime'),
            job.max_runtime_seconds === null
              ? null
              : duration(job.max_runtime_seconds)
          ],
          [
            trans.__('Target value'),
            job.target_value === null ? null : metric(job.target_value)
          ],
          [
            trans.__('Stop after trials without improvement'),
            job.max_not_improving === null
              ? null
              : job.not_improving === null
                ? String(job.max_not_improving)
                : `${job.not_improving} / ${job.max_not_improving}`
          ],
          [
            trans.__('Stop on convergence'),
            job.stop_on_convergence ? trans.__('Yes') : null
          ],
          [
            trans.__('Random seed'),
            job.random_seed === null ? null : String(job.random_seed)
          ],
          [trans.__('Autotune'), job.autotune ? trans.__('Yes') : null],
          [
            trans.__('Hyperband resources'),
            Object.keys(job.strategy_config).length ? (
              <code key="strategy">{JSON.stringify(job.strategy_config)}</code>
            ) : null
          ],
          [
            trans.__('Warm start'),
            job.warm_start && (
              <span key="warm">
                {job.warm_start}
                {job.parents.map(parent => (
                  <span key={parent}>
                    {' · '}
                    <button
                      className="smstudio-Link"
                      onClick={() =>
                        void commands.execute(CommandIDs.openTuningJob, {
                          name: parent
                        })
                      }
                    >
                      {parent}
                    </button>
                  </span>
                ))}
              </span>
            )
          ]
        ]}
      />
      {job.definitions.map((each, index) => (
        <Definition key={index} definition={each} />
      ))}
    </div>
  );
}

function Definition(props: { definition: TuningDefinition }): JSX.Element {
  const { trans } = usePage();
  const { definition } = props;
  return (
    <>
      <h2>{definition.name ?? trans.__('Training job definition')}</h2>
      <Facts
        items={[
          [
            trans.__('Objective metric'),
            definition.objective &&
              `${definition.objective} (${
                definition.direction === 'Minimize'
                  ? trans.__('Minimize')
                  : trans.__('Maximize')
              })`
          ],
          [
            trans.__('Training image'),
            definition.image && <code key="image">{definition.image}</code>
          ],
          [trans.__('Algorithm'), definition.algorithm],
          [
            trans.__('Instances'),
            definition.instance_type &&
              `${definition.instance_count ?? 1} × ${definition.instance_type}`
          ],
          [
            trans.__('Max runtime'),
            definition.max_runtime_seconds === null
              ? null
              : duration(definition.max_runtime_seconds)
          ],
          ...definition.inputs.map((input): [string, JSX.Element] => [
            trans.__('Channel %1', input.channel),
            <S3Uri key={input.channel} uri={input.s3_uri} />
          ]),
          [
            trans.__('Output'),
            definition.output_s3_uri && (
              <S3Uri key="output" uri={definition.output_s3_uri} />
            )
          ]
        ]}
      />
      <table className="smstudio-Table" aria-label={trans.__('Ranges')}>
        <thead>
          <tr>
            <th scope="col">{trans.__('Hyperparameter')}</th>
            <th scope="col">{trans.__('Kind')}</th>
            <th scope="col">{trans.__('Range')}</th>
            <th scope="col">{trans.__('Scaling')}</th>
          </tr>
        </thead>
        <tbody>
          {definition.ranges.map(range => (
            <tr key={range.name}>
              <td>{range.name}</td>
              <td>{range.kind}</td>
              <td>
                {range.kind === 'Categorical'
                  ? range.values.join(', ')
                  : `${range.min} – ${range.max}`}
              </td>
              <td>{range.kind === 'Categorical' ? '—' : range.scaling}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h2>{trans.__('Static hyperparameters')}</h2>
      <Facts items={Object.entries(definition.static_hyperparameters)} />
    </>
  );
}
