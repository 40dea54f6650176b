/** The form of a training job as typed: numbers and JSON stay text until they are sent. */
import type {
  Algorithm,
  FieldProblem,
  Framework,
  Hyperparameter,
  TrainingChannel,
  TrainingForm,
  TrainingOptions
} from '../../api/generated';

/** A name and a value. */
export interface IPair {
  name: string;
  value: string;
}

/** One input channel. */
export interface IChannel {
  name: string;
  s3_uri: string;
  data_type: NonNullable<TrainingChannel['data_type']>;
  distribution: NonNullable<TrainingChannel['distribution']>;
  content_type: string;
  compression: NonNullable<TrainingChannel['compression']>;
  record_wrapper: NonNullable<TrainingChannel['record_wrapper']>;
  input_mode: '' | NonNullable<TrainingForm['input_mode']>;
  attribute_names: string;
  shuffle_seed: string;
}

/** The whole form. */
export interface ITrainingForm {
  name: string;
  source: NonNullable<TrainingForm['source']>;
  algorithm: string;
  framework: string;
  version: string;
  image: string;
  script_path: string;
  script_s3_uri: string;
  entry_point: string;
  input_mode: NonNullable<TrainingForm['input_mode']>;
  hyperparameters: IPair[];
  metric_definitions: { name: string; regex: string }[];
  channels: IChannel[];
  output_s3_uri: string;
  instance_type: string;
  instance_count: string;
  volume_gb: string;
  max_runtime_seconds: string;
  spot: boolean;
  max_wait_seconds: string;
  checkpoint_s3_uri: string;
  network_isolation: boolean;
  role_arn: string;
  environment: IPair[];
  tags: { key: string; value: string }[];
  /** JSON. */
  further: string;
}

/** What the parts of the form share. */
export interface IFormPart {
  form: ITrainingForm;
  options: TrainingOptions;
  set: (change: Partial<ITrainingForm>) => void;
  error: (field: string) => string | null;
}

/** Errors by field. */
export type Errors = Record<string, string>;

/** A channel as it is added. */
export function newChannel(name: string, contentType = ''): IChannel {
  return {
    name,
    s3_uri: '',
    data_type: 'S3Prefix',
    distribution: 'FullyReplicated',
    content_type: contentType,
    compression: 'None',
    record_wrapper: 'None',
    input_mode: '',
    attribute_names: '',
    shuffle_seed: ''
  };
}

/** The form as it opens: the first algorithm that the target runs. */
export function emptyForm(options: TrainingOptions): ITrainingForm {
  const form: ITrainingForm = {
    name: '',
    source: 'algorithm',
    algorithm: '',
    framework: '',
    version: '',
    image: '',
    script_path: '',
    script_s3_uri: '',
    entry_point: '',
    input_mode: 'File',
    hyperparameters: [],
    metric_definitions: [],
    channels: [],
    output_s3_uri: '',
    instance_type: 'ml.m5.large',
    instance_count: '1',
    volume_gb: '30',
    max_runtime_seconds: '86400',
    spot: false,
    max_wait_seconds: '',
    checkpoint_s3_uri: '',
    network_isolation: false,
    role_arn: '',
    environment: [],
    tags: [],
    further: ''
  };
  const algorithm = options.algorithms.find(each => each.offered);
  return algorithm
    ? { ...form, ...choiceOfAlgorithm(form, algorithm, null) }
    : form;
}

/** What choosing an algorithm changes: its version, its channels, and the hyperparameters that both know. */
export function choiceOfAlgorithm(
  form: ITrainingForm,
  algorithm: Algorithm,
  before: Algorithm | null
): Partial<ITrainingForm> {
  const known = new Set(algorithm.hyperparameters.map(each => each.name));
  const kept = form.hyperparameters.filter(
    each =>
      known.has(each.name) &&
      each.value !== '' &&
      // A value that only stood there as the other algorithm's own default says nothing about this one.
      each.value !== defaultOf(before, each.name)
  );
  const values = new Map(kept.map(each => [each.name, each.value]));
  for (const each of algorithm.hyperparameters) {
    if (each.required && !values.has(each.name)) {
      values.set(each.name, each.default ?? '');
    }
  }
  const filled = form.channels.filter(channel => channel.s3_uri);
  return {
    algorithm: algorithm.name,
    version: algorithm.versions[0]?.version ?? '',
    input_mode: algorithm.input_modes.includes(form.input_mode)
      ? form.input_mode
      : (algorithm.input_modes[0] ?? 'File'),
    hyperparameters: [...values].map(([name, value]) => ({ name, value })),
    channels: filled.length
      ? form.channels
      : algorithm.channels
          .filter(channel => channel.required)
          .map(channel =>
            newChannel(channel.name, channel.content_types[0] ?? '')
          )
  };
}

