import type { TranslationBundle } from '@jupyterlab/translation';
import { useMemo } from 'react';

import type { ComponentColumns, ComponentScope } from '../../api/generated';
import type { IQuery } from '../../shared/query';
import { useQuery } from '../../shared/query';
import type { IKnownColumn } from './columns';
import { summaryColumns } from './columns';

const NONE: ComponentColumns = { columns: [], complete: true };

/** The columns that a table can show, and the question that tells those of its rows. */
export interface IKnownColumns {
  known: IKnownColumn[];
  query: IQuery<ComponentColumns>;
}

/**
 * Columns of the rows, and on AWS those that other trial components have: the local engine tells all at once, AWS is asked for
 * each kind of them, which the table need not wait for.
 *
 * `rows` is kept when the first rows are drawn; asking for both at once would make them wait for each other.
 */
export function useKnownColumns(
  name: string,
  scope: ComponentScope,
  local: boolean,
  rows: Promise<void>,
  trans: TranslationBundle
): IKnownColumns {
  const query = useQuery<ComponentColumns>(
    `component-columns:${name}`,
    async (studio, signal) => {
      await rows;
      return studio.api.call('listComponentColumns', {
        body: { scope },
        signal
      });
    },
    { concerns: () => false, busy: () => false }
  );
  const others = useQuery<ComponentColumns>(
    `suggested-columns:${local}`,
    async (studio, signal) => {
      await rows;
      return local
        ? NONE
        : studio.api.call('suggestComponentColumns', { signal });
    },
    { concerns: () => false, busy: () => false }
  );
  const known = useMemo(() => {
    const here = query.data?.columns ?? [];
    const names = new Set(here.map(each => each.id));
    return [
      ...summaryColumns(trans),
      ...here,
      ...(others.data?.columns ?? []).filter(each => !names.has(each.id))
    ];
  }, [trans, query.data, others.data]);
  return { known, query };
}
