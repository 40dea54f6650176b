import type { ComponentProps, JSX } from 'react';

import { usePage } from '../../shared/context';
import {
  SelectField as PlainSelect,
  TextField as PlainField
} from '../../shared/fields';
import { Check } from '../../shared/form';
import { InstanceTypeField } from '../../shared/instances';
import type { IPickers } from '../../shared/pickers';
import { S3Field } from '../../shared/s3field';
import {
  EnvironmentFields,
  FurtherFields
} from '../../shared/training/further';
import type { ITransformForm, ITransformPart } from './form';

const CONTENT_TYPES = [
  'text/csv',
  'application/json',
  'application/jsonlines',
  'text/libsvm',
  'application/x-recordio-protobuf',
  'application/x-image'
];
const ACCEPTS = ['text/csv', 'application/json', 'application/jsonlines'];
const FILTER_EXAMPLE = '$[1:]';
const JOINED_EXAMPLE = '$[0,-1]';

/** Name, model, and what is predicted. */
export function InputFields(
  props: ITransformPart & { pickers: IPickers | null }
): JSX.Element {
  const { trans } = usePage();
  const { form, options, set, error, pickers } = props;
  return (
    <>
      <h2>{trans.__('Job settings')}</h2>
      <TextField
        {...props}
        field="name"
        label={trans.__('Job name')}
        required
        focus
        help={trans.__(
          'At most %1 letters, digits and hyphens (-).',
          options.limits.name.max_length ?? 63
        )}
      />
      <TextField
        {...props}
        field="model_name"
        label={trans.__('Model')}
        required
        choices={options.models}
        help={
          options.models.length
            ? trans.__('The newest models are offered as you type.')
            : trans.__(
                'There is no model yet; deploy a training job, or make one in a notebook.'
              )
        }
      />
      <h2>{trans.__('Input data')}</h2>
      <S3Field
        name="input_s3_uri"
        label={trans.__('S3 location')}
        required
        value={form.input_s3_uri}
        error={error('input_s3_uri')}
        pickers={pickers}
        onChange={input_s3_uri => set({ input_s3_uri })}
      />
      <div className="smstudio-Form-row">
        <SelectField
          {...props}
          field="data_type"
          label={trans.__('Data')}
          values={[
            ['S3Prefix', trans.__('File or folder')],
            ['ManifestFile', trans.__('Manifest of files')]
          ]}
        />
        <TextField
          {...props}
          field="content_type"
          label={trans.__('Content type')}
          choices={CONTENT_TYPES}
        />
        <SelectField
          {...props}
          field="split"
          label={trans.__('Split by')}
          values={[
            ['Line', trans.__('Line')],
            ['RecordIO', 'RecordIO'],
            ['TFRecord', 'TFRecord'],
            ['None', trans.__('Nothing: each file is one request')]
          ]}
        />
        <SelectField
          {...props}
          field="compression"
          label={trans.__('Compression')}
          values={[
            ['None', trans.__('None')],
            ['Gzip', 'Gzip']
          ]}
        />
      </div>
    </>
  );
}

/** Where the predictions go, and how. */
export function OutputFields(props: ITransformPart): JSX.Element {
  const { trans } = usePage();
  const { form, options, set, error } = props;
  return (
    <>
      <S3Field
        name="output_s3_uri"
        label={trans.__('S3 location for output data')}
        optionalNote={trans.__('Optional')}
        value={form.output_s3_uri}
        error={error('output_s3_uri')}
        pickers={null}
        help={
          options.output_s3_uri
            ? trans.__(
                'Leave it empty to use %1.',
                `${options.output_s3_uri}/${form.name}`
              )
            : trans.__(
                'Leave it empty to use the default bucket, which is made when it is missing.'
              )
        }
        onChange={output_s3_uri => set({ output_s3_uri })}
      />
      <div className="smstudio-Form-row">
        <TextField
          {...props}
          field="accept"
          label={trans.__('Accept')}
          choices={ACCEPTS}
          placeholder={trans.__('as the model answers')}
        />
        <SelectField
          {...props}
          field="assemble"
          label={trans.__('Assemble with')}
          values={[
            ['Line', trans.__('A line break between answers')],
            ['None', trans.__('Nothing: answers follow each other')]
          ]}
        />
      </div>
    </>
  );
}

