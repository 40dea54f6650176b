import type { FormEvent, JSX } from 'react';
import { useEffect, useRef, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type {
  Environments,
  GatewayOffer,
  NotebookEnvironment,
  StartupScripts,
  StudioInstanceTypes
} from '../../api/generated';
import { CommandIDs } from '../../commands';
import { usePage } from '../../shared/context';
import { DialogButtons } from '../../shared/dialogbuttons';
import { Modal } from '../../shared/modal';
import { ErrorBox, Skeleton } from '../../shared/states';
import { BuildProgress } from './build';
import type { IChoice, IOtherKernel, IUsual } from './choice';
import { firstChoice, shownScript } from './choice';
import { AnyKernelField, EnvironmentFields, ImageNote } from './fields';
import { useGateways } from './gateways';

/** What the dialog needs to know; `resolve` gets the choice, or null when it was closed. */
export interface IEnvironmentDialog {
  /** `kernel` asks for a kernel only, as Studio did in 2020; `environment` for all four. */
  mode: 'kernel' | 'environment';
  title?: string;
  /** Name of the notebook or console; empty for what new ones get. */
  file: string;
  now: NotebookEnvironment | null;
  usual: Partial<IUsual>;
  others: IOtherKernel[];
  allowNone: boolean;
  /** Whether an image that is not built must be built before the choice counts. */
  build: boolean;
  onClose: () => void;
  /** The dialog goes while an image is being built. */
  onHide: (image: string) => void;
  onSelect: (choice: IChoice) => void;
}

/** Loads what there is to choose from, then shows the form. */
export function ChangeEnvironment(props: IEnvironmentDialog): JSX.Element {
  const { studio, trans } = usePage();
  const [offer, setOffer] = useState<Environments | null>(null);
  const [types, setTypes] = useState<StudioInstanceTypes | null>(null);
  const [scripts, setScripts] = useState<StartupScripts | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  const [scriptError, setScriptError] = useState<string | null>(null);
  const [mode, setMode] = useState(props.mode);
  const asked = useGateways(props.allowNone);
  const load = (): void => {
    setError(null);
    studio.api
      .call('listEnvironments')
      .then(setOffer)
      .catch(reason => setError(ApiFailure.from(reason)));
    studio.api
      .call('listStudioInstanceTypes')
      .then(setTypes)
      .catch(reason => setError(ApiFailure.from(reason)));
    // Scripts come from the target, which may be away: then notebooks start without one.
    studio
      .ready()
      .then(() => studio.api.call('listStartupScripts'))
      .then(setScripts)
      .catch(reason => setScriptError(ApiFailure.from(reason).message));
  };
  useEffect(load, [studio]);
  const title =
    props.title ??
    (mode === 'kernel'
      ? trans.__('Select Kernel')
      : trans.__('Change environment'));
  return (
    <Modal title={title} onClose={props.onClose}>
      {error && <ErrorBox error={error} onRetry={load} />}
      {!error && !(offer && types) && <Skeleton rows={5} />}
      {offer && types && (
        <Form
          {...props}
          mode={mode}
          offer={offer}
          types={types}
          scripts={scripts}
          scriptError={scriptError}
          {...asked}
          onMore={() => setMode('environment')}
        />
      )}
    </Modal>
  );
}

function Form(
  props: IEnvironmentDialog & {
    offer: Environments;
    types: StudioInstanceTypes;
    scripts: StartupScripts | null;
    scriptError: string | null;
    gateways: GatewayOffer[] | null;
    gatewayError: string | null;
    onMore: () => void;
  }
): JSX.Element {
  const { studio, trans, commands } = usePage();
  const { offer, scripts, mode } = props;
  const local = studio.status?.target.kind !== 'aws';
  const [edited, setEdited] = useState<IChoice | null>(null);
  const [building, setBuilding] = useState(false);
  const ready = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // What was loaded replaced what had the focus.
    ready.current?.focus();
  }, []);
  const choice = edited ?? firstChoice(offer, props.usual, props.now);
  const image = offer.images.find(each => each.id === choice.image) ?? null;
  const select = (): void =>
    props.onSelect({
      ...choice,
      // Scripts of an AWS account are there to be read; a list of kernels shows no script, so none is chosen there.
      script:
        local && mode === 'environment'
          ? shownScript(choice.script, scripts?.items ?? null)
          : local
            ? choice.script
            : null,
      imageName: image?.name
    });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const needs =
      props.build && image && choice.kernel && image.state !== 'built';
    if (needs) {
      setBuilding(true);
    } else {
      select();
    }
  };
  if (building && image) {
    return (
      <BuildProgress
        image={image.id}
        name={image.name}
        onBuilt={select}
        onBack={() => setBuilding(false)}
        onHide={() => props.onHide(image.id)}
      />
    );
  }
  return (
    <form onSubmit={submit}>
      {props.file && (
        <p className="smstudio-Environment-file">
          {mode === 'kernel'
            ? trans.__('Select kernel for: "%1"', props.file)
            : trans.__('Select environment for: "%1"', props.file)}
        </p>
      )}
      {offer.notice && (
        <p className="smstudio-Environment-notice">{offer.notice}</p>
      )}
      {mode === 'kernel' ? (
        <AnyKernelField {...props} choice={choice} onChange={setEdited} />
      ) : (
        <EnvironmentFields {...props} choice={choice} onChange={setEdited} />
      )}
      {props.gatewayError && (
        <p className="smstudio-Field-help" role="status">
          {props.gatewayError}
        </p>
      )}
      {image && choice.kernel && <ImageNote image={image} />}
      {mode === 'kernel' && choice.kernel && (
        <p className="smstudio-Field-help">
          {choice.instanceType ??
            (choice.gateway
              ? trans.__('On the gateway %1', choice.gateway)
              : trans.__('On this machine, on no instance'))}
          {' · '}
          <button
            type="button"
            className="smstudio-Link"
            onClick={props.onMore}
          >
            {trans.__('Change environment')}
          </button>
        </p>
      )}
      <DialogButtons
        label={trans.__('Select')}
        acceptRef={ready}
        disabled={image?.state === 'unavailable'}
        onClose={props.onClose}
        aside={
          props.allowNone &&
          commands.hasCommand(CommandIDs.openGateways) && (
            <button
              type="button"
              className="smstudio-Link smstudio-mod-first"
              onClick={() => {
                props.onClose();
                void commands.execute(CommandIDs.openGateways);
              }}
            >
              {trans.__('Jupyter gateways')}
            </button>
          )
        }
      />
    </form>
  );
}
