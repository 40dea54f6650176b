import type { JSX } from 'react';
import { useMemo, useState } from 'react';

import type { Domain, ProfileRow } from '../../api/generated';
import { usePage } from '../../shared/context';
import type { IColumn } from '../../shared/grid';
import { NameField, TextField } from './fields';
import { FormDialog } from './formdialog';
import { Launch } from './launch';
import {
  actionsColumn,
  createdColumn,
  DeleteDialog,
  DeleteLink,
  nameColumn,
  statusColumn,
  TableTab
} from './tab';

/** The tab "User profiles". */
export function Users(props: { domain: Domain }): JSX.Element {
  const { studio, trans } = usePage();
  const { domain } = props;
  const [adding, setAdding] = useState(false);
  const [launching, setLaunching] = useState<string | null>(null);
  const [gone, setGone] = useState<string | null>(null);
  const columns = useMemo<IColumn<ProfileRow>[]>(
    () => [
      nameColumn(trans),
      statusColumn(trans),
      createdColumn(trans, 'medium'),
      actionsColumn(trans, row => (
        <>
          <button
            className="smstudio-Link"
            title={trans.__('Open Studio as %1', row.name)}
            onClick={() => setLaunching(row.name)}
          >
            {trans.__('Launch app')}
          </button>
          <DeleteLink
            label={trans.__('Delete the user profile %1', row.name)}
            onClick={() => setGone(row.name)}
          />
        </>
      ))
    ],
    [trans]
  );
  return (
    <TableTab<ProfileRow>
      label={trans.__('User profiles')}
      columns={columns}
      rows={domain.profiles}
      rowKey={row => row.name}
      kind="UserProfile"
      onOpen={row => setLaunching(row.name)}
      add={{ label: trans.__('Add user') }}
      onAdd={() => setAdding(true)}
      empty={{
        title: trans.__('No user profiles'),
        text: trans.__('Apps belong to a user profile or a space: add a user.')
      }}
    >
      {adding && <AddUser domain={domain} onClose={() => setAdding(false)} />}
      {launching && (
        <Launch
          domain={domain}
          user={launching}
          onClose={() => setLaunching(null)}
        />
      )}
      {gone && (
        <DeleteDialog
          title={trans.__('Delete user profile')}
          text={trans.__(
            'The user profile "%1" is deleted. Its apps must be deleted before; its home folder stays.',
            gone
          )}
          onClose={() => setGone(null)}
          send={() =>
            studio.api.call('deleteUserProfile', {
              name: domain.id,
              parts: { user: gone }
            })
          }
        />
      )}
    </TableTab>
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
