import type { FormEvent, JSX, ReactNode } from 'react';
import { useEffect, useRef, useState } from 'react';

import { ApiFailure } from '../api/client';
import type { Deployed, Options } from '../api/generated';
import { CommandIDs } from '../commands';
import { usePage } from './context';
import { CostNote } from './cost';
import { openEnded } from './costtext';
import { DialogButtons } from './dialogbuttons';
import { Field, focusFirstError } from './form';
import { Modal } from './modal';
import { ErrorBox, Skeleton } from './states';

/** What the form sends. */
export interface IDeployment {
  endpoint_name: string;
  instance_type: string;
  instance_count: number;
}

/** The form "Deploy model": names the endpoint and its instances, and `send` makes it. */
export function DeployForm(props: {
  /** Name of the job, from which the endpoint's name is suggested. */
  job: string;
  /** Says what is deployed. */
  children: ReactNode;
  /** None when there is nothing to deploy. */
  send: ((form: IDeployment) => Promise<Deployed>) | null;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { send } = props;
  const [options, setOptions] = useState<Options | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  useEffect(() => {
    studio
      .options()
      .then(setOptions)
      .catch(reason => setError(ApiFailure.from(reason)));
  }, [studio]);
  return (
    <Modal title={trans.__('Deploy model')} onClose={props.onClose}>
      {error && <ErrorBox error={error} />}
      {props.children}
      {send && options && <Fields {...props} send={send} options={options} />}
      {send && !options && !error && <Skeleton rows={4} />}
    </Modal>
  );
}

function Fields(props: {
  job: string;
  send: (form: IDeployment) => Promise<Deployed>;
  options: Options;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans, commands } = usePage();
  const { job, options } = props;
  const root = useRef<HTMLFormElement>(null);
  const [endpoint, setEndpoint] = useState(
    `${job.slice(0, (options.limits.endpoint_name.max_length ?? 63) - 9)}-endpoint`
  );
  const [instance, setInstance] = useState(
    options.defaults.hosting_instance_type
  );
  const [instances, setInstances] = useState('1');
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [sending, setSending] = useState(false);
  const error = (field: string): string | null =>
    failure?.fields.find(each => each.field === field)?.message ?? null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setSending(true);
    setFailure(null);
    props
      .send({
        endpoint_name: endpoint.trim(),
        instance_type: instance,
        instance_count: Number(instances)
      })
      .then(async answer => {
        studio.refresh();
        props.onClose();
        // While the dialog stands, the endpoint's page cannot take the focus, and Lab would not count it as the current one.
        await new Promise(resolve => window.setTimeout(resolve));
        await commands.execute(CommandIDs.openEndpoint, {
          name: answer.endpoint_name
        });
      })
      .catch(reason => {
        const problem = ApiFailure.from(reason);
        setFailure(problem);
        window.setTimeout(() =>
          focusFirstError(
            root.current,
            problem.fields.map(each => each.field)
          )
        );
      })
      .finally(() => setSending(false));
  };
  const chosen = options.instance_types.find(each => each.name === instance);
  return (
    <form ref={root} className="smstudio-Form" onSubmit={submit}>
      <Field
        name="endpoint_name"
        label={trans.__('Endpoint name')}
        required
        error={error('endpoint_name')}
        help={trans.__(
          'At most %1 letters, digits and hyphens (-).',
          options.limits.endpoint_name.max_length ?? 63
        )}
      >
        {control => (
          <input
            {...control}
            type="text"
            className="jp-mod-styled"
            required
            autoFocus
            maxLength={options.limits.endpoint_name.max_length ?? 63}
            pattern="[a-zA-Z0-9]([\-a-zA-Z0-9]*[a-zA-Z0-9])?"
            value={endpoint}
            spellCheck={false}
            onChange={event => setEndpoint(event.target.value)}
          />
        )}
      </Field>
      <Field
        name="instance_type"
        label={trans.__('Instance type')}
        error={error('instance_type')}
        help={
          chosen &&
          !chosen.fits &&
          trans.__(
            'This machine has fewer than %1 vCPUs; the endpoint gets what is there.',
            chosen.vcpu
          )
        }
      >
        {control => (
          <select
            {...control}
            className="jp-mod-styled"
            value={instance}
            onChange={event => setInstance(event.target.value)}
          >
            {!chosen && <option value={instance}>{instance}</option>}
            {options.instance_types.map(each => (
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
      <Field
        name="instance_count"
        label={trans.__('Instance count')}
        error={error('instance_count')}
      >
        {control => (
          <input
            {...control}
            type="number"
            min={1}
            max={options.limits.instance_count.max ?? undefined}
            required
            className="jp-mod-styled smstudio-mod-short"
            value={instances}
            onChange={event => setInstances(event.target.value)}
          />
        )}
      </Field>
      <CostNote
        items={openEnded('Endpoint', [{ instanceType: instance, instances }])}
      />
      <DialogButtons
        label={trans.__('Deploy model')}
        busyLabel={trans.__('Deploying…')}
        busy={sending}
        error={failure}
        onClose={props.onClose}
      />
    </form>
  );
}
