import type { LabIcon } from '@jupyterlab/ui-components';
import type { JSX, ReactNode } from 'react';
import { useEffect, useMemo, useState } from 'react';

import type { ISmStudio } from '../tokens';
import { usePage } from './context';
import { useDraft } from './draft';
import type { IColumn } from './grid';
import { Grid } from './grid';
import { HeaderLine } from './header';
import type { IPage } from './list';
import { useList } from './list';
import type { ISort } from './merge';
import { EmptyState, ErrorBox, Skeleton, StaleNote } from './states';
import { tone } from './status';

const PAGE = 100;

/** How the server is asked for a list whose rows have one of some states. */
export interface IListQuery<S extends string = string> {
  search: string | null;
  status: S | null;
  created_after: string | null;
  created_before: string | null;
  sort_by: 'Name' | 'CreationTime' | 'Status';
  sort_order: 'Ascending' | 'Descending';
  max_results: number;
  next_token: string | null;
}

/** What every row has. */
export interface IRow {
  name: string;
  status: string;
}

interface IFilter {
  search: string;
  status: string;
  /** `any`, a number of hours, or `days` with two dates. */
  age: string;
  from: string;
  to: string;
  sort: ISort;
}

const START: IFilter = {
  search: '',
  status: '',
  age: 'any',
  from: '',
  to: '',
  sort: { column: 'created', descending: true }
};

/** A main-area page that lists resources: filters, server-side paging and order, one row each. */
export function ListPage<T extends IRow>(props: {
  id: string;
  title: string;
  icon: LabIcon;
  kind: string;
  /** None where the resources have no states. */
  statuses: string[];
  columns: IColumn<T>[];
  load: (
    studio: ISmStudio,
    query: IListQuery<T['status']>,
    signal?: AbortSignal
  ) => Promise<IPage<T>>;
  open: (name: string) => void;
  action?: ReactNode;
  emptyTitle: string;
  emptyText: ReactNode;
}): JSX.Element {
  const { trans } = usePage();
  const [filter, setFilter] = useDraft<IFilter>(
    `list:${props.id}`,
    () => START
  );
  const set = (change: Partial<IFilter>): void =>
    setFilter(before => ({ ...before, ...change }));
  const search = usePaused(filter.search.trim());
  // A range that ends now moves on with each look; its key must not.
  const key = JSON.stringify({ ...filter, search });
  const query = useMemo(() => queryOf({ ...filter, search }), [key]);
  const list = useList<T>(`list:${props.id}?${key}`, {
    kind: props.kind,
    busy: row => tone(row.status) === 'busy',
    load: (studio, token, signal) =>
      props.load(
        studio,
        { ...query, next_token: token } as IListQuery<T['status']>,
        signal
      )
  });
  const filtered =
    search !== '' || filter.status !== '' || filter.age !== 'any';
  return (
    <div className="smstudio-Main smstudio-ListPage">
      <header className="smstudio-Header">
        <HeaderLine
          title={props.title}
          icon={props.icon}
          refresh={list.refresh}
        >
          {props.action}
        </HeaderLine>
        <Filters filter={filter} set={set} statuses={props.statuses} />
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
          <Skeleton rows={8} />
        </div>
      ) : list.error && !list.rows.length ? (
        <ErrorBox error={list.error} onRetry={list.refresh} />
      ) : list.rows.length ? (
        <Grid<T>
          label={props.title}
          columns={props.columns}
          rows={list.rows}
          rowKey={row => row.name}
          kind={props.kind}
          data={row => ({ status: row.status })}
          sort={filter.sort}
          onSort={sort => set({ sort })}
          onOpen={row => props.open(row.name)}
          onEnd={list.loadMore}
          complete={list.complete}
          endNote={trans.__('End of the list')}
        />
      ) : filtered ? (
        <EmptyState title={trans.__('Nothing matches these filters.')}>
          <button
            className="jp-mod-styled jp-mod-reject"
            onClick={() => set({ ...START, sort: filter.sort })}
          >
            {trans.__('Clear the filters')}
          </button>
        </EmptyState>
      ) : (
        <EmptyState title={props.emptyTitle}>{props.emptyText}</EmptyState>
      )}
    </div>
  );
}

function Filters(props: {
  filter: IFilter;
  set: (change: Partial<IFilter>) => void;
  statuses: string[];
}): JSX.Element {
  const { trans } = usePage();
  const { filter, set } = props;
  return (
    <div className="smstudio-Tools" role="search">
      <input
        type="search"
        className="jp-mod-styled smstudio-Search"
        value={filter.search}
        placeholder={trans.__('Search by name')}
        aria-label={trans.__('Search by name')}
        data-autofocus
        onChange={event => set({ search: event.target.value })}
      />
      {props.statuses.length > 0 && (
        <select
          className="jp-mod-styled"
          aria-label={trans.__('Status')}
          value={filter.status}
          onChange={event => set({ status: event.target.value })}
        >
          <option value="">{trans.__('Any status')}</option>
          {props.statuses.map(status => (
            <option key={status}>{status}</option>
          ))}
        </select>
      )}
      <select
        className="jp-mod-styled"
        aria-label={trans.__('Created')}
        value={filter.age}
        onChange={event => set({ age: event.target.value })}
      >
        <option value="any">{trans.__('Created at any time')}</option>
        <option value="1">{trans.__('Created in the last hour')}</option>
        <option value="24">{trans.__('Created in the last 24 hours')}</option>
        <option value="168">{trans.__('Created in the last 7 days')}</option>
        <option value="720">{trans.__('Created in the last 30 days')}</option>
        <option value="days">{trans.__('Created between two days…')}</option>
      </select>
      {filter.age === 'days' && (
        <>
          <input
            type="date"
            className="jp-mod-styled"
            aria-label={trans.__('First day')}
            value={filter.from}
            max={filter.to || undefined}
            onChange={event => set({ from: event.target.value })}
          />
          <input
            type="date"
            className="jp-mod-styled"
            aria-label={trans.__('Last day')}
            value={filter.to}
            min={filter.from || undefined}
            onChange={event => set({ to: event.target.value })}
          />
        </>
      )}
    </div>
  );
}

/** The server's query of a filter. */
export function queryOf(
  filter: IFilter,
  now = Date.now()
): Omit<IListQuery, 'next_token'> {
  const { column, descending } = filter.sort;
  const hours = Number(filter.age);
  const day = (text: string, add: number): string | null => {
    const start = new Date(`${text}T00:00:00`).getTime();
    return Number.isFinite(start)
      ? new Date(start + add * 86_400_000).toISOString()
      : null;
  };
  const days = filter.age === 'days';
  return {
    search: filter.search || null,
    status: filter.status || null,
    created_after: days
      ? day(filter.from, 0)
      : Number.isFinite(hours)
        ? new Date(now - hours * 3_600_000).toISOString()
        : null,
    created_before: days ? day(filter.to, 1) : null,
    sort_by:
      column === 'name'
        ? 'Name'
        : column === 'status'
          ? 'Status'
          : 'CreationTime',
    sort_order: descending ? 'Descending' : 'Ascending',
    max_results: PAGE
  };
}

/** The query of a list whose resources have no states. */
export function withoutStatus({ status, sort_by, ...query }: IListQuery) {
  return {
    ...query,
    sort_by: sort_by === 'Name' ? sort_by : ('CreationTime' as const)
  };
}

/** A text once its typing pauses. */
function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => setPaused(text), 250);
    return () => window.clearTimeout(timer);
  }, [text]);
  return paused;
}