/** Which columns the model sees, and which the output has. */
export function FilterFields(props: ITransformPart): JSX.Element {
  const { trans } = usePage();
  const { form, set } = props;
  return (
    <>
      <TextField
        {...props}
        field="input_filter"
        label={trans.__('Input filter')}
        note
        placeholder={FILTER_EXAMPLE}
        help={trans.__(
          'A JSONPath of what the model gets of each row; %1 leaves the first column out.',
          FILTER_EXAMPLE
        )}
      />
      <Check
        checked={form.join}
        label={trans.__('Join each input row with its prediction')}
        help={trans.__('The output then has the input in front.')}
        onChange={join => set({ join })}
      />
      <TextField
        {...props}
        field="output_filter"
        label={trans.__('Output filter')}
        note
        placeholder={form.join ? JOINED_EXAMPLE : undefined}
        help={
          form.join
            ? trans.__(
                'A JSONPath of what is written of each joined row; %1 keeps its first column and the prediction.',
                JOINED_EXAMPLE
              )
            : trans.__('A JSONPath of what is written of each prediction.')
        }
      />
    </>
  );
}

/** Instances, sizes of requests, and what few need. */
export function MoreFields(props: ITransformPart): JSX.Element {
  const { trans } = usePage();
  const { form, options, set, error } = props;
  const most = options.limits.max_payload_mb.default ?? 6;
  return (
    <>
      <div className="smstudio-Form-row">
        <InstanceTypeField
          value={form.instance_type}
          types={options.instance_types}
          error={error('instance_type')}
          onChange={instance_type => set({ instance_type })}
        />
        <TextField
          {...props}
          field="instance_count"
          label={trans.__('Instance count')}
          numeric
        />
        <TextField
          {...props}
          field="max_concurrent"
          label={trans.__('Requests at once')}
          numeric
          placeholder={trans.__('as the model says')}
        />
      </div>
      <details className="smstudio-Fold">
        <summary>{trans.__('Advanced settings – Optional')}</summary>
        <div className="smstudio-Form-row">
          <SelectField
            {...props}
            field="strategy"
            label={trans.__('Batch strategy')}
            values={[
              ['', trans.__('As AWS chooses')],
              ['MultiRecord', trans.__('Many rows a request')],
              ['SingleRecord', trans.__('One row a request')]
            ]}
          />
          <TextField
            {...props}
            field="max_payload_mb"
            label={trans.__('Max payload (MB)')}
            numeric
            placeholder={String(most)}
          />
        </div>
        <EnvironmentFields {...props} />
        <FurtherFields
          {...props}
          label={trans.__('JSON, as CreateTransformJob takes it')}
          help={trans.__(
            'For what this form has no field for, for example DataCaptureConfig. It goes before the fields.'
          )}
        />
      </details>
    </>
  );
}

type TextName =
  | 'name'
  | 'model_name'
  | 'content_type'
  | 'accept'
  | 'input_filter'
  | 'output_filter'
  | 'instance_count'
  | 'max_concurrent'
  | 'max_payload_mb';

function TextField(
  props: ITransformPart &
    Omit<
      ComponentProps<typeof PlainField>,
      'name' | 'value' | 'error' | 'onChange'
    > & {
      field: TextName;
      /** Says that the field may stay empty. */
      note?: boolean;
    }
): JSX.Element {
  const { trans } = usePage();
  const { field, form, set, error } = props;
  return (
    <PlainField
      {...props}
      name={field}
      value={form[field]}
      error={error(field)}
      optionalNote={props.note ? trans.__('Optional') : undefined}
      onChange={value => set({ [field]: value })}
    />
  );
}

function SelectField(
  props: ITransformPart & {
    field: 'data_type' | 'split' | 'compression' | 'assemble' | 'strategy';
    label: string;
    values: [value: string, label: string][];
  }
): JSX.Element {
  const { field, form, set, error } = props;
  return (
    <PlainSelect
      name={field}
      label={props.label}
      value={form[field]}
      error={error(field)}
      choices={props.values.map(([value, label]) => ({ value, label }))}
      onChange={value => set({ [field]: value } as Partial<ITransformForm>)}
    />
  );
}
