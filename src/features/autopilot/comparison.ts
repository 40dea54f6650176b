/** What the page that compares experiments shows: one row a setting or result, one value an experiment. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { AutoMLJob, Candidate } from '../../api/generated';
import { duration } from '../../shared/clock';
import { metric } from '../../shared/numbers';
import type { IBoard } from './board';
import { scoreHistory } from './leaderboard';
import { firstModelAfter, trialCounts } from './live';

/** One experiment with its candidates. */
export interface ICompared {
  job: AutoMLJob;
  board: IBoard;
}

/** One row of the comparison; `differs` when the values are not all alike. */
export interface IComparedRow {
  label: string;
  values: string[];
  differs: boolean;
}

function row(label: string, values: (string | null)[]): IComparedRow {
  const texts = values.map(value => value ?? '—');
  return { label, values: texts, differs: new Set(texts).size > 1 };
}

/** How each experiment was set up. */
export function settingRows(
  compared: readonly ICompared[],
  trans: TranslationBundle
): IComparedRow[] {
  const of = (
    label: string,
    value: (job: AutoMLJob) => string | number | null | undefined
  ): IComparedRow =>
    row(
      label,
      compared.map(({ job }) => {
        const found = value(job);
        return found === null || found === undefined || found === ''
          ? null
          : String(found);
      })
    );
  const seconds = (value: number | null | undefined): string | null =>
    value ? duration(value) : null;
  const told = new Set(
    compared.flatMap(({ job }) => Object.keys(job.problem_settings))
  );
  return [
    of(trans.__('Input'), job =>
      job.inputs.map(each => each.s3_uri).join(', ')
    ),
    of(trans.__('Target attribute name'), job => job.target),
    of(
      trans.__('Problem type'),
      job => job.resolved_problem_type ?? job.problem_type
    ),
    of(
      trans.__('Objective metric'),
      job => job.resolved_objective ?? job.objective
    ),
    ...[...told].map(name => of(name, job => job.problem_settings[name])),
    of(trans.__('Training mode'), job => job.mode),
    of(trans.__('Algorithms'), job => job.algorithms.join(', ')),
    of(trans.__('Validation fraction'), job => job.validation_fraction),
    of(trans.__('Sample weight'), job => job.sample_weight),
    of(
      trans.__('Feature specification'),
      job => job.feature_specification_s3_uri
    ),
    of(
      trans.__('Max candidates'),
      job => job.limits.max_candidates ?? job.resolved_limits.max_candidates
    ),
    of(trans.__('Max trial runtime'), job =>
      seconds(job.limits.max_runtime_per_training_job_seconds)
    ),
    of(trans.__('Max job runtime'), job =>
      seconds(job.limits.max_job_runtime_seconds)
    )
  ].filter(each => each.values.some(value => value !== '—'));
}

/** What came of each experiment. */
export function resultRows(
  compared: readonly ICompared[],
  trans: TranslationBundle
): IComparedRow[] {
  const of = (
    label: string,
    value: (each: ICompared) => string | null
  ): IComparedRow => row(label, compared.map(value));
  const first = (each: ICompared): string | null => {
    const seconds = firstModelAfter(each.job, each.board.items);
    return seconds === null ? null : duration(seconds);
  };
  const metrics = new Set(
    compared.flatMap(({ job }) =>
      (job.best_candidate?.metrics ?? []).map(each => named(each))
    )
  );
  return [
    of(trans.__('Status'), ({ job }) => job.status),
    of(trans.__('Best model'), ({ job }) => job.best_candidate?.name ?? null),
    of(trans.__('Best score'), ({ job }) => {
      const best = job.best_candidate?.objective;
      return best ? `${best.metric} = ${metric(best.value)}` : null;
    }),
    of(trans.__('Finished trials'), ({ job, board }) =>
      String(trialCounts(job, board.items).done)
    ),
    of(trans.__('First model after'), first),
    of(trans.__('Duration'), ({ job }) => duration(job.elapsed_seconds)),
    ...[...metrics].sort().map(name =>
      of(trans.__('Best model: %1', name), ({ job }) => {
        const found = (job.best_candidate?.metrics ?? []).find(
          each => named(each) === name
        );
        return found ? metric(found.value) : null;
      })
    )
  ];
}

function named(each: Candidate['metrics'][number]): string {
  return each.set ? `${each.name} (${each.set})` : each.name;
}

/** A point of the chart: the best score of an experiment so many seconds after its creation. */
export interface IProgressPoint {
  experiment: string;
  seconds: number;
  best: number;
  [key: string]: string | number;
}

/** How the best score of each experiment grew. */
export function progressPoints(
  compared: readonly ICompared[]
): IProgressPoint[] {
  return compared.flatMap(({ job, board }) => {
    const ends = new Map(
      board.items.map(each => [
        each.name,
        Date.parse(each.ended ?? each.created)
      ])
    );
    return scoreHistory(board.items, board.direction === 'Minimize').map(
      each => ({
        experiment: job.name,
        seconds:
          ((ends.get(each.name) as number) - Date.parse(job.created)) / 1000,
        best: each.best
      })
    );
  });
}
