import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { Domain, Script, ScriptRow } from '../../api/generated';
import { usePage } from '../../shared/context';
import { DialogButtons } from '../../shared/dialogbuttons';
import { SelectField } from '../../shared/fields';
import { Check, Field } from '../../shared/form';
import { Modal } from '../../shared/modal';
import { ErrorBox, Skeleton } from '../../shared/states';
import { NameField } from './fields';
import { FormDialog } from '../../shared/formdialog';
import type { IAppPlace, ListedScript } from './names';

/** Letters that base64 makes of a script, at most. */
const LONGEST = 16384;
const EXAMPLE = '#!/bin/bash\nset -eux\n';

/** How many letters base64 makes of a text. */
export function encodedLength(text: string): number {
  return 4 * Math.ceil(new TextEncoder().encode(text).length / 3);
}

/** Makes a lifecycle configuration. */
export function CreateScript(props: { onClose: () => void }): JSX.Element {
  const { studio, trans } = usePage();
  const [name, setName] = useState('');
  const [type, setType] = useState('KernelGateway');
  const [text, setText] = useState(EXAMPLE);
  const length = encodedLength(text);
  return (
    <FormDialog
      title={trans.__('Create lifecycle configuration')}
      submit={trans.__('Create configuration')}
      wide
      onClose={props.onClose}
      send={() =>
        studio.api.call('createScript', {
          body: { name, app_type: type as IAppPlace['type'], text }
        })
      }
    >
      {error => (
        <>
          <NameField
            name="name"
            label={trans.__('Name')}
            autoFocus
            value={name}
            error={error('name')}
            onChange={setName}
          />
          <SelectField
            name="app_type"
            label={trans.__('App type')}
            value={type}
            error={error('app_type')}
            choices={[
              'KernelGateway',
              'JupyterServer',
              'JupyterLab',
              'CodeEditor'
            ].map(value => ({ value, label: value }))}
            onChange={setType}
          />
          <Field
            name="text"
            label={trans.__('Script')}
            required
            error={
              error('text') ??
              (length > LONGEST
                ? trans.__(
                    '%1 of at most %2 characters in base64',
                    length,
                    LONGEST
                  )
                : null)
            }
            help={trans.__(
              'It cannot be changed later: make another one and delete this one. %1 of %2 characters in base64.',
              length,
              LONGEST
            )}
          >
            {control => (
              <textarea
                {...control}
                className="jp-mod-styled smstudio-Domain-script"
                rows={14}
                required
                spellCheck={false}
                value={text}
                onChange={event => setText(event.target.value)}
              />
            )}
          </Field>
        </>
      )}
    </FormDialog>
  );
}

/** The text of a lifecycle configuration. */
export function ViewScript(props: {
  row: ScriptRow;
  onClose: () => void;
}): JSX.Element {
  const { studio } = usePage();
  const { name } = props.row;
  const [script, setScript] = useState<Script | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  useEffect(() => {
    studio.api
      .call('describeScript', { name })
      .then(setScript)
      .catch(reason => setError(ApiFailure.from(reason)));
  }, [studio, name]);
  return (
    <Modal title={name} wide onClose={props.onClose}>
      {error && <ErrorBox error={error} />}
      {script ? (
        <pre className="smstudio-Domain-text" tabIndex={0}>
          {script.text}
        </pre>
      ) : (
        !error && <Skeleton rows={4} />
      )}
      <DialogButtons autoFocus onClose={props.onClose} />
    </Modal>
  );
}

/** Attaches a lifecycle configuration to the domain or a user, or takes it away. */
export function AttachScript(props: {
  domain: Domain;
  row: ListedScript;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { domain, row } = props;
  const [user, setUser] = useState('');
  const now = row.attached?.find(
    place => place.domain_id === domain.id && (place.user ?? '') === user
  );
  const [wanted, setWanted] = useState<{
    user: string;
    attached: boolean;
    isDefault: boolean;
  } | null>(null);
  const mine = wanted?.user === user ? wanted : null;
  const attached = mine?.attached ?? true;
  const isDefault = mine?.isDefault ?? now?.default ?? false;
  return (
    <FormDialog
      title={trans.__('Attach %1', row.name)}
      submit={trans.__('Save')}
      onClose={props.onClose}
      send={() =>
        studio.api.call('attachScript', {
          name: row.name,
          body: {
            domain_id: domain.id,
            user: user || null,
            attached,
            default: attached && isDefault
          }
        })
      }
    >
      {error => (
        <>
          <SelectField
            name="user"
            label={trans.__('To')}
            value={user}
            error={error('user')}
            choices={[
              { value: '', label: trans.__('The domain: all its users') },
              ...domain.profiles.map(each => ({
                value: each.name,
                label: each.name
              }))
            ]}
            onChange={setUser}
          />
          <Check
            checked={attached}
            label={trans.__('Attached')}
            help={
              !row.attached
                ? ''
                : now
                  ? trans.__('It is attached there now.')
                  : trans.__('It is not attached there now.')
            }
            onChange={value => setWanted({ user, attached: value, isDefault })}
          />
          <Check
            checked={attached && isDefault}
            disabled={!attached}
            label={trans.__('Run by default')}
            help={trans.__(
              'Apps of type %1 run it unless another script, or none, is chosen. The default of a user goes before that of the domain.',
              row.app_type
            )}
            onChange={value => setWanted({ user, attached, isDefault: value })}
          />
        </>
      )}
    </FormDialog>
  );
}
