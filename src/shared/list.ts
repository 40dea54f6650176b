import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { ApiFailure } from '../api/client';
import type { Change } from '../api/generated';
import type { ISmStudio } from '../tokens';
import { usePage } from './context';
import type { INamed } from './merge';
import { mergePages } from './merge';
import type { IQuery } from './query';
import { useQuery } from './query';

/** One page of a list. */
export interface IPage<T> {
  items: T[];
  next_token: string | null;
}

/** A list that the server tells page by page. */
export interface IList<T> extends Omit<IQuery<IPage<T>>, 'data'> {
  rows: T[];
  /** Every row is here. */
  complete: boolean;
  loadMore: () => void;
}

/** Options of useList. */
export interface IListOptions<T> {
  /** Kind of the resources, as changes name it. */
  kind: string;
  busy: (row: T) => boolean;
  load: (
    studio: ISmStudio,
    token: string | null,
    signal?: AbortSignal
  ) => Promise<IPage<T>>;
}

/** Reads a list page by page and keeps its first page true. */
export function useList<T extends INamed>(
  key: string,
  options: IListOptions<T>
): IList<T> {
  const { studio } = usePage();
  const latest = useRef(options);
  latest.current = options;
  const { data, ...query } = useQuery<IPage<T>>(
    key,
    (source, signal) => latest.current.load(source, null, signal),
    {
      concerns: change => change.kind === latest.current.kind,
      busy: page => page.items.some(row => latest.current.busy(row))
    }
  );
  const [known, setKnown] = useState<T[]>([]);
  const [token, setToken] = useState<string | null | undefined>(undefined);
  const [moreError, setMoreError] = useState<ApiFailure | null>(null);
  const deleted = useRef(new Set<string>());
  const loading = useRef(false);

  useEffect(() => {
    setKnown([]);
    setToken(undefined);
    setMoreError(null);
    deleted.current.clear();
  }, [key, studio.targetKey]);

  useEffect(() => {
    const onChange = (_: unknown, change: Change): void => {
      if (change.kind !== latest.current.kind) {
        return;
      }
      if (change.deleted) {
        deleted.current.add(change.name);
      } else {
        // The name was taken again.
        deleted.current.delete(change.name);
      }
      setKnown(rows =>
        change.deleted
          ? rows.filter(row => row.name !== change.name)
          : rows.map(row =>
              row.name === change.name ? { ...row, status: change.status } : row
            )
      );
    };
    studio.changed.connect(onChange);
    return () => {
      studio.changed.disconnect(onChange);
    };
  }, [studio]);

  useEffect(() => {
    if (data) {
      setKnown(rows =>
        mergePages(data.items, data.next_token === null, rows, deleted.current)
      );
    }
  }, [data]);

  const next = token === undefined ? (data?.next_token ?? null) : token;
  const loadMore = useCallback(() => {
    if (!next || loading.current) {
      return;
    }
    loading.current = true;
    latest.current
      .load(studio, next)
      .then(page => {
        setMoreError(null);
        setToken(page.next_token);
        setKnown(rows => {
          const names = new Set(rows.map(row => row.name));
          return [...rows, ...page.items.filter(row => !names.has(row.name))];
        });
      })
      .catch(reason => setMoreError(ApiFailure.from(reason)))
      .finally(() => {
        loading.current = false;
      });
  }, [studio, next]);

  const rows = useMemo(
    () => (known.length || !data ? known : data.items),
    [known, data]
  );
  return {
    ...query,
    error: query.error ?? moreError,
    rows,
    complete: data !== null && !next,
    loadMore
  };
}
