import { refreshIcon, settingsIcon } from '@jupyterlab/ui-components';
import { PromiseDelegate } from '@lumino/coreutils';
import type { JSX } from 'react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type {
  ColumnFilter,
  ComponentQuery,
  ComponentScope
} from '../../api/generated';
import { CommandIDs, RowData } from '../../commands';
import { usePage, useStatus } from '../../shared/context';
import { useDraft } from '../../shared/draft';
import { FilterBar } from '../../shared/filters/bar';
import { experimentsIcon } from '../../shared/icons';
import type { ISort } from '../../shared/merge';
import { count } from '../../shared/numbers';
import { useQuery } from '../../shared/query';
import { Selection, tellChosen } from '../../shared/selection';
import { EmptyState, ErrorBox, Skeleton, StaleNote } from '../../shared/states';
import { useChosenCount, useForgotten, usePaused } from './chosen';
import type { IShownColumn } from './columns';
import {
  defaultColumns,
  isMetric,
  moved,
  pathOf,
  pinnedFirst
} from './columns';
import { ExportMenu } from './export';
import { GroupSelect } from './groupselect';
import { useKnownColumns } from './knowncolumns';
import { TableProperties } from './properties';
import { scopeLabel } from './scope';
import { searchables } from './searchables';
import type { IColumnActions } from './table';
import { ComponentTable } from './table';
import { useLines } from './uselines';
import { ViewMenu } from './viewmenu';
import type { IView, SavedViews } from './views';
import { START } from './views';

/** Most filters of AWS. */
const AWS_FILTERS = 20;
/** Kinds of changes after which the table is read again. */
const CONCERNS = new Set([
  'Experiment',
  'ExperimentTrial',
  'ExperimentTrialComponent',
  'ExperimentTrialComponentMetrics',
  'TrainingJob',
  'ProcessingJob',
  'TransformJob',
  'HyperParameterTuningJob',
  'AutoMLJob'
]);

