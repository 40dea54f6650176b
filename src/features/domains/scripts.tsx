import type { JSX } from 'react';
import { useEffect, useMemo, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type {
  Domain,
  Script,
  ScriptList,
  ScriptPlace,
  ScriptRow
} from '../../api/generated';
import { usePage } from '../../shared/context';
import { Check, Field } from '../../shared/form';
import type { IColumn } from '../../shared/grid';
import { Grid } from '../../shared/grid';
import { Modal } from '../../shared/modal';
import { useQuery } from '../../shared/query';
import { EmptyState, ErrorBox, Skeleton, StaleBar } from '../../shared/states';
import { TimeText } from '../../shared/time';
import { NameField, SelectField } from './fields';
import { FormDialog } from './formdialog';
import type { IAppPlace } from './names';

/** Letters that base64 makes of a script, at most. */
const LONGEST = 16384;
const EXAMPLE = '#!/bin/bash\nset -eux\n';

type Dialog =
  { kind: 'create' } | { kind: 'view' | 'attach' | 'delete'; row: ScriptRow };

/** The tab "Lifecycle configurations". */
export function Scripts(props: { domain: Domain }): JSX.Element {
  const { studio, trans } = usePage();
  const { domain } = props;
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const close = (): void => setDialog(null);
  const query = useQuery<ScriptList>(
    'lifecycle-configs',
    (page, signal) => page.api.call('listScripts', { signal }),
    {
      concerns: change =>
        ['StudioLifecycleConfig', 'Domain', 'UserProfile'].includes(
          change.kind
        ),
      busy: () => false
    }
  );
  const columns = useColumns(setDialog);
  return (
    <div className="smstudio-Domain-tab">
      <div className="smstudio-Tools">
        <button
          className="jp-mod-styled jp-mod-accept"
          onClick={() => setDialog({ kind: 'create' })}
        >
          {trans.__('Create configuration')}
        </button>
        <span className="smstudio-mod-dim">
          {trans.__(
            'A shell script that runs when an app starts; it has 5 minutes.'
          )}
        </span>
      </div>
      <StaleBar query={query} />
      {!query.data && query.error ? null : !query.data ? (
        <Skeleton rows={3} />
      ) : query.data.items.length ? (
        <Grid<ScriptRow>
          label={trans.__('Lifecycle configurations')}
          columns={columns}
          rows={query.data.items}
          rowKey={row => row.name}
          kind="StudioLifecycleConfig"
          onOpen={row => setDialog({ kind: 'view', row })}
          complete
        />
      ) : (
        <EmptyState title={trans.__('No lifecycle configurations')}>
          {trans.__(
            'Create one to install packages or to set things up at each start of an app.'
          )}
        </EmptyState>
      )}
      {dialog?.kind === 'create' && <CreateScript onClose={close} />}
      {dialog?.kind === 'view' && (
        <ViewScript row={dialog.row} onClose={close} />
      )}
      {dialog?.kind === 'attach' && (
        <AttachScript domain={domain} row={dialog.row} onClose={close} />
      )}
      {dialog?.kind === 'delete' && (
        <FormDialog
          title={trans.__('Delete lifecycle configuration')}
          submit={trans.__('Delete')}
          warn
          onClose={close}
          send={() =>
            studio.api.call('deleteScript', { name: dialog.row.name })
          }
        >
          {() => (
            <p>
              {trans.__(
                'The lifecycle configuration "%1" is deleted. It must be detached from all domains and users before.',
                dialog.row.name
              )}
            </p>
          )}
        </FormDialog>
      )}
    </div>
  );
}

function useColumns(onDialog: (dialog: Dialog) => void): IColumn<ScriptRow>[] {
  const { trans } = usePage();
  return useMemo<IColumn<ScriptRow>[]>(
    () => [
      {
        id: 'name',
        label: trans.__('Name'),
        render: row => <span title={row.name}>{row.name}</span>
      },
      {
        id: 'type',
        label: trans.__('App type'),
        from: 'medium',
        render: row => row.app_type
      },
      {
        id: 'attached',
        label: trans.__('Attached to'),
        from: 'medium',
        render: row => {
          const text = row.attached
            .map(place => {
              const where = placeName(place);
              return place.default ? trans.__('%1 (default)', where) : where;
            })
            .join(', ');
          return <span title={text}>{text}</span>;
        }
      },
      {
        id: 'created',
        label: trans.__('Created'),
        from: 'wide',
        render: row => <TimeText value={row.created} />
      },
      {
        id: 'actions',
        label: trans.__('Actions'),
        render: row => (
          <span className="smstudio-Domain-actions">
            <button
              className="smstudio-Link"
              onClick={() => onDialog({ kind: 'view', row })}
            >
              {trans.__('View script')}
            </button>
            <button
              className="smstudio-Link"
              onClick={() => onDialog({ kind: 'attach', row })}
            >
              {trans.__('Attach…')}
            </button>
            <button
              className="smstudio-Link"
              aria-label={trans.__(
                'Delete the lifecycle configuration %1',
                row.name
              )}
              onClick={() => onDialog({ kind: 'delete', row })}
            >
              {trans.__('Delete…')}
            </button>
          </span>
        )
      }
    ],
    [trans, onDialog]
  );
}

function placeName(place: ScriptPlace): string {
  return place.user
    ? `${place.domain_name} / ${place.user}`
    : place.domain_name;
}

/** How many letters base64 makes of a text. */
export function encodedLength(text: string): number {
  return 4 * Math.ceil(new TextEncoder().encode(text).length / 3);
}

function CreateScript(props: { onClose: () => void }): JSX.Element {
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

function ViewScript(props: {
  row: ScriptRow;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
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
      <div className="smstudio-Buttons">
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject"
          autoFocus
          onClick={props.onClose}
        >
          {trans.__('Close')}
        </button>
      </div>
    </Modal>
  );
}

function AttachScript(props: {
  domain: Domain;
  row: ScriptRow;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { domain, row } = props;
  const [user, setUser] = useState('');
  const now = row.attached.find(
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
              now
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
