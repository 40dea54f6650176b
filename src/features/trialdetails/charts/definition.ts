/** What a chart is: the choices of CHART PROPERTIES, and what they ask of the server; no React here. */
import type {
  ChartColumn,
  ComponentSet,
  SeriesRequest,
  SummaryRequest
} from '../../../api/generated';

export type DataType = 'series' | 'summary';

export type ChartType =
  | 'bar'
  | 'histogram'
  | 'line'
  | 'scatter'
  | 'parallel'
  | 'box'
  | 'heat'
  | 'contour'
  | 'importance';

export type Dimension = SeriesRequest['dimension'] & string;

/** The choices of one chart. */
export interface IChart {
  id: string;
  data: DataType;
  type: ChartType;
  dimension: Dimension;
  /** Seconds of one point over time; null for every value as it was logged. */
  period: number | null;
  x: string | null;
  y: string | null;
  /** Heat map and contour: the column whose mean is shown. */
  z: string | null;
  color: string | null;
  /** Small multiples: one panel for each value of this column. */
  facet: string | null;
  /** Axes of parallel coordinates. */
  columns: string[];
  logX: boolean;
  logY: boolean;
  /** Weight of what came before in an exponential mean, 0 to 0.99. */
  smoothing: number;
  /** Takes the whole width. */
  wide: boolean;
}

/** Chart types of a data type, Studio's own first. */
export const TYPES: Record<DataType, readonly ChartType[]> = {
  summary: [
    'bar',
    'histogram',
    'line',
    'scatter',
    'parallel',
    'box',
    'heat',
    'contour',
    'importance'
  ],
  series: ['histogram', 'line']
};

export const DIMENSIONS: readonly Dimension[] = [
  'Epoch',
  'Time',
  'Periods from start'
];

/** Studio's aggregations in seconds. */
export const PERIODS: readonly number[] = [60, 300, 3600];
/** Those below a minute, which AWS does not keep; null is every value. */
export const FINER: readonly (number | null)[] = [null, 1, 10, 30];

export const NAME_COLUMN = 'TrialComponentName';

/** The axes that a type has. */
export interface IAxes {
  x: boolean;
  y: boolean;
  z: boolean;
  columns: boolean;
  color: boolean;
  facet: boolean;
}

/** Which axes a chart asks for. */
export function axesOf(chart: Pick<IChart, 'data' | 'type'>): IAxes {
  const { type, data } = chart;
  if (data === 'series') {
    return {
      x: type === 'histogram',
      y: type === 'line',
      z: false,
      columns: false,
      color: true,
      facet: true
    };
  }
  const grid = type === 'heat' || type === 'contour';
  return {
    x: !['parallel', 'importance'].includes(type),
    y: !['parallel', 'histogram'].includes(type),
    z: grid,
    columns: type === 'parallel',
    color: !grid && !['importance', 'box'].includes(type),
    facet: !grid && !['parallel', 'importance'].includes(type)
  };
}

/** Whether everything is chosen that the chart needs. */
export function isComplete(chart: IChart): boolean {
  const axes = axesOf(chart);
  return (
    (!axes.x || !!chart.x) &&
    (!axes.y || !!chart.y) &&
    (!axes.z || !!chart.z) &&
    (!axes.columns || chart.columns.length > 1)
  );
}

/** Bars beyond these are too thin to be told apart. */
const BARS = 60;

/** A new chart: something to see at once, of what there is. */
export function newChart(
  columns: readonly ChartColumn[],
  components = 0
): IChart {
  const many = components > BARS;
  return {
    id: newId(),
    data: 'summary',
    type: many ? 'histogram' : 'bar',
    dimension: 'Time',
    period: 60,
    x: many ? objective(columns) : NAME_COLUMN,
    y: objective(columns),
    z: null,
    color: null,
    facet: null,
    columns: [],
    logX: false,
    logY: false,
    smoothing: 0,
    wide: false
  };
}

export function newId(): string {
  return Math.random().toString(36).slice(2, 10);
}

/** The metric that people look at first: the objective of a tuning job, else the first validation metric. */
export function objective(columns: readonly ChartColumn[]): string | null {
  const last = columns.filter(
    each => each.kind === 'metric' && each.id.endsWith('.last')
  );
  const found =
    last.find(each => each.id === 'Metrics.ObjectiveMetric.last') ??
    last.find(each => /^Metrics\.(valid|test|eval)/.test(each.id)) ??
    last[0];
  return found?.id ?? null;
}

