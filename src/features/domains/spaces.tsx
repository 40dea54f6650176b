import type { JSX } from 'react';
import { useState } from 'react';

import type { Domain, SpaceRow } from '../../api/generated';
import { usePage } from '../../shared/context';
import { SelectField } from '../../shared/fields';
import { FormDialog } from '../../shared/formdialog';
import { NameField } from './fields';
import { OwnersTab } from './owners';

/** The tab "Spaces". */
export function Spaces(props: { domain: Domain }): JSX.Element {
  const { studio, trans } = usePage();
  const { domain } = props;
  return (
    <OwnersTab<SpaceRow>
      label={trans.__('Spaces')}
      rows={domain.spaces}
      kind="Space"
      columns={[
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
        }
      ]}
      add={trans.__('Create space')}
      form={close => <CreateSpace domain={domain} onClose={close} />}
      empty={{
        title: trans.__('No spaces'),
        text: trans.__(
          'A space has apps that belong to nobody alone: several users can share it.'
        )
      }}
      removal={{
        title: trans.__('Delete space'),
        label: name => trans.__('Delete the space %1', name),
        text: name =>
          trans.__(
            'The space "%1" is deleted. Its apps must be deleted before.',
            name
          ),
        send: space =>
          studio.api.call('deleteSpace', { name: domain.id, parts: { space } })
      }}
    />
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
