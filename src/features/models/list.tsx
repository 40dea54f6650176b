import type { JSX } from 'react';
import { useMemo } from 'react';

import type { ModelSummary } from '../../api/generated';
import { CommandIDs, RowData } from '../../commands';
import { usePage } from '../../shared/context';
import type { IColumn } from '../../shared/grid';
import { modelIcon } from '../../shared/icons';
import { ListPage } from '../../shared/listpage';
import { TimeText } from '../../shared/time';

/** The main-area page "Models". */
export default function ModelsPage(): JSX.Element {
  const { trans, commands } = usePage();
  const columns = useMemo<IColumn<ModelSummary>[]>(
    () => [
      {
        id: 'name',
        label: trans.__('Name'),
        sortable: true,
        render: row => <span title={row.name}>{row.name}</span>
      },
      {
        id: 'created',
        label: trans.__('Created'),
        sortable: true,
        render: row => <TimeText value={row.created} />
      },
      {
        id: 'arn',
        label: trans.__('ARN'),
        from: 'wide',
        render: row => <span title={row.arn}>{row.arn}</span>
      }
    ],
    [trans]
  );
  return (
    <ListPage<ModelSummary>
      id="models"
      title={trans.__('Models')}
      icon={modelIcon}
      kind={RowData.model}
      statuses={[]}
      columns={columns}
      load={query => (studio, token, signal) =>
        studio.api.call('listModels', {
          query: {
            search: query.search,
            created_after: query.created_after,
            created_before: query.created_before,
            sort_by: query.sort_by === 'Name' ? 'Name' : 'CreationTime',
            sort_order: query.sort_order,
            max_results: query.max_results,
            next_token: token
          },
          signal
        })
      }
      open={name => void commands.execute(CommandIDs.openModel, { name })}
      emptyTitle={trans.__('No models')}
      emptyText={trans.__(
        'Deploying a training job or a candidate makes a model; so does create_model of the SDK.'
      )}
    />
  );
}
