import type { EndpointMetrics, EndpointSeries } from '../../../api/generated';
import { chartsOf, lineName, specOf, summaryOf } from '../charts';

function series(
  metric: string,
  statistic: string,
  variant: string,
  values: number[],
  unit: EndpointSeries['unit'] = 'Count'
): EndpointSeries {
  return {
    metric,
    statistic,
    variant,
    unit,
    points: values.map((value, at) => ({
      time: new Date(at * 60_000).toISOString(),
      step: at + 1,
      value
    }))
  };
}

const METRICS: EndpointMetrics = {
  period_seconds: 60,
  start: new Date(0).toISOString(),
  end: new Date(3_600_000).toISOString(),
  series: [
    series('Invocations', 'Sum', 'blue', [3, 4]),
    series('Invocations', 'Sum', 'green', [1, 0]),
    series('Invocation4XXErrors', 'Sum', 'blue', [1, 0]),
    series('Invocation5XXErrors', 'Sum', 'blue', [0, 2]),
    series('ModelLatency', 'p50', 'blue', [1000, 2000], 'Microseconds'),
    series('ModelLatency', 'p99', 'blue', [3000, 9000], 'Microseconds'),
    series('ModelLatency', 'p99', 'green', [99_000], 'Microseconds'),
    series('CPUUtilization', 'Average', 'blue', [120], 'Percent')
  ]
};

interface ISpec {
  data: { values: { line: string; from: number; to: number; value: number }[] };
  mark: { type: string };
  title: string;
}

test('errors share a chart; metrics without values have none', () => {
  expect(chartsOf(METRICS).map(chart => chart.id)).toEqual([
    'invocations',
    'errors',
    'model-latency',
    'cpu'
  ]);
  expect(chartsOf(METRICS)[1].series.map(lineName)).toEqual([
    'blue · 4XX',
    'blue · 5XX'
  ]);
});

test('sums go over the time, latencies are the last ones of the slowest variant', () => {
  expect(summaryOf(METRICS)).toEqual({
    invocations: 8,
    clientErrors: 1,
    serverErrors: 2,
    p50: 2,
    p99: 9
  });
  expect(summaryOf({ ...METRICS, series: [] }).p99).toBeNull();
});

test('bars stand on each other, and empty ones are left out', () => {
  const [invocations] = chartsOf(METRICS);
  const spec = specOf(invocations, METRICS, 'Invocations') as unknown as ISpec;
  expect(spec.mark.type).toBe('rect');
  expect(
    spec.data.values.map(({ line, from, to }) => [line, from, to])
  ).toEqual([
    ['blue', 0, 3],
    ['blue', 0, 4],
    ['green', 3, 4]
  ]);
});

test('latencies are drawn in milliseconds', () => {
  const latency = chartsOf(METRICS)[2];
  const spec = specOf(latency, METRICS, 'Latency') as unknown as ISpec;
  expect(spec.title).toBe('Latency (ms)');
  expect(spec.data.values[1].value).toBe(2);
});
