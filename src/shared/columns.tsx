/** Columns that lists of all kinds of resources have alike. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { duration } from './clock';
import type { IColumn } from './grid';
import { StatusBadge } from './status';
import { TimeText } from './time';

/** Its name. */
export function nameColumn<T extends { name: string }>(
  trans: TranslationBundle
): IColumn<T> {
  return {
    id: 'name',
    label: trans.__('Name'),
    sortable: true,
    render: row => <span title={row.name}>{row.name}</span>
  };
}

/** The name of a trial, with a mark for the best one. */
export function trialColumn<T extends { name: string }>(
  trans: TranslationBundle,
  best: (row: T) => boolean
): IColumn<T> {
  return {
    id: 'name',
    label: trans.__('Trial name'),
    sortable: true,
    render: row => (
      <span title={row.name}>
        {best(row) && (
          <span className="smstudio-Best">{trans.__('★ Best')}</span>
        )}
        {row.name}
      </span>
    )
  };
}

/** Its state, with more about it in the tooltip. */
export function statusColumn<T extends { status: string }>(
  trans: TranslationBundle,
  detail?: (row: T) => string | null
): IColumn<T> {
  return {
    id: 'status',
    label: trans.__('Status'),
    sortable: true,
    render: row => <StatusBadge status={row.status} detail={detail?.(row)} />
  };
}

/** When it was made. */
export function createdColumn<T extends { created: string }>(
  trans: TranslationBundle
): IColumn<T> {
  return {
    id: 'created',
    label: trans.__('Created'),
    sortable: true,
    render: row => <TimeText value={row.created} />
  };
}

/** When it was changed. */
export function modifiedColumn<T extends { modified: string }>(
  trans: TranslationBundle
): IColumn<T> {
  return {
    id: 'modified',
    label: trans.__('Last Modified'),
    render: row => <TimeText value={row.modified} />
  };
}

/** How long it has worked. */
export function elapsedColumn<T extends { elapsed_seconds: number }>(
  trans: TranslationBundle
): IColumn<T> {
  return {
    id: 'elapsed',
    label: trans.__('Duration'),
    numeric: true,
    render: row => duration(row.elapsed_seconds)
  };
}

/** Its ARN, where there is room. */
export function arnColumn<T extends { arn: string }>(
  trans: TranslationBundle
): IColumn<T> {
  return {
    id: 'arn',
    label: trans.__('ARN'),
    from: 'wide',
    render: row => <span title={row.arn}>{row.arn}</span>
  };
}
