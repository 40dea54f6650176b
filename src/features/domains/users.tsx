import type { JSX } from 'react';
import { useState } from 'react';

import type { Domain, ProfileRow } from '../../api/generated';
import { usePage } from '../../shared/context';
import { FormDialog } from '../../shared/formdialog';
import { NameField, TextField } from './fields';
import { Launch } from './launch';
import { OwnersTab } from './owners';

/** The tab "User profiles". */
export function Users(props: { domain: Domain }): JSX.Element {
  const { studio, trans } = usePage();
  const { domain } = props;
  const [launching, setLaunching] = useState<string | null>(null);
  return (
    <OwnersTab<ProfileRow>
      label={trans.__('User profiles')}
      rows={domain.profiles}
      kind="UserProfile"
      actions={row => (
        <button
          className="smstudio-Link"
          title={trans.__('Open Studio as %1', row.name)}
          onClick={() => setLaunching(row.name)}
        >
          {trans.__('Launch app')}
        </button>
      )}
      onOpen={row => setLaunching(row.name)}
      add={trans.__('Add user')}
      form={close => <AddUser domain={domain} onClose={close} />}
      empty={{
        title: trans.__('No user profiles'),
        text: trans.__('Apps belong to a user profile or a space: add a user.')
      }}
      removal={{
        title: trans.__('Delete user profile'),
        label: name => trans.__('Delete the user profile %1', name),
        text: name =>
          trans.__(
            'The user profile "%1" is deleted. Its apps must be deleted before; its home folder stays.',
            name
          ),
        send: user =>
          studio.api.call('deleteUserProfile', {
            name: domain.id,
            parts: { user }
          })
      }}
    >
      {launching && (
        <Launch
          domain={domain}
          user={launching}
          onClose={() => setLaunching(null)}
        />
      )}
    </OwnersTab>
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
