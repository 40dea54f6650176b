import type { JSX, ReactNode } from 'react';
import { useState } from 'react';

import type {
  Environments,
  GatewayOffer,
  StartupScripts,
  StudioImage,
  StudioInstanceTypes
} from '../../api/generated';
import { usePage } from '../../shared/context';
import { Field } from '../../shared/form';
import type { IChoice } from './choice';
import {
  gatewayOfKernel,
  imageOf,
  kernelText,
  NO_SCRIPT,
  onGateway,
  shownScript,
  withImage
} from './choice';
import type { IEnvironmentDialog } from './dialog';
import {
  GatewayFields,
  GatewayImages,
  GatewayKernels,
  gatewayOf,
  gatewayValue
} from './gateways';
import { InstanceHelp } from './instancehelp';
import { ScriptView } from './script';

/** Value of the choice "No Kernel". */
const NONE = ' none';
/** Value of the image list for kernels of no image. */
const OTHER = ' other';

/** Of a kernel of no image and no gateway. */
const NOWHERE = {
  image: null,
  instanceType: null,
  gateway: null,
  resources: null
};

/** What every field of the dialog gets. */
export interface IFields extends Pick<
  IEnvironmentDialog,
  'others' | 'allowNone'
> {
  offer: Environments;
  types: StudioInstanceTypes;
  scripts: StartupScripts | null;
  scriptError: string | null;
  gateways: GatewayOffer[] | null;
  choice: IChoice;
  onChange: (choice: IChoice) => void;
}

/** One list of the kernels of all images, as in 2020. */
export function AnyKernelField(props: IFields): JSX.Element {
  const { trans } = usePage();
  const { offer, choice, onChange } = props;
  const set = (value: string): void => {
    if (value === NONE) {
      onChange({ ...choice, kernel: null });
      return;
    }
    const image = imageOf(offer.images, value);
    const gateway = gatewayOfKernel(props.gateways ?? [], value);
    if (gateway) {
      onChange(onGateway(choice, gateway, value));
      return;
    }
    onChange(
      image
        ? { ...withImage(choice, offer.images, image.id), kernel: value }
        : {
            ...choice,
            ...NOWHERE,
            kernel: value
          }
    );
  };
  const options = (images: StudioImage[]): ReactNode =>
    images.map(image =>
      image.kernels.map(kernel => (
        <option
          key={kernel.name}
          value={kernel.name}
          disabled={image.state === 'unavailable'}
        >
          {kernelText(kernel.display_name, image.name)}
        </option>
      ))
    );
  const custom = offer.images.filter(each => each.custom);
  return (
    <Field name="kernel" label={trans.__('Kernel')}>
      {control => (
        <select
          {...control}
          className="jp-mod-styled"
          value={choice.kernel ?? NONE}
          onChange={event => set(event.target.value)}
        >
          {options(offer.images.filter(each => !each.custom))}
          {custom.length > 0 && (
            <optgroup label={trans.__('Custom Image')}>
              {options(custom)}
            </optgroup>
          )}
          <GatewayKernels gateways={props.gateways} />
          {props.others.length > 0 && (
            <optgroup label={trans.__('Other kernels of this server')}>
              {props.others.map(each => (
                <option key={each.name} value={each.name}>
                  {each.displayName}
                </option>
              ))}
            </optgroup>
          )}
          {props.allowNone && (
            <option value={NONE}>{trans.__('No Kernel')}</option>
          )}
        </select>
      )}
    </Field>
  );
}

/** Image, kernel, instance type and start-up script. */
export function EnvironmentFields(props: IFields): JSX.Element {
  const { trans } = usePage();
  const { offer, choice, onChange, others } = props;
  const image = offer.images.find(each => each.id === choice.image) ?? null;
  const gateways = props.gateways ?? [];
  const gateway = gateways.find(each => each.name === choice.gateway) ?? null;
  const held = image?.kernels ?? gateway?.kernels;
  const kernels = held
    ? held.map(each => ({
        name: each.name,
        displayName: each.display_name
      }))
    : others;
  const select = (value: string): void => {
    const chosen = gatewayOf(gateways, value);
    if (chosen) {
      onChange(onGateway(choice, chosen, null));
    } else if (value === OTHER) {
      onChange({ ...choice, ...NOWHERE, kernel: others[0]?.name ?? null });
    } else {
      onChange(withImage(choice, offer.images, value));
    }
  };
  return (
    <>
      <Field name="image" label={trans.__('Image')}>
        {control => (
          <select
            {...control}
            className="jp-mod-styled"
            value={
              choice.image ??
              (choice.gateway ? gatewayValue(choice.gateway) : OTHER)
            }
            onChange={event => select(event.target.value)}
          >
            <ImageOptions images={offer.images} />
            <GatewayImages gateways={props.gateways} />
            {others.length > 0 && (
              <option value={OTHER}>
                {trans.__('Other kernels of this server')}
              </option>
            )}
          </select>
        )}
      </Field>
      <Field name="kernel" label={trans.__('Kernel')}>
        {control => (
          <select
            {...control}
            className="jp-mod-styled"
            value={choice.kernel ?? NONE}
            onChange={event =>
              onChange({
                ...choice,
                kernel: event.target.value === NONE ? null : event.target.value
              })
            }
          >
            {kernels.map(each => (
              <option key={each.name} value={each.name}>
                {each.displayName}
              </option>
            ))}
            {props.allowNone && (
              <option value={NONE}>{trans.__('No Kernel')}</option>
            )}
          </select>
        )}
      </Field>
      {choice.kernel && image && <InstanceField {...props} />}
      {choice.kernel && image && <ScriptField {...props} />}
      {choice.kernel && gateway && (
        <GatewayFields gateway={gateway} choice={choice} onChange={onChange} />
      )}
      {choice.kernel && !image && !choice.gateway && (
        <p className="smstudio-Field-help">
          {trans.__(
            'These kernels run on this machine on no instance: nothing limits or meters them.'
          )}
        </p>
      )}
      {!choice.kernel && (
        <p className="smstudio-Field-help">
          {trans.__(
            'Without a kernel the notebook can be read and edited, not run; nothing is started.'
          )}
        </p>
      )}
    </>
  );
}

