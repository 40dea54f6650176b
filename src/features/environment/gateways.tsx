import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { GatewayOffer, GatewayResources } from '../../api/generated';
import { usePage } from '../../shared/context';
import { Field } from '../../shared/form';
import type { IChoice } from './choice';
import { NO_RESOURCES, onGateway } from './choice';

/** Before a gateway's name in the list of images. */
const MARK = ' gateway:';

/** The gateways that the server knows, once they were asked; and why they could not be. */
export function useGateways(wanted: boolean): {
  gateways: GatewayOffer[] | null;
  gatewayError: string | null;
} {
  const { studio } = usePage();
  const [gateways, setGateways] = useState<GatewayOffer[] | null>(
    wanted ? null : []
  );
  const [gatewayError, setError] = useState<string | null>(null);
  useEffect(() => {
    if (wanted) {
      studio.api
        .call('listGateways')
        .then(answer => setGateways(answer.items))
        .catch(reason => {
          setGateways([]);
          setError(ApiFailure.from(reason).message);
        });
    }
  }, [studio, wanted]);
  return { gateways, gatewayError };
}

/** The value that stands for a gateway in the list of images. */
export function gatewayValue(name: string): string {
  return `${MARK}${name}`;
}

/** The gateway that a value of the list of images stands for. */
export function gatewayOf(
  gateways: readonly GatewayOffer[],
  value: string
): GatewayOffer | null {
  return gateways.find(each => gatewayValue(each.name) === value) ?? null;
}

/** Gateways as choices beside images. */
export function GatewayImages(props: {
  gateways: readonly GatewayOffer[] | null;
}): JSX.Element | null {
  const { trans } = usePage();
  const { gateways } = props;
  if (gateways?.length === 0) {
    return null;
  }
  return (
    <optgroup label={trans.__('Jupyter gateway')}>
      {!gateways && (
        <option disabled>{trans.__('Asking the gateways…')}</option>
      )}
      {gateways?.map(each => (
        <option
          key={each.name}
          value={gatewayValue(each.name)}
          disabled={each.kernels.length === 0}
        >
          {each.problem
            ? trans.__('Gateway %1 – not available now', each.host)
            : trans.__('Gateway %1', each.host)}
        </option>
      ))}
    </optgroup>
  );
}

/** Kernels of all gateways as choices beside those of images, a group each. */
export function GatewayKernels(props: {
  gateways: readonly GatewayOffer[] | null;
}): JSX.Element {
  const { trans } = usePage();
  return (
    <>
      {(props.gateways ?? [])
        .filter(each => each.kernels.length > 0)
        .map(gateway => (
          <optgroup
            key={gateway.name}
            label={trans.__('Gateway %1', gateway.host)}
          >
            {gateway.kernels.map(each => (
              <option key={each.name} value={each.name}>
                {each.display_name}
              </option>
            ))}
          </optgroup>
        ))}
    </>
  );
}

/** What to know of the chosen gateway, and what the kernel asks of it. */
export function GatewayFields(props: {
  gateway: GatewayOffer;
  choice: IChoice;
  onChange: (choice: IChoice) => void;
}): JSX.Element {
  const { trans } = usePage();
  const { gateway, choice, onChange } = props;
  const resources = choice.resources ?? NO_RESOURCES;
  const set = (name: keyof GatewayResources, value: string): void =>
    onChange({
      ...onGateway(choice, gateway, choice.kernel),
      resources: { ...resources, [name]: value.trim() }
    });
  const fields: [keyof GatewayResources, string, string, string, string][] = [
    [
      'cpus',
      trans.__('CPUs'),
      '2',
      '\\d{1,4}(\\.\\d{1,3})?|\\d{1,7}m',
      trans.__('A number, as 2 or 0.5, or thousandths, as 500m')
    ],
    [
      'memory',
      trans.__('Memory'),
      '4Gi',
      '\\d{1,15}(\\.\\d{1,3})?(Ki|Mi|Gi|Ti|k|M|G|T)?',
      trans.__('A number with its unit, as 4Gi or 500Mi')
    ],
    ['gpus', trans.__('GPUs'), '0', '\\d{1,3}', trans.__('A whole number')]
  ];
  return (
    <>
      {gateway.sized && (
        <div className="smstudio-Environment-resources">
          {fields.map(([name, label, example, pattern, title]) => (
            <Field key={name} name={name} label={label}>
              {control => (
                <input
                  {...control}
                  type="text"
                  className="jp-mod-styled"
                  size={6}
                  autoComplete="off"
                  spellCheck={false}
                  placeholder={example}
                  pattern={pattern}
                  title={title}
                  value={resources[name]}
                  onChange={event => set(name, event.target.value)}
                />
              )}
            </Field>
          ))}
        </div>
      )}
      <div className="smstudio-Environment-image" role="status">
        {gateway.problem && <strong>{gateway.problem}</strong>}
        {gateway.warning && <strong>{gateway.warning}</strong>}
        <div>
          {gateway.sized
            ? trans.__(
                'The kernel runs on the gateway, not on this machine: its files and packages are those there, and nothing is metered here. Empty fields leave it to the gateway; which of them count is its settings’ matter.'
              )
            : trans.__(
                'The kernel runs on that Jupyter server, not on this machine: its files and packages are those there, and nothing is metered here. It has no settings for CPUs, memory and GPUs.'
              )}
        </div>
      </div>
    </>
  );
}
