import type { TranslationBundle } from '@jupyterlab/translation';
import { homeIcon } from '@jupyterlab/ui-components';
import type { DragEvent, HTMLAttributes, JSX } from 'react';
import { useCallback, useEffect, useMemo, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type {
  ColumnFilter,
  ComponentRow,
  ExperimentEntry,
  ExperimentPage
} from '../../api/generated';
import { CommandIDs, RowData } from '../../commands';
import { assignTo, tellAssigned } from '../../shared/assigning';
import { usePage } from '../../shared/context';
import { FilterBar } from '../../shared/filters/bar';
import type { ISearchable } from '../../shared/filters/model';
import type { IColumn } from '../../shared/grid';
import { Grid } from '../../shared/grid';
import type { IList, IPage } from '../../shared/list';
import { useList } from '../../shared/list';
import type { ISort } from '../../shared/merge';
import { DRAGGED_COMPONENTS, Selection } from '../../shared/selection';
import { EmptyState, ErrorBox, Skeleton, StaleNote } from '../../shared/states';
import { StatusBadge } from '../../shared/status';
import { TimeText } from '../../shared/time';
import type { ISmStudio } from '../../tokens';

const PAGE = 100;
/** Name of the first row; no experiment can be called so. */
const UNASSIGNED = '/unassigned';

/** One row of any level. */
interface IEntry {
  kind: string;
  name: string;
  label: string;
  type: string;
  status: string;
  modified: string | null;
  created: string | null;
  automl_job: string | null;
}

/** Where the list is: nothing, an experiment, or an experiment (or the unassigned) and one of its trials. */
interface IPlace {
  experiment?: string;
  trial?: string;
  unassigned?: boolean;
}

type Level = 'experiments' | 'trials' | 'components';

/** Kinds of the resources, as changes name them. */
const KINDS: Record<Level, string> = {
  experiments: 'Experiment',
  trials: 'ExperimentTrial',
  components: 'ExperimentTrialComponent'
};

/** The sidebar's hierarchy of experiments, trials and trial components. */
export function ExperimentBrowser(props: { search: string }): JSX.Element {
  const { trans } = usePage();
  const [place, setPlace] = useState<IPlace>({});
  const [filters, setFilters] = useState<ColumnFilter[]>([]);
  const selection = useMemo(() => new Selection(), []);
  const chosen = useSize(selection);
  const level = levelOf(place);
  const go = useCallback(
    (to: IPlace): void => {
      selection.clear();
      setFilters([]);
      setPlace(to);
    },
    [selection]
  );
  const searchables = useMemo(
    () => searchablesOf(level, trans),
    [level, trans]
  );
  const captions: Record<Level, string> = {
    experiments: trans.__('EXPERIMENTS'),
    trials: trans.__('TRIALS'),
    components: trans.__('TRIAL COMPONENTS')
  };
  return (
    <>
      <nav className="smstudio-Crumbs" aria-label={trans.__('Breadcrumb')}>
        <button
          className="smstudio-Link"
          title={trans.__('All experiments')}
          aria-label={trans.__('All experiments')}
          onClick={() => go({})}
        >
          <homeIcon.react tag="span" width="14px" />
        </button>
        <span aria-hidden="true">/</span>
        {place.unassigned && (
          <span aria-current="page" className="smstudio-Unassigned">
            {trans.__('Unassigned trial components')}
          </span>
        )}
        {place.experiment &&
          (place.trial ? (
            <>
              <button
                className="smstudio-Link"
                onClick={() => go({ experiment: place.experiment })}
              >
                {place.experiment}
              </button>
              <span aria-hidden="true">/</span>
              <span aria-current="page">{place.trial}</span>
            </>
          ) : (
            <span aria-current="page">{place.experiment}</span>
          ))}
        <FilterBar
          columns={searchables}
          filters={filters}
          onChange={setFilters}
        />
      </nav>
      <div className="smstudio-Crumbs-caption" role="status">
        <span>{captions[level]}</span>
        {chosen > 0 && (
          <span>{trans._n('%1 row selected', '%1 rows selected', chosen)}</span>
        )}
      </div>
      <Entries
        key={JSON.stringify(place)}
        place={place}
        level={level}
        label={captions[level]}
        search={props.search}
        filters={filters}
        selection={selection}
        go={go}
      />
    </>
  );
}

function levelOf(place: IPlace): Level {
  return place.unassigned || place.trial
    ? 'components'
    : place.experiment
      ? 'trials'
      : 'experiments';
}

interface IEntriesProps {
  place: IPlace;
  level: Level;
  label: string;
  search: string;
  filters: ColumnFilter[];
  selection: Selection;
  go: (place: IPlace) => void;
}

function Entries(props: IEntriesProps): JSX.Element {
  const { studio, trans, commands } = usePage();
  const { place, level, selection, go } = props;
  const [sort, setSort] = useState<ISort>({
    column: 'modified',
    descending: true
  });
  const [unassigned, setUnassigned] = useState<number | null>(null);
  const list = useEntries(props, sort, setUnassigned);
  const first =
    level === 'experiments' && !props.search && !props.filters.length;
  const rows = useMemo<IEntry[]>(
    () =>
      first
        ? [
            {
              kind: RowData.unassigned,
              name: UNASSIGNED,
              label: trans.__('Unassigned trial components'),
              type: '',
              status: '',
              modified: null,
              created: null,
              automl_job: null
            },
            ...list.rows
          ]
        : list.rows,
    [first, list.rows, trans]
  );
  const columns = useColumns(level, unassigned);
  const open = (row: IEntry): void => {
    if (row.kind === RowData.unassigned) {
      go({ unassigned: true });
    } else if (row.kind === RowData.studioExperiment) {
      go({ experiment: row.name });
    } else if (row.kind === RowData.studioTrial) {
      go({ ...place, trial: row.name });
    } else {
      void commands.execute(CommandIDs.openTrialDetails, { names: [row.name] });
    }
  };
  const drop = useDrop(place);
  const rowProps = (row: IEntry): HTMLAttributes<HTMLTableRowElement> =>
    row.kind === RowData.trialComponent
      ? draggable(row.name, selection)
      : row.kind === RowData.unassigned
        ? {}
        : drop(row);
  if (list.loading) {
    return (
      <div role="status" aria-label={trans.__('Loading')}>
        <Skeleton rows={4} />
      </div>
    );
  }
  if (list.error && !list.rows.length) {
    return <ErrorBox error={list.error} onRetry={list.refresh} />;
  }
  if (!rows.length) {
    return (
      <EmptyState
        title={
          props.search || props.filters.length
            ? trans.__('Nothing matches these filters.')
            : level === 'trials'
              ? trans.__('This experiment has no trials.')
              : trans.__('No trial components')
        }
      />
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
      <Grid<IEntry>
        label={props.label}
        columns={columns}
        rows={rows}
        rowKey={row => row.name}
        kind={row => row.kind}
        data={row => ({
          status: row.status,
          type: row.type,
          job: row.automl_job ?? ''
        })}
        selection={selection}
        chosen={() => chosenOf(rows, selection, place)}
        rowProps={rowProps}
        sort={sort}
        onSort={setSort}
        onOpen={open}
        onEnd={list.loadMore}
        complete={list.complete}
        endNote={trans.__('End of the list')}
      />
    </>
  );

  function useDrop(
    where: IPlace
  ): (row: IEntry) => HTMLAttributes<HTMLTableRowElement> {
    const [over, setOver] = useState<string | null>(null);
    return row => ({
      ...(over === row.name
        ? { style: { outline: '1px dashed var(--jp-brand-color1)' } }
        : {}),
      onDragOver: (event: DragEvent) => {
        if (event.dataTransfer.types.includes(DRAGGED_COMPONENTS)) {
          event.preventDefault();
          event.dataTransfer.dropEffect = 'copy';
          setOver(row.name);
        }
      },
      onDragLeave: () => setOver(null),
      onDrop: (event: DragEvent) => {
        const text = event.dataTransfer.getData(DRAGGED_COMPONENTS);
        setOver(null);
        if (!text) {
          return;
        }
        event.preventDefault();
        const names = JSON.parse(text) as string[];
        if (row.kind === RowData.studioExperiment) {
          void commands.execute(CommandIDs.assignTrialComponents, {
            names,
            experiment: row.name
          });
        } else if (where.experiment) {
          const trial = row.name;
          assignTo(studio, { experiment: where.experiment, trial }, names)
            .then(problems =>
              tellAssigned(studio, trans, trial, names, problems)
            )
            .catch(reason => {
              tellAssigned(studio, trans, trial, names, [
                ApiFailure.from(reason).message
              ]);
            })
            .finally(() => studio.refresh());
        }
      }
    });
  }
}

/** What context menus learn: the chosen rows of the kind that was clicked. */
function chosenOf(
  rows: readonly IEntry[],
  selection: Selection,
  place: IPlace
): {
  kind: string;
  names: string[];
  parent?: string;
  row: (name: string) => IEntry | undefined;
} {
  const chosen = rows.filter(row => selection.has(row.name));
  const only = chosen.filter(row => row.kind !== RowData.unassigned);
  const picked = only.length ? only : chosen;
  return {
    kind: picked[0]?.kind ?? '',
    names: picked.map(row => row.name),
    parent: place.trial,
    row: name => rows.find(row => row.name === name)
  };
}

function draggable(
  name: string,
  selection: Selection
): HTMLAttributes<HTMLTableRowElement> {
  return {
    draggable: true,
    onDragStart: event => {
      const names = selection.has(name) ? selection.names : [name];
      event.dataTransfer.setData(DRAGGED_COMPONENTS, JSON.stringify(names));
      event.dataTransfer.setData('text/plain', names.join('\n'));
      event.dataTransfer.effectAllowed = 'copyMove';
    }
  };
}

/** The rows of the place that the list shows. */
function useEntries(
  props: IEntriesProps,
  sort: ISort,
  onUnassigned: (count: number | null) => void
): IList<IEntry> {
  const { place, level, search, filters } = props;
  return useList<IEntry>(
    `browse:${JSON.stringify([place, search, filters, sort])}`,
    {
      kind: KINDS[level],
      busy: row => row.status === 'InProgress',
      load: (studio, token, signal) =>
        level === 'components'
          ? loadComponents(studio, props, sort, token, signal)
          : loadExperiments(studio, props, sort, token, signal).then(page => {
              if (token === null) {
                onUnassigned(page.unassigned);
              }
              return {
                items: page.items.map(entryOf),
                next_token: page.next_token
              };
            })
    }
  );
}

async function loadExperiments(
  studio: ISmStudio,
  props: IEntriesProps,
  sort: ISort,
  token: string | null,
  signal?: AbortSignal
): Promise<ExperimentPage> {
  const name = props.level === 'trials' ? 'TrialName' : 'ExperimentName';
  return studio.api.call('browseExperiments', {
    body: {
      experiment: props.place.experiment ?? null,
      search: props.search || null,
      filters: props.filters,
      sort_by: sortBy(sort, name),
      sort_order: sort.descending ? 'Descending' : 'Ascending',
      max_results: PAGE,
      next_token: token
    },
    signal
  });
}

async function loadComponents(
  studio: ISmStudio,
  props: IEntriesProps,
  sort: ISort,
  token: string | null,
  signal?: AbortSignal
): Promise<IPage<IEntry>> {
  const { place } = props;
  const answer = await studio.api.call('listComponentRows', {
    body: {
      query: {
        scope: place.trial
          ? { kind: 'trial', names: [place.trial] }
          : { kind: 'unassigned', names: [] },
        search: props.search || null,
        filters: props.filters,
        sort_by: sortBy(sort, 'TrialComponentName'),
        descending: sort.descending
      },
      limit: PAGE,
      token
    },
    signal
  });
  return {
    items: answer.rows.map(componentOf),
    next_token: answer.next_token
  };
}

function sortBy(sort: ISort, name: string): string {
  return sort.column === 'name'
    ? name
    : sort.column === 'created'
      ? 'CreationTime'
      : 'LastModifiedTime';
}

function entryOf(entry: ExperimentEntry): IEntry {
  return {
    kind: entry.kind,
    name: entry.name,
    label: entry.display_name,
    type: entry.type,
    status: '',
    modified: entry.modified,
    created: entry.created,
    automl_job: entry.automl_job
  };
}

function componentOf(row: ComponentRow): IEntry {
  return {
    kind: RowData.trialComponent,
    name: row.name,
    label: row.display_name,
    type: row.type,
    status: row.status,
    modified: row.modified,
    created: row.created,
    automl_job: null
  };
}

function useColumns(
  level: Level,
  unassigned: number | null
): IColumn<IEntry>[] {
  const { trans } = usePage();
  return useMemo<IColumn<IEntry>[]>(
    () => [
      {
        id: 'name',
        label: trans.__('Name'),
        sortable: true,
        render: row =>
          row.kind === RowData.unassigned ? (
            <em>
              {row.label}
              {unassigned !== null && ` (${unassigned})`}
            </em>
          ) : (
            <span
              title={
                row.label === row.name ? row.name : `${row.label}\n${row.name}`
              }
              dir="auto"
            >
              {row.label}
            </span>
          )
      },
      {
        id: 'modified',
        label: trans.__('Last Modified'),
        sortable: true,
        render: row =>
          row.modified ? <TimeText value={row.modified} short /> : null
      },
      ...(level === 'components'
        ? [
            {
              id: 'status',
              label: trans.__('Status'),
              slim: true,
              render: (row: IEntry) =>
                row.status ? <StatusBadge status={row.status} /> : null
            }
          ]
        : []),
      {
        id: 'type',
        label: trans.__('Type'),
        from: 'wide',
        render: row => row.type
      },
      {
        id: 'created',
        label: trans.__('Created'),
        sortable: true,
        from: 'wide',
        render: row =>
          row.created ? <TimeText value={row.created} short /> : null
      }
    ],
    [trans, level, unassigned]
  );
}

/** What a level can be searched by, beside the name. */
function searchablesOf(level: Level, trans: TranslationBundle): ISearchable[] {
  const found: ISearchable[] = [
    { id: 'DisplayName', label: trans.__('Display name'), kind: 'text' },
    { id: 'CreationTime', label: trans.__('Created on'), kind: 'date' },
    { id: 'LastModifiedTime', label: trans.__('Last modified'), kind: 'date' },
    {
      id: 'CreatedBy.UserProfileName',
      label: trans.__('Created by'),
      kind: 'text'
    },
    { id: 'Tags', label: trans.__('Tag'), kind: 'tag' }
  ];
  if (level === 'components') {
    found.push(
      {
        id: 'Source.SourceType',
        label: trans.__('Type'),
        kind: 'discrete',
        values: [
          { value: 'SageMakerTrainingJob', label: trans.__('Training job') },
          { value: 'SageMakerTransformJob', label: trans.__('Transform job') },
          {
            value: 'SageMakerProcessingJob',
            label: trans.__('Processing job')
          },
          { value: '', label: trans.__('Others') }
        ]
      },
      {
        id: 'Status.PrimaryStatus',
        label: trans.__('Status'),
        kind: 'discrete',
        values: [
          'InProgress',
          'Completed',
          'Failed',
          'Stopping',
          'Stopped'
        ].map(value => ({ value, label: value }))
      }
    );
  }
  return found;
}

function useSize(selection: Selection): number {
  const [size, setSize] = useState(selection.size);
  useEffect(() => {
    const update = (): void => setSize(selection.size);
    selection.changed.connect(update);
    return () => {
      selection.changed.disconnect(update);
    };
  }, [selection]);
  return size;
}
