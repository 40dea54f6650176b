import { useEffect, useMemo, useState } from 'react';

import type { Change, Running, Usage, UsageNow } from '../../api/generated';
import { usePage, useStatus } from '../../shared/context';
import type { IQuery } from '../../shared/query';
import { useQuery } from '../../shared/query';
import { merged, REST } from './parts';

/** Kinds of changes after which something else may run. */
const KINDS = new Set([
  'Running',
  'App',
  'Endpoint',
  'NotebookInstance',
  'AutoMLJob',
  'HyperParameterTuningJob',
  'TrainingJob',
  'ProcessingJob',
  'TransformJob'
]);

/** What runs, as far as it is told; `complete` once all parts of it are. */
export interface IRunningQuery extends IQuery<Running> {
  complete: boolean;
}

/**
 * What runs, kept true: the server tells of kernels and terminals, the target of the rest.
 *
 * The local engine tells all at once. AWS lists each kind by itself, so there the apps come first and the other parts, each by
 * a request of its own, after them.
 */
export function useRunning(): IRunningQuery {
  const local = useStatus()?.target.kind !== 'aws';
  const options = {
    concerns: (change: Change) => KINDS.has(change.kind),
    busy: () => true
  };
  const first = useQuery<Running>(
    `running:${local}`,
    async (studio, signal) =>
      studio.api.call('getRunning', {
        query: local ? {} : { part: 'apps' },
        signal
      }),
    options
  );
  const rest = useQuery<Running[]>(
    `running-rest:${local}`,
    async (studio, signal) =>
      local
        ? []
        : Promise.all(
            REST.map(part =>
              studio.api.call('getRunning', { query: { part }, signal })
            )
          ),
    options
  );
  const data = useMemo(
    () => first.data && merged(first.data, rest.data ?? []),
    [first.data, rest.data]
  );
  return {
    data,
    error: first.error ?? rest.error,
    loading: first.loading,
    fetching: first.fetching || rest.fetching,
    updated: first.updated,
    refresh: () => {
      first.refresh();
      rest.refresh();
    },
    complete: rest.data !== null
  };
}

/** Use by name: kernels by id, instances as `owner/type`. */
export interface IUsages {
  kernels: Map<string, Usage>;
  instances: Map<string, Usage>;
  states: Map<string, string>;
  machine: UsageNow | null;
}

const NOTHING: IUsages = {
  kernels: new Map(),
  instances: new Map(),
  states: new Map(),
  machine: null
};

/** CPU and memory of everything here, read anew every second while the page is seen. */
export function useUsages(seconds: number): IUsages {
  const { studio, visible } = usePage();
  const [found, setFound] = useState<IUsages>(NOTHING);
  useEffect(() => {
    if (!visible) {
      return;
    }
    let timer = 0;
    let ended = false;
    const look = async (): Promise<void> => {
      let pause = seconds * 1000;
      try {
        if (!document.hidden) {
          const now = await studio.api.call('getUsage');
          if (!ended) {
            setFound({
              kernels: new Map(
                now.kernels.map(each => [each.name, each.usage])
              ),
              instances: new Map(
                now.instances.map(each => [each.name, each.usage])
              ),
              states: new Map(now.states.map(each => [each.name, each.state])),
              machine: now
            });
          }
        }
      } catch {
        // The list itself says when the server is away.
        pause *= 10;
      }
      if (!ended) {
        timer = window.setTimeout(() => void look(), pause);
      }
    };
    void look();
    return () => {
      ended = true;
      window.clearTimeout(timer);
    };
  }, [studio, visible, seconds]);
  return found;
}