function ImageOptions(props: { images: StudioImage[] }): JSX.Element {
  const { trans } = usePage();
  const label = (image: StudioImage): string =>
    image.state === 'unavailable'
      ? trans.__('%1 – not available here', image.name)
      : image.state === 'built'
        ? image.name
        : trans.__('%1 – built when first used', image.name);
  const options = (custom: boolean): ReactNode =>
    props.images
      .filter(each => each.custom === custom)
      .map(image => (
        <option
          key={image.id}
          value={image.id}
          disabled={image.state === 'unavailable'}
        >
          {label(image)}
        </option>
      ));
  return (
    <>
      <optgroup label={trans.__('SageMaker Image')}>{options(false)}</optgroup>
      {props.images.some(each => each.custom) && (
        <optgroup label={trans.__('Custom Image')}>{options(true)}</optgroup>
      )}
    </>
  );
}

function InstanceField(props: IFields): JSX.Element {
  const { trans } = usePage();
  const { choice, onChange, types } = props;
  const fast = types.items.filter(each => each.fast_launch);
  const slow = types.items.filter(each => !each.fast_launch);
  const families = [...new Set(slow.map(each => each.family))];
  const option = (each: (typeof slow)[number]): JSX.Element => (
    <option key={each.name} value={each.name}>
      {`${each.name} – ${each.text}`}
    </option>
  );
  const known = types.items.some(each => each.name === choice.instanceType);
  return (
    <Field
      name="instance_type"
      label={trans.__('Instance type')}
      help={<InstanceHelp types={types} name={choice.instanceType} />}
    >
      {control => (
        <select
          {...control}
          className="jp-mod-styled"
          value={choice.instanceType ?? ''}
          onChange={event =>
            onChange({ ...choice, instanceType: event.target.value })
          }
        >
          {!known && choice.instanceType && (
            <option value={choice.instanceType}>{choice.instanceType}</option>
          )}
          <optgroup label={trans.__('Fast launch')}>
            {fast.map(option)}
          </optgroup>
          {families.map(family => (
            <optgroup key={family} label={family}>
              {slow.filter(each => each.family === family).map(option)}
            </optgroup>
          ))}
        </select>
      )}
    </Field>
  );
}

function ScriptField(props: IFields): JSX.Element {
  const { trans } = usePage();
  const { choice, onChange, scripts } = props;
  const [viewed, setViewed] = useState(false);
  const items = scripts?.items ?? [];
  const shown = shownScript(choice.script, scripts?.items ?? null);
  const chosen = items.find(each => each.arn === shown);
  return (
    <Field
      name="startup_script"
      label={trans.__('Start-up script')}
      help={props.scriptError ?? scripts?.note}
    >
      {control => (
        <div className="smstudio-Environment-script">
          <select
            {...control}
            className="jp-mod-styled"
            value={chosen?.arn ?? NO_SCRIPT}
            onChange={event =>
              onChange({ ...choice, script: event.target.value })
            }
          >
            <option value={NO_SCRIPT}>{trans.__('No script')}</option>
            {items.map(each => (
              <option key={each.arn} value={each.arn}>
                {each.default ? trans.__('%1 (default)', each.name) : each.name}
              </option>
            ))}
          </select>
          <button
            type="button"
            className="jp-mod-styled jp-mod-reject"
            disabled={!chosen}
            onClick={() => setViewed(true)}
          >
            {trans.__('View script')}
          </button>
          {viewed && chosen && (
            <ScriptView name={chosen.name} onClose={() => setViewed(false)} />
          )}
        </div>
      )}
    </Field>
  );
}

/** What an image holds, and what stands between it and a kernel. */
export function ImageNote(props: { image: StudioImage }): JSX.Element {
  const { trans } = usePage();
  const { image } = props;
  return (
    <div className="smstudio-Environment-image" role="status">
      {image.description && <div>{image.description}</div>}
      {image.state === 'unavailable' && <strong>{image.reason}</strong>}
      {image.state === 'failed' && (
        <strong>
          {trans.__('Its last build failed: %1', image.reason ?? '')}
        </strong>
      )}
      {(image.state === 'unbuilt' || image.state === 'failed') && (
        <div>
          {trans.__('"Select" builds it first, once; you see how it goes.')}
        </div>
      )}
      {image.state === 'building' && (
        <div>{trans.__('It is being built now.')}</div>
      )}
    </div>
  );
}