/** What choosing a framework changes. */
export function choiceOfFramework(
  form: ITrainingForm,
  framework: Framework
): Partial<ITrainingForm> {
  return {
    framework: framework.name,
    version: framework.versions[0]?.version ?? '',
    channels: form.channels.length ? form.channels : [newChannel('training')]
  };
}

/** A name with the time in it, e.g. `training-1121-070855`. */
export function stampedName(base: string, now: Date): string {
  const pad = (value: number): string => String(value).padStart(2, '0');
  return `${base}-${pad(now.getMonth() + 1)}${pad(now.getDate())}-${pad(now.getHours())}${pad(now.getMinutes())}${pad(now.getSeconds())}`;
}

/** The request that the form stands for. */
export function toRequest(form: ITrainingForm): TrainingForm {
  const script = form.source === 'script';
  return {
    name: form.name,
    source: form.source,
    algorithm: form.source === 'algorithm' ? text(form.algorithm) : null,
    framework: script && !form.image ? text(form.framework) : null,
    version: form.source === 'image' ? null : text(form.version),
    image: form.source === 'algorithm' ? null : text(form.image),
    script: script
      ? {
          path: form.script_s3_uri ? null : text(form.script_path),
          s3_uri: text(form.script_s3_uri),
          entry_point: text(form.entry_point)
        }
      : null,
    input_mode: form.input_mode,
    hyperparameters: record(form.hyperparameters),
    metric_definitions:
      form.source === 'algorithm' ? [] : form.metric_definitions,
    channels: form.channels.map(channelRequest),
    output_s3_uri: text(form.output_s3_uri),
    instance_type: form.instance_type,
    instance_count: whole(form.instance_count) ?? 0,
    volume_gb: whole(form.volume_gb) ?? 0,
    max_runtime_seconds: whole(form.max_runtime_seconds),
    spot: form.spot,
    max_wait_seconds: form.spot ? whole(form.max_wait_seconds) : null,
    checkpoint_s3_uri: text(form.checkpoint_s3_uri),
    network_isolation: form.network_isolation,
    role_arn: text(form.role_arn),
    environment: record(form.environment),
    tags: form.tags.map(tag => ({ key: tag.key.trim(), value: tag.value })),
    further: furtherOf(form.further) ?? {}
  };
}

/** The form that shows a request, e.g. of a job that is cloned. */
export function fromRequest(
  request: TrainingForm,
  options: TrainingOptions
): ITrainingForm {
  const form = emptyForm(options);
  const number = (value: number | null | undefined): string =>
    value === null || value === undefined ? '' : String(value);
  return {
    ...form,
    name: request.name ?? '',
    source: request.source ?? 'algorithm',
    algorithm: request.algorithm ?? '',
    framework: request.framework ?? '',
    version: request.version ?? '',
    image: request.image ?? '',
    script_path: request.script?.path ?? '',
    script_s3_uri: request.script?.s3_uri ?? '',
    entry_point: request.script?.entry_point ?? '',
    input_mode: request.input_mode ?? 'File',
    hyperparameters: pairs(request.hyperparameters ?? {}),
    metric_definitions: request.metric_definitions ?? [],
    channels: (request.channels ?? []).map(channel => ({
      ...newChannel(channel.name),
      s3_uri: channel.s3_uri,
      data_type: channel.data_type ?? 'S3Prefix',
      distribution: channel.distribution ?? 'FullyReplicated',
      content_type: channel.content_type ?? '',
      compression: channel.compression ?? 'None',
      record_wrapper: channel.record_wrapper ?? 'None',
      input_mode: channel.input_mode ?? '',
      attribute_names: (channel.attribute_names ?? []).join(', '),
      shuffle_seed: number(channel.shuffle_seed)
    })),
    output_s3_uri: request.output_s3_uri ?? '',
    instance_type: request.instance_type ?? 'ml.m5.large',
    instance_count: number(request.instance_count ?? 1),
    volume_gb: number(request.volume_gb ?? 30),
    max_runtime_seconds: number(request.max_runtime_seconds),
    spot: request.spot ?? false,
    max_wait_seconds: number(request.max_wait_seconds),
    checkpoint_s3_uri: request.checkpoint_s3_uri ?? '',
    network_isolation: request.network_isolation ?? false,
    role_arn: request.role_arn ?? '',
    environment: pairs(request.environment ?? {}),
    tags: (request.tags ?? []).map(tag => ({
      key: tag.key,
      value: tag.value ?? ''
    })),
    further: Object.keys(request.further ?? {}).length
      ? JSON.stringify(request.further, null, 2)
      : ''
  };
}

