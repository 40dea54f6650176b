import type { JSX } from 'react';

import type { TuningJob } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { duration } from '../../shared/clock';
import { usePage } from '../../shared/context';
import { metric } from '../../shared/numbers';
import { useNow } from '../../shared/time';
import { TrialCounts } from '../../shared/trialcounts';

/** How far a tuning job is: a bar of its trials by state, its time, and the best result. */
export function Progress(props: {
  job: TuningJob;
  running: boolean;
  /** When `job` was told, in milliseconds since the epoch. */
  asOf: number;
}): JSX.Element {
  const { trans, commands } = usePage();
  const { job, running } = props;
  const now = useNow(1000, running && job.max_runtime_seconds !== null);
  const { completed, in_progress, retryable, failed, stopped } = job.counters;
  const extra = running ? Math.max(0, now - props.asOf) / 1000 : 0;
  const seconds = job.elapsed_seconds + extra;
  return (
    <div className="smstudio-Tuning">
      <div className="smstudio-Tuning-trials">
        <TrialCounts
          counts={{
            done: completed,
            running: in_progress + retryable,
            stopped,
            failed,
            max: job.max_jobs
          }}
        >
          {started => (
            <>
              <span className="smstudio-mod-dim">
                {job.max_jobs === null
                  ? trans.__('%1 trials so far', started)
                  : trans.__('%1 of %2 trials started', started, job.max_jobs)}
              </span>
              {job.max_runtime_seconds !== null && (
                <span className="smstudio-mod-dim">
                  {trans.__(
                    '%1 of %2',
                    duration(Math.min(seconds, job.max_runtime_seconds)),
                    duration(job.max_runtime_seconds)
                  )}
                </span>
              )}
            </>
          )}
        </TrialCounts>
      </div>
      {job.best && (
        <button
          className="smstudio-Tuning-best"
          title={trans.__('Open training job')}
          onClick={() =>
            void commands.execute(CommandIDs.openTrainingJob, {
              name: job.best?.name
            })
          }
        >
          <span className="smstudio-Best">{trans.__('★ Best')}</span>
          <strong>{metric(job.best.objective)}</strong>{' '}
          <span className="smstudio-mod-dim">{job.best.metric}</span>
          <span className="smstudio-Tuning-name">{job.best.name}</span>
        </button>
      )}
    </div>
  );
}
