/** Vega-Lite specifications of an endpoint's metrics; no React here. */
import type { EndpointMetrics, EndpointSeries } from '../../api/generated';

/** One chart of the page. */
export interface IEndpointChart {
  id: ChartId;
  series: EndpointSeries[];
}

/** The charts, in the order of the page. */
export type ChartId =
  | 'invocations'
  | 'errors'
  | 'model-latency'
  | 'overhead-latency'
  | 'per-instance'
  | 'cpu'
  | 'memory'
  | 'disk'
  | 'gpu'
  | 'gpu-memory'
  | 'backlog';

const CHARTS: Record<ChartId, readonly string[]> = {
  invocations: ['Invocations'],
  errors: ['Invocation4XXErrors', 'Invocation5XXErrors'],
  'model-latency': ['ModelLatency'],
  'overhead-latency': ['OverheadLatency'],
  'per-instance': ['InvocationsPerInstance'],
  cpu: ['CPUUtilization'],
  memory: ['MemoryUtilization'],
  disk: ['DiskUtilization'],
  gpu: ['GPUUtilization'],
  'gpu-memory': ['GPUMemoryUtilization'],
  backlog: ['ApproximateBacklogSize']
};

/** Charts that have something to show. */
export function chartsOf(metrics: EndpointMetrics): IEndpointChart[] {
  return (Object.entries(CHARTS) as [ChartId, readonly string[]][])
    .map(([id, names]) => ({
      id,
      series: metrics.series.filter(each => names.includes(each.metric))
    }))
    .filter(chart => chart.series.length > 0);
}

/** The numbers above the charts; latencies in milliseconds, none without a request. */
export interface ISummary {
  invocations: number;
  clientErrors: number;
  serverErrors: number;
  p50: number | null;
  p99: number | null;
}

/** Sums over the whole time; of latencies the last value, the slowest variant's. */
export function summaryOf(metrics: EndpointMetrics): ISummary {
  const total = (name: string): number =>
    metrics.series
      .filter(each => each.metric === name)
      .flatMap(each => each.points)
      .reduce((before, point) => before + point.value, 0);
  const last = (statistic: string): number | null => {
    const found = metrics.series
      .filter(
        each => each.metric === 'ModelLatency' && each.statistic === statistic
      )
      .flatMap(each => each.points.slice(-1));
    const newest = found.map(point => point.time).sort();
    const values = found
      .filter(point => point.time === newest[newest.length - 1])
      .map(point => point.value / 1000);
    return values.length ? Math.max(...values) : null;
  };
  return {
    invocations: total('Invocations'),
    clientErrors: total('Invocation4XXErrors'),
    serverErrors: total('Invocation5XXErrors'),
    p50: last('p50'),
    p99: last('p99')
  };
}

/** Name of a line in the legend: the variant, and what distinguishes lines of one variant. */
export function lineName(series: EndpointSeries): string {
  const what =
    series.metric === 'Invocation4XXErrors'
      ? '4XX'
      : series.metric === 'Invocation5XXErrors'
        ? '5XX'
        : series.unit === 'Microseconds'
          ? series.statistic
          : '';
  return [series.variant, what].filter(Boolean).join(' · ');
}

/** Unit of a chart's axis. */
export function unitOf(chart: IEndpointChart): 'ms' | '%' | '' {
  const { unit } = chart.series[0];
  return unit === 'Microseconds' ? 'ms' : unit === 'Percent' ? '%' : '';
}

/** Sums as bars over their period, everything else as lines. */
export function specOf(
  chart: IEndpointChart,
  metrics: EndpointMetrics,
  title: string
): Record<string, never> {
  const bars =
    chart.series[0].statistic === 'Sum' && chart.id !== 'per-instance';
  const unit = unitOf(chart);
  const lines = chart.series.map(lineName);
  const scale = unit === 'ms' ? 1000 : 1;
  const period = metrics.period_seconds * 1000;
  // Stacked here: Vega-Lite does not stack bars that have a begin and an end in time.
  const heights = new Map<number, number>();
  const rows = chart.series.flatMap(series =>
    series.points
      .filter(point => !bars || point.value > 0)
      .map(point => {
        const time = Date.parse(point.time);
        const value = point.value / scale;
        const place = Math.floor(time / period);
        const from = bars ? (heights.get(place) ?? 0) : 0;
        heights.set(place, from + value);
        return {
          line: lineName(series),
          time,
          end: time + period,
          value,
          from,
          to: from + value
        };
      })
  );
  const few = rows.length / chart.series.length <= 60;
  const spec = {
    width: 'container',
    height: 150,
    title: unit ? `${title} (${unit})` : title,
    data: { values: rows },
    mark: bars
      ? { type: 'rect', clip: true }
      : {
          type: 'line',
          strokeWidth: 1.5,
          clip: true,
          point: few ? { size: 16 } : false
        },
    encoding: {
      x: {
        field: 'time',
        type: 'temporal',
        title: null,
        scale: {
          domain: [
            Math.floor(Date.parse(metrics.start) / period) * period,
            Date.parse(metrics.end)
          ]
        },
        axis: { tickCount: 4, labelOverlap: true }
      },
      ...(bars ? { x2: { field: 'end' } } : {}),
      y: {
        field: bars ? 'to' : 'value',
        type: 'quantitative',
        title: null,
        scale: { zero: true },
        axis: {
          tickCount: 4,
          format: unit ? '~g' : '~s',
          ...(bars ? { tickMinStep: 1 } : {})
        }
      },
      ...(bars ? { y2: { field: 'from' } } : {}),
      color: {
        field: 'line',
        type: 'nominal',
        sort: lines,
        scale: { range: coloursOf(chart) },
        legend:
          lines.length > 1
            ? {
                title: null,
                orient: 'bottom',
                columns: 2,
                labelLimit: 190,
                symbolLimit: 12
              }
            : null
      },
      tooltip: [
        { field: 'line', type: 'nominal', title: ' ' },
        { field: 'time', type: 'temporal', format: '%b %d %H:%M', title: '⏱' },
        {
          field: 'value',
          type: 'quantitative',
          format: '.4~g',
          title: unit || '#'
        }
      ]
    }
  };
  return spec as unknown as Record<string, never>;
}

const COLOURS = [
  '#4c78a8',
  '#f37626',
  '#54a24b',
  '#b279a2',
  '#9d755d',
  '#72b7b2',
  '#eeca3b',
  '#bab0ac'
];

/** One colour a variant; 4XX amber, 5XX red; p99 stronger than p50. */
function coloursOf(chart: IEndpointChart): string[] {
  const variants = [...new Set(chart.series.map(each => each.variant))];
  return chart.series.map(each => {
    const place = variants.indexOf(each.variant);
    if (chart.id === 'errors') {
      const [amber, red] = [
        ['#eeca3b', '#d6a800', '#a88400'],
        ['#e45756', '#b3312f', '#7d1f1e']
      ];
      return (each.metric === 'Invocation4XXErrors' ? amber : red)[place % 3];
    }
    const colour = COLOURS[place % COLOURS.length];
    return each.statistic === 'p50' ? `${colour}88` : colour;
  });
}
