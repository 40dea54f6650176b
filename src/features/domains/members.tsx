import type { JSX } from 'react';
import { useMemo, useState } from 'react';

import type { Domain, ProfileRow, SpaceRow } from '../../api/generated';
import { usePage } from '../../shared/context';
import type { IColumn } from '../../shared/grid';
import { Grid } from '../../shared/grid';
import { EmptyState } from '../../shared/states';
import { StatusBadge } from '../../shared/status';
import { TimeText } from '../../shared/time';
import { NameField, SelectField, TextField } from './fields';
import { FormDialog } from './formdialog';
import { Launch } from './launch';

/** The tab "User profiles". */
export function Users(props: { domain: Domain }): JSX.Element {
  const { studio, trans } = usePage();
  const { domain } = props;
  const [adding, setAdding] = useState(false);
  const [launching, setLaunching] = useState<string | null>(null);
  const [gone, setGone] = useState<string | null>(null);
  const columns = useMemo<IColumn<ProfileRow>[]>(
    () => [
      {
        id: 'name',
        label: trans.__('Name'),
        render: row => <span title={row.name}>{row.name}</span>
      },
      {
        id: 'status',
        label: trans.__('Status'),
        slim: true,
        render: row => <StatusBadge status={row.status} />
      },
      {
        id: 'created',
        label: trans.__('Created'),
        from: 'medium',
        render: row => <TimeText value={row.created} />
      },
      {
        id: 'actions',
        label: trans.__('Actions'),
        render: row => (
          <span className="smstudio-Domain-actions">
            <button
              className="smstudio-Link"
              title={trans.__('Open Studio as %1', row.name)}
              onClick={() => setLaunching(row.name)}
            >
              {trans.__('Launch app')}
            </button>
            <button
              className="smstudio-Link"
              aria-label={trans.__('Delete the user profile %1', row.name)}
              onClick={() => setGone(row.name)}
            >
              {trans.__('Delete…')}
            </button>
          </span>
        )
      }
    ],
    [trans]
  );
  return (
    <div className="smstudio-Domain-tab">
      <div className="smstudio-Tools">
        <button
          className="jp-mod-styled jp-mod-accept"
          onClick={() => setAdding(true)}
        >
          {trans.__('Add user')}
        </button>
      </div>
      {domain.profiles.length ? (
        <Grid<ProfileRow>
          label={trans.__('User profiles')}
          columns={columns}
          rows={domain.profiles}
          rowKey={row => row.name}
          kind="UserProfile"
          onOpen={row => setLaunching(row.name)}
          complete
        />
      ) : (
        <EmptyState title={trans.__('No user profiles')}>
          {trans.__('Apps belong to a user profile or a space: add a user.')}
        </EmptyState>
      )}
      {adding && <AddUser domain={domain} onClose={() => setAdding(false)} />}
      {launching && (
        <Launch
          domain={domain}
          user={launching}
          onClose={() => setLaunching(null)}
        />
      )}
      {gone && (
        <FormDialog
          title={trans.__('Delete user profile')}
          submit={trans.__('Delete')}
          warn
          onClose={() => setGone(null)}
          send={() =>
            studio.api.call('deleteUserProfile', {
              name: domain.id,
              parts: { user: gone }
            })
          }
        >
          {() => (
            <p>
              {trans.__(
                'The user profile "%1" is deleted. Its apps must be deleted before; its home folder stays.',
                gone
              )}
            </p>
          )}
        </FormDialog>
      )}
    </div>
  );
}

function AddUser(props: { domain: Domain; onClose: () => void }): JSX.Element {
  const { studio, trans } = usePage();
  const { domain } = props;
  const [name, setName] = useState('');
  const [role, setRole] = useState('');
  return (
    <FormDialog
      title={trans.__('Add user')}
      submit={trans.__('Add user')}
      onClose={props.onClose}
      send={() =>
        studio.api.call('createUserProfile', {
          name: domain.id,
          body: { name, execution_role: role || null }
        })
      }
    >
      {error => (
        <>
          <NameField
            name="name"
            label={trans.__('User name')}
            autoFocus
            value={name}
            error={error('name')}
            onChange={setName}
          />
          <TextField
            name="execution_role"
            label={trans.__('Execution role')}
            value={role}
            error={error('execution_role')}
            help={trans.__('Empty: the default execution role of the domain.')}
            onChange={setRole}
          />
        </>
      )}
    </FormDialog>
  );
}

