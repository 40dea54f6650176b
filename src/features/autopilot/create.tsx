import type { JSX } from 'react';
import { useMemo, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { Options } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { usePage } from '../../shared/context';
import { useDraft } from '../../shared/draft';
import { SelectField, TextField } from '../../shared/fields';
import { Choices, Field } from '../../shared/form';
import type { IPickers } from '../../shared/pickers';
import { ErrorBox, Skeleton } from '../../shared/states';
import { useSubmit } from '../../shared/submit';
import { errorsOf } from '../../shared/training/form';
import { FormFrame, FormPage } from '../../shared/training/page';
import { usePlan } from '../../shared/training/useplan';
import { Advanced } from './advanced';
import { validate } from './checks';
import type { IExperimentForm } from './form';
import {
  emptyForm,
  fromRequest,
  problemType,
  suggestName,
  toRequest
} from './form';
import { TrainingMethod } from './method';
import { PreviewTable } from './preview';
import type { IChosenSource } from './source';
import { S3_PREFIX, SourceInput } from './source';
import { usePreview } from './usepreview';

interface ICreateProps {
  /** Name of the form's page. */
  page: string;
  /** The experiment whose settings it begins with. */
  clone: string | null;
  pickFile: (() => Promise<string | null>) | null;
  pickers: IPickers | null;
  onCreated: () => void;
}

/** The page "Create Amazon SageMaker Autopilot Experiment". */
export default function CreatePage(props: ICreateProps): JSX.Element {
  const { studio, trans } = usePage();
  const { clone } = props;
  const title = clone
    ? trans.__('Run %1 again with changes', clone)
    : trans.__('Create Amazon SageMaker Autopilot Experiment');
  return (
    <FormPage<Options, IExperimentForm>
      title={title}
      options={source => source.options()}
      load={async options =>
        clone
          ? fromRequest(
              await studio.api.call('cloneAutoMLJob', { name: clone })
            )
          : {
              ...emptyForm(),
              max_candidates: String(options.defaults.max_candidates)
            }
      }
    >
      {(options, start) => (
        <ExperimentForm
          {...props}
          options={options}
          start={start}
          title={title}
        />
      )}
    </FormPage>
  );
}

function ExperimentForm(
  props: ICreateProps & {
    options: Options;
    start: IExperimentForm;
    title: string;
  }
): JSX.Element {
  const { studio, trans } = usePage();
  const { options } = props;
  const [form, setForm, forget] = useDraft<IExperimentForm>(
    `automl:${props.page}`,
    () => props.start
  );
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  /** Fields that were changed since the server refused the form. */
  const [mended, setMended] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState(false);
  const { root, failure, sending, clear, focus, send } = useSubmit({
    opens: CommandIDs.openExperiment,
    forget,
    onDone: props.onCreated
  });
  const preview = usePreview(form.input_s3_uri, form.data_type);
  const request = useMemo(
    () => toRequest(form, preview.data),
    [form, preview.data]
  );
  const planned = usePlan(request, (source, body, signal) =>
    source.api.call('planAutoMLJob', { body, signal })
  );
  const found = useMemo(
    () => validate(form, options, preview.data, trans),
    [form, options, preview.data, trans]
  );
  const refused = useMemo(() => errorsOf(failure?.fields ?? []), [failure]);
  const error = (field: string): string | null =>
    (mended.has(field.split('.')[0]) ? undefined : refused[field]) ??
    (touched.has(field) ? (found[field] ?? null) : null);

  const set = (change: Partial<IExperimentForm>): void => {
    setForm(before => ({ ...before, ...change }));
    const names = Object.keys(change);
    setTouched(before => new Set([...before, ...names]));
    setMended(before => new Set([...before, ...names]));
  };
  const choose = (source: IChosenSource): void => {
    set({ input_s3_uri: source.s3_uri });
    setForm(before => ({
      ...before,
      name: before.name || suggestName(source.s3_uri, new Date()),
      target: source.target ?? before.target,
      problem_type: source.problem_type ?? before.problem_type,
      objective: source.objective ?? before.objective
    }));
  };
  const inspect = async (path: string): Promise<boolean> => {
    const answer = await studio.api.call('previewData', {
      body: { source: path }
    });
    const bad = answer.warnings.find(warning => warning.severity === 'error');
    if (bad) {
      throw new ApiFailure(400, {
        code: bad.code,
        message: bad.message,
        hint: trans.__('The file was not uploaded.'),
        request_id: null,
        fields: []
      });
    }
    return true;
  };
  const submit = (): void => {
    setAsked(true);
    setMended(new Set());
    const names = Object.keys(found);
    setTouched(new Set([...Object.keys(form), ...names]));
    if (names.length) {
      clear();
      focus(names);
    } else {
      send(() => studio.api.call('createAutoMLJob', { body: request }));
    }
  };
  const type = problemType(form, options);
  const bucket = options.defaults.bucket;
  const offered = useMemo(
    () => [
      ...new Set(preview.data?.columns.slice(0, 500).map(each => each.name))
    ],
    [preview.data]
  );
  return (
    <FormFrame
      root={root}
      label={props.title}
      planned={planned}
      errors={asked ? (found as Record<string, string>) : {}}
      failure={failure}
      sending={sending}
      action={trans.__('Create Experiment')}
      onSubmit={submit}
    >
      <h2>{trans.__('Job settings')}</h2>
      <TextField
        name="name"
        label={trans.__('Experiment Name')}
        required
        focus
        value={form.name}
        error={error('name')}
        help={trans.__(
          'Maximum of %1 alphanumeric characters. Can include hyphens (-), but not spaces. Must be unique within your account in an AWS Region.',
          options.limits.automl_job_name.max_length ?? 32
        )}
        onChange={name => set({ name })}
      />
      <Field
        name="input_s3_uri"
        label={trans.__('S3 location of input data')}
        required
        error={error('input_s3_uri')}
        help={trans.__(
          'A CSV file with a header or a Parquet file, or a prefix of several; plain or gzip; at least %1 rows. It must be in the current AWS Region.',
          options.limits.min_rows
        )}
      >
        {control => (
          <SourceInput
            control={control}
            value={form.input_s3_uri}
            pickFile={props.pickFile}
            onType={uri => set({ input_s3_uri: uri })}
            onChoose={choose}
            inspect={inspect}
          />
        )}
      </Field>
      {preview.loading && (
        <div role="status" aria-label={trans.__('Looking into the data…')}>
          <Skeleton rows={3} />
        </div>
      )}
      {preview.error && <ErrorBox error={preview.error} />}
      {preview.data && (
        <PreviewTable
          preview={preview.data}
          limits={options.limits}
          form={form}
          set={set}
          error={error('feature_names')}
        />
      )}
      <TextField
        name="target"
        label={trans.__('Target attribute name')}
        required
        value={form.target}
        choices={offered}
        error={error('target')}
        help={trans.__(
          'The column to predict. The name is case-sensitive and must match exactly the name in your input dataset.'
        )}
        onChange={target => set({ target })}
      />
      <TextField
        name="output_s3_uri"
        label={trans.__('S3 location for output data')}
        value={form.output_s3_uri}
        placeholder={S3_PREFIX}
        error={error('output_s3_uri')}
        optionalNote={trans.__('Optional')}
        help={
          bucket
            ? trans.__(
                'Leave it empty to use s3://%1/%2.',
                bucket,
                options.defaults.output_prefix
              )
            : trans.__(
                'Leave it empty to use the default bucket, which is made when it is missing.'
              )
        }
        onChange={output_s3_uri => set({ output_s3_uri })}
      />
      <SelectField
        name="problem_type"
        label={trans.__('Select the machine learning problem type')}
        value={form.problem_type}
        error={error('problem_type')}
        help={
          form.problem_type === 'Auto'
            ? trans.__(
                'Autopilot infers the problem type from the values of the target. Forecasts of time series and classes of texts or pictures are made with boto3, the SageMaker SDK or the AWS CLI.'
              )
            : undefined
        }
        choices={options.problem_types.map(({ value, label }) => ({
          value,
          label: problemLabel(value, label, trans)
        }))}
        onChange={problem_type => {
          const chosen = options.problem_types.find(
            each => each.value === problem_type
          );
          set({ problem_type, objective: chosen?.default_metric ?? '' });
        }}
      />
      {type && type.metrics.length > 0 && (
        <SelectField
          name="objective"
          label={trans.__('Objective metric')}
          value={form.objective}
          error={error('objective')}
          help={trans.__('The candidates are compared by this metric.')}
          choices={type.metrics.map(({ name }) => ({
            value: name,
            label:
              name === type.default_metric
                ? trans.__('%1 (default)', name)
                : name
          }))}
          onChange={objective => set({ objective })}
        />
      )}
      <Choices
        name="complete"
        legend={trans.__('Do you want to run a complete experiment?')}
        value={form.complete ? 'yes' : 'no'}
        choices={[
          { value: 'yes', label: trans.__('Yes') },
          {
            value: 'no',
            label: trans.__(
              'No, run a pilot to create a notebook with candidate definitions'
            )
          }
        ]}
        onChange={value => set({ complete: value === 'yes' })}
      />
      <TrainingMethod form={form} options={options} set={set} error={error} />
      <Advanced
        form={form}
        options={options}
        set={set}
        error={error}
        preview={preview.data}
        pickers={props.pickers}
      />
    </FormFrame>
  );
}

/** The problem type in the language of the page. */
function problemLabel(
  value: string,
  label: string,
  trans: { __: (text: string) => string }
): string {
  switch (value) {
    case 'Auto':
      return trans.__('Auto');
    case 'BinaryClassification':
      return trans.__('Binary classification');
    case 'Regression':
      return trans.__('Regression');
    case 'MulticlassClassification':
      return trans.__('Multiclass classification');
    default:
      return label;
  }
}
