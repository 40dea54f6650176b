import { linkIcon } from '@jupyterlab/ui-components';
import type { JSX } from 'react';
import { useMemo, useState } from 'react';

import type { Snapshot } from '../../api/generated';
import { CommandIDs, RowData } from '../../commands';
import { usePage } from '../../shared/context';
import type { IColumn } from '../../shared/grid';
import { Grid } from '../../shared/grid';
import { useList } from '../../shared/list';
import { CopyButton } from '../../shared/s3uri';
import { EmptyState, ErrorBox, Skeleton, StaleNote } from '../../shared/states';
import { TimeText } from '../../shared/time';

const PAGE = 100;

/** The main-area page "My snapshots". */
export default function SnapshotsPage(props: {
  linkTo: (name: string) => string;
}): JSX.Element {
  const { trans, commands } = usePage();
  const [search, setSearch] = useState('');
  const list = useList<Snapshot & { status: string }>(`snapshots?${search}`, {
    kind: RowData.snapshot,
    busy: () => false,
    load: async (studio, token, signal) => {
      const page = await studio.api.call('listSnapshots', {
        query: { search, max_results: PAGE, next_token: token },
        signal
      });
      return {
        ...page,
        items: page.items.map(each => ({ ...each, status: '' }))
      };
    }
  });
  const columns = useMemo<IColumn<Snapshot>[]>(
    () => [
      {
        id: 'file_name',
        label: trans.__('Notebook'),
        render: row => (
          <span title={row.file_name} dir="auto">
            {row.file_name}
          </span>
        )
      },
      {
        id: 'created',
        label: trans.__('Created'),
        render: row => <TimeText value={row.created} />
      },
      {
        id: 'output',
        label: trans.__('Output'),
        render: row =>
          row.include_output ? trans.__('Included') : trans.__('Not included')
      },
      {
        id: 'git',
        label: trans.__('Git repository'),
        from: 'wide',
        render: row => row.git?.url ?? ''
      },
      {
        id: 'link',
        label: trans.__('Link'),
        slim: true,
        render: row => (
          <CopyButton
            text={props.linkTo(row.name)}
            label={trans.__('Copy link')}
          />
        )
      }
    ],
    [trans]
  );
  return (
    <div className="smstudio-Main smstudio-ListPage">
      <header className="smstudio-Header">
        <div className="smstudio-Header-line">
          <linkIcon.react tag="span" width="20px" />
          <h1>{trans.__('My snapshots')}</h1>
        </div>
        <div className="smstudio-Tools" role="search">
          <input
            type="search"
            className="jp-mod-styled smstudio-Search"
            value={search}
            placeholder={trans.__('Search by name')}
            aria-label={trans.__('Search by name')}
            data-autofocus
            onChange={event => setSearch(event.target.value)}
          />
        </div>
      </header>
      {list.error && list.rows.length > 0 && (
        <StaleNote
          error={list.error}
          updated={list.updated}
          onRetry={list.refresh}
        />
      )}
      {list.loading ? (
        <div role="status" aria-label={trans.__('Loading')}>
          <Skeleton rows={6} />
        </div>
      ) : list.error && !list.rows.length ? (
        <ErrorBox error={list.error} onRetry={list.refresh} />
      ) : list.rows.length ? (
        <Grid
          label={trans.__('My snapshots')}
          columns={columns}
          rows={list.rows}
          rowKey={row => row.name}
          kind={RowData.snapshot}
          onOpen={row =>
            void commands.execute(CommandIDs.openSnapshot, { name: row.name })
          }
          onEnd={list.loadMore}
          complete={list.complete}
          endNote={trans.__('End of the list')}
        />
      ) : search ? (
        <EmptyState title={trans.__('No name contains "%1".', search)} />
      ) : (
        <EmptyState title={trans.__('No snapshots yet')}>
          {trans.__(
            'Open a notebook and press Share at its top right: a snapshot is a read-only copy with a link.'
          )}
        </EmptyState>
      )}
    </div>
  );
}
