import type { JSX } from 'react';

import type {
  StudioInstanceType,
  StudioInstanceTypes
} from '../../api/generated';
import { usePage } from '../../shared/context';

/** What an instance type costs on AWS, and what this machine lacks of it. */
export function InstanceHelp(props: {
  types: StudioInstanceTypes;
  name: string | null;
}): JSX.Element | null {
  const { trans } = usePage();
  const { types } = props;
  const chosen = types.items.find(each => each.name === props.name);
  if (!chosen) {
    return null;
  }
  return (
    <>
      {chosen.price !== null && (
        <span>
          {trans.__(
            '%1 an hour on AWS (%2, %3).',
            `$${chosen.price}`,
            types.prices.region,
            types.prices.date
          )}{' '}
        </span>
      )}
      {chosen.lacks.length > 0 && (
        <strong className="smstudio-Environment-warning">
          <Shortfall type={chosen} types={types} />
        </strong>
      )}
    </>
  );
}

/** What the machine has less of than a type. */
export function Shortfall(props: {
  type: StudioInstanceType;
  types: StudioInstanceTypes;
}): JSX.Element {
  const { trans } = usePage();
  const { machine } = props.types;
  const parts: Record<StudioInstanceType['lacks'][number], string> = {
    vcpu: trans.__('%1 vCPU', machine.vcpu),
    memory: trans.__('%1 GiB', machine.memory_gib),
    gpu: machine.gpu ? trans.__('%1 GPU', machine.gpu) : trans.__('no GPU')
  };
  const has = props.type.lacks.map(each => parts[each]).join(', ');
  return (
    <>
      {trans.__('This machine has %1; the instance gets what is there.', has)}
    </>
  );
}
