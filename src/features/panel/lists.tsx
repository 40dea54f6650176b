import type { JSX, ReactNode } from 'react';
import { useMemo, useState } from 'react';

import type {
  AutoMLJobSummary,
  DomainSummary,
  EndpointSummary,
  ModelSummary,
  NotebookInstanceSummary,
  TrainingJobSummary,
  TransformJobSummary,
  TuningJobSummary
} from '../../api/generated';
import { CommandIDs, RowData } from '../../commands';
import { usePage } from '../../shared/context';
import type { IColumn } from '../../shared/grid';
import { Grid } from '../../shared/grid';
import type { IListOptions } from '../../shared/list';
import { useList } from '../../shared/list';
import type { ISort } from '../../shared/merge';
import { sortRows } from '../../shared/merge';
import { EmptyState, ErrorBox, Skeleton, StaleNote } from '../../shared/states';
import { StatusBadge, tone } from '../../shared/status';
import { TimeText } from '../../shared/time';

const PAGE = 100;

/** What all lists show of a resource. */
interface ISummary {
  name: string;
  status: string;
  created: string;
  modified: string;
}

/** How the server sorts a list. */
interface IOrder {
  search: string | null;
  sort_by: 'Name' | 'CreationTime' | 'Status';
  sort_order: 'Ascending' | 'Descending';
  max_results: number;
}

/** The Autopilot jobs. */
export function ExperimentList(props: { search: string }): JSX.Element {
  const { trans, commands } = usePage();
  return (
    <ResourceList<AutoMLJobSummary>
      {...props}
      id="automl-jobs"
      kind={RowData.experiment}
      label={trans.__('AutoML jobs')}
      emptyTitle={trans.__('No experiments yet')}
      emptyText={trans.__(
        'Create Experiment trains and compares models on your table by itself. Sample data is at hand.'
      )}
      detail={row => row.failure_reason ?? row.secondary_status}
      load={order => async (studio, token, signal) =>
        studio.api.call('listAutoMLJobs', {
          query: { ...order, next_token: token },
          signal
        })
      }
      open={name => void commands.execute(CommandIDs.openExperiment, { name })}
    />
  );
}

/** The endpoints. */
export function EndpointList(props: { search: string }): JSX.Element {
  const { trans, commands } = usePage();
  return (
    <ResourceList<EndpointSummary>
      {...props}
      id="endpoints"
      kind={RowData.endpoint}
      label={trans.__('Endpoints')}
      emptyTitle={trans.__('No endpoints')}
      emptyText={trans.__(
        "Deploy a model from an experiment's page to get predictions over HTTPS."
      )}
      statusLabel={trans.__('Endpoint status')}
      detail={row => row.status}
      load={order => async (studio, token, signal) =>
        studio.api.call('listEndpoints', {
          query: { ...order, next_token: token },
          signal
        })
      }
      open={name => void commands.execute(CommandIDs.openEndpoint, { name })}
    />
  );
}

/** The training jobs. */
export function TrainingJobList(props: { search: string }): JSX.Element {
  const { trans, commands } = usePage();
  return (
    <ResourceList<TrainingJobSummary>
      {...props}
      id="training-jobs"
      kind={RowData.trainingJob}
      label={trans.__('Training jobs')}
      emptyTitle={trans.__('No training jobs')}
      emptyText={trans.__(
        'Train a built-in algorithm or a script of your own; experiments and estimators of the SageMaker SDK show here, too.'
      )}
      detail={row => row.secondary_status}
      load={order => async (studio, token, signal) =>
        studio.api.call('listTrainingJobs', {
          query: { ...order, next_token: token },
          signal
        })
      }
      open={name => void commands.execute(CommandIDs.openTrainingJob, { name })}
    />
  );
}

