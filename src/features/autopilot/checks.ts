/** What is wrong with the form of an experiment. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type {
  DataPreview,
  NumberLimit,
  Options,
  TextLimit
} from '../../api/generated';
import type { FormErrors, IExperimentForm } from './form';
import { chosenFeatures, listOf, numberOf } from './form';

/** What is wrong with the form, by field; empty when it may be sent. */
export function validate(
  form: IExperimentForm,
  options: Options,
  preview: DataPreview | null,
  trans: TranslationBundle
): FormErrors {
  const errors: FormErrors = {};
  const { limits } = options;
  const required = trans.__('This field is required.');
  if (!form.name) {
    errors.name = required;
  } else {
    const max = limits.automl_job_name.max_length ?? 32;
    if (form.name.length > max) {
      errors.name = trans.__(
        'The name has %1 characters; the AutoML API accepts at most %2.',
        form.name.length,
        max
      );
    } else if (!fits(form.name, limits.automl_job_name)) {
      errors.name = trans.__(
        'Use letters, digits and hyphens (-) only; start and end with a letter or a digit.'
      );
    }
  }
  const notS3 = trans.__(
    'Enter an S3 URL, for example s3://bucket/folder/data.csv.'
  );
  if (!form.input_s3_uri.trim()) {
    errors.input_s3_uri = required;
  } else if (!isS3(form.input_s3_uri)) {
    errors.input_s3_uri = notS3;
  }
  if (form.output_s3_uri.trim() && !isS3(form.output_s3_uri)) {
    errors.output_s3_uri = notS3;
  }
  if (!form.target) {
    errors.target = required;
  } else if (preview) {
    const problem = targetProblem(form.target, preview, trans);
    if (problem) {
      errors.target = problem;
    }
  }
  const blocking = preview?.warnings.find(
    warning => warning.severity === 'error'
  );
  if (blocking && !errors.input_s3_uri) {
    errors.input_s3_uri = blocking.message;
  }
  const role = form.role_arn.trim();
  if (role && !fits(role, limits.role_arn)) {
    errors.role_arn = trans.__(
      'Enter the ARN of an IAM role, for example arn:aws:iam::111122223333:role/SageMaker.'
    );
  }
  numberProblem(errors, form, 'max_candidates', limits.max_candidates, trans);
  numberProblem(
    errors,
    form,
    'max_runtime_per_training_job_seconds',
    limits.max_runtime_per_training_job_seconds,
    trans
  );
  numberProblem(
    errors,
    form,
    'max_job_runtime_seconds',
    limits.max_job_runtime_seconds,
    trans
  );
  splitProblem(errors, form, trans);
  if (
    form.sample_weight &&
    preview &&
    !preview.columns.some(each => each.name === form.sample_weight)
  ) {
    errors.sample_weight = trans.__(
      'The data has no column "%1".',
      form.sample_weight
    );
  }
  if (
    form.feature_specification_s3_uri.trim() &&
    !isS3(form.feature_specification_s3_uri)
  ) {
    errors.feature_specification_s3_uri = notS3;
  }
  if (preview && form.target && chosenFeatures(form, preview)?.length === 0) {
    errors.feature_names = trans.__(
      'Choose at least one column to learn from.'
    );
  }
  if (!form.complete && form.mode === 'ENSEMBLING') {
    errors.mode = trans.__(
      'A pilot makes candidate definitions, which only hyperparameter optimization has.'
    );
  }
  if (
    !!listOf(form.subnets).length !== !!listOf(form.security_group_ids).length
  ) {
    errors[form.subnets.trim() ? 'security_group_ids' : 'subnets'] = trans.__(
      'A VPC needs subnets and security groups.'
    );
  }
  if (
    form.deploy &&
    form.endpoint_name &&
    !fits(form.endpoint_name, limits.endpoint_name)
  ) {
    errors['auto_deploy.endpoint_name'] = trans.__(
      'Use at most %1 letters, digits and hyphens (-).',
      limits.endpoint_name.max_length ?? 63
    );
  }
  if (form.tags.some(tag => !tag.key.trim())) {
    errors.tags = trans.__('Every tag needs a key.');
  } else if (new Set(form.tags.map(tag => tag.key)).size !== form.tags.length) {
    errors.tags = trans.__('Each key may be used once.');
  } else if (form.tags.length > limits.max_tags) {
    errors.tags = trans.__('At most %1 tags.', limits.max_tags);
  }
  return errors;
}

function fits(text: string, limit: TextLimit): boolean {
  if (
    text.length < limit.min_length ||
    (limit.max_length !== null && text.length > limit.max_length)
  ) {
    return false;
  }
  if (!limit.pattern) {
    return true;
  }
  try {
    return new RegExp(`^(?:${limit.pattern})$`, 'u').test(text);
  } catch {
    // A pattern in AWS's dialect that the browser does not read: the server checks it.
    return true;
  }
}

function isS3(text: string): boolean {
  return /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?$/.test(text.trim());
}

function targetProblem(
  target: string,
  preview: DataPreview,
  trans: TranslationBundle
): string | null {
  const column = preview.columns.find(each => each.name === target);
  if (!column) {
    const near = preview.columns.find(
      each => each.name.trim().toLowerCase() === target.trim().toLowerCase()
    );
    return near
      ? trans.__(
          'The data has no column "%1"; did you mean "%2"? Names are case-sensitive.',
          target,
          near.name
        )
      : trans.__('The data has no column "%1".', target);
  }
  const whole =
    preview.row_count_exact && preview.rows_read >= (preview.row_count ?? 0);
  if (whole && preview.rows_read > 0 && column.missing >= preview.rows_read) {
    return trans.__('The column "%1" has no values.', target);
  }
  if (whole && column.distinct === 1) {
    return trans.__(
      'The column "%1" has only one value; there is nothing to predict.',
      target
    );
  }
  return null;
}

function numberProblem(
  errors: FormErrors,
  form: IExperimentForm,
  field:
    | 'max_candidates'
    | 'max_runtime_per_training_job_seconds'
    | 'max_job_runtime_seconds',
  limit: NumberLimit,
  trans: TranslationBundle
): void {
  const value = numberOf(form[field]);
  if (value === null) {
    return;
  }
  const min = limit.min ?? 1;
  if (!Number.isInteger(value) || value < min) {
    errors[field] = trans.__('Enter a whole number of %1 or more.', min);
  } else if (limit.max !== null && value > limit.max) {
    errors[field] = trans.__('Enter at most %1.', limit.max);
  }
}

function splitProblem(
  errors: FormErrors,
  form: IExperimentForm,
  trans: TranslationBundle
): void {
  if (form.split === 'ratio') {
    const value = numberOf(form.validation_fraction);
    if (value === null || !(value > 0 && value < 1)) {
      errors.validation_fraction = trans.__(
        'Enter a number above 0 and below 1.'
      );
    }
  } else if (form.split === 'set') {
    if (!form.validation_s3_uri.trim()) {
      errors.validation_s3_uri = trans.__('This field is required.');
    } else if (!isS3(form.validation_s3_uri)) {
      errors.validation_s3_uri = trans.__(
        'Enter an S3 URL, for example s3://bucket/folder/data.csv.'
      );
    }
  }
}
