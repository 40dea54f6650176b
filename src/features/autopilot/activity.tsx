import type { JSX } from 'react';

import type {
  AutoMLActivity,
  AutoMLJob,
  Candidate,
  RunningJob
} from '../../api/generated';
import { CommandIDs } from '../../commands';
import { duration } from '../../shared/clock';
import { usePage } from '../../shared/context';
import { useQuery } from '../../shared/query';
import { Elapsed, useNow } from '../../shared/time';
import { TrialCounts } from '../../shared/trialcounts';
import { timeLeft, trialCounts } from './live';

/** Jobs shown one by one; more are only counted. */
const SHOWN = 4;

const OPENS: Partial<Record<RunningJob['kind'], string>> = {
  TrainingJob: CommandIDs.openTrainingJob,
  TransformJob: CommandIDs.openTransformJob,
  HyperParameterTuningJob: CommandIDs.openTuningJob
};

/** While an experiment runs: how far it is, what works for it now, and the time that is left. */
export function Activity(props: {
  job: AutoMLJob;
  candidates: Candidate[];
}): JSX.Element {
  const { trans } = usePage();
  const { job, candidates } = props;
  const now = useNow(1000, true);
  const counts = trialCounts(job, candidates);
  const left = timeLeft(job, candidates, now);
  const budget = job.limits.max_job_runtime_seconds ?? null;
  const times = (
    <>
      {left.expected !== null && (
        <span>
          {trans.__('About %1 left at this pace', duration(left.expected))}
        </span>
      )}
      {left.limit !== null && budget !== null && (
        <span className="smstudio-mod-dim">
          {trans.__(
            '%1 left of the limit of %2',
            duration(left.limit),
            duration(budget)
          )}
        </span>
      )}
    </>
  );
  return (
    <section
      className="smstudio-Tuning"
      aria-label={trans.__('What the experiment does now')}
    >
      <div className="smstudio-Tuning-trials">
        {job.pilot ? (
          <div className="smstudio-Tuning-counts">{times}</div>
        ) : (
          <TrialCounts counts={counts}>
            {started => (
              <>
                {counts.max !== null && (
                  <span className="smstudio-mod-dim">
                    {trans.__('%1 of %2 trials started', started, counts.max)}
                  </span>
                )}
                {times}
              </>
            )}
          </TrialCounts>
        )}
        <Now job={job.name} stage={job.secondary_status} />
      </div>
    </section>
  );
}

function Now(props: { job: string; stage: string }): JSX.Element | null {
  const { trans, commands } = usePage();
  const { job, stage } = props;
  const query = useQuery<AutoMLActivity>(
    `automl-activity:${job}:${stage}`,
    (source, signal) =>
      source.api.call('getAutoMLActivity', {
        name: job,
        query: { stage },
        signal
      }),
    {
      concerns: change =>
        change.name.startsWith(job) && change.kind !== 'Endpoint',
      busy: () => true
    }
  );
  const jobs = query.data?.jobs ?? [];
  if (!jobs.length) {
    return null;
  }
  const labels: Record<RunningJob['kind'], string> = {
    ProcessingJob: trans.__('Processing job'),
    TrainingJob: trans.__('Training job'),
    TransformJob: trans.__('Transform job'),
    HyperParameterTuningJob: trans.__('Tuning job')
  };
  return (
    <ul
      className="smstudio-Activity"
      aria-label={trans.__('Jobs that run now')}
    >
      {jobs.slice(0, SHOWN).map(each => {
        const command = OPENS[each.kind];
        return (
          <li key={`${each.kind}/${each.name}`}>
            <span className="smstudio-mod-dim">{labels[each.kind]}</span>{' '}
            {command ? (
              <button
                className="smstudio-Link"
                onClick={() =>
                  void commands.execute(command, { name: each.name })
                }
              >
                {each.name}
              </button>
            ) : (
              <code>{each.name}</code>
            )}{' '}
            <Elapsed
              seconds={each.elapsed_seconds}
              running
              asOf={query.updated ?? Date.now()}
            />
          </li>
        );
      })}
      {jobs.length > SHOWN && (
        <li className="smstudio-mod-dim">
          {trans.__('and %1 more', jobs.length - SHOWN)}
        </li>
      )}
    </ul>
  );
}
