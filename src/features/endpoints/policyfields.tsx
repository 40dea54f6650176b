import type { JSX } from 'react';

import type { AlarmChoice } from '../../api/generated';
import { usePage } from '../../shared/context';
import { Choices, Field } from '../../shared/form';
import { SIZES } from './update';
import type { IFields } from './updateform';

/** How the traffic moves to the new fleet. */
export function PolicyFields(
  props: IFields & { alarms: AlarmChoice[] }
): JSX.Element {
  const { trans } = usePage();
  const { form, change, error } = props;
  const limits = SIZES[form.kind];
  const seconds = (
    name: 'wait' | 'terminationWait' | 'timeout',
    field: string,
    label: string,
    help: string
  ): JSX.Element => (
    <Field name={field} label={label} help={help} error={error(field)}>
      {control => (
        <input
          {...control}
          type="number"
          min={0}
          className="jp-mod-styled smstudio-mod-short"
          value={form[name]}
          onChange={event => change({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <>
      <Choices
        name="policy.kind"
        legend={trans.__('How the traffic moves')}
        value={form.kind}
        choices={[
          {
            value: 'ALL_AT_ONCE',
            label: trans.__('All at once'),
            help: trans.__('All traffic goes to the new fleet when it is up.')
          },
          {
            value: 'CANARY',
            label: trans.__('Canary'),
            help: trans.__(
              'A small part first; the rest when it has baked without an alarm.'
            )
          },
          {
            value: 'LINEAR',
            label: trans.__('Linear'),
            help: trans.__('In equal steps, each with its bake time.')
          },
          {
            value: 'ROLLING',
            label: trans.__('Rolling'),
            help: trans.__(
              'New instances take the place of old ones batch by batch; needs the fewest instances.'
            )
          }
        ]}
        onChange={kind => change({ kind })}
      />
      <div className="smstudio-Form-row">
        {limits && (
          <Field
            name="policy.size"
            label={
              form.kind === 'CANARY'
                ? trans.__('Size of the canary')
                : form.kind === 'LINEAR'
                  ? trans.__('Size of a step')
                  : trans.__('Size of a batch')
            }
            help={
              form.sizeKind === 'CAPACITY_PERCENT'
                ? trans.__('%1 to %2 percent', limits[0], limits[1])
                : trans.__('Number of instances')
            }
            error={error('policy.size')}
          >
            {control => (
              <span className="smstudio-Size">
                <input
                  {...control}
                  type="number"
                  min={1}
                  className="jp-mod-styled smstudio-mod-short"
                  value={form.size}
                  onChange={event => change({ size: event.target.value })}
                />
                <select
                  className="jp-mod-styled"
                  aria-label={trans.__('Unit of the size')}
                  value={form.sizeKind}
                  onChange={event =>
                    change({
                      sizeKind:
                        event.target.value === 'INSTANCE_COUNT'
                          ? 'INSTANCE_COUNT'
                          : 'CAPACITY_PERCENT'
                    })
                  }
                >
                  <option value="CAPACITY_PERCENT">
                    {trans.__('percent')}
                  </option>
                  <option value="INSTANCE_COUNT">
                    {trans.__('instances')}
                  </option>
                </select>
              </span>
            )}
          </Field>
        )}
        {form.kind !== 'ALL_AT_ONCE' &&
          seconds(
            'wait',
            'policy.wait_seconds',
            trans.__('Bake time (seconds)'),
            trans.__('How long alarms are watched after each step.')
          )}
        {form.kind !== 'ROLLING' &&
          seconds(
            'terminationWait',
            'policy.termination_wait_seconds',
            trans.__('Wait before the old fleet ends (seconds)'),
            trans.__('Alarms are watched in this time, too.')
          )}
        {seconds(
          'timeout',
          'policy.timeout_seconds',
          trans.__('Timeout (seconds)'),
          trans.__('600 to 28800; none when empty.')
        )}
      </div>
      <fieldset className="smstudio-Choices" data-field="policy.alarms">
        <legend>
          {trans.__('Roll back when one of these alarms goes off')}
        </legend>
        {props.alarms.length ? (
          <div className="smstudio-Alarms">
            {props.alarms.map(alarm => (
              <label key={alarm.name} className="smstudio-Choice">
                <input
                  type="checkbox"
                  checked={form.alarms.includes(alarm.name)}
                  onChange={event =>
                    change({
                      alarms: event.target.checked
                        ? [...form.alarms, alarm.name]
                        : form.alarms.filter(each => each !== alarm.name)
                    })
                  }
                />
                <span>
                  {alarm.name}{' '}
                  <span className="smstudio-mod-dim">{alarm.state}</span>
                </span>
              </label>
            ))}
          </div>
        ) : (
          <p className="smstudio-Field-help">
            {trans.__(
              'There are no CloudWatch alarms here; PutMetricAlarm makes them.'
            )}
          </p>
        )}
        {error('policy.alarms') && (
          <div className="smstudio-Field-error" role="alert">
            {error('policy.alarms')}
          </div>
        )}
      </fieldset>
    </>
  );
}