/** The page "Trial Component List": Studio's leaderboard. */
export default function TrialComponentsPage(props: {
  name: string;
  scope: ComponentScope;
  views: SavedViews;
}): JSX.Element {
  const { trans, commands, locale } = usePage();
  const { scope } = props;
  const local = useStatus()?.target.kind !== 'aws';
  const [view, setView] = useDraft<IView>(
    `components:${props.name}`,
    () => START
  );
  const change = useCallback(
    (some: Partial<IView>): void => setView(old => ({ ...old, ...some })),
    [setView]
  );
  const [pane, setPane] = useState(false);
  const [asked, setAsked] = useState<string | null>(null);
  const selection = useMemo(() => new Selection(), []);
  const chosen = useChosenCount(selection);
  useForgotten(selection);
  const root = useRef<HTMLDivElement>(null);
  const left = useRef(0);

  const search = usePaused(view.search.trim());
  const query = useMemo<ComponentQuery>(
    () => ({
      scope,
      search: search || null,
      filters: view.filters,
      sort_by: view.sort.column,
      descending: view.sort.descending
    }),
    [scope, search, view.filters, view.sort]
  );
  const rows = useMemo(() => new PromiseDelegate<void>(), []);
  const { known, query: columns } = useKnownColumns(
    props.name,
    scope,
    local,
    rows.promise,
    trans
  );
  const knownById = useMemo(
    () => new Map(known.map(each => [each.id, each])),
    [known]
  );
  const shown = useMemo<IShownColumn[]>(
    () => pinnedFirst(view.columns ?? defaultColumns(known)),
    [view.columns, known]
  );
  const metricPaths = useMemo(
    () =>
      shown
        .filter(each => isMetric(each.id))
        .map(pathOf)
        .slice(0, 5),
    [shown]
  );
  const table = useLines(query, view.groupBy, metricPaths);
  const pulse = useQuery<{ busy: boolean }>(
    `components:${props.name}:${JSON.stringify([query, view.groupBy])}`,
    async () => ({ busy: await table.refresh() }),
    {
      concerns: changed => CONCERNS.has(changed.kind),
      busy: data => data.busy
    }
  );
  // Names of rows that left the table must not stay chosen under another query.
  useEffect(() => selection.clear(), [selection, search, view.filters]);
  useEffect(() => {
    if (root.current) {
      tellChosen(root.current, () => ({
        kind: RowData.trialComponent,
        names: selection.names,
        parent:
          scope.kind === 'trial' && scope.names?.length === 1
            ? scope.names[0]
            : undefined,
        row: table.find
      }));
    }
  });

  const setColumns = useCallback(
    (next: IShownColumn[]): void => {
      // A change before all columns are known would leave the unknown ones out for good.
      if (!columns.loading) {
        change({ columns: next });
      }
    },
    [change, columns.loading]
  );
  const actions = useMemo<IColumnActions>(() => {
    const edit = (id: string, some: Partial<IShownColumn>): void =>
      setColumns(
        shown.map(each => (each.id === id ? { ...each, ...some } : each))
      );
    return {
      sort: (sort: ISort) => change({ sort }),
      change: edit,
      hide: id => setColumns(shown.filter(each => each.id !== id)),
      move: (id, by) => setColumns(moved(shown, id, by)),
      groupBy: id => change({ groupBy: id }),
      filter: setAsked
    };
  }, [change, setColumns, shown]);
  const range = useCallback(
    (first: number, last: number, add: boolean): void => {
      table
        .names(first, last)
        .then(names => (add ? selection.add(names) : selection.set(names)))
        .catch(reason => table.fail(ApiFailure.from(reason)));
    },
    [table, selection]
  );
  const run = (command: string, more: object = {}): void =>
    void commands.execute(command, { names: [...selection.names], ...more });
  const one = chosen === 1 ? table.find(selection.names[0]) : undefined;
  const filtered = search !== '' || view.filters.length > 0;
  const failure = pulse.error ?? table.error;
  useEffect(() => {
    if (table.loaded || failure) {
      rows.resolve();
    }
  }, [rows, table.loaded, failure]);
  return (
    <div ref={root} className="smstudio-Main smstudio-Leaderboard">
      <header className="smstudio-Header">
        <div className="smstudio-Header-line">
          <button
            className="smstudio-IconButton"
            title={trans.__('Refresh')}
            aria-label={trans.__('Refresh')}
            onClick={() => {
              pulse.refresh();
              columns.refresh();
            }}
          >
            <refreshIcon.react tag="span" width="16px" />
          </button>
          <experimentsIcon.react tag="span" width="20px" />
          <h1>{trans.__('TRIAL COMPONENTS')}</h1>
          <span className="smstudio-mod-dim" dir="auto">
            {scopeLabel(scope, trans)}
          </span>
          <span className="smstudio-Header-buttons">
            <button
              className="jp-mod-styled jp-mod-accept"
              disabled={!chosen}
              onClick={() => run(CommandIDs.openTrialDetails, { chart: true })}
            >
              {trans.__('Add chart')}
            </button>
            <button
              className="jp-mod-styled jp-mod-reject"
              disabled={
                one?.type !== 'Training job' ||
                !['Completed', 'Stopped'].includes(one.status)
              }
              onClick={() => run(CommandIDs.deployTrialComponent)}
            >
              {trans.__('Deploy model')}
            </button>
            <ExportMenu
              query={query}
              columns={shown.map(pathOf)}
              selection={selection}
            />
            <button
              className="smstudio-IconButton"
              title={trans.__('TABLE PROPERTIES')}
              aria-label={trans.__('TABLE PROPERTIES')}
              aria-pressed={pane}
              onClick={() => setPane(!pane)}
            >
              <settingsIcon.react tag="span" width="16px" />
            </button>
          </span>
        </div>
        <div className="smstudio-Tools" role="search">
          <input
            type="search"
            className="jp-mod-styled smstudio-Search"
            value={view.search}
            placeholder={trans.__('Search by name')}
            aria-label={trans.__('Search by name')}
            data-autofocus
            onChange={event => change({ search: event.target.value })}
          />
          <FilterBar
            columns={searchables(known, trans)}
            filters={view.filters}
            asked={asked}
            onAsked={() => setAsked(null)}
            most={local ? undefined : AWS_FILTERS}
            onChange={(filters: ColumnFilter[]) => change({ filters })}
          />
          <GroupSelect
            known={known}
            value={view.groupBy}
            onChange={groupBy => change({ groupBy })}
          />
          <ViewMenu
            page={props.name}
            views={props.views}
            view={view}
            onChoose={setView}
          />
          <span className="smstudio-Leaderboard-count" role="status">
            {chosen > 0
              ? trans._n('%1 row selected', '%1 rows selected', chosen)
              : table.total !== null
                ? trans
                    ._n('%1 row', '%1 rows', table.total)
                    .replace(String(table.total), count(table.total, locale))
                : ''}
          </span>
        </div>
      </header>
      {failure && table.loaded && (
        <StaleNote
          error={failure}
          updated={pulse.updated}
          onRetry={pulse.refresh}
        />
      )}
      {table.note && (
        <div className="smstudio-Note" role="status">
          {table.note}
        </div>
      )}
      <div className="smstudio-Leaderboard-body">
        {!table.loaded && failure ? (
          <ErrorBox error={failure} onRetry={pulse.refresh} />
        ) : !table.loaded ? (
          <div
            role="status"
            aria-label={trans.__('Loading')}
            className="smstudio-Leaderboard-loading"
          >
            <Skeleton rows={10} />
          </div>
        ) : table.lines.count ? (
          <ComponentTable
            lines={table.lines}
            version={table.version}
            columns={shown}
            known={knownById}
            sort={view.sort}
            actions={actions}
            selection={selection}
            onSight={table.sight}
            onOpen={row =>
              void commands.execute(CommandIDs.openTrialDetails, {
                names: [row.name]
              })
            }
            onRange={range}
            onAll={() => range(0, table.lines.count - 1, false)}
            onDelete={() =>
              chosen > 0 &&
              run(CommandIDs.deleteExperiments, {
                kind: RowData.trialComponent
              })
            }
            onToggleGroup={table.toggle}
            metricPaths={metricPaths}
            left={left}
            complete={table.complete}
          />
        ) : filtered ? (
          <EmptyState title={trans.__('Nothing matches these filters.')}>
            <button
              className="jp-mod-styled jp-mod-reject"
              onClick={() => change({ search: '', filters: [] })}
            >
              {trans.__('Clear the filters')}
            </button>
          </EmptyState>
        ) : (
          <EmptyState title={trans.__('No trial components')}>
            <p>
              {trans.__(
                'Training, processing and transform jobs, tuning jobs and Autopilot make trial components by themselves; a Run of the SageMaker SDK makes one for your own code.'
              )}
            </p>
          </EmptyState>
        )}
        {pane && (
          <TableProperties
            known={known}
            knownById={knownById}
            shown={shown}
            complete={columns.data?.complete ?? true}
            onChange={setColumns}
            onReset={() => change({ columns: null })}
          />
        )}
      </div>
    </div>
  );
}
