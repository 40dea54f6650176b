import type { Running } from '../../../api/generated';
import { costNow, money, percent, price, used } from '../money';
import { holds, takenBy, takenByApp } from '../scopes';
import { span } from '../days';

const app = (name: string, title: string, type: string): object => ({
  name,
  title,
  instance_type: type
});
const kernel = (id: string, title: string, on: string | null): object => ({
  id,
  title,
  app: on
});
const terminal = (name: string, title: string, on: string | null): object => ({
  name,
  title,
  app: on
});

const RUNNING = {
  instances: [
    {
      name: 'ada/ml.t3.medium',
      instance_type: 'ml.t3.medium',
      apps: ['a', 'b'],
      kernels: ['1', '2'],
      terminals: ['7']
    },
    {
      name: 'ada/ml.m5.large',
      instance_type: 'ml.m5.large',
      apps: ['c'],
      kernels: [],
      terminals: []
    }
  ],
  apps: [
    app('a', 'Data Science', 'ml.t3.medium'),
    app('b', 'Base Python', 'ml.t3.medium'),
    app('c', 'Base Python', 'ml.m5.large')
  ],
  kernels: [
    kernel('1', 'one.ipynb', 'a'),
    kernel('2', '<img src=x onerror=alert(1)>', 'b'),
    kernel('3', 'plain.ipynb', null)
  ],
  terminals: [
    terminal('7', 'terminals/7', 'a'),
    terminal('8', 'terminals/8', null)
  ]
} as unknown as Running;

test('an instance takes its apps, kernels and image terminals, and nothing else', () => {
  expect(takenBy(RUNNING, [RUNNING.instances[0]])).toEqual({
    apps: ['Data Science (ml.t3.medium)', 'Base Python (ml.t3.medium)'],
    kernels: ['one.ipynb', '<img src=x onerror=alert(1)>'],
    terminals: ['terminals/7']
  });
  expect(takenBy(RUNNING, RUNNING.instances).apps).toHaveLength(3);
});

test('an app takes its own kernels and terminals', () => {
  expect(takenByApp(RUNNING, 'a')).toEqual({
    apps: [],
    kernels: ['one.ipynb'],
    terminals: ['terminals/7']
  });
  expect(takenByApp(RUNNING, 'c').kernels).toEqual([]);
});

test.each([
  ['InService', true],
  ['Pending', true],
  ['Deleting', false],
  ['Failed', false]
])('an app that is %s holds an instance: %s', (status, expected) => {
  expect(holds({ status })).toBe(expected);
});

test('amounts have as many digits as tell something', () => {
  expect(money(0, 'en-US')).toBe('$0.00');
  expect(money(0.00012, 'en-US')).toBe('$0.0001');
  expect(money(12.345, 'en-US')).toBe('$12.35');
  expect(money(null, 'en-US')).toBe('—');
  expect(price(0.7364, 'en-US')).toBe('$0.7364');
  expect(price(0.05, 'en-US')).toBe('$0.05');
  expect(price(null, 'en-US')).toBe('—');
});

test('cost goes on with the time since it was told, and never back', () => {
  expect(costNow(1, 0.5, 3600)).toBe(1.5);
  expect(costNow(1, 0.5, -3600)).toBe(1);
  expect(costNow(null, 0.5, 3600)).toBeNull();
  expect(costNow(1, null, 3600)).toBe(1);
});

test('use before the second look has no share of the processor', () => {
  expect(used({ cpu_percent: null, memory_bytes: 2 ** 26 }, 'CPU')).toBe(
    'CPU — · 64 MiB'
  );
  expect(used(undefined, 'CPU')).toBe('');
  expect(percent(2.345)).toBe('2.3%');
});

test('days without use show as gaps, two weeks at least', () => {
  expect(span([])).toEqual([]);
  const days = span(['2026-03-01']);
  expect(days).toHaveLength(14);
  expect([days[0], days[13]]).toEqual(['2026-02-16', '2026-03-01']);
  expect(span(['2026-01-01', '2026-03-01'])).toHaveLength(60);
});
