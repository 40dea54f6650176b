import type { TranslationBundle } from '@jupyterlab/translation';

import type { ComponentColumn } from '../../api/generated';

export type Category = ComponentColumn['category'];

/** Categories in the order of the pane. */
export const CATEGORIES: readonly Category[] = [
  'Summary',
  'Metrics',
  'Parameters',
  'Input artifacts',
  'Output artifacts',
  'Tags'
];

/** Statistics of a metric in AWS's words. */
export const STATISTICS = [
  'Last',
  'Max',
  'Min',
  'Avg',
  'StdDev',
  'Count'
] as const;
export type Statistic = (typeof STATISTICS)[number];

/** A column that can be shown. */
export interface IKnownColumn {
  /** Property path; of a metric without its statistic. */
  id: string;
  label: string;
  category: Category;
  numeric: boolean;
  /** Components of this table have it. */
  here: boolean;
}

/** How a shown column looks; kept in views. */
export interface IShownColumn {
  id: string;
  statistic?: Statistic;
  pinned?: boolean;
  width?: number;
}

/** The columns of the category Summary; their values come with every row. */
export function summaryColumns(trans: TranslationBundle): IKnownColumn[] {
  const column = (id: string, label: string): IKnownColumn => ({
    id,
    label,
    category: CATEGORIES[0],
    numeric: false,
    here: true
  });
  return [
    column('Status.PrimaryStatus', trans.__('Status')),
    column('Parents.ExperimentName', trans.__('Experiment')),
    column('Source.SourceType', trans.__('Type')),
    column('Parents.TrialName', trans.__('Trial')),
    column(NAME, trans.__('Trial component')),
    column('CreationTime', trans.__('Created on')),
    column('LastModifiedTime', trans.__('Last modified')),
    column('CreatedBy.UserProfileName', trans.__('Created by')),
    column('DisplayName', trans.__('Display name'))
  ];
}

/** The column with the component's name. */
export const NAME = 'TrialComponentName';

/** Columns whose values every row has, whatever cells it was asked for. */
export const IN_EVERY_ROW: ReadonlySet<string> = new Set([
  NAME,
  'DisplayName',
  'Status.PrimaryStatus',
  'Source.SourceType',
  'Parents.ExperimentName',
  'Parents.TrialName',
  'CreationTime',
  'LastModifiedTime'
]);

/** Most metrics and parameters that show before somebody chooses. */
const FIRST_METRICS = 20;
const FIRST_PARAMETERS = 12;

/** What shows before somebody chooses: Studio's columns, then the metrics and parameters that the rows have. */
export function defaultColumns(known: readonly IKnownColumn[]): IShownColumn[] {
  const here = (category: Category, most: number): IShownColumn[] =>
    known
      .filter(each => each.category === category && each.here)
      .filter(each => !each.id.startsWith('Parameters.SageMaker.'))
      .slice(0, most)
      .map(each => ({ id: each.id }));
  return [
    { id: NAME, pinned: true },
    { id: 'Status.PrimaryStatus' },
    { id: 'Parents.ExperimentName' },
    { id: 'Source.SourceType' },
    { id: 'Parents.TrialName' },
    { id: 'CreationTime' },
    { id: 'LastModifiedTime' },
    ...here('Metrics', FIRST_METRICS),
    ...here('Parameters', FIRST_PARAMETERS)
  ];
}

export function isMetric(id: string): boolean {
  return id.startsWith('Metrics.');
}

/** Property path whose value a shown column has. */
export function pathOf(shown: IShownColumn): string {
  return isMetric(shown.id)
    ? `${shown.id}.${shown.statistic ?? 'Last'}`
    : shown.id;
}

/** The shown column of a property path, with its statistic. */
export function shownOf(path: string): IShownColumn {
  if (isMetric(path)) {
    const dot = path.lastIndexOf('.');
    const statistic = STATISTICS.find(each => each === path.slice(dot + 1));
    if (statistic) {
      return { id: path.slice(0, dot), statistic };
    }
  }
  return { id: path };
}

/** Whether a column's values come with every row, without being asked for. */
export function isSummary(id: string): boolean {
  return (
    !isMetric(id) &&
    !/^(Parameters|InputArtifacts|OutputArtifacts|Tags)\./.test(id)
  );
}

/** Whether the server can sort by a column. */
export function isSortable(id: string): boolean {
  // A component has many parents and many tags: there is no one value to sort by.
  return !/^(Tags|Parents|InputArtifacts|OutputArtifacts)\./.test(id);
}

/** Short name of a column: the last part of its path says enough. */
export function labelOf(
  id: string,
  known: ReadonlyMap<string, IKnownColumn>
): string {
  const found = known.get(id);
  if (found) {
    return found.label;
  }
  const dot = id.indexOf('.');
  return dot < 0 || isSummary(id) ? id : id.slice(dot + 1);
}

const WIDTHS: Record<string, number> = {
  'Status.PrimaryStatus': 110,
  'Parents.ExperimentName': 150,
  'Source.SourceType': 110,
  'Parents.TrialName': 150,
  CreationTime: 130,
  LastModifiedTime: 130
};

/** Pixels of a column. */
export function widthOf(
  shown: IShownColumn,
  label: string,
  numeric: boolean
): number {
  if (shown.width) {
    return shown.width;
  }
  const named = WIDTHS[shown.id];
  if (named) {
    return named;
  }
  const text = label.length * 7 + (shown.statistic ? 34 : 0) + 44;
  return Math.min(260, Math.max(numeric ? 92 : 140, text));
}

/** Columns with the pinned ones first, otherwise in their order. */
export function pinnedFirst(shown: readonly IShownColumn[]): IShownColumn[] {
  return [
    ...shown.filter(each => each.pinned),
    ...shown.filter(each => !each.pinned)
  ];
}

/** The columns with one shown or hidden; a shown one stands after the others of its category. */
export function toggleColumn(
  shown: readonly IShownColumn[],
  id: string,
  on: boolean,
  known: ReadonlyMap<string, IKnownColumn>
): IShownColumn[] {
  if (!on) {
    return shown.filter(each => each.id !== id);
  }
  if (shown.some(each => each.id === id)) {
    return [...shown];
  }
  const rank = (each: string): number =>
    CATEGORIES.indexOf(known.get(each)?.category ?? 'Summary');
  const mine = rank(id);
  let at = shown.length;
  while (at > 0 && rank(shown[at - 1].id) > mine) {
    at--;
  }
  return [...shown.slice(0, at), { id }, ...shown.slice(at)];
}

/** Which columns a window of pixels shows: the first and one past the last. */
export function columnWindow(
  starts: readonly number[],
  left: number,
  right: number
): [number, number] {
  let first = 0;
  while (first < starts.length - 2 && starts[first + 1] <= left) {
    first++;
  }
  let end = first;
  while (end < starts.length - 1 && starts[end] < right) {
    end++;
  }
  return [first, end];
}

/** The columns with one moved among those that are pinned as it is. */
export function moved(
  shown: readonly IShownColumn[],
  id: string,
  by: -1 | 1
): IShownColumn[] {
  const next = [...shown];
  const at = next.findIndex(each => each.id === id);
  const to = at + by;
  if (
    at >= 0 &&
    to >= 0 &&
    to < next.length &&
    !!next[to].pinned === !!next[at].pinned
  ) {
    [next[at], next[to]] = [next[to], next[at]];
  }
  return next;
}
