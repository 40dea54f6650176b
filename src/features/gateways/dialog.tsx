import type { JSX } from 'react';
import { useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { GatewayOffer } from '../../api/generated';
import { usePage } from '../../shared/context';
import { NumberField, TextField } from '../../shared/fields';
import { Check, Choices, Field } from '../../shared/form';
import type { FieldError } from '../../shared/formdialog';
import { FormDialog } from '../../shared/formdialog';
import { ErrorBox } from '../../shared/states';
import type { IGatewayForm, TokenFrom } from './form';
import { formOf, hasMore, requestOf, wrongLine } from './form';
import { Outcome } from './outcome';

/** Examples of an address, a variable, and what every kernel gets. */
const [ADDRESS, VARIABLE, EVERY_KERNEL] = [
  'https://gateway.example.org:8888',
  'TEAM_GATEWAY_TOKEN',
  'KERNEL_NAMESPACE=ml-team'
];
const NAME = '[A-Za-z0-9][A-Za-z0-9_\\-]{0,31}';
/** Seconds that a kernel may take to start: fewest, most. */
const SECONDS = [1, 3600] as const;

/** Sets a gateway up, or changes one; tries it before, when asked. */
export function GatewayDialog(props: {
  /** None for a new one. */
  gateway: GatewayOffer | null;
  onSaved: () => void;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { gateway } = props;
  const [form, setForm] = useState(() => formOf(gateway));
  const [more] = useState(() => hasMore(form));
  const [tried, setTried] = useState<GatewayOffer | ApiFailure | null>(null);
  const [trying, setTrying] = useState(false);
  const held = gateway?.token === 'file';
  const set = (change: Partial<IGatewayForm>): void => {
    setForm(before => ({ ...before, ...change }));
    setTried(null);
  };
  const attempt = (): void => {
    setTrying(true);
    studio.api
      .call('testGateway', { body: requestOf(form, held) })
      .then(setTried)
      .catch(reason => setTried(ApiFailure.from(reason)))
      .finally(() => setTrying(false));
  };
  const save = async (): Promise<void> => {
    const line = wrongLine(form.variables);
    if (line) {
      const message = trans.__('This is no NAME=VALUE: %1', line);
      throw new ApiFailure(0, {
        code: 'BadInput',
        message,
        hint: null,
        request_id: null,
        fields: [{ field: 'env', message }]
      });
    }
    const body = requestOf(form, held);
    await (gateway
      ? studio.api.call('updateGateway', { name: gateway.name, body })
      : studio.api.call('addGateway', { body }));
    props.onSaved();
  };
  return (
    <FormDialog
      title={
        gateway
          ? trans.__('Change the gateway %1', gateway.name)
          : trans.__('Add a Jupyter gateway')
      }
      submit={gateway ? trans.__('Save') : trans.__('Add')}
      send={save}
      onClose={props.onClose}
      aside={
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject smstudio-mod-first"
          disabled={trying || !form.url.trim() || !form.name.trim()}
          onClick={attempt}
        >
          {trying ? trans.__('Testing…') : trans.__('Test')}
        </button>
      }
    >
      {error => (
        <>
          {!gateway && (
            <TextField
              name="name"
              label={trans.__('Name')}
              required
              strict
              maxLength={32}
              pattern={NAME}
              value={form.name}
              error={error('name')}
              help={trans.__(
                'Letters, digits, “-” and “_”. It is part of the names of its kernels here.'
              )}
              onChange={name => set({ name })}
            />
          )}
          <TextField
            name="url"
            label={trans.__('Address')}
            required
            strict
            placeholder={ADDRESS}
            value={form.url}
            error={error('url')}
            onChange={url => set({ url })}
          />
          <Token form={form} held={held} error={error} set={set} />
          <details className="smstudio-Fold" open={more}>
            <summary>{trans.__('More settings')}</summary>
            <More form={form} error={error} set={set} />
          </details>
          {tried instanceof ApiFailure ? (
            <ErrorBox error={tried} />
          ) : (
            tried && <Outcome gateway={tried} />
          )}
        </>
      )}
    </FormDialog>
  );
}

interface IPart {
  form: IGatewayForm;
  error: FieldError;
  set: (change: Partial<IGatewayForm>) => void;
}

/** Where the token comes from; one that is kept is never shown. */
function Token(props: IPart & { held: boolean }): JSX.Element {
  const { trans } = usePage();
  const { form, error, set, held } = props;
  return (
    <>
      <Choices<TokenFrom>
        name="from"
        legend={trans.__('Token')}
        value={form.from}
        choices={[
          { value: 'file', label: trans.__('Typed here') },
          {
            value: 'variable',
            label: trans.__('In a variable of the Jupyter server')
          },
          { value: 'none', label: trans.__('It asks for none') }
        ]}
        onChange={from => set({ from })}
      />
      {form.from === 'file' && (
        <Field
          name="token"
          label={trans.__('Token of the gateway')}
          error={error('token')}
          help={
            held
              ? trans.__(
                  'Empty: the token that is kept stays. It is sent to the same address only.'
                )
              : trans.__(
                  'Kept on the server in a file that only you can read; no page shows it again.'
                )
          }
        >
          {control => (
            <input
              {...control}
              type="password"
              className="jp-mod-styled"
              autoComplete="off"
              value={form.token}
              onChange={event => set({ token: event.target.value })}
            />
          )}
        </Field>
      )}
      {form.from === 'variable' && (
        <TextField
          name="token_env"
          label={trans.__('Name of the variable')}
          required
          strict
          placeholder={VARIABLE}
          value={form.variable}
          error={error('token_env')}
          help={trans.__(
            'It must be set where the Jupyter server, and scripts, are started.'
          )}
          onChange={variable => set({ variable })}
        />
      )}
    </>
  );
}

/** What few gateways need. */
function More(props: IPart): JSX.Element {
  const { trans } = usePage();
  const { form, error, set } = props;
  return (
    <>
      <TextField
        name="username"
        label={trans.__('User name')}
        value={form.username}
        error={error('username')}
        help={trans.__('Sent as %1. Empty: your own.', 'KERNEL_USERNAME')}
        onChange={username => set({ username })}
      />
      <Field
        name="env"
        label={trans.__('Variables of every kernel')}
        help={trans.__('One a line: NAME=VALUE')}
        error={error('env')}
      >
        {control => (
          <textarea
            {...control}
            className="jp-mod-styled smstudio-Domain-script"
            rows={3}
            spellCheck={false}
            placeholder={EVERY_KERNEL}
            value={form.variables}
            onChange={event => set({ variables: event.target.value })}
          />
        )}
      </Field>
      <NumberField
        name="launch_timeout"
        label={trans.__('Seconds that a kernel may take to start')}
        min={SECONDS[0]}
        max={SECONDS[1]}
        value={form.seconds}
        error={error('launch_timeout')}
        onChange={seconds => set({ seconds })}
      />
      <TextField
        name="auth_scheme"
        label={trans.__('First word of the Authorization header')}
        value={form.scheme}
        error={error('auth_scheme')}
        onChange={scheme => set({ scheme })}
      />
      <TextField
        name="ca_certs"
        label={trans.__('File with the authorities to believe')}
        value={form.authorities}
        error={error('ca_certs')}
        help={trans.__('A file of this server. Empty: the system’s.')}
        onChange={authorities => set({ authorities })}
      />
      <TextField
        name="client_cert"
        label={trans.__('File with your own certificate')}
        value={form.certificate}
        error={error('client_cert')}
        onChange={certificate => set({ certificate })}
      />
      <TextField
        name="client_key"
        label={trans.__('File with its key')}
        value={form.key}
        error={error('client_key')}
        onChange={key => set({ key })}
      />
      <Check
        checked={form.checked}
        label={trans.__('Check its certificate')}
        help={trans.__('Leave it out for trials only.')}
        onChange={checked => set({ checked })}
      />
    </>
  );
}
