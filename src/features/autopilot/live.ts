/** How far an experiment is: its trials by state, and the time that is left. */
import type { AutoMLJob, Candidate } from '../../api/generated';
import type { ITrialCounts } from '../../shared/trialcounts';

/** Counts the trials of an experiment. */
export function trialCounts(
  job: Pick<AutoMLJob, 'limits' | 'resolved_limits'>,
  candidates: readonly Candidate[]
): ITrialCounts {
  const of = (status: Candidate['status']): number =>
    candidates.filter(each => each.status === status).length;
  return {
    done: of('Completed'),
    running: of('InProgress') + of('Stopping'),
    stopped: of('Stopped'),
    failed: of('Failed'),
    max: job.limits.max_candidates ?? job.resolved_limits.max_candidates ?? null
  };
}

/** Seconds left, as far as they can be known. */
export interface ITimeLeft {
  /** Until the job's own limit. */
  limit: number | null;
  /** Until the last trial ends at the pace so far. */
  expected: number | null;
}

/** Trials after which the pace tells something. */
const ENOUGH = 3;

/** How long an experiment may and will still take; `now` in milliseconds since the epoch. */
export function timeLeft(
  job: Pick<AutoMLJob, 'limits' | 'resolved_limits' | 'created' | 'pilot'>,
  candidates: readonly Candidate[],
  now: number
): ITimeLeft {
  const seconds = (now - Date.parse(job.created)) / 1000;
  const budget = job.limits.max_job_runtime_seconds ?? null;
  const limit = budget === null ? null : Math.max(0, budget - seconds);
  const counts = trialCounts(job, candidates);
  const ended = counts.done + counts.failed + counts.stopped;
  if (counts.max === null || ended < ENOUGH) {
    return { limit, expected: null };
  }
  const first = Math.min(...candidates.map(each => Date.parse(each.created)));
  const pace = (now - first) / 1000 / ended;
  const expected = Math.max(0, counts.max - ended) * pace;
  return {
    limit,
    expected: limit === null ? expected : Math.min(limit, expected)
  };
}

/** Seconds from the creation of an experiment to its first model; null while there is none. */
export function firstModelAfter(
  job: Pick<AutoMLJob, 'created'>,
  candidates: readonly Candidate[]
): number | null {
  const ends = candidates
    .filter(each => each.status === 'Completed' && each.ended)
    .map(each => Date.parse(each.ended as string));
  return ends.length
    ? Math.max(0, (Math.min(...ends) - Date.parse(job.created)) / 1000)
    : null;
}