/** The tuning jobs. */
export function TuningJobList(props: { search: string }): JSX.Element {
  const { trans, commands } = usePage();
  return (
    <ResourceList<TuningJobSummary>
      {...props}
      id="tuning-jobs"
      kind={RowData.tuningJob}
      label={trans.__('Tuning jobs')}
      emptyTitle={trans.__('No tuning jobs')}
      emptyText={trans.__(
        'A tuning job runs many training jobs and finds the hyperparameters with the best result.'
      )}
      detail={row =>
        trans.__(
          '%1 · %2 trials completed',
          row.strategy,
          row.counters.completed
        )
      }
      load={order => async (studio, token, signal) =>
        studio.api.call('listTuningJobs', {
          query: { ...order, next_token: token },
          signal
        })
      }
      open={name => void commands.execute(CommandIDs.openTuningJob, { name })}
    />
  );
}

/** The batch transform jobs. */
export function TransformJobList(props: { search: string }): JSX.Element {
  const { trans, commands } = usePage();
  return (
    <ResourceList<TransformJobSummary>
      {...props}
      id="transform-jobs"
      kind={RowData.transformJob}
      label={trans.__('Batch transform jobs')}
      emptyTitle={trans.__('No batch transform jobs')}
      emptyText={trans.__(
        'A batch transform job predicts every row of the files in S3 with a model, without an endpoint.'
      )}
      detail={row => row.failure_reason ?? row.status}
      load={order => async (studio, token, signal) =>
        studio.api.call('listTransformJobs', {
          query: { ...order, next_token: token },
          signal
        })
      }
      open={name =>
        void commands.execute(CommandIDs.openTransformJob, { name })
      }
    />
  );
}

/** The models. */
export function ModelList(props: { search: string }): JSX.Element {
  const { trans, commands } = usePage();
  return (
    <ResourceList<ModelSummary>
      {...props}
      id="models"
      kind={RowData.model}
      label={trans.__('Models')}
      stateless
      emptyTitle={trans.__('No models')}
      emptyText={trans.__(
        'Deploying a training job or a candidate makes a model; so does create_model of the SDK.'
      )}
      detail={() => ''}
      load={order => async (studio, token, signal) =>
        studio.api.call('listModels', {
          query: {
            ...order,
            sort_by:
              order.sort_by === 'Status' ? 'CreationTime' : order.sort_by,
            next_token: token
          },
          signal
        })
      }
      open={name => void commands.execute(CommandIDs.openModel, { name })}
    />
  );
}

/** The notebook instances. */
export function NotebookInstanceList(props: { search: string }): JSX.Element {
  const { trans, commands } = usePage();
  return (
    <ResourceList<NotebookInstanceSummary>
      {...props}
      id="notebook-instances"
      kind={RowData.notebookInstance}
      label={trans.__('Notebook instances')}
      emptyTitle={trans.__('No notebook instances')}
      emptyText={trans.__(
        'A notebook instance is a Jupyter server of its own with a folder that is kept. Create one, start it when you need it, stop it when you do not.'
      )}
      detail={row => `${row.status} · ${row.instance_type}`}
      load={order => async (studio, token, signal) =>
        studio.api.call('listNotebookInstances', {
          query: { ...order, next_token: token },
          signal
        })
      }
      open={name =>
        void commands.execute(CommandIDs.openNotebookInstance, { name })
      }
    />
  );
}

/** The domains; there are few, so that the browser searches and sorts. */
export function DomainList(props: { search: string }): JSX.Element {
  const { trans, commands } = usePage();
  return (
    <ResourceList<DomainSummary>
      {...props}
      id="domains"
      kind={RowData.domain}
      label={trans.__('Domains')}
      emptyTitle={trans.__('No domain')}
      emptyText={trans.__(
        'A domain holds the user profiles, their apps, and where shared notebooks are kept.'
      )}
      detail={row => row.status}
      load={order => async (studio, _token, signal) => {
        const { items } = await studio.api.call('listDomains', { signal });
        const search = order.search?.toLowerCase() ?? '';
        const found = items.filter(row =>
          row.name.toLowerCase().includes(search)
        );
        return {
          items: sortRows(
            found,
            row =>
              order.sort_by === 'CreationTime'
                ? Date.parse(row.created)
                : order.sort_by === 'Status'
                  ? row.status
                  : row.name,
            order.sort_order === 'Descending'
          ),
          next_token: null
        };
      }}
      open={() => void commands.execute(CommandIDs.openDomain)}
    />
  );
}

