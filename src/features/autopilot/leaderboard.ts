/** The leaderboard's logic: which metrics stand in columns, in which order rows come, how the best score grew. */
import type { Candidate } from '../../api/generated';
import type { ISort } from '../../shared/merge';
import { sortRows } from '../../shared/merge';

/** Prefix of the ids of metric columns. */
export const METRIC = 'metric:';

/** Names of all metrics besides the objective, as first seen. */
export function metricNames(
  candidates: readonly Candidate[],
  objective: string | null
): string[] {
  const names = new Set<string>();
  for (const candidate of candidates) {
    for (const each of candidate.metrics) {
      if (each.name !== objective) {
        names.add(each.name);
      }
    }
  }
  return [...names];
}

/** A candidate's value of a metric: on validation data when it has several. */
export function metricValue(candidate: Candidate, name: string): number | null {
  const found = candidate.metrics.filter(each => each.name === name);
  const chosen = found.find(each => each.set === 'Validation') ?? found[0];
  return chosen?.value ?? null;
}

/** The rows in the wanted order, with the best candidate on top. */
export function orderCandidates(
  candidates: readonly Candidate[],
  sort: ISort
): Candidate[] {
  const value = (row: Candidate): string | number | null => {
    if (sort.column.startsWith(METRIC)) {
      return metricValue(row, sort.column.slice(METRIC.length));
    }
    switch (sort.column) {
      case 'name':
        return row.name;
      case 'status':
        return row.status;
      case 'created':
        return Date.parse(row.created);
      case 'ended':
        return row.ended ? Date.parse(row.ended) : null;
      case 'elapsed':
        return row.elapsed_seconds;
      default:
        return row.objective?.value ?? null;
    }
  };
  const rows = sortRows(candidates, value, sort.descending);
  return [
    ...rows.filter(row => row.is_best),
    ...rows.filter(row => !row.is_best)
  ];
}

/** One finished trial in the chart. */
export interface IScore {
  trial: number;
  name: string;
  score: number;
  best: number;
  [key: string]: string | number;
}

/** Every finished trial in the order of its end, with the best score until then. */
export function scoreHistory(
  candidates: readonly Candidate[],
  minimize: boolean
): IScore[] {
  const done = candidates.filter(
    each => typeof each.objective?.value === 'number'
  );
  const time = (each: Candidate): number =>
    Date.parse(each.ended ?? each.created);
  done.sort((a, b) => time(a) - time(b));
  let best: number | null = null;
  return done.map((each, index) => {
    const score = each.objective?.value as number;
    best =
      best === null
        ? score
        : minimize
          ? Math.min(best, score)
          : Math.max(best, score);
    return { trial: index + 1, name: each.name, score, best };
  });
}