/** The chart with another choice, and with what the choice makes senseless taken back. */
export function changed(
  chart: IChart,
  change: Partial<IChart>,
  columns: readonly ChartColumn[]
): IChart {
  const next = { ...chart, ...change };
  if (!TYPES[next.data].includes(next.type)) {
    next.type = 'line';
  }
  const axes = axesOf(next);
  const metric = (id: string | null): boolean => !!id?.startsWith('Metrics.');
  if (next.data === 'series') {
    next.x =
      axes.x && metric(next.x) ? next.x : axes.x ? objective(columns) : null;
    next.y =
      axes.y && metric(next.y) ? next.y : axes.y ? objective(columns) : null;
    next.color ??= chart.data === 'series' ? null : NAME_COLUMN;
    return next;
  }
  if (chart.data === 'series' && next.type === 'line') {
    next.x = NAME_COLUMN;
  }
  if (axes.y && !next.y) {
    next.y = objective(columns);
  }
  if (axes.z && !next.z) {
    next.z = objective(columns);
  }
  if (change.type && axes.z && change.type !== chart.type) {
    const numbers = varying(columns);
    next.x = chart.x?.startsWith('Parameters.')
      ? chart.x
      : (numbers[0] ?? null);
    next.y = chart.y?.startsWith('Parameters.')
      ? chart.y
      : (numbers.find(id => id !== next.x) ?? null);
  }
  if (change.type === 'parallel' && next.columns.length < 2) {
    const target = objective(columns);
    next.columns = [
      ...varying(columns).slice(0, 6),
      ...(target ? [target] : [])
    ];
    next.color = target;
    next.wide = true;
  }
  if (change.type === 'histogram' && !metric(next.x)) {
    next.x = objective(columns);
  }
  if (next.type === 'importance' && change.type) {
    next.y = metric(next.y) ? next.y : objective(columns);
  }
  return next;
}

/** Parameters that are numbers and not AWS's own. */
function varying(columns: readonly ChartColumn[]): string[] {
  return columns
    .filter(
      each =>
        each.kind === 'parameter' &&
        each.numeric &&
        !each.id.startsWith('Parameters.SageMaker.')
    )
    .map(each => each.id);
}

/** The first columns whose name begins with a text or, after those, holds it. */
export function fitting(
  columns: readonly ChartColumn[],
  typed: string,
  most: number
): ChartColumn[] {
  const text = typed.trim().toLowerCase();
  const begins: ChartColumn[] = [];
  const holds: ChartColumn[] = [];
  for (const each of columns) {
    const at = each.label.toLowerCase().indexOf(text);
    if (at === 0) {
      begins.push(each);
      if (begins.length === most) {
        break;
      }
    } else if (at > 0 && holds.length < most) {
      holds.push(each);
    }
  }
  return [...begins, ...holds].slice(0, most);
}

/** A column as Studio names it. */
export function labelOf(
  id: string | null,
  columns: readonly ChartColumn[]
): string {
  if (!id) {
    return '';
  }
  const found = columns.find(each => each.id === id);
  if (found) {
    return found.label;
  }
  if (id.startsWith('Metrics.')) {
    const [metric, statistic] = splitMetric(id);
    return `${metric}_${statistic}`;
  }
  return id.replace(/^Parameters\./, '');
}

/** `["validation:f1", "min"]` of `Metrics.validation:f1.min`. */
export function splitMetric(id: string): [metric: string, statistic: string] {
  const rest = id.slice('Metrics.'.length);
  const dot = rest.lastIndexOf('.');
  return [rest.slice(0, dot), rest.slice(dot + 1)];
}

/** What a chart of summary statistics asks for; null for others. */
export function summaryRequest(
  chart: IChart,
  source: ComponentSet
): SummaryRequest | null {
  if (chart.data !== 'summary' || chart.type === 'importance') {
    return null;
  }
  const axes = axesOf(chart);
  const columns = [
    ...(axes.columns ? chart.columns : []),
    axes.x ? chart.x : null,
    axes.y ? chart.y : null,
    axes.z ? chart.z : null,
    axes.color ? chart.color : null,
    axes.facet ? chart.facet : null
  ].filter((each): each is string => !!each);
  return { source, columns: [...new Set(columns)] };
}

/** What a chart of time series asks for; null for others. */
export function seriesRequest(
  chart: IChart,
  source: ComponentSet
): SeriesRequest | null {
  const column = chart.type === 'histogram' ? chart.x : chart.y;
  if (chart.data !== 'series' || !column) {
    return null;
  }
  const [metric, statistic] = splitMetric(column);
  return {
    source,
    metric,
    statistic: statistic as SeriesRequest['statistic'],
    dimension: chart.dimension,
    period: chart.dimension === 'Epoch' ? null : chart.period,
    max_points: 12_000
  };
}

/** Charts that came from outside (a saved layout, an older version), without what is no chart. */
export function readCharts(value: unknown): IChart[] {
  if (!Array.isArray(value)) {
    return [];
  }
  const blank = newChart([]);
  return value
    .filter(
      (each): each is IChart =>
        typeof each === 'object' &&
        each !== null &&
        each.data in TYPES &&
        TYPES[each.data as DataType].includes(each.type)
    )
    .slice(0, 50)
    .map(each => ({
      ...blank,
      ...each,
      id: typeof each.id === 'string' ? each.id : newId(),
      columns: Array.isArray(each.columns) ? each.columns.map(String) : []
    }));
}
