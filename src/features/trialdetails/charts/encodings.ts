/** Scales, axes, colours and tooltips that the charts share; no React here. */
import { runColour } from '../../../shared/runcolour';
import type { IChart } from './definition';
import { NAME_COLUMN } from './definition';
import type { IParallelAxis } from './rows';

export type Spec = Record<string, unknown>;

/** What a spec needs besides the chart's own choices. */
export interface ISpecContext {
  /** A column as Studio names it. */
  label: (id: string | null) => string;
  /** Whether a column's values are numbers. */
  numeric: (id: string | null) => boolean;
  /** All components in the order of their colours. */
  names: readonly string[];
  /** Words of the page's language. */
  words: {
    count: string;
    component: string;
    epoch: string;
    time: string;
    periods: string;
    mean: string;
    importance: string;
  };
  /** Marks that will be drawn. */
  rows: number;
  axes?: IParallelAxis[];
}

/** Lines and points beyond these get no legend. */
const LEGEND = 20;

export const COLOURS = [
  '#4c78a8',
  '#f58518',
  '#54a24b',
  '#e45756',
  '#72b7b2',
  '#b279a2',
  '#eeca3b',
  '#ff9da6',
  '#9d755d',
  '#8e8e8e',
  '#2f5d8a',
  '#b85c00',
  '#2e7d32',
  '#a52a2a',
  '#2b8c88',
  '#7b4f9d',
  '#a48900',
  '#d6616b',
  '#6b4c35',
  '#5a5a5a'
];

/** A colour for each component: its own one, as in all tables, unless another of these has it already. */
export function coloursOf(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map(name => {
    const own = runColour(name);
    const colour = taken.has(own)
      ? (COLOURS.find(each => !taken.has(each)) ?? own)
      : own;
    taken.add(colour);
    return colour;
  });
}

/** A column on an axis: numbers, times, or names. */
export function axis(
  id: string | null,
  log: boolean,
  context: ISpecContext,
  field: 'x' | 'y'
): Spec {
  if (!context.numeric(id)) {
    return discrete(id, context, field);
  }
  const time = !!id && /^(Creation|Start|End)Time$/.test(id);
  return {
    field,
    type: 'quantitative',
    title: context.label(id),
    scale: log ? { type: 'log' } : { zero: false },
    axis: {
      labelOverlap: true,
      tickCount: 7,
      ...(time
        ? { labelExpr: "utcFormat(datum.value * 1000, '%m-%d %H:%M')" }
        : {})
    }
  };
}

/** A column on an axis of names. */
export function discrete(
  id: string | null,
  context: ISpecContext,
  field: 'x' | 'y' = 'x'
): Spec {
  const many = id === NAME_COLUMN && context.names.length > 40;
  return {
    field,
    type: 'nominal',
    title: context.label(id),
    sort: id === NAME_COLUMN ? null : undefined,
    axis: {
      labelAngle: field === 'x' ? -35 : 0,
      labelLimit: 120,
      labelOverlap: true,
      ...(many ? { labels: false, ticks: false } : {})
    }
  };
}

/** The colour of marks by a column; none: one colour. */
export function colour(id: string | null, context: ISpecContext): Spec {
  if (!id) {
    return { color: { value: COLOURS[0] } };
  }
  if (id === NAME_COLUMN) {
    return nominal('n', context);
  }
  return {
    color: {
      field: 'c',
      title: context.label(id),
      ...(context.numeric(id)
        ? { type: 'quantitative', scale: { scheme: 'viridis', zero: false } }
        : { type: 'nominal', scale: { range: COLOURS } })
    }
  };
}

/** The colour of marks by their component, the same in every chart and table. */
export function nominal(field: string, context: ISpecContext): Spec {
  const { names } = context;
  return {
    color: {
      field,
      type: 'nominal',
      title: context.label(NAME_COLUMN),
      scale: { domain: names, range: coloursOf(names) },
      legend:
        names.length > LEGEND
          ? null
          : { labelLimit: 220, symbolLimit: LEGEND, columns: 1 }
    }
  };
}

/** Further columns of a tooltip. */
export function extra(chart: IChart): [string, string | null][] {
  return chart.color && chart.color !== NAME_COLUMN ? [['c', chart.color]] : [];
}

/** A tooltip with the component and some columns. */
export function tooltip(
  context: ISpecContext,
  fields: [field: string, id: string | null][]
): Spec[] {
  return [
    { field: 'n', title: context.words.component },
    ...fields
      .filter(([, id]) => id && id !== NAME_COLUMN)
      .map(([field, id]) => ({
        field,
        title: context.label(id),
        ...(context.numeric(id) ? { type: 'quantitative', format: '.6~g' } : {})
      }))
  ];
}
