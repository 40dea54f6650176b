import type { FormEvent, JSX } from 'react';
import { useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { VariantScaling } from '../../api/generated';
import { usePage } from '../../shared/context';
import { Field } from '../../shared/form';
import { ErrorBox } from '../../shared/states';

/** Studio's form "Configure variant automatic scaling". */
export function ScalingForm(props: {
  endpoint: string;
  instances: number | null;
  scaling: VariantScaling;
  onClose: (saved: boolean) => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { scaling } = props;
  const policy = scaling.policies.find(each => each.target !== null);
  const [values, setValues] = useState({
    min: String(scaling.min ?? 1),
    max: String(scaling.max ?? Math.max(2, props.instances ?? 1)),
    target: String(policy?.target ?? 70),
    scale_in_cooldown: String(policy?.scale_in_cooldown ?? 300),
    scale_out_cooldown: String(policy?.scale_out_cooldown ?? 300)
  });
  const [noScaleIn, setNoScaleIn] = useState(policy?.disable_scale_in ?? false);
  const [error, setError] = useState<ApiFailure | null>(null);
  const [sending, setSending] = useState(false);
  const bad = (name: keyof typeof values): string | null => {
    const value = Number(values[name]);
    if (!values[name].trim() || !Number.isFinite(value) || value < 0) {
      return trans.__('must be a number');
    }
    if (name !== 'target' && !Number.isInteger(value)) {
      return trans.__('must be a whole number');
    }
    if (name === 'target' && value <= 0) {
      return trans.__('must be more than 0');
    }
    if (name === 'max' && value < Number(values.min)) {
      return trans.__('must not be less than the minimum');
    }
    return null;
  };
  const names = Object.keys(values) as (keyof typeof values)[];
  const save = (event: FormEvent): void => {
    event.preventDefault();
    if (names.some(bad)) {
      return;
    }
    setSending(true);
    setError(null);
    studio.api
      .call('setScaling', {
        name: props.endpoint,
        body: {
          variant: scaling.variant,
          min: Number(values.min),
          max: Number(values.max),
          target: Number(values.target),
          scale_in_cooldown: Number(values.scale_in_cooldown),
          scale_out_cooldown: Number(values.scale_out_cooldown),
          disable_scale_in: noScaleIn
        }
      })
      .then(() => props.onClose(true))
      .catch(reason => {
        setError(ApiFailure.from(reason));
        setSending(false);
      });
  };
  const labels: Record<keyof typeof values, string> = {
    min: trans.__('Minimum capacity'),
    max: trans.__('Maximum capacity'),
    target: trans.__('Target value'),
    scale_in_cooldown: trans.__('Scale-in cool down (seconds)'),
    scale_out_cooldown: trans.__('Scale-out cool down (seconds)')
  };
  return (
    <form
      className="smstudio-Form"
      aria-label={trans.__('Configure variant automatic scaling')}
      onSubmit={save}
      noValidate
    >
      <div className="smstudio-Form-row">
        {names.map(name => (
          <Field
            key={name}
            name={name}
            label={labels[name]}
            required
            error={
              bad(name) ??
              error?.fields.find(field => field.field === name)?.message
            }
            help={
              name === 'target'
                ? trans.__('Invocations per instance and minute.')
                : undefined
            }
          >
            {control => (
              <input
                {...control}
                type="number"
                className="jp-mod-styled smstudio-mod-short"
                min={0}
                value={values[name]}
                onChange={event =>
                  setValues({ ...values, [name]: event.target.value })
                }
              />
            )}
          </Field>
        ))}
      </div>
      <label className="smstudio-Choice">
        <input
          type="checkbox"
          checked={noScaleIn}
          onChange={event => setNoScaleIn(event.target.checked)}
        />
        <span>
          {trans.__('Deactivate scale in')}
          <span className="smstudio-Field-help">
            {trans.__('Instances are added, but never taken away.')}
          </span>
        </span>
      </label>
      {error && <ErrorBox error={error} />}
      <div className="smstudio-Buttons smstudio-mod-start">
        <button
          type="submit"
          className="jp-mod-styled jp-mod-accept"
          disabled={sending || names.some(bad)}
        >
          {sending ? trans.__('Saving…') : trans.__('Save')}
        </button>
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject"
          onClick={() => props.onClose(false)}
        >
          {trans.__('Cancel')}
        </button>
      </div>
    </form>
  );
}
