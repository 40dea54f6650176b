/** What the form "Create Amazon SageMaker Autopilot Experiment" holds, and when it may be sent. */
import type {
  CreateAutoMLJob,
  DataPreview,
  Options,
  ProblemTypeOption
} from '../../api/generated';

/** Type of a column, as AWS names it. */
export type FeatureType = NonNullable<CreateAutoMLJob['feature_types']>[string];

/** How the data on which trials are scored come about. */
export type Split = 'auto' | 'ratio' | 'set';

/** The content type of Parquet files. */
export const PARQUET = 'x-application/vnd.amazon+parquet';

/** The form as typed; numbers stay text until they are sent. */
export interface IExperimentForm {
  name: string;
  input_s3_uri: string;
  target: string;
  output_s3_uri: string;
  problem_type: string;
  objective: string;
  complete: boolean;
  /** '' is Auto: AWS's own rule. */
  mode: string;
  /** Of the mode; empty takes all. */
  algorithms: string[];
  data_type: 'S3Prefix' | 'ManifestFile' | 'AugmentedManifestFile';
  /** '' takes what the data look like. */
  content_type: string;
  split: Split;
  validation_s3_uri: string;
  sample_weight: string;
  feature_specification_s3_uri: string;
  /** Columns that are not learned from. */
  unused: string[];
  /** Types that Autopilot shall not infer, by column. */
  feature_types: Record<string, FeatureType>;
  role_arn: string;
  output_kms_key_id: string;
  volume_kms_key_id: string;
  encrypt_inter_container_traffic: boolean;
  /** Separated by commas. */
  subnets: string;
  security_group_ids: string;
  max_candidates: string;
  max_runtime_per_training_job_seconds: string;
  max_job_runtime_seconds: string;
  validation_fraction: string;
  deploy: boolean;
  endpoint_name: string;
  tags: { key: string; value: string }[];
}

/** Errors by field. */
export type FormErrors = Partial<Record<string, string>>;

/** The form as it opens. */
export function emptyForm(): IExperimentForm {
  return {
    name: '',
    input_s3_uri: '',
    target: '',
    output_s3_uri: '',
    problem_type: 'Auto',
    objective: '',
    complete: true,
    mode: '',
    algorithms: [],
    data_type: 'S3Prefix',
    content_type: '',
    split: 'auto',
    validation_s3_uri: '',
    sample_weight: '',
    feature_specification_s3_uri: '',
    unused: [],
    feature_types: {},
    role_arn: '',
    output_kms_key_id: '',
    volume_kms_key_id: '',
    encrypt_inter_container_traffic: false,
    subnets: '',
    security_group_ids: '',
    max_candidates: '',
    max_runtime_per_training_job_seconds: '',
    max_job_runtime_seconds: '',
    validation_fraction: '',
    deploy: false,
    endpoint_name: '',
    tags: []
  };
}

/** The problem type that is chosen; none of its metrics are shown for Auto. */
export function problemType(
  form: IExperimentForm,
  options: Options
): ProblemTypeOption | undefined {
  return options.problem_types.find(type => type.value === form.problem_type);
}

/** The request that the form stands for. */
export function toRequest(
  form: IExperimentForm,
  preview: DataPreview | null
): CreateAutoMLJob {
  const request: CreateAutoMLJob = {
    name: form.name,
    input_s3_uri: form.input_s3_uri.trim(),
    target: form.target,
    output_s3_uri: form.output_s3_uri.trim() || null,
    problem_type: form.problem_type as CreateAutoMLJob['problem_type'],
    objective: form.problem_type === 'Auto' ? null : form.objective || null,
    complete: form.complete,
    max_candidates: numberOf(form.max_candidates),
    max_runtime_per_training_job_seconds: numberOf(
      form.max_runtime_per_training_job_seconds
    ),
    max_job_runtime_seconds: numberOf(form.max_job_runtime_seconds),
    validation_fraction:
      form.split === 'ratio' ? numberOf(form.validation_fraction) : null,
    data_type: form.data_type,
    algorithms: form.mode ? form.algorithms : [],
    sample_weight: form.sample_weight || null,
    role_arn: form.role_arn.trim() || null,
    output_kms_key_id: form.output_kms_key_id.trim() || null,
    volume_kms_key_id: form.volume_kms_key_id.trim() || null,
    encrypt_inter_container_traffic: form.encrypt_inter_container_traffic,
    subnets: listOf(form.subnets),
    security_group_ids: listOf(form.security_group_ids),
    tags: form.tags.map(tag => ({ key: tag.key.trim(), value: tag.value }))
  };
  if (preview?.compression === 'Gzip') {
    request.compression = 'Gzip';
  }
  const content =
    form.content_type || (preview?.format === 'parquet' ? PARQUET : '');
  if (content) {
    request.content_type = content;
  }
  if (form.split === 'set') {
    request.validation_s3_uri = form.validation_s3_uri.trim();
  }
  if (form.feature_specification_s3_uri.trim()) {
    request.feature_specification_s3_uri =
      form.feature_specification_s3_uri.trim();
  } else {
    request.feature_names = chosenFeatures(form, preview) ?? [];
    request.feature_types = chosenTypes(form);
  }
  if (form.mode) {
    request.mode = form.mode as CreateAutoMLJob['mode'];
  }
  if (form.deploy && form.complete) {
    request.auto_deploy = { endpoint_name: form.endpoint_name || null };
  }
  return request;
}

