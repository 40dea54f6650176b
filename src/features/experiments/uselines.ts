import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type {
  ComponentGroups,
  ComponentQuery,
  ComponentRow
} from '../../api/generated';
import { usePage } from '../../shared/context';
import type { LoadRows } from './rows';
import { RowStore } from './rows';
import type { ISegment } from './segments';
import { Lines } from './segments';

/** Most names that one choice of a range may hold. */
const MOST_NAMES = 10_000;

/** The table's lines and what keeps them true. */
export interface ITableLines {
  lines: Lines;
  version: number;
  loaded: boolean;
  complete: boolean;
  total: number | null;
  error: ApiFailure | null;
  /** Something to know about what is shown. */
  note: string | null;
  sight: (first: number, last: number, paths: string[]) => void;
  /** Reads what is in sight again; answers whether some of it still runs. */
  refresh: () => Promise<boolean>;
  /** Names of the rows between two lines. */
  names: (first: number, last: number) => Promise<string[]>;
  find: (name: string) => ComponentRow | undefined;
  toggle: (segment: number) => void;
  fail: (error: ApiFailure) => void;
}

/** The lines of a query, in groups or not. */
export function useLines(
  query: ComponentQuery,
  groupBy: string | null,
  metricPaths: string[]
): ITableLines {
  const { studio, trans } = usePage();
  const load = useCallback<LoadRows>(
    (body, signal) => studio.api.call('listComponentRows', { body, signal }),
    [studio]
  );
  const whole = useMemo(() => new RowStore(query, load), [query, load]);
  const grouped = useGroups(query, groupBy, metricPaths, load);
  const [version, setVersion] = useState(0);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [note, setNote] = useState<string | null>(null);
  const [target, setTarget] = useState(studio.targetKey);
  const segments: ISegment[] = groupBy
    ? grouped.segments
    : [{ group: null, open: true, store: whole }];
  const lines = useMemo(
    () => new Lines(segments),
    // The stores change inside; their version says so.
    [grouped.segments, groupBy, whole, version]
  );
  const latest = useRef({ lines, segments, groupBy, grouped, whole });
  latest.current = { lines, segments, groupBy, grouped, whole };
  const seen = useRef<[number, number, string[]]>([0, 40, []]);

  useEffect(() => {
    const stores = segments.map(each => each.store);
    const update = (): void => setVersion(old => old + 1);
    stores.forEach(store => store.changed.connect(update));
    return () => {
      stores.forEach(store => store.changed.disconnect(update));
    };
  }, [grouped.segments, groupBy, whole]);
  useEffect(() => () => whole.dispose(), [whole]);
  useEffect(() => {
    const update = (): void => setTarget(studio.targetKey);
    studio.statusChanged.connect(update);
    return () => {
      studio.statusChanged.disconnect(update);
    };
  }, [studio]);
  useEffect(() => {
    setFailure(null);
    setNote(null);
  }, [query, groupBy, target]);

  const sight = useCallback(
    (first: number, last: number, paths: string[]): void => {
      seen.current = [first, last, paths];
      for (const range of latest.current.lines.ranges(first, last)) {
        range.store.need(range.first, range.last, paths);
      }
    },
    []
  );
  // New lines (an opened group, rows that came) may bring others into sight.
  useEffect(() => sight(...seen.current), [sight, lines]);

  const refresh = useCallback(async (): Promise<boolean> => {
    const now = latest.current;
    if (now.groupBy) {
      await now.grouped.read();
    }
    const ranges = latest.current.lines.ranges(
      seen.current[0],
      seen.current[1]
    );
    const stores = now.groupBy
      ? [...new Set(ranges.map(each => each.store))]
      : [now.whole];
    await Promise.all(stores.map(store => store.refresh()));
    return stores.some(store => store.busy);
  }, []);
  const names = useCallback(
    async (first: number, last: number): Promise<string[]> => {
      const found: string[] = [];
      setNote(null);
      for (const range of latest.current.lines.ranges(first, last)) {
        const left = MOST_NAMES - found.length;
        const wanted = range.last - range.first + 1;
        if (left <= 0) {
          break;
        }
        const here = namesHere(range.store, range.first, range.last);
        if (here) {
          found.push(...here.slice(0, left));
          continue;
        }
        const answer = await studio.api.call('listComponentNames', {
          body: {
            query: range.store.query,
            offset: range.first,
            limit: Math.min(left, wanted)
          }
        });
        found.push(...answer.names);
        if (!answer.complete || wanted > left) {
          setNote(
            trans.__(
              'At most %1 rows can be selected at once; the first ones are.',
              found.length
            )
          );
        }
      }
      return found;
    },
    [studio, trans]
  );
  const find = useCallback((name: string): ComponentRow | undefined => {
    for (const { store } of latest.current.segments) {
      const row = store.find(name);
      if (row) {
        return row;
      }
    }
    return undefined;
  }, []);
  return {
    lines,
    version,
    loaded: groupBy ? grouped.groups !== null : whole.loaded,
    complete: groupBy ? true : whole.complete,
    total: groupBy ? (grouped.groups?.rows ?? null) : whole.total,
    error: failure ?? whole.error,
    note:
      note ??
      (groupBy && grouped.groups && !grouped.groups.complete
        ? trans.__(
            'Groups of the first %1 rows: there are more than can be grouped here.',
            grouped.groups.rows
          )
        : null),
    sight,
    refresh,
    names,
    find,
    toggle: grouped.toggle,
    fail: setFailure
  };
}

/** Names of a range whose rows are all known. */
function namesHere(
  store: RowStore,
  first: number,
  last: number
): string[] | null {
  const found: string[] = [];
  for (let index = first; index <= last; index++) {
    const row = store.row(index);
    if (!row) {
      return null;
    }
    found.push(row.name);
  }
  return found;
}

interface IGroups {
  groups: ComponentGroups | null;
  segments: ISegment[];
  read: () => Promise<void>;
  toggle: (segment: number) => void;
}

function useGroups(
  query: ComponentQuery,
  by: string | null,
  metrics: string[],
  load: LoadRows
): IGroups {
  const { studio } = usePage();
  const [groups, setGroups] = useState<ComponentGroups | null>(null);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const stores = useRef(new Map<string, RowStore>());
  const turn = useRef(0);
  useEffect(() => {
    setGroups(null);
    const mine = stores.current;
    return () => {
      mine.forEach(store => store.dispose());
      mine.clear();
    };
  }, [query, by]);
  const segments = useMemo<ISegment[]>(
    () =>
      (groups?.groups ?? []).map(group => {
        const key = JSON.stringify(group.filter);
        let store = stores.current.get(key);
        if (!store) {
          store = new RowStore(
            { ...query, filters: [...(query.filters ?? []), group.filter] },
            load,
            group.count
          );
          stores.current.set(key, store);
        }
        return { group, open: open.has(key), store };
      }),
    [groups, open, query, load]
  );
  const read = useCallback(async (): Promise<void> => {
    if (!by) {
      return;
    }
    const mine = ++turn.current;
    const answer = await studio.api.call('groupComponents', {
      body: { query, by, metrics }
    });
    if (mine === turn.current) {
      setGroups(answer);
    }
  }, [studio, query, by, metrics]);
  const toggle = useCallback(
    (segment: number): void => {
      const group = segments[segment]?.group;
      if (group) {
        const key = JSON.stringify(group.filter);
        setOpen(old => {
          const next = new Set(old);
          if (!next.delete(key)) {
            next.add(key);
          }
          return next;
        });
      }
    },
    [segments]
  );
  return { groups, segments, read, toggle };
}
