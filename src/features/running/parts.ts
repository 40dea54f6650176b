import type {
  HistoryQuery,
  Running,
  RunningQuery,
  UsageHistory
} from '../../api/generated';

/** The parts of what runs that are asked for after the apps. */
export const REST: readonly NonNullable<RunningQuery['part']>[] = [
  'endpoints',
  'notebook_instances',
  'AutoMLJob',
  'HyperParameterTuningJob',
  'TrainingJob',
  'ProcessingJob',
  'TransformJob'
];

/** One answer of several: lists one after the other, sums added up. */
export function merged(first: Running, rest: readonly Running[]): Running {
  const all = [first, ...rest];
  const sum = (of: (each: Running) => number): number =>
    all.reduce((total, each) => total + of(each), 0);
  return {
    ...first,
    endpoints: all.flatMap(each => each.endpoints),
    jobs: all.flatMap(each => each.jobs),
    notebook_instances: all.flatMap(each => each.notebook_instances),
    costs: sum(each => each.costs),
    hourly: sum(each => each.hourly),
    unpriced: [...new Set(all.flatMap(each => each.unpriced))].sort(),
    refused: all.flatMap(each => each.refused)
  };
}

/** The parts of what is metered that are asked about after the apps. */
export const REST_OF_HISTORY: readonly NonNullable<HistoryQuery['part']>[] = [
  'endpoints',
  'notebook instances',
  'training jobs',
  'processing jobs',
  'transform jobs'
];

/** The newer of two answers, with what could not be read of any part. */
export function latest(
  first: UsageHistory,
  rest: UsageHistory | null,
  restIsNewer: boolean
): UsageHistory {
  return {
    ...(rest && restIsNewer ? rest : first),
    missing: [...first.missing, ...(rest?.missing ?? [])]
  };
}
