/** Turns the server's columns and series into rows of a chart; no React here. */
import type { SeriesData, SummaryData } from '../../../api/generated';
import type { IChart } from './definition';
import { axesOf, NAME_COLUMN } from './definition';

export type Value = number | string | null;

/** One mark: short names, as there are thousands. */
export interface IRow {
  /** Name of the trial component. */
  n: string;
  x?: Value;
  y?: Value;
  z?: Value;
  /** Colour. */
  c?: Value;
  /** Panel of small multiples. */
  f?: Value;
  /** Smoothed value. */
  s?: Value;
  [extra: string]: unknown;
}

/** Rows of summary statistics, without those that lack a coordinate or cannot stand on a logarithmic axis. */
export function summaryRows(
  chart: IChart,
  data: SummaryData,
  hidden: ReadonlySet<string>
): IRow[] {
  const axes = axesOf(chart);
  const column = (wanted: boolean, id: string | null): Value[] | null =>
    wanted && id ? (data.columns[id] ?? []) : null;
  const x = column(axes.x, chart.x);
  const y = column(axes.y, chart.y);
  const z = column(axes.z, chart.z);
  const c = column(axes.color, chart.color);
  const f = column(axes.facet, chart.facet);
  const rows: IRow[] = [];
  data.names.forEach((name, index) => {
    if (hidden.has(name)) {
      return;
    }
    const row: IRow = { n: name };
    if (
      !put(row, 'x', x, index, chart.logX) ||
      !put(row, 'y', y, index, chart.logY) ||
      !put(row, 'z', z, index, false)
    ) {
      return;
    }
    if (c) {
      row.c = c[index];
    }
    if (f) {
      row.f = f[index];
    }
    rows.push(row);
  });
  if (chart.type === 'line' && chart.x !== NAME_COLUMN) {
    rows.sort((a, b) => compare(a.x, b.x));
  }
  return rows;
}

function put(
  row: IRow,
  field: 'x' | 'y' | 'z',
  values: Value[] | null,
  index: number,
  log: boolean
): boolean {
  if (!values) {
    return true;
  }
  const value = values[index];
  if (value === null || value === undefined) {
    return false;
  }
  if (log && typeof value === 'number' && value <= 0) {
    return false;
  }
  row[field] = value;
  return true;
}

function compare(a: unknown, b: unknown): number {
  return typeof a === 'number' && typeof b === 'number'
    ? a - b
    : String(a).localeCompare(String(b), undefined, { numeric: true });
}

/** Rows of time series; `colors` tells the colour of a component where it is not its name. */
export function seriesRows(
  chart: IChart,
  data: SeriesData,
  hidden: ReadonlySet<string>,
  extra: ReadonlyMap<string, { c: Value; f: Value }>
): IRow[] {
  const rows: IRow[] = [];
  const time = chart.dimension === 'Time';
  for (const series of data.series) {
    if (hidden.has(series.name)) {
      continue;
    }
    const more = extra.get(series.name);
    const smooth =
      chart.type === 'line' && chart.smoothing > 0
        ? smoothed(series.y, chart.smoothing)
        : null;
    series.y.forEach((value, index) => {
      const x = series.x[index];
      if (chart.type === 'histogram') {
        if (!chart.logX || value > 0) {
          rows.push({ n: series.name, x: value, c: more?.c, f: more?.f });
        }
        return;
      }
      if ((chart.logX && !time && x <= 0) || (chart.logY && value <= 0)) {
        return;
      }
      const row: IRow = {
        n: series.name,
        x: time ? x * 1000 : x,
        y: value,
        c: more?.c,
        f: more?.f
      };
      if (smooth) {
        row.s = smooth[index];
      }
      rows.push(row);
    });
  }
  return rows;
}

/**
 * An exponential mean without the bias of its start, as TensorBoard draws it.
 *
 * `weight` (0 to 1) is that of what came before.
 */
export function smoothed(values: readonly number[], weight: number): number[] {
  let last = 0;
  let seen = 0;
  return values.map(value => {
    last = last * weight + (1 - weight) * value;
    seen++;
    return last / (1 - Math.pow(weight, seen));
  });
}

/** The rows of one axis of a parallel chart, from 0 (its lowest value) to 1. */
export interface IParallelAxis {
  label: string;
  low: string;
  high: string;
}

/** Lines of parallel coordinates: a row for each component and axis, at most so many components. */
export function parallelRows(
  chart: IChart,
  data: SummaryData,
  hidden: ReadonlySet<string>,
  label: (id: string) => string,
  format: (value: number) => string,
  most = 1500
): { rows: IRow[]; axes: IParallelAxis[]; shown: number } {
  const columns = chart.columns.filter(id => data.columns[id]);
  const kept = data.names
    .map((_, index) => index)
    .filter(
      index =>
        !hidden.has(data.names[index]) &&
        columns.every(id => data.columns[id][index] !== null)
    );
  const step = Math.max(1, kept.length / most);
  const chosen = Array.from(
    { length: Math.min(kept.length, most) },
    (_, index) => kept[Math.floor(index * step)]
  );
  const axes: IParallelAxis[] = [];
  const rows: IRow[] = [];
  columns.forEach(id => {
    const scale = scaleOf(chosen.map(index => data.columns[id][index]));
    const name = label(id);
    axes.push({
      label: name,
      low: text(scale.low, format),
      high: text(scale.high, format)
    });
    for (const index of chosen) {
      const value = data.columns[id][index];
      rows.push({
        n: data.names[index],
        x: name,
        y: scale.place(value),
        c: chart.color ? (data.columns[chart.color]?.[index] ?? null) : null,
        v: typeof value === 'number' ? format(value) : value
      });
    }
  });
  return { rows, axes, shown: chosen.length };
}

function text(value: Value, format: (value: number) => string): string {
  return typeof value === 'number' ? format(value) : String(value ?? '');
}

/** Where values stand between the lowest (0) and the highest (1). */
export function scaleOf(values: readonly Value[]): {
  low: Value;
  high: Value;
  place: (value: Value) => number;
} {
  if (values.every(each => typeof each === 'number') && values.length) {
    const numbers = values as number[];
    const low = numbers.reduce((a, b) => Math.min(a, b));
    const high = numbers.reduce((a, b) => Math.max(a, b));
    // Learning rates and the like span powers of ten.
    const to =
      low > 0 && high / low >= 100
        ? Math.log
        : (value: number): number => value;
    const [start, span] = [to(low), to(high) - to(low)];
    return {
      low,
      high,
      place: value => (span > 0 ? (to(value as number) - start) / span : 0.5)
    };
  }
  const names = [...new Set(values.map(String))].sort((a, b) => compare(a, b));
  const places = new Map(names.map((name, index) => [name, index]));
  return {
    low: names[0] ?? null,
    high: names[names.length - 1] ?? null,
    place: value =>
      names.length > 1
        ? (places.get(String(value)) ?? 0) / (names.length - 1)
        : 0.5
  };
}