/** Problems that the browser sees itself: text that is no number or no JSON. */
export function ownErrors(
  form: ITrainingForm,
  notNumber: string,
  notJson: string,
  twice: string
): Errors {
  const errors: Errors = {};
  for (const field of [
    'instance_count',
    'volume_gb',
    'max_runtime_seconds',
    'max_wait_seconds'
  ] as const) {
    const empty = form[field].trim() === '';
    const optional = field.startsWith('max_');
    if ((!empty || !optional) && whole(form[field]) === null) {
      errors[field] = notNumber;
    }
  }
  if (furtherOf(form.further) === null) {
    errors.further = notJson;
  }
  for (const field of ['environment', 'hyperparameters'] as const) {
    const names = form[field].map(each => each.name).filter(Boolean);
    if (new Set(names).size < names.length) {
      errors[field] = twice;
    }
  }
  return errors;
}

/** The server's problems by field; the first of each counts. */
export function errorsOf(problems: readonly FieldProblem[]): Errors {
  const errors: Errors = {};
  for (const { field, message } of problems) {
    errors[field] ??= message;
  }
  return errors;
}

/** Whether somebody was at a field, or at what it is a part of. */
export function wasTouched(
  field: string,
  touched: ReadonlySet<string>
): boolean {
  return [...touched].some(
    each => field === each || field.startsWith(`${each}.`)
  );
}

/** Names of the fields that a change concerns, as the server names them. */
export function fieldsOf(change: object): string[] {
  return Object.keys(change).map(name =>
    name === 'script_path' || name === 'script_s3_uri'
      ? 'script.path'
      : name === 'entry_point'
        ? 'script.entry_point'
        : name
  );
}

/** The hyperparameters of the form's algorithm. */
export function declared(
  form: ITrainingForm,
  options: TrainingOptions
): Hyperparameter[] {
  return form.source === 'algorithm'
    ? (options.algorithms.find(each => each.name === form.algorithm)
        ?.hyperparameters ?? [])
    : [];
}

/** The image that the form's choice stands for. */
export function imageOf(form: ITrainingForm, options: TrainingOptions): string {
  if (form.source === 'image' || (form.source === 'script' && form.image)) {
    return form.image;
  }
  const list: (Algorithm | Framework)[] =
    form.source === 'algorithm' ? options.algorithms : options.frameworks;
  const name = form.source === 'algorithm' ? form.algorithm : form.framework;
  const versions = list.find(each => each.name === name)?.versions ?? [];
  return versions.find(each => each.version === form.version)?.image ?? '';
}

/** The whole number of a text; null when it is empty or none. */
export function whole(value: string): number | null {
  const trimmed = value.trim();
  return /^-?\d+$/.test(trimmed) ? Number(trimmed) : null;
}

/** The object of a JSON text: empty for no text, null when it is none. */
export function furtherOf(value: string): Record<string, unknown> | null {
  if (!value.trim()) {
    return {};
  }
  try {
    const parsed: unknown = JSON.parse(value);
    return parsed && typeof parsed === 'object' && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function channelRequest(channel: IChannel): TrainingChannel {
  return {
    name: channel.name.trim(),
    s3_uri: channel.s3_uri.trim(),
    data_type: channel.data_type,
    distribution: channel.distribution,
    content_type: text(channel.content_type),
    compression: channel.compression,
    record_wrapper: channel.record_wrapper,
    input_mode: channel.input_mode || null,
    attribute_names: channel.attribute_names
      .split(',')
      .map(each => each.trim())
      .filter(Boolean),
    shuffle_seed: whole(channel.shuffle_seed)
  };
}

function defaultOf(algorithm: Algorithm | null, name: string): string | null {
  return (
    algorithm?.hyperparameters.find(each => each.name === name)?.default ?? null
  );
}

function text(value: string): string | null {
  return value.trim() || null;
}

function pairs(values: Record<string, string>): IPair[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

function record(values: readonly IPair[]): Record<string, string> {
  return Object.fromEntries(
    values
      .filter(each => each.name.trim() && each.value !== '')
      .map(each => [each.name.trim(), each.value])
  );
}
