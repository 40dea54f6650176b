import type { JSX } from 'react';
import { useMemo } from 'react';

import type { ModelSummary } from '../../api/generated';
import { CommandIDs, RowData } from '../../commands';
import { arnColumn, createdColumn, nameColumn } from '../../shared/columns';
import { usePage } from '../../shared/context';
import type { IColumn } from '../../shared/grid';
import { modelIcon } from '../../shared/icons';
import { ListPage, withoutStatus } from '../../shared/listpage';

/** The main-area page "Models". */
export default function ModelsPage(): JSX.Element {
  const { trans, commands } = usePage();
  const columns = useMemo<IColumn<ModelSummary>[]>(
    () => [nameColumn(trans), createdColumn(trans), arnColumn(trans)],
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
      load={(studio, query, signal) =>
        studio.api.call('listModels', { query: withoutStatus(query), signal })
      }
      open={name => void commands.execute(CommandIDs.openModel, { name })}
      emptyTitle={trans.__('No models')}
      emptyText={trans.__(
        'Deploying a training job or a candidate makes a model; so does create_model of the SDK.'
      )}
    />
  );
}