/** Columns to learn from; null where all but target and weight are meant. */
export function chosenFeatures(
  form: IExperimentForm,
  preview: DataPreview | null
): string[] | null {
  const unused = new Set(form.unused);
  if (!preview || !preview.columns.some(each => unused.has(each.name))) {
    return null;
  }
  return preview.columns
    .map(each => each.name)
    .filter(
      name =>
        !unused.has(name) && name !== form.target && name !== form.sample_weight
    );
}

/** Types of the columns that are learned from. */
function chosenTypes(form: IExperimentForm): Record<string, FeatureType> {
  return Object.fromEntries(
    Object.entries(form.feature_types).filter(
      ([name]) =>
        name !== form.target &&
        name !== form.sample_weight &&
        !form.unused.includes(name)
    )
  );
}

/** The form that shows a request, e.g. of an experiment that is run again. */
export function fromRequest(request: CreateAutoMLJob): IExperimentForm {
  const number = (value: number | null | undefined): string =>
    value === null || value === undefined ? '' : String(value);
  return {
    ...emptyForm(),
    name: request.name,
    input_s3_uri: request.input_s3_uri,
    target: request.target,
    output_s3_uri: request.output_s3_uri ?? '',
    problem_type: request.problem_type ?? 'Auto',
    objective: request.objective ?? '',
    complete: request.complete ?? true,
    mode: request.mode === 'AUTO' ? '' : (request.mode ?? ''),
    algorithms: request.algorithms ?? [],
    data_type: request.data_type ?? 'S3Prefix',
    content_type: request.content_type ?? '',
    split: request.validation_s3_uri
      ? 'set'
      : request.validation_fraction
        ? 'ratio'
        : 'auto',
    validation_s3_uri: request.validation_s3_uri ?? '',
    validation_fraction: number(request.validation_fraction),
    sample_weight: request.sample_weight ?? '',
    feature_specification_s3_uri: request.feature_specification_s3_uri ?? '',
    feature_types: request.feature_types ?? {},
    max_candidates: number(request.max_candidates),
    max_runtime_per_training_job_seconds: number(
      request.max_runtime_per_training_job_seconds
    ),
    max_job_runtime_seconds: number(request.max_job_runtime_seconds),
    role_arn: request.role_arn ?? '',
    output_kms_key_id: request.output_kms_key_id ?? '',
    volume_kms_key_id: request.volume_kms_key_id ?? '',
    encrypt_inter_container_traffic:
      request.encrypt_inter_container_traffic ?? false,
    subnets: (request.subnets ?? []).join(', '),
    security_group_ids: (request.security_group_ids ?? []).join(', '),
    deploy: !!request.auto_deploy,
    endpoint_name: request.auto_deploy?.endpoint_name ?? '',
    tags: (request.tags ?? []).map(tag => ({
      key: tag.key,
      value: tag.value ?? ''
    }))
  };
}

/** Words with commas between. */
export function listOf(text: string): string[] {
  return text
    .split(',')
    .map(each => each.trim())
    .filter(Boolean);
}

/** A name for an experiment on a file: what AWS accepts, and not too long for a date behind it. */
export function suggestName(source: string, now: Date): string {
  const file = source.split('/').pop() ?? '';
  const stem = file
    .replace(/\.(csv|gz|txt|data|parquet|manifest)$/gi, '')
    .replace(/\.csv$/i, '')
    .replace(/[^a-zA-Z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 18)
    .replace(/-+$/, '');
  const pad = (value: number): string => String(value).padStart(2, '0');
  const stamp = `${pad(now.getMonth() + 1)}${pad(now.getDate())}-${pad(now.getHours())}${pad(now.getMinutes())}${pad(now.getSeconds())}`;
  return `${stem || 'experiment'}-${stamp}`;
}

/** The number that a text says, or null when it is empty. */
export function numberOf(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}
