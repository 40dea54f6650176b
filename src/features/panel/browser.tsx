import { homeIcon } from '@jupyterlab/ui-components';
import type { DragEvent, HTMLAttributes, JSX } from 'react';
import { useCallback, useEffect, useMemo, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { ColumnFilter } from '../../api/generated';
import { CommandIDs, RowData } from '../../commands';
import { assignTo, tellAssigned } from '../../shared/assigning';
import { usePage } from '../../shared/context';
import { FilterBar } from '../../shared/filters/bar';
import { Grid } from '../../shared/grid';
import type { ISort } from '../../shared/merge';
import { DRAGGED_COMPONENTS, Selection } from '../../shared/selection';
import { EmptyState, ErrorBox, Skeleton, StaleNote } from '../../shared/states';
import type { IEntriesProps, IEntry, IPlace, Level } from './entries';
import { levelOf, UNASSIGNED, useEntries } from './entries';
import { searchablesOf, useColumns } from './entrycolumns';

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
