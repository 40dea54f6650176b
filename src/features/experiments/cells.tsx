import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactNode } from 'react';

import type { ComponentGroup, ComponentRow } from '../../api/generated';
import { absoluteTime, relativeTime } from '../../shared/clock';
import { metric } from '../../shared/numbers';
import { StatusBadge } from '../../shared/status';
import type { IKnownColumn } from './columns';
import { labelOf, shownOf } from './columns';
import type { Cell } from './rows';

/** What all cells of a table share; cells are many, so they are plain functions without state of their own. */
export interface ICellContext {
  trans: TranslationBundle;
  locale: string;
  /** The time to which relative times refer, in milliseconds since the epoch. */
  now: number;
  types: Record<ComponentRow['type'], string>;
}

/** What a cell shows. Text stands in the cell itself: with thousands of cells an element in each is dear. */
export interface ICellView {
  content: ReactNode;
  title?: string;
  /** Texts of people may run from right to left. */
  dir?: 'auto';
  dim?: boolean;
}

/** Its value was not read yet. */
export const WAITING: ICellView = {
  content: <span className="smstudio-Leaderboard-wait" />
};
const EMPTY: ICellView = { content: '—', dim: true };

/** What a cell shows; texts are texts, whatever they hold. */
export function cellView(
  context: ICellContext,
  row: ComponentRow,
  path: string,
  cell: Cell | undefined
): ICellView {
  switch (path) {
    case 'Status.PrimaryStatus':
      return row.status
        ? {
            content: (
              <StatusBadge status={row.status} detail={row.status_message} />
            )
          }
        : EMPTY;
    case 'TrialComponentName':
      return text(row.name);
    case 'DisplayName':
      return text(row.display_name);
    case 'Source.SourceType':
      return text(context.types[row.type]);
    case 'Parents.ExperimentName':
      return text(row.experiments.join(', '));
    case 'Parents.TrialName':
      return text(row.trials.join(', '));
    case 'CreatedBy.UserProfileName':
      return text(typeof cell === 'string' ? cell : '');
    case 'CreationTime':
      return time(context, row.created);
    case 'LastModifiedTime':
      return time(context, row.modified);
  }
  if (cell === undefined) {
    return WAITING;
  }
  if (typeof cell === 'number') {
    return {
      title: String(cell),
      content:
        path.startsWith('Metrics.') && !path.endsWith('.Count')
          ? metric(cell)
          : short(cell)
    };
  }
  return text(cell === null ? '' : String(cell));
}

function time(context: ICellContext, value: string | null): ICellView {
  if (!value) {
    return EMPTY;
  }
  const then = Date.parse(value);
  const { locale, now } = context;
  return {
    title: absoluteTime(then, locale),
    content: (
      <time dateTime={value}>
        {relativeTime(then, Math.max(now, then), locale, 'short')}
      </time>
    )
  };
}

function text(value: string): ICellView {
  return value ? { content: value, title: value, dir: 'auto' } : EMPTY;
}

/** The types in the language of the page. */
export function typeLabels(
  trans: TranslationBundle
): Record<ComponentRow['type'], string> {
  return {
    'Training job': trans.__('Training job'),
    'Transform job': trans.__('Transform job'),
    'Processing job': trans.__('Processing job'),
    Others: trans.__('Others')
  };
}

/** Six digits tell neighbours apart; whole numbers stay whole. */
export function short(value: number): string {
  return Number.isInteger(value)
    ? String(value)
    : String(Number(value.toPrecision(6)));
}

/** A group's metrics as "name lowest … highest". */
export function groupSummary(
  group: ComponentGroup,
  paths: readonly string[],
  known: ReadonlyMap<string, IKnownColumn>
): { name: string; range: string }[] {
  return group.metrics.flatMap((each, at) => {
    const path = paths[at];
    if (!path || each.lowest === null || each.highest === null) {
      return [];
    }
    const low = metric(each.lowest);
    const high = metric(each.highest);
    return [
      {
        name: labelOf(shownOf(path).id, known),
        range: low === high ? low : `${low} … ${high}`
      }
    ];
  });
}
