import type { FormEvent, JSX } from 'react';
import { useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { VariantScaling } from '../../api/generated';
import { usePage } from '../../shared/context';
import { Field } from '../../shared/form';
import { ErrorBox } from '../../shared/states';

/** Examples of AWS's own notation, the same in every language. */
const EXAMPLE = 'cron(0 8 ? * MON-FRI *)';

const EMPTY = { name: '', schedule: '', timezone: '', min: '', max: '' };

/** Scheduled actions of a variant: other limits at certain times. */
export function Schedules(props: {
  endpoint: string;
  scaling: VariantScaling;
  refresh: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { scaling, endpoint } = props;
  const { variant } = scaling;
  const [form, setForm] = useState<typeof EMPTY | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  const [busy, setBusy] = useState(false);
  const act = (work: Promise<unknown>): void => {
    setBusy(true);
    setError(null);
    work
      .then(() => {
        setForm(null);
        props.refresh();
      })
      .catch(reason => setError(ApiFailure.from(reason)))
      .finally(() => setBusy(false));
  };
  const limit = (value: string): number | null =>
    value.trim() ? Number(value) : null;
  const save = (event: FormEvent): void => {
    event.preventDefault();
    if (form) {
      act(
        studio.api.call('setScalingSchedule', {
          name: endpoint,
          body: {
            variant,
            name: form.name.trim(),
            schedule: form.schedule.trim(),
            timezone: form.timezone.trim() || null,
            min: limit(form.min),
            max: limit(form.max)
          }
        })
      );
    }
  };
  const labels: Record<keyof typeof EMPTY, string> = {
    name: trans.__('Name'),
    schedule: trans.__('Schedule'),
    timezone: trans.__('Time zone'),
    min: trans.__('Minimum capacity'),
    max: trans.__('Maximum capacity')
  };
  const helps: Partial<Record<keyof typeof EMPTY, string>> = {
    schedule: trans.__('cron(…), rate(…) or at(…), e.g. %1', EXAMPLE),
    timezone: trans.__('e.g. Europe/Berlin; UTC when empty')
  };
  const ready =
    form && form.name.trim() && form.schedule.trim() && (form.min || form.max);
  return (
    <>
      <h3>{trans.__('Scheduled actions')}</h3>
      {scaling.schedules.length > 0 && (
        <div className="smstudio-Scroll">
          <table
            className="smstudio-Table"
            aria-label={trans.__('Scheduled actions of %1', variant)}
          >
            <thead>
              <tr>
                <th scope="col">{trans.__('Name')}</th>
                <th scope="col">{trans.__('Schedule')}</th>
                <th scope="col">{trans.__('Limits')}</th>
                <th scope="col">{trans.__('Actions')}</th>
              </tr>
            </thead>
            <tbody>
              {scaling.schedules.map(schedule => (
                <tr key={schedule.name}>
                  <td>{schedule.name}</td>
                  <td>
                    <code>{schedule.schedule}</code> {schedule.timezone}
                  </td>
                  <td>
                    {[
                      schedule.min !== null &&
                        trans.__('at least %1', schedule.min),
                      schedule.max !== null &&
                        trans.__('at most %1', schedule.max)
                    ]
                      .filter(Boolean)
                      .join(', ')}
                  </td>
                  <td>
                    <button
                      type="button"
                      className="smstudio-IconButton"
                      title={trans.__('Remove this scheduled action')}
                      aria-label={trans.__(
                        'Remove scheduled action %1',
                        schedule.name
                      )}
                      disabled={busy}
                      onClick={() =>
                        act(
                          studio.api.call('removeScalingSchedule', {
                            name: endpoint,
                            query: { variant, name: schedule.name }
                          })
                        )
                      }
                    >
                      ✕
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {form ? (
        <form
          className="smstudio-Form"
          aria-label={trans.__('Scheduled action')}
          onSubmit={save}
        >
          <div className="smstudio-Form-row">
            {(Object.keys(EMPTY) as (keyof typeof EMPTY)[]).map(name => (
              <Field
                key={name}
                name={`schedule.${name}`}
                label={labels[name]}
                help={helps[name]}
                error={
                  error?.fields.find(
                    field => field.field === `schedule.${name}`
                  )?.message
                }
              >
                {control => (
                  <input
                    {...control}
                    type={name === 'min' || name === 'max' ? 'number' : 'text'}
                    min={0}
                    className="jp-mod-styled"
                    value={form[name]}
                    spellCheck={false}
                    onChange={event =>
                      setForm({ ...form, [name]: event.target.value })
                    }
                  />
                )}
              </Field>
            ))}
          </div>
          <div className="smstudio-Buttons smstudio-mod-start">
            <button
              type="submit"
              className="jp-mod-styled jp-mod-accept"
              disabled={busy || !ready}
            >
              {trans.__('Save')}
            </button>
            <button
              type="button"
              className="jp-mod-styled jp-mod-reject"
              onClick={() => setForm(null)}
            >
              {trans.__('Cancel')}
            </button>
          </div>
        </form>
      ) : (
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject"
          aria-label={trans.__('Add a scheduled action to %1', variant)}
          onClick={() => setForm(EMPTY)}
        >
          {trans.__('Add a scheduled action')}
        </button>
      )}
      {error && <ErrorBox error={error} />}
    </>
  );
}
