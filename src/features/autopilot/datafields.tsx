import type { JSX } from 'react';

import type { DataPreview, Options } from '../../api/generated';
import { usePage } from '../../shared/context';
import { TextField } from '../../shared/fields';
import { Check, Choices, Field } from '../../shared/form';
import type { IPickers } from '../../shared/pickers';
import { S3Field } from '../../shared/s3field';
import type { IExperimentForm } from './form';
import { PARQUET } from './form';

interface IPart {
  form: IExperimentForm;
  options: Options;
  set: (change: Partial<IExperimentForm>) => void;
  error: (field: string) => string | null;
}

/** How the data are read and split. */
export function DataFields(
  props: IPart & { preview: DataPreview | null; pickers: IPickers | null }
): JSX.Element {
  const { trans } = usePage();
  const { form, options, set, error, preview, pickers } = props;
  const fraction = options.limits.validation_fraction.default ?? 0.2;
  return (
    <>
      <Check
        checked={form.data_type === 'ManifestFile'}
        label={trans.__('Is your S3 input a manifest file?')}
        help={trans.__('A JSON file that lists the objects to read.')}
        onChange={on => set({ data_type: on ? 'ManifestFile' : 'S3Prefix' })}
      />
      <Field
        name="content_type"
        label={trans.__('Content type')}
        error={error('content_type')}
      >
        {control => (
          <select
            {...control}
            className="jp-mod-styled"
            value={form.content_type}
            onChange={event => set({ content_type: event.target.value })}
          >
            <option value="">
              {preview?.format === 'parquet'
                ? trans.__('Parquet, as the data look')
                : trans.__('CSV with a header, as the data look')}
            </option>
            {options.content_types.map(each => (
              <option key={each.value} value={each.value}>
                {each.value === PARQUET
                  ? trans.__('Parquet')
                  : trans.__('CSV with a header row')}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Choices
        name="split"
        legend={trans.__('Auto split data?')}
        value={form.split}
        choices={[
          {
            value: 'auto',
            label: trans.__(
              'Auto split: %1% to train, %2% to validate',
              Math.round((1 - fraction) * 100),
              Math.round(fraction * 100)
            )
          },
          { value: 'ratio', label: trans.__('Specify split ratio') },
          { value: 'set', label: trans.__('Provide a validation set') }
        ]}
        onChange={split =>
          set({
            split,
            validation_fraction:
              split === 'ratio' && !form.validation_fraction
                ? String(fraction)
                : form.validation_fraction
          })
        }
      />
      {form.split === 'ratio' && (
        <Field
          name="validation_fraction"
          label={trans.__('Validation fraction')}
          error={error('validation_fraction')}
          help={trans.__(
            'The part of the data that trials are scored on. Above 0 and below 1.'
          )}
        >
          {control => (
            <input
              {...control}
              type="number"
              step="any"
              min={0}
              max={1}
              className="jp-mod-styled smstudio-mod-short"
              value={form.validation_fraction}
              placeholder={String(fraction)}
              onChange={event =>
                set({ validation_fraction: event.target.value })
              }
            />
          )}
        </Field>
      )}
      {form.split === 'set' && (
        <S3Field
          name="validation_s3_uri"
          label={trans.__('S3 location of validation data')}
          required
          value={form.validation_s3_uri}
          error={error('validation_s3_uri')}
          help={trans.__('With the same columns and format as the input data.')}
          pickers={pickers}
          onChange={uri => set({ validation_s3_uri: uri })}
        />
      )}
      <Field
        name="sample_weight"
        label={trans.__('Sample weight column')}
        optionalNote={trans.__('Optional')}
        error={error('sample_weight')}
        help={trans.__(
          'Numbers that say how much each row counts; not learned from.'
        )}
      >
        {control =>
          preview ? (
            <select
              {...control}
              className="jp-mod-styled"
              value={form.sample_weight}
              onChange={event => set({ sample_weight: event.target.value })}
            >
              <option value="">{trans.__('None')}</option>
              {preview.columns
                .filter(
                  each => each.kind === 'numeric' && each.name !== form.target
                )
                .map(each => (
                  <option key={each.name} value={each.name}>
                    {each.name}
                  </option>
                ))}
            </select>
          ) : (
            <input
              {...control}
              type="text"
              className="jp-mod-styled"
              value={form.sample_weight}
              spellCheck={false}
              onChange={event => set({ sample_weight: event.target.value })}
            />
          )
        }
      </Field>
      <S3Field
        name="feature_specification_s3_uri"
        label={trans.__('Feature specification file')}
        optionalNote={trans.__('Optional')}
        value={form.feature_specification_s3_uri}
        error={error('feature_specification_s3_uri')}
        help={trans.__(
          'A JSON file with FeatureAttributeNames and FeatureDataTypes, instead of the choice in the table above.'
        )}
        pickers={pickers}
        onChange={uri => set({ feature_specification_s3_uri: uri })}
      />
    </>
  );
}

/** Encryption keys and network. */
export function SecurityFields(props: IPart): JSX.Element {
  const { trans } = usePage();
  const { form, set, error } = props;
  const text = (
    field:
      | 'output_kms_key_id'
      | 'volume_kms_key_id'
      | 'subnets'
      | 'security_group_ids',
    label: string,
    help: string
  ): JSX.Element => (
    <TextField
      name={field}
      label={label}
      optionalNote={trans.__('Optional')}
      error={error(field)}
      help={help}
      value={form[field]}
      onChange={value => set({ [field]: value })}
    />
  );
  return (
    <>
      {text(
        'output_kms_key_id',
        trans.__('Output encryption key'),
        trans.__('ID or ARN of the KMS key for what is written to S3.')
      )}
      {text(
        'volume_kms_key_id',
        trans.__('Volume encryption key'),
        trans.__('ID or ARN of the KMS key for the storage of the instances.')
      )}
      {text(
        'subnets',
        trans.__('Subnets'),
        trans.__('IDs with commas between, for jobs inside a VPC.')
      )}
      {text(
        'security_group_ids',
        trans.__('Security groups'),
        trans.__('IDs with commas between.')
      )}
      <Check
        checked={form.encrypt_inter_container_traffic}
        label={trans.__('Inter-container traffic encryption')}
        help={trans.__('Encrypts what the instances of a job send each other.')}
        onChange={on => set({ encrypt_inter_container_traffic: on })}
      />
    </>
  );
}
