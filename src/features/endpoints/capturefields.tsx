import type { JSX } from 'react';

import { usePage } from '../../shared/context';
import { Choices, Field } from '../../shared/form';
import { S3Field } from '../../shared/s3field';
import type { IFields } from './updateform';

/** Data capture of a new configuration. */
export function CaptureFields(props: IFields): JSX.Element {
  const { trans } = usePage();
  const { form, change, error } = props;
  return (
    <>
      <Choices
        name="capture"
        legend={trans.__('Data capture')}
        value={form.capture}
        choices={[
          { value: 'keep', label: trans.__('as it is') },
          { value: 'on', label: trans.__('on, with these settings') },
          { value: 'off', label: trans.__('off') }
        ]}
        onChange={capture => change({ capture })}
      />
      {form.capture === 'on' && (
        <div className="smstudio-Indent">
          <Field
            name="capture.sampling_percentage"
            label={trans.__('Sampling (percent of requests)')}
            error={error('capture.sampling_percentage')}
          >
            {control => (
              <input
                {...control}
                type="number"
                min={0}
                max={100}
                className="jp-mod-styled smstudio-mod-short"
                value={form.sampling}
                onChange={event => change({ sampling: event.target.value })}
              />
            )}
          </Field>
          <S3Field
            name="capture.destination_s3_uri"
            label={trans.__('Destination')}
            optionalNote={trans.__('the default bucket when empty')}
            value={form.destination}
            error={error('capture.destination_s3_uri')}
            pickers={null}
            onChange={destination => change({ destination })}
          />
          <div data-field="capture">
            {(
              [
                ['captureInput', trans.__('Requests')],
                ['captureOutput', trans.__('Answers')]
              ] as const
            ).map(([name, label]) => (
              <label key={name} className="smstudio-Choice">
                <input
                  type="checkbox"
                  checked={form[name]}
                  onChange={event => change({ [name]: event.target.checked })}
                />
                <span>{label}</span>
              </label>
            ))}
            {error('capture') && (
              <div className="smstudio-Field-error" role="alert">
                {error('capture')}
              </div>
            )}
          </div>
        </div>
      )}
    </>
  );
}