/** The tab "Spaces". */
export function Spaces(props: { domain: Domain }): JSX.Element {
  const { studio, trans } = usePage();
  const { domain } = props;
  const [adding, setAdding] = useState(false);
  const [gone, setGone] = useState<string | null>(null);
  const columns = useMemo<IColumn<SpaceRow>[]>(
    () => [
      {
        id: 'name',
        label: trans.__('Name'),
        render: row => <span title={row.name}>{row.name}</span>
      },
      {
        id: 'status',
        label: trans.__('Status'),
        slim: true,
        render: row => <StatusBadge status={row.status} />
      },
      {
        id: 'sharing',
        label: trans.__('Sharing'),
        from: 'medium',
        render: row =>
          row.sharing === 'Private'
            ? trans.__('Private (%1)', row.owner ?? '')
            : trans.__('Shared')
      },
      {
        id: 'type',
        label: trans.__('App type'),
        from: 'wide',
        render: row => row.app_type ?? ''
      },
      {
        id: 'created',
        label: trans.__('Created'),
        from: 'medium',
        render: row => <TimeText value={row.created} />
      },
      {
        id: 'actions',
        label: trans.__('Actions'),
        render: row => (
          <button
            className="smstudio-Link"
            aria-label={trans.__('Delete the space %1', row.name)}
            onClick={() => setGone(row.name)}
          >
            {trans.__('Delete…')}
          </button>
        )
      }
    ],
    [trans]
  );
  return (
    <div className="smstudio-Domain-tab">
      <div className="smstudio-Tools">
        <button
          className="jp-mod-styled jp-mod-accept"
          onClick={() => setAdding(true)}
        >
          {trans.__('Create space')}
        </button>
      </div>
      {domain.spaces.length ? (
        <Grid<SpaceRow>
          label={trans.__('Spaces')}
          columns={columns}
          rows={domain.spaces}
          rowKey={row => row.name}
          kind="Space"
          complete
        />
      ) : (
        <EmptyState title={trans.__('No spaces')}>
          {trans.__(
            'A space has apps that belong to nobody alone: several users can share it.'
          )}
        </EmptyState>
      )}
      {adding && (
        <CreateSpace domain={domain} onClose={() => setAdding(false)} />
      )}
      {gone && (
        <FormDialog
          title={trans.__('Delete space')}
          submit={trans.__('Delete')}
          warn
          onClose={() => setGone(null)}
          send={() =>
            studio.api.call('deleteSpace', {
              name: domain.id,
              parts: { space: gone }
            })
          }
        >
          {() => (
            <p>
              {trans.__(
                'The space "%1" is deleted. Its apps must be deleted before.',
                gone
              )}
            </p>
          )}
        </FormDialog>
      )}
    </div>
  );
}

function CreateSpace(props: {
  domain: Domain;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { domain } = props;
  const [name, setName] = useState('');
  const [sharing, setSharing] = useState<'Private' | 'Shared'>('Shared');
  const [owner, setOwner] = useState(domain.profiles[0]?.name ?? '');
  const [type, setType] = useState<'JupyterLab' | 'CodeEditor'>('JupyterLab');
  return (
    <FormDialog
      title={trans.__('Create space')}
      submit={trans.__('Create space')}
      onClose={props.onClose}
      send={() =>
        studio.api.call('createSpace', {
          name: domain.id,
          body: { name, sharing, owner: owner || null, app_type: type }
        })
      }
    >
      {error => (
        <>
          <NameField
            name="name"
            label={trans.__('Space name')}
            autoFocus
            value={name}
            error={error('name')}
            onChange={setName}
          />
          <SelectField
            name="sharing"
            label={trans.__('Sharing')}
            value={sharing}
            error={error('sharing')}
            choices={[
              { value: 'Shared', label: trans.__('Shared') },
              { value: 'Private', label: trans.__('Private') }
            ]}
            onChange={value => setSharing(value as 'Private' | 'Shared')}
          />
          <SelectField
            name="owner"
            label={trans.__('Owner')}
            value={owner}
            error={error('owner')}
            choices={domain.profiles.map(each => ({
              value: each.name,
              label: each.name
            }))}
            onChange={setOwner}
          />
          <SelectField
            name="app_type"
            label={trans.__('App type')}
            value={type}
            error={error('app_type')}
            choices={['JupyterLab', 'CodeEditor'].map(value => ({
              value,
              label: value
            }))}
            onChange={value => setType(value as 'JupyterLab' | 'CodeEditor')}
          />
        </>
      )}
    </FormDialog>
  );
}
