import { Poll } from '@lumino/polling';
import { useCallback, useEffect, useRef, useState } from 'react';

import { ApiFailure } from '../api/client';
import type { Change } from '../api/generated';
import type { ISmStudio } from '../tokens';
import { usePage } from './context';

/** How long changes are gathered before the server is asked, in milliseconds. */
const GATHER = 250;

/** The state of something that the server tells. */
export interface IQuery<T> {
  data: T | null;
  error: ApiFailure | null;
  /** Asking for the first time. */
  loading: boolean;
  /** Asking, with or without older data. */
  fetching: boolean;
  /** When `data` was told, in milliseconds since the epoch. */
  updated: number | null;
  refresh: () => void;
}

/** Options of useQuery. */
export interface IQueryOptions<T> {
  /** Whether a change concerns this query. */
  concerns: (change: Change) => boolean;
  /** Whether `data` will change soon; then it is asked for again without an event, too. */
  busy: (data: T) => boolean;
}

interface ICached<T> {
  data: T;
  at: number;
}

/**
 * Reads something from the server and keeps it true.
 *
 * Shows the last answer of the same key at once; reads again on events, when the page becomes visible, when somebody
 * asks, and in long intervals (short ones while something runs), never while the page is hidden.
 */
export function useQuery<T>(
  key: string,
  load: (studio: ISmStudio, signal: AbortSignal) => Promise<T>,
  options: IQueryOptions<T>
): IQuery<T> {
  const { studio, visible } = usePage();
  const [target, setTarget] = useState(studio.targetKey);
  const fullKey = `${target}|${key}`;
  const cached = studio.cache.get(fullKey) as ICached<T> | undefined;
  const [state, setState] = useState<{
    key: string;
    data: T | null;
    updated: number | null;
    error: ApiFailure | null;
    fetching: boolean;
  }>({
    key: fullKey,
    data: cached?.data ?? null,
    updated: cached?.at ?? null,
    error: null,
    fetching: true
  });
  const poll = useRef<{ ask: () => void } | null>(null);
  const latest = useRef({ load, options, visible });
  latest.current = { load, options, visible };

  useEffect(() => {
    const update = (): void => setTarget(studio.targetKey);
    update();
    studio.statusChanged.connect(update);
    return () => {
      studio.statusChanged.disconnect(update);
    };
  }, [studio]);

  useEffect(() => {
    const before = studio.cache.get(fullKey) as ICached<T> | undefined;
    setState({
      key: fullKey,
      data: before?.data ?? null,
      updated: before?.at ?? null,
      error: null,
      fetching: true
    });
    const controller = new AbortController();
    let turn = 0;
    let reading = 0;
    let again = false;
    const ask = (): void => {
      // A poll drops a refresh that comes while one is under way; what changed meanwhile must still be read.
      if (reading) {
        again = true;
      } else {
        void self.refresh();
      }
    };
    const read = async (): Promise<void> => {
      reading++;
      try {
        await readOnce();
      } finally {
        reading--;
        if (again && !reading) {
          again = false;
          window.setTimeout(() => void self.refresh(), GATHER);
        }
      }
    };
    const readOnce = async (): Promise<void> => {
      const mine = ++turn;
      setState(old => ({ ...old, fetching: true }));
      try {
        await studio.ready();
        const data = await latest.current.load(studio, controller.signal);
        if (mine !== turn || controller.signal.aborted) {
          return;
        }
        const at = Date.now();
        studio.cache.set(fullKey, { data, at });
        setState({
          key: fullKey,
          data,
          updated: at,
          error: null,
          fetching: false
        });
        const seconds = latest.current.options.busy(data)
          ? studio.pollInterval
          : studio.pollInterval * 6;
        self.frequency = {
          ...self.frequency,
          interval: seconds * 1000
        };
      } catch (reason) {
        if (mine !== turn || controller.signal.aborted) {
          return;
        }
        setState(old => ({
          ...old,
          error: ApiFailure.from(reason),
          fetching: false
        }));
        throw reason;
      }
    };
    const self = new Poll<void>({
      name: `smstudio:${key}`,
      auto: false,
      factory: read,
      frequency: {
        interval: studio.pollInterval * 1000,
        max: 120_000,
        backoff: true
      },
      standby: () =>
        latest.current.visible && !document.hidden ? 'never' : true
    });
    poll.current = { ask };
    let gathered = 0;
    const onChange = (_: unknown, change: Change): void => {
      if (
        !gathered &&
        (change.kind === '*' || latest.current.options.concerns(change))
      ) {
        gathered = window.setTimeout(() => {
          gathered = 0;
          ask();
        }, GATHER);
      }
    };
    const onRefresh = ask;
    studio.changed.connect(onChange);
    studio.refreshRequested.connect(onRefresh);
    ask();
    return () => {
      controller.abort();
      window.clearTimeout(gathered);
      studio.changed.disconnect(onChange);
      studio.refreshRequested.disconnect(onRefresh);
      poll.current = null;
      self.dispose();
    };
  }, [studio, fullKey, key]);

  const wasVisible = useRef(visible);
  useEffect(() => {
    if (visible && !wasVisible.current) {
      poll.current?.ask();
    }
    wasVisible.current = visible;
  }, [visible]);

  const refresh = useCallback(() => {
    poll.current?.ask();
  }, []);
  // Between a new key and its effect the old key's data must not show under the new name.
  const mine = state.key === fullKey;
  return {
    data: mine ? state.data : (cached?.data ?? null),
    updated: mine ? state.updated : (cached?.at ?? null),
    error: mine ? state.error : null,
    fetching: mine ? state.fetching : true,
    loading:
      (mine ? state.data : (cached?.data ?? null)) === null &&
      (mine ? state.error === null : true),
    refresh
  };
}
