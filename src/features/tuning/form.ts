/** The form of a tuning job as typed. */
import type {
  Hyperparameter,
  TrainingOptions,
  TuningForm
} from '../../api/generated';
import type { Errors, ITrainingForm } from '../../shared/training/form';
import {
  declared,
  emptyForm,
  fromRequest,
  toRequest,
  whole
} from '../../shared/training/form';

type Strategy = NonNullable<TuningForm['strategy']>;
type Kind = 'Integer' | 'Continuous' | 'Categorical';

/** What one hyperparameter is searched in. */
export interface IRange {
  name: string;
  kind: Kind;
  min: string;
  max: string;
  scaling: 'Auto' | 'Linear' | 'Logarithmic' | 'ReverseLogarithmic';
  /** Separated by commas. */
  values: string;
}

/** The whole form. */
export interface ITuningForm {
  name: string;
  strategy: Strategy;
  objective: string;
  direction: 'Maximize' | 'Minimize';
  ranges: IRange[];
  max_jobs: string;
  max_parallel: string;
  max_runtime_seconds: string;
  early_stopping: 'Off' | 'Auto';
  target_value: string;
  max_not_improving: string;
  random_seed: string;
  min_resource: string;
  max_resource: string;
  warm_start: '' | 'IdenticalDataAndAlgorithm' | 'TransferLearning';
  /** Separated by commas. */
  parents: string;
  training: ITrainingForm;
  further: Record<string, unknown>;
}

/** The form around a training form, with what is usually tuned. */
export function startOf(
  training: ITrainingForm,
  options: TrainingOptions,
  name: string
): ITuningForm {
  const metric = metricsOf(training, options)[0];
  return {
    name,
    strategy: 'Bayesian',
    objective: metric?.name ?? '',
    direction: metric?.direction ?? 'Maximize',
    ranges: usualRanges(declared(training, options)),
    max_jobs: '10',
    max_parallel: '2',
    max_runtime_seconds: '',
    early_stopping: 'Off',
    target_value: '',
    max_not_improving: '',
    random_seed: '',
    min_resource: '',
    max_resource: '',
    warm_start: '',
    parents: '',
    training,
    further: {}
  };
}

/** The form that shows a request. */
export function fromTuningRequest(
  request: TuningForm,
  options: TrainingOptions
): ITuningForm {
  const number = (value: number | null | undefined): string =>
    value === null || value === undefined ? '' : String(value);
  const training = fromRequest(request.training, options);
  const start = startOf(training, options, request.name ?? '');
  if (!request.ranges?.length && !request.objective) {
    return start;
  }
  return {
    ...start,
    strategy: request.strategy ?? 'Bayesian',
    objective: request.objective ?? '',
    direction: request.direction ?? 'Minimize',
    ranges: (request.ranges ?? []).map(each => ({
      name: each.name,
      kind: each.kind,
      min: each.min ?? '',
      max: each.max ?? '',
      scaling: each.scaling ?? 'Auto',
      values: (each.values ?? []).join(', ')
    })),
    max_jobs: number(request.max_jobs),
    max_parallel: number(request.max_parallel),
    max_runtime_seconds: number(request.max_runtime_seconds),
    early_stopping: request.early_stopping ?? 'Off',
    target_value: number(request.target_value),
    max_not_improving: number(request.max_not_improving),
    random_seed: number(request.random_seed),
    min_resource: number(request.min_resource),
    max_resource: number(request.max_resource),
    warm_start: request.warm_start ?? '',
    parents: (request.parents ?? []).join(', '),
    further: request.further ?? {}
  };
}

/** The empty form. */
export function emptyTuningForm(
  options: TrainingOptions,
  name: string
): ITuningForm {
  return startOf(emptyForm(options), options, name);
}

/** The request that the form stands for. */
export function toTuningRequest(form: ITuningForm): TuningForm {
  return {
    name: form.name,
    strategy: form.strategy,
    objective: form.objective.trim(),
    direction: form.direction,
    ranges: form.ranges.map(each => ({
      name: each.name.trim(),
      kind: each.kind,
      min: each.min.trim(),
      max: each.max.trim(),
      scaling: each.scaling,
      values: each.kind === 'Categorical' ? listOf(each.values) : []
    })),
    max_jobs: whole(form.max_jobs),
    max_parallel: whole(form.max_parallel) ?? 0,
    max_runtime_seconds: whole(form.max_runtime_seconds),
    early_stopping: form.strategy === 'Hyperband' ? 'Off' : form.early_stopping,
    target_value: decimal(form.target_value),
    max_not_improving: whole(form.max_not_improving),
    random_seed: whole(form.random_seed),
    min_resource:
      form.strategy === 'Hyperband' ? whole(form.min_resource) : null,
    max_resource:
      form.strategy === 'Hyperband' ? whole(form.max_resource) : null,
    warm_start: form.warm_start || null,
    parents: form.warm_start ? listOf(form.parents) : [],
    training: toRequest(form.training),
    further: form.further
  };
}

/** Text that is no number, by field. */
export function numberErrors(form: ITuningForm, text: string): Errors {
  const errors: Errors = {};
  for (const field of [
    'max_jobs',
    'max_parallel',
    'max_runtime_seconds',
    'max_not_improving',
    'random_seed',
    'min_resource',
    'max_resource'
  ] as const) {
    if (form[field].trim() && whole(form[field]) === null) {
      errors[field] = text;
    }
  }
  if (form.target_value.trim() && decimal(form.target_value) === null) {
    errors.target_value = text;
  }
  return errors;
}

/** What can be the objective. */
export function metricsOf(
  training: ITrainingForm,
  options: TrainingOptions
): { name: string; direction: 'Maximize' | 'Minimize' }[] {
  if (training.source === 'algorithm') {
    return (
      options.algorithms.find(each => each.name === training.algorithm)
        ?.metrics ?? []
    );
  }
  return training.metric_definitions
    .filter(each => each.name)
    .map(each => ({ name: each.name, direction: 'Minimize' }));
}

/** The range that the documentation recommends for a hyperparameter. */
export function rangeOf(parameter: Hyperparameter): IRange {
  const tune = parameter.tune;
  const kind: Kind = tune?.values?.length
    ? 'Categorical'
    : parameter.kind === 'integer'
      ? 'Integer'
      : parameter.kind === 'number'
        ? 'Continuous'
        : 'Categorical';
  const text = (value: number | null | undefined): string =>
    typeof value === 'number' ? String(value) : '';
  return {
    name: parameter.name,
    kind,
    min: text(tune?.min ?? parameter.min),
    max: text(tune?.max ?? parameter.max),
    scaling: tune?.scaling ?? 'Auto',
    values: (tune?.values?.length
      ? tune.values
      : (parameter.choices ?? [])
    ).join(', ')
  };
}

/** The first three that may be tuned and have no value that must be given. */
function usualRanges(parameters: readonly Hyperparameter[]): IRange[] {
  return parameters
    .filter(each => each.tune && !each.required)
    .slice(0, 3)
    .map(rangeOf);
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map(each => each.trim())
    .filter(Boolean);
}

function decimal(text: string): number | null {
  const value = Number(text);
  return text.trim() && Number.isFinite(value) ? value : null;
}
