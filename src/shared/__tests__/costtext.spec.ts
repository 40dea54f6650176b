import { nullTranslator } from '@jupyterlab/translation';

import type { CostEstimate, CostLine } from '../../api/generated';
import { dollars, estimateText, openEnded, span } from '../costtext';

const trans = nullTranslator.load('smstudio_ext');

function line(changes: Partial<CostLine>): CostLine {
  return {
    metered: 'Training',
    instance_type: 'ml.m5.large',
    count: 1,
    hourly: 0.115,
    seconds: 3600,
    cost: 0.115,
    ...changes
  };
}

function estimate(changes: Partial<CostEstimate>): CostEstimate {
  return {
    operation: 'CreateTrainingJob',
    simulated: false,
    lines: [line({})],
    hourly: 0.115,
    cost: 0.115,
    unknown: [],
    text: '',
    notes: [],
    prices: {
      source: 'list',
      date: '2024-06-30',
      region: 'us-east-1',
      exact: true,
      currency: 'USD'
    },
    ...changes
  };
}

test('small sums keep their digits, large ones have cents', () => {
  expect(dollars(0.0383, 'en')).toBe('$0.0383');
  expect(dollars(1234.5, 'en')).toBe('$1,234.50');
  expect(dollars(0, 'en')).toBe('$0.00');
});

test('durations are rounded for people', () => {
  expect(span(45, trans)).toBe('45 s');
  expect(span(1800, trans)).toBe('30 min');
  expect(span(86400, trans)).toBe('24 h');
});

test('what ends has a highest cost', () => {
  expect(estimateText(estimate({}), trans, 'en')).toBe(
    'At most $0.115: 1 × ml.m5.large for up to 60 min, $0.115 an hour.'
  );
});

test('what runs until it is ended has a price an hour', () => {
  const found = estimate({
    lines: [line({ seconds: null, cost: null, count: 2 })],
    hourly: 0.23,
    cost: null
  });
  expect(estimateText(found, trans, 'en')).toBe(
    '$0.23 an hour until it ends or somebody ends it: 2 × ml.m5.large.'
  );
});

test('a price that nobody knows is said, not guessed', () => {
  const found = estimate({
    lines: [line({ instance_type: 'ml.x9.large', hourly: null, cost: null })],
    hourly: null,
    cost: null,
    unknown: ['ml.x9.large']
  });
  expect(estimateText(found, trans, 'en')).toContain('no price of ml.x9.large');
  expect(estimateText(estimate({ lines: [] }), trans, 'en')).toContain(
    'not known before'
  );
});

test('only what a form really asks for is estimated', () => {
  const rows = [
    { instanceType: 'ml.m5.large', instances: '2' },
    { instanceType: 'ml.m5.large', instances: '' },
    { instanceType: 'ml.m5.large', instances: 'x' },
    { instanceType: '', instances: 1 }
  ];
  expect(openEnded('Endpoint', rows)).toEqual([
    { metered: 'Endpoint', instance_type: 'ml.m5.large', count: 2 }
  ]);
});
