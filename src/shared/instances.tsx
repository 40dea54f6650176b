import type { JSX } from 'react';

import type { InstanceTypeOption } from '../api/generated';
import { usePage } from './context';
import { Field } from './form';

/** The field "Instance type"; says when this machine has less than the type. */
export function InstanceTypeField(props: {
  value: string;
  types: InstanceTypeOption[];
  error: string | null;
  onChange: (type: string) => void;
}): JSX.Element {
  const { trans } = usePage();
  const { value, types } = props;
  const chosen = types.find(each => each.name === value);
  return (
    <Field
      name="instance_type"
      label={trans.__('Instance type')}
      error={props.error}
      help={
        chosen && !chosen.fits
          ? trans.__(
              'This machine has fewer than %1 vCPUs; the job gets what is there.',
              chosen.vcpu
            )
          : undefined
      }
    >
      {control => (
        <select
          {...control}
          className="jp-mod-styled"
          value={value}
          onChange={event => props.onChange(event.target.value)}
        >
          {!chosen && <option value={value}>{value}</option>}
          {types.map(each => (
            <option key={each.name} value={each.name}>
              {trans.__(
                '%1 (%2 vCPU, %3 GiB)',
                each.name,
                each.vcpu,
                each.memory_gib
              )}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
