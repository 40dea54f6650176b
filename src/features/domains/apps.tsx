import type { JSX } from 'react';
import { useEffect, useMemo, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type {
  AppList,
  AppRow,
  Domain,
  DomainFormOptions,
  ScriptRow
} from '../../api/generated';
import { usePage } from '../../shared/context';
import { CostNote } from '../../shared/cost';
import { openEnded } from '../../shared/costtext';
import { DialogButtons } from '../../shared/dialogbuttons';
import { SelectField } from '../../shared/fields';
import type { IColumn } from '../../shared/grid';
import { LogViewer } from '../../shared/log/viewer';
import { Modal } from '../../shared/modal';
import type { IQuery } from '../../shared/query';
import { NameField } from './fields';
import { FormDialog } from '../../shared/formdialog';
import type { IAppPlace } from './names';
import { freeName, keyOf, placeOf, shownApps } from './names';
import {
  actionsColumn,
  createdColumn,
  DeleteDialog,
  DeleteLink,
  nameColumn,
  statusColumn,
  TableTab
} from './tab';

/** The tab "Apps". */
export function Apps(props: {
  domain: Domain;
  query: IQuery<AppList>;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { domain, query } = props;
  const apps = query.data?.items ?? null;
  const [ended, setEnded] = useState(false);
  const [adding, setAdding] = useState(false);
  const [gone, setGone] = useState<AppRow | null>(null);
  const [log, setLog] = useState<AppRow | null>(null);
  const columns = useColumns(setLog, setGone);
  const rows = apps && shownApps(apps, ended);
  const owners = domain.profiles.length + domain.spaces.length > 0;
  return (
    <TableTab<AppRow>
      label={trans.__('Apps')}
      columns={columns}
      rows={rows}
      query={query}
      rowKey={keyOf}
      kind="App"
      data={row => ({ status: row.status })}
      onOpen={row => row.log_stream && setLog(row)}
      add={{
        label: trans.__('Create app'),
        disabled: !owners,
        title: owners ? undefined : trans.__('Add a user first')
      }}
      onAdd={() => setAdding(true)}
      tools={
        <label className="smstudio-Choice">
          <input
            type="checkbox"
            checked={ended}
            onChange={event => setEnded(event.target.checked)}
          />
          <span>{trans.__('Show apps deleted in the last 24 hours')}</span>
        </label>
      }
      empty={{
        title: trans.__('No apps'),
        text: trans.__(
          'An app is an image that runs on an instance. Opening a notebook with an image makes one.'
        )
      }}
    >
      {adding && (
        <CreateApp
          domain={domain}
          taken={(apps ?? []).map(app => app.name)}
          onClose={() => setAdding(false)}
        />
      )}
      {log && <AppLog domain={domain} app={log} onClose={() => setLog(null)} />}
      {gone && (
        <DeleteDialog
          title={trans.__('Delete app')}
          text={trans.__(
            'The app "%1" of %2 is deleted; its kernels lose what is not saved.',
            gone.name,
            gone.owner
          )}
          onClose={() => setGone(null)}
          send={() =>
            studio.api.call('deleteApp', {
              name: domain.id,
              body: placeOf(gone)
            })
          }
        />
      )}
    </TableTab>
  );
}

function useColumns(
  onLog: (app: AppRow) => void,
  onDelete: (app: AppRow) => void
): IColumn<AppRow>[] {
  const { trans } = usePage();
  return useMemo<IColumn<AppRow>[]>(
    () => [
      nameColumn(trans),
      statusColumn(trans),
      {
        id: 'type',
        label: trans.__('App type'),
        from: 'medium',
        render: row => row.type
      },
      {
        id: 'owner',
        label: trans.__('User or space'),
        from: 'wide',
        render: row => <span title={row.owner}>{row.owner}</span>
      },
      {
        id: 'instance',
        label: trans.__('Instance type'),
        from: 'medium',
        render: row => row.instance_type ?? ''
      },
      {
        id: 'script',
        label: trans.__('Start-up script'),
        from: 'wide',
        render: row => row.script ?? trans.__('No script')
      },
      createdColumn(trans, 'wide'),
      actionsColumn(trans, row => (
        <>
          {row.log_stream && (
            <button className="smstudio-Link" onClick={() => onLog(row)}>
              {trans.__('View logs')}
            </button>
          )}
          {row.status !== 'Deleted' && row.status !== 'Deleting' && (
            <DeleteLink
              label={trans.__('Delete the app %1', row.name)}
              onClick={() => onDelete(row)}
            />
          )}
        </>
      ))
    ],
    [trans, onLog, onDelete]
  );
}

/** What an app's start-up script wrote, and why the app failed. */
function AppLog(props: {
  domain: Domain;
  app: AppRow;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { domain, app } = props;
  const stream = app.log_stream ?? '';
  const [reason, setReason] = useState<string | null>(null);
  useEffect(() => {
    if (app.status === 'Failed') {
      studio.api
        .call('getAppFailure', { name: domain.id, body: placeOf(app) })
        .then(answer => setReason(answer.reason))
        .catch(error => setReason(ApiFailure.from(error).message));
    }
  }, [studio, domain.id, app]);
  return (
    <Modal
      title={trans.__('Start-up script of %1', app.name)}
      wide
      onClose={props.onClose}
    >
      {reason && (
        <div className="smstudio-Note smstudio-mod-warning" role="alert">
          {reason}
        </div>
      )}
      <div className="smstudio-Domain-log">
        <LogViewer
          source={{
            id: `app:${stream}`,
            read: (page, query, signal) =>
              page.api.call('getAppLog', {
                name: domain.id,
                query: { ...query, stream },
                signal
              }),
            url: page =>
              page.api.url('downloadAppLog', {
                name: domain.id,
                query: { stream }
              })
          }}
          running={app.status === 'Pending'}
        />
      </div>
      <DialogButtons autoFocus onClose={props.onClose} />
    </Modal>
  );
}

function CreateApp(props: {
  domain: Domain;
  taken: string[];
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { domain } = props;
  const owners = [
    ...domain.profiles.map(each => ({
      value: `UserProfile/${each.name}`,
      label: each.name
    })),
    ...domain.spaces.map(each => ({
      value: `Space/${each.name}`,
      label: trans.__('%1 (space)', each.name)
    }))
  ];
  const [owner, setOwner] = useState(owners[0].value);
  const [type, setType] = useState(domain.app_types[0]);
  const [name, setName] = useState(() =>
    freeName(domain.app_types[0].toLowerCase(), props.taken)
  );
  const [options, setOptions] = useState<DomainFormOptions | null>(null);
  const [scripts, setScripts] = useState<ScriptRow[]>([]);
  const [instance, setInstance] = useState('ml.t3.medium');
  const [script, setScript] = useState('');
  useEffect(() => {
    // Without them the form still works: with defaults and no script.
    studio.api.call('getDomainOptions', {}).then(setOptions, () => undefined);
    studio.api.call('listScripts', {}).then(
      answer => setScripts(answer.items),
      () => undefined
    );
  }, [studio]);
  const types = options?.instance_types ?? [];
  return (
    <FormDialog
      title={trans.__('Create app')}
      submit={trans.__('Create app')}
      onClose={props.onClose}
      send={() => {
        const [kind, whose] = owner.split('/') as [
          IAppPlace['owner_kind'],
          string
        ];
        return studio.api.call('createApp', {
          name: domain.id,
          body: {
            owner_kind: kind,
            owner: whose,
            type,
            name,
            instance_type: type === 'JupyterServer' ? null : instance,
            script_arn: script || null
          }
        });
      }}
    >
      {error => (
        <>
          {domain.notices.map(notice => (
            <div key={notice} className="smstudio-Note" role="note">
              {notice}
            </div>
          ))}
          <SelectField
            name="owner"
            label={trans.__('User or space')}
            value={owner}
            error={error('owner')}
            choices={owners}
            onChange={setOwner}
          />
          <SelectField
            name="type"
            label={trans.__('App type')}
            value={type}
            error={error('type')}
            choices={domain.app_types.map(value => ({ value, label: value }))}
            onChange={value => {
              setType(value as IAppPlace['type']);
              setScript('');
            }}
          />
          <NameField
            name="name"
            label={trans.__('App name')}
            value={name}
            error={error('name')}
            onChange={setName}
          />
          {type !== 'JupyterServer' && (
            <SelectField
              name="instance_type"
              label={trans.__('Instance type')}
              value={instance}
              error={error('instance_type')}
              choices={(types.includes(instance)
                ? types
                : [instance, ...types]
              ).map(value => ({ value, label: value }))}
              onChange={setInstance}
            />
          )}
          <SelectField
            name="script_arn"
            label={trans.__('Start-up script')}
            value={script}
            error={error('script_arn')}
            choices={[
              { value: '', label: trans.__('The default one, if any') },
              { value: 'None', label: trans.__('No script') },
              ...scripts
                .filter(each => each.app_type === type)
                .map(each => ({ value: each.arn, label: each.name }))
            ]}
            onChange={setScript}
          />
          {type !== 'JupyterServer' && (
            <CostNote
              items={openEnded('Studio', [
                { instanceType: instance, instances: 1 }
              ])}
            />
          )}
        </>
      )}
    </FormDialog>
  );
}