interface IResourceListProps<T extends ISummary> {
  id: string;
  search: string;
  kind: string;
  label: string;
  statusLabel?: string;
  /** The resources have no states. */
  stateless?: boolean;
  emptyTitle: string;
  emptyText: ReactNode;
  detail: (row: T) => string;
  load: (order: IOrder) => IListOptions<T>['load'];
  open: (name: string) => void;
}

function ResourceList<T extends ISummary>(
  props: IResourceListProps<T>
): JSX.Element {
  const { trans } = usePage();
  const [sort, setSort] = useState<ISort>({
    column: 'created',
    descending: true
  });
  const order: IOrder = {
    search: props.search || null,
    sort_by:
      sort.column === 'name'
        ? 'Name'
        : sort.column === 'status'
          ? 'Status'
          : 'CreationTime',
    sort_order: sort.descending ? 'Descending' : 'Ascending',
    max_results: PAGE
  };
  const list = useList<T>(`${props.id}?${JSON.stringify(order)}`, {
    kind: props.kind,
    busy: row => tone(row.status) === 'busy',
    load: props.load(order)
  });
  // AWS cannot sort by modification; with every row here, we can.
  const rows = useMemo(
    () =>
      sort.column === 'modified' && list.complete
        ? sortRows(list.rows, row => Date.parse(row.modified), sort.descending)
        : list.rows,
    [list.rows, list.complete, sort]
  );
  const columns = useMemo<IColumn<T>[]>(
    () => [
      {
        id: 'name',
        label: trans.__('Name'),
        sortable: true,
        render: row => <span title={row.name}>{row.name}</span>
      },
      {
        id: 'modified',
        label: trans.__('Last Modified'),
        sortable: list.complete,
        title: list.complete
          ? undefined
          : trans.__('Scroll to the end to sort by this column'),
        render: row => <TimeText value={row.modified} short />
      },
      {
        id: 'status',
        label: props.statusLabel ?? trans.__('Status'),
        sortable: true,
        slim: true,
        render: row => (
          <StatusBadge status={row.status} detail={props.detail(row)} />
        )
      },
      {
        id: 'created',
        label: trans.__('Created'),
        sortable: true,
        from: 'wide',
        render: row => <TimeText value={row.created} short />
      }
    ],
    // The columns' functions only read their row.
    [trans, list.complete]
  );

  if (list.loading) {
    return (
      <div role="status" aria-label={trans.__('Loading')}>
        <Skeleton rows={4} />
      </div>
    );
  }
  if (list.error && !rows.length) {
    return <ErrorBox error={list.error} onRetry={list.refresh} />;
  }
  if (!rows.length) {
    return props.search ? (
      <EmptyState title={trans.__('No name contains "%1".', props.search)} />
    ) : (
      <EmptyState title={props.emptyTitle}>{props.emptyText}</EmptyState>
    );
  }
  return (
    <>
      {list.error && (
        <StaleNote
          error={list.error}
          updated={list.updated}
          onRetry={list.refresh}
        />
      )}
      <Grid<T>
        label={props.label}
        columns={
          props.stateless
            ? columns.filter(column => column.id !== 'status')
            : columns
        }
        rows={rows}
        rowKey={row => row.name}
        kind={props.kind}
        data={row => ({ status: row.status })}
        sort={sort}
        onSort={setSort}
        onOpen={row => props.open(row.name)}
        onEnd={list.loadMore}
        complete={list.complete}
        endNote={trans.__('End of the list')}
      />
    </>
  );
}
