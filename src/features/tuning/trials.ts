/** A tuning job's trials as tables and charts need them; no React here. */
import type { Trial } from '../../api/generated';
import type { ISort } from '../../shared/merge';
import { sortRows } from '../../shared/merge';

/** Column of a tuned hyperparameter. */
export const PARAMETER = 'parameter:';

/** At most so many points go into one chart. */
const MAX_POINTS = 2000;

/** Names of the tuned hyperparameters, in the order of their first trial. */
export function parameterNames(trials: readonly Trial[]): string[] {
  return [
    ...new Set(trials.flatMap(each => Object.keys(each.hyperparameters)))
  ];
}

/** A hyperparameter's value: a number where it is one. */
export function parameterValue(
  trial: Trial,
  name: string
): number | string | null {
  const text = trial.hyperparameters[name];
  if (text === undefined) {
    return null;
  }
  const plain = unquoted(text);
  const number = Number(plain);
  return plain.trim() !== '' && Number.isFinite(number) ? number : plain;
}

/** SDK estimators write texts as JSON. */
export function unquoted(text: string): string {
  return /^".*"$/.test(text) ? text.slice(1, -1) : text;
}

/** The trials in an order. */
export function orderTrials(trials: readonly Trial[], sort: ISort): Trial[] {
  const value = (trial: Trial): string | number | null => {
    if (sort.column.startsWith(PARAMETER)) {
      return parameterValue(trial, sort.column.slice(PARAMETER.length));
    }
    switch (sort.column) {
      case 'objective':
        return trial.objective ?? null;
      case 'status':
        return trial.status;
      case 'elapsed':
        return trial.elapsed_seconds;
      case 'created':
        return Date.parse(trial.created);
      default:
        return trial.name;
    }
  };
  return sortRows(trials, value, sort.descending);
}

/** A finished trial among its fellows. */
export interface IPoint {
  trial: number;
  name: string;
  time: string;
  score: number;
  best: number;
}

/** Scores in the order in which trials ended, with the best so far. */
export function history(trials: readonly Trial[], minimize: boolean): IPoint[] {
  const scored = trials
    .filter(each => typeof each.objective === 'number')
    .sort((left, right) => endOf(left) - endOf(right));
  let best: number | null = null;
  return thin(
    scored.map((each, index) => {
      const score = each.objective as number;
      best =
        best === null
          ? score
          : minimize
            ? Math.min(best, score)
            : Math.max(best, score);
      return {
        trial: index + 1,
        name: each.name,
        time: each.ended ?? each.created,
        score,
        best
      };
    })
  );
}

/** Values of one hyperparameter against the objective. */
export interface IScatter {
  name: string;
  numeric: boolean;
  /** Values spread over powers of ten. */
  log: boolean;
  points: { value: number | string; score: number; name: string }[];
}

/** A scatter for each hyperparameter. */
export function scatters(trials: readonly Trial[]): IScatter[] {
  const scored = trials.filter(each => typeof each.objective === 'number');
  return parameterNames(scored).map(name => {
    const points = thin(
      scored
        .map(each => ({
          value: parameterValue(each, name),
          score: each.objective as number,
          name: each.name
        }))
        .filter(
          (
            point
          ): point is { value: number | string; score: number; name: string } =>
            point.value !== null
        )
    );
    const numeric = points.every(point => typeof point.value === 'number');
    const values = numeric ? points.map(point => point.value as number) : [];
    const low = Math.min(...values);
    return {
      name,
      numeric,
      log:
        numeric &&
        values.length > 1 &&
        low > 0 &&
        Math.max(...values) / low > 100,
      points
    };
  });
}

/** Part of many points, always with the last; taken at uneven steps, which fall in with no period of the values. */
function thin<P>(points: P[]): P[] {
  if (points.length <= MAX_POINTS) {
    return points;
  }
  const step = points.length / MAX_POINTS;
  const kept = Array.from({ length: MAX_POINTS }, (_, index) => {
    const within = (index * 0.6180339887) % 1;
    return points[Math.floor((index + within) * step)];
  });
  kept[MAX_POINTS - 1] = points[points.length - 1];
  return kept;
}

function endOf(trial: Trial): number {
  return Date.parse(trial.ended ?? trial.created);
}
