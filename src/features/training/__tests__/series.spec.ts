import type { MetricSeries } from '../../../api/generated';
import { hostOf, parts } from '../../../shared/log/search';
import { chartsOf, splitMetric } from '../series';
import { lasted } from '../timeline';

function series(
  name: string,
  host: string | null,
  value: number
): MetricSeries {
  return { name, host, count: 5, points: [{ time: '', step: 1, value }] };
}

test('a metric of several data sets is one chart with a line for each', () => {
  const charts = chartsOf([
    series('validation:auc', null, 1),
    series('loss', null, 2),
    series('train:auc', null, 3)
  ]);
  expect(charts.map(each => [each.title, each.lines, each.count])).toEqual([
    ['auc', ['validation', 'train'], 10],
    ['loss', ['loss'], 5]
  ]);
  expect(charts[0].rows.map(row => [row.line, row.value])).toEqual([
    ['validation', 1],
    ['train', 3]
  ]);
  expect(splitMetric('a:b:c')).toEqual(['b:c', 'a']);
});

test('instances have a line for each host', () => {
  const [chart] = chartsOf([
    series('CPUUtilization', 'algo-1', 1),
    series('CPUUtilization', 'algo-2', 2)
  ]);
  expect(chart.lines).toEqual(['algo-1', 'algo-2']);
});

test('what a search found is marked as it stands, also signs of expressions', () => {
  expect(parts('[3] AUC:0.5', 'auc [3]')).toEqual([
    { text: '[3]', found: true },
    { text: ' ', found: false },
    { text: 'AUC', found: true },
    { text: ':0.5', found: false }
  ]);
  expect(parts('x', ' ')).toEqual([{ text: 'x', found: false }]);
  expect(hostOf('job/algo-2-170000')).toBe('algo-2');
});

test('a state lasts until its end, or until now', () => {
  const started = new Date(1000).toISOString();
  expect(lasted({ started, ended: new Date(3500).toISOString() }, null)).toBe(
    2.5
  );
  expect(lasted({ started, ended: null }, 2000)).toBe(1);
  expect(lasted({ started, ended: null }, null)).toBe(0);
});
