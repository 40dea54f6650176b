import type { TranslationBundle } from '@jupyterlab/translation';

import type { ColumnFilter } from '../../api/generated';

export type Operator = ColumnFilter['operator'];

/** How a column is searched. */
export type FilterKind = 'text' | 'discrete' | 'tag' | 'date' | 'number';

/** A column that can be searched. */
export interface ISearchable {
  /** Property path. */
  id: string;
  label: string;
  kind: FilterKind;
  /** Of discrete columns: what can be chosen. */
  values?: { value: string; label: string }[];
  /** Heading under which it stands in the list of columns. */
  group?: string;
}

/** Fewest letters that a text must have, as in Studio. */
export const FEWEST_LETTERS = 3;

export const NUMBER_OPERATORS: Operator[] = [
  'Equals',
  'NotEquals',
  'GreaterThan',
  'GreaterThanOrEqualTo',
  'LessThan',
  'LessThanOrEqualTo',
  'Exists',
  'NotExists'
];

/** An operator in words or signs. */
export function operatorLabel(
  operator: Operator,
  trans: TranslationBundle
): string {
  const labels: Record<Operator, string> = {
    Equals: '=',
    NotEquals: '≠',
    GreaterThan: '>',
    GreaterThanOrEqualTo: '≥',
    LessThan: '<',
    LessThanOrEqualTo: '≤',
    Contains: trans.__('contains'),
    Exists: trans.__('has a value'),
    NotExists: trans.__('has no value'),
    In: trans.__('is one of')
  };
  return labels[operator];
}

/** What the dialog of a column holds while it is filled in. */
export interface IFilterDraft {
  text: string;
  operator: Operator;
  chosen: string[];
  key: string;
  from: string;
  to: string;
}

export const EMPTY_DRAFT: IFilterDraft = {
  text: '',
  operator: 'Equals',
  chosen: [],
  key: '',
  from: '',
  to: ''
};

/** The filters that a filled-in dialog means; empty while it says nothing yet. */
export function filtersOf(
  column: ISearchable,
  draft: IFilterDraft
): ColumnFilter[] {
  const text = draft.text.trim();
  switch (column.kind) {
    case 'text':
      return text.length >= FEWEST_LETTERS
        ? [{ name: column.id, operator: 'Contains', value: text }]
        : [];
    case 'discrete':
      return discrete(column.id, draft.chosen);
    case 'tag':
      return draft.key.trim() && text
        ? [
            {
              name: `Tags.${draft.key.trim()}`,
              operator: 'Equals',
              value: text
            }
          ]
        : [];
    case 'date':
      return [
        ...day(column.id, 'GreaterThanOrEqualTo', draft.from, 0),
        ...day(column.id, 'LessThan', draft.to, 1)
      ];
    case 'number':
      if (draft.operator === 'Exists' || draft.operator === 'NotExists') {
        return [{ name: column.id, operator: draft.operator, value: null }];
      }
      return text !== '' && Number.isFinite(Number(text))
        ? [{ name: column.id, operator: draft.operator, value: text }]
        : [];
  }
}

/** The choices with one more or less; "no value" stands alone, because one filter cannot mean both. */
export function choose(
  chosen: readonly string[],
  value: string,
  on: boolean
): string[] {
  const others = chosen.filter(each => each !== value);
  if (!on) {
    return others;
  }
  return value === '' ? [''] : [...others.filter(each => each !== ''), value];
}

function discrete(name: string, chosen: readonly string[]): ColumnFilter[] {
  if (!chosen.length) {
    return [];
  }
  if (chosen.length === 1) {
    // No value at all is one of the things to choose.
    return chosen[0] === ''
      ? [{ name, operator: 'NotExists', value: null }]
      : [{ name, operator: 'Equals', value: chosen[0] }];
  }
  return [{ name, operator: 'In', value: chosen.join(',') }];
}

function day(
  name: string,
  operator: Operator,
  date: string,
  add: number
): ColumnFilter[] {
  const start = date ? new Date(`${date}T00:00:00`) : null;
  if (!start || Number.isNaN(start.getTime())) {
    return [];
  }
  start.setDate(start.getDate() + add);
  return [{ name, operator, value: start.toISOString() }];
}

/** A filter in words. */
export function filterLabel(
  filter: ColumnFilter,
  columns: readonly ISearchable[],
  trans: TranslationBundle
): string {
  const column = columns.find(each => each.id === filter.name);
  const name = column?.label ?? filter.name;
  const operator = operatorLabel(filter.operator, trans);
  if (filter.value === null || filter.value === undefined) {
    return `${name} ${operator}`;
  }
  if (column?.kind === 'date') {
    return `${name} ${operator} ${filter.value.slice(0, 10)}`;
  }
  const values = filter.value
    .split(',')
    .map(
      value =>
        column?.values?.find(each => each.value === value)?.label ?? value
    );
  return `${name} ${operator} ${values.join(', ')}`;
}
