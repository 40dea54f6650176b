import type { JSX } from 'react';
import { useMemo, useState } from 'react';

import type { Domain, ScriptList, ScriptPlace } from '../../api/generated';
import { usePage } from '../../shared/context';
import type { IColumn } from '../../shared/grid';
import { useQuery } from '../../shared/query';
import type { ListedScript } from './names';
import { AttachScript, CreateScript, ViewScript } from './scriptdialogs';
import {
  actionsColumn,
  createdColumn,
  DeleteDialog,
  DeleteLink,
  nameColumn,
  TableTab
} from './tab';

type Dialog =
  | { kind: 'create' }
  | { kind: 'view' | 'attach' | 'delete'; row: ListedScript };

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
      concerns: change => change.kind === 'StudioLifecycleConfig',
      busy: () => false
    }
  );
  const places = useQuery<ScriptPlace[]>(
    'lifecycle-places',
    async (page, signal) => {
      // All domains: a script that another one has cannot be deleted.
      const { items } = await page.api.call('listDomains', { signal });
      const found = await Promise.all(
        items.map(each =>
          page.api.call('listDomainScripts', { name: each.id, signal })
        )
      );
      return found.flatMap(each => each.places);
    },
    {
      concerns: change =>
        ['StudioLifecycleConfig', 'Domain', 'UserProfile'].includes(
          change.kind
        ),
      busy: () => false
    }
  );
  const rows = useMemo<ListedScript[] | null>(
    () =>
      query.data &&
      query.data.items.map(row => ({
        ...row,
        attached:
          places.data && places.data.filter(place => place.arn === row.arn)
      })),
    [query.data, places.data]
  );
  const columns = useColumns(setDialog);
  return (
    <TableTab<ListedScript>
      label={trans.__('Lifecycle configurations')}
      columns={columns}
      rows={rows}
      query={query.error ? query : places}
      rowKey={row => row.name}
      kind="StudioLifecycleConfig"
      onOpen={row => setDialog({ kind: 'view', row })}
      add={{ label: trans.__('Create configuration') }}
      onAdd={() => setDialog({ kind: 'create' })}
      tools={
        <span className="smstudio-mod-dim">
          {trans.__(
            'A shell script that runs when an app starts; it has 5 minutes.'
          )}
        </span>
      }
      empty={{
        title: trans.__('No lifecycle configurations'),
        text: trans.__(
          'Create one to install packages or to set things up at each start of an app.'
        )
      }}
    >
      {dialog?.kind === 'create' && <CreateScript onClose={close} />}
      {dialog?.kind === 'view' && (
        <ViewScript row={dialog.row} onClose={close} />
      )}
      {dialog?.kind === 'attach' && (
        <AttachScript domain={domain} row={dialog.row} onClose={close} />
      )}
      {dialog?.kind === 'delete' && (
        <DeleteDialog
          title={trans.__('Delete lifecycle configuration')}
          text={trans.__(
            'The lifecycle configuration "%1" is deleted. It must be detached from all domains and users before.',
            dialog.row.name
          )}
          onClose={close}
          send={() =>
            studio.api.call('deleteScript', { name: dialog.row.name })
          }
        />
      )}
    </TableTab>
  );
}

function useColumns(
  onDialog: (dialog: Dialog) => void
): IColumn<ListedScript>[] {
  const { trans } = usePage();
  return useMemo<IColumn<ListedScript>[]>(
    () => [
      nameColumn(trans),
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
          const text = (row.attached ?? [])
            .map(place => {
              const where = placeName(place);
              return place.default ? trans.__('%1 (default)', where) : where;
            })
            .join(', ');
          return <span title={text}>{text}</span>;
        }
      },
      createdColumn(trans, 'wide'),
      actionsColumn(trans, row => (
        <>
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
          <DeleteLink
            label={trans.__('Delete the lifecycle configuration %1', row.name)}
            onClick={() => onDialog({ kind: 'delete', row })}
          />
        </>
      ))
    ],
    [trans, onDialog]
  );
}

function placeName(place: ScriptPlace): string {
  return place.user
    ? `${place.domain_name} / ${place.user}`
    : place.domain_name;
}
