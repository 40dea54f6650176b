/** The form of a batch transform job as typed: numbers and JSON stay text until they are sent. */
import type {
  Model,
  TransformForm,
  TransformOptions
} from '../../api/generated';
import type { Errors, IPair } from '../../shared/training/form';
import { furtherOf, whole } from '../../shared/training/form';

/** The whole form. */
export interface ITransformForm {
  name: string;
  model_name: string;
  input_s3_uri: string;
  data_type: NonNullable<TransformForm['data_type']>;
  content_type: string;
  compression: NonNullable<TransformForm['compression']>;
  split: NonNullable<TransformForm['split']>;
  output_s3_uri: string;
  accept: string;
  assemble: NonNullable<TransformForm['assemble']>;
  instance_type: string;
  instance_count: string;
  strategy: '' | NonNullable<TransformForm['strategy']>;
  max_payload_mb: string;
  max_concurrent: string;
  input_filter: string;
  output_filter: string;
  join: boolean;
  environment: IPair[];
  tags: { key: string; value: string }[];
  /** JSON. */
  further: string;
}

/** What the parts of the form share. */
export interface ITransformPart {
  form: ITransformForm;
  options: TransformOptions;
  set: (change: Partial<ITransformForm>) => void;
  error: (field: string) => string | null;
}

/** The form as it opens: a CSV whose lines are predicted one by one. */
export function emptyForm(name: string, model: string): ITransformForm {
  return {
    name,
    model_name: model,
    input_s3_uri: '',
    data_type: 'S3Prefix',
    content_type: 'text/csv',
    compression: 'None',
    split: 'Line',
    output_s3_uri: '',
    accept: '',
    assemble: 'Line',
    instance_type: 'ml.m5.large',
    instance_count: '1',
    strategy: '',
    max_payload_mb: '',
    max_concurrent: '',
    input_filter: '',
    output_filter: '',
    join: false,
    environment: [],
    tags: [],
    further: ''
  };
}

/** Images of the local engine whose models want a file as one request, by their repository. */
const WHOLE_FILES: Record<string, Partial<ITransformForm>> = {
  // All rows of a series must come together.
  'sagemaker-automl-forecasting': { split: 'None' },
  'sagemaker-automl-image-classification': {
    split: 'None',
    content_type: 'application/x-image'
  }
};

/** How a model wants its input, where that is not a line of CSV for a row. */
export function inputOf(
  model: Pick<Model, 'containers'>
): Partial<ITransformForm> {
  const image = model.containers[0]?.image ?? '';
  const repository = image.split('/').pop()?.split(/[:@]/)[0] ?? '';
  return WHOLE_FILES[repository] ?? {};
}

/** The request that the form stands for. */
export function toRequest(form: ITransformForm): TransformForm {
  return {
    ...form,
    name: form.name.trim(),
    model_name: form.model_name.trim(),
    input_s3_uri: form.input_s3_uri.trim(),
    content_type: text(form.content_type),
    output_s3_uri: text(form.output_s3_uri),
    accept: text(form.accept),
    instance_count: whole(form.instance_count) ?? 0,
    strategy: form.strategy || null,
    max_payload_mb: whole(form.max_payload_mb),
    max_concurrent: whole(form.max_concurrent),
    input_filter: text(form.input_filter),
    output_filter: text(form.output_filter),
    environment: Object.fromEntries(
      form.environment
        .filter(each => each.name.trim())
        .map(each => [each.name.trim(), each.value])
    ),
    tags: form.tags.map(tag => ({ key: tag.key.trim(), value: tag.value })),
    further: furtherOf(form.further) ?? {}
  };
}

/** The form that shows a request, e.g. of a job that is cloned. */
export function fromRequest(request: TransformForm): ITransformForm {
  const number = (value: number | null | undefined): string =>
    value === null || value === undefined ? '' : String(value);
  return {
    name: request.name ?? '',
    model_name: request.model_name ?? '',
    input_s3_uri: request.input_s3_uri ?? '',
    data_type: request.data_type ?? 'S3Prefix',
    content_type: request.content_type ?? '',
    compression: request.compression ?? 'None',
    split: request.split ?? 'None',
    output_s3_uri: request.output_s3_uri ?? '',
    accept: request.accept ?? '',
    assemble: request.assemble ?? 'None',
    instance_type: request.instance_type ?? 'ml.m5.large',
    instance_count: number(request.instance_count ?? 1),
    strategy: request.strategy ?? '',
    max_payload_mb: number(request.max_payload_mb),
    max_concurrent: number(request.max_concurrent),
    input_filter: request.input_filter ?? '',
    output_filter: request.output_filter ?? '',
    join: request.join ?? false,
    environment: Object.entries(request.environment ?? {}).map(
      ([name, value]) => ({ name, value })
    ),
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
  form: ITransformForm,
  notNumber: string,
  notJson: string,
  twice: string
): Errors {
  const errors: Errors = {};
  for (const field of [
    'instance_count',
    'max_payload_mb',
    'max_concurrent'
  ] as const) {
    const empty = form[field].trim() === '';
    if ((!empty || field === 'instance_count') && whole(form[field]) === null) {
      errors[field] = notNumber;
    }
  }
  if (furtherOf(form.further) === null) {
    errors.further = notJson;
  }
  const names = form.environment.map(each => each.name).filter(Boolean);
  if (new Set(names).size < names.length) {
    errors.environment = twice;
  }
  return errors;
}

function text(value: string): string | null {
  return value.trim() || null;
}
