import type { TranslationBundle } from '@jupyterlab/translation';

import type { ICompared } from '../comparison';
import { progressPoints, resultRows, settingRows } from '../comparison';
import {
  curveGroups,
  curveSpec,
  seriesOf,
  shade,
  withConstants
} from '../curves';
import { whyNone } from '../reports';

const trans = {
  __: (text: string, ...values: unknown[]) =>
    text.replace(/%(\d)/g, (_, index) => String(values[Number(index) - 1]))
} as unknown as TranslationBundle;

const experiment = (name: string, mode: string, score: number): ICompared =>
  ({
    job: {
      name,
      mode,
      status: 'Completed',
      created: '2026-01-01T00:00:00Z',
      elapsed_seconds: 60,
      inputs: [{ s3_uri: 's3://bucket/a.csv' }],
      algorithms: [],
      problem_settings: {},
      limits: { max_candidates: 5 },
      resolved_limits: {},
      best_candidate: {
        name: `${name}-best`,
        objective: { metric: 'F1', value: score },
        metrics: [{ name: 'F1', set: 'Validation', value: score }]
      }
    },
    board: {
      direction: 'Maximize',
      objective_metric: 'F1',
      items: [
        {
          name: 'one',
          status: 'Completed',
          created: '2026-01-01T00:00:05Z',
          ended: '2026-01-01T00:00:20Z',
          objective: { value: score }
        },
        {
          name: 'two',
          status: 'Completed',
          created: '2026-01-01T00:00:05Z',
          ended: '2026-01-01T00:00:30Z',
          objective: { value: score / 2 }
        }
      ]
    }
  }) as unknown as ICompared;

const both = [
  experiment('a', 'ENSEMBLING', 0.8),
  experiment('b', 'HYPERPARAMETER_TUNING', 0.6)
];

test('settings say which differ', () => {
  const rows = settingRows(both, trans);
  const of = (label: string) => rows.find(each => each.label === label);
  expect(of('Training mode')?.values).toEqual([
    'ENSEMBLING',
    'HYPERPARAMETER_TUNING'
  ]);
  expect(of('Training mode')?.differs).toBe(true);
  expect(of('Input')?.differs).toBe(false);
  expect(of('Sample weight')).toBeUndefined();
});

test('results name the best model and its metrics', () => {
  const rows = resultRows(both, trans);
  const of = (label: string) => rows.find(each => each.label === label)?.values;
  expect(of('Best score')).toEqual(['F1 = 0.8000', 'F1 = 0.6000']);
  expect(of('First model after')).toEqual(['20 s', '20 s']);
  expect(of('Best model: F1 (Validation)')).toEqual(['0.8000', '0.6000']);
});

test('the chart holds the best score over time', () => {
  expect(progressPoints(both)).toEqual([
    { experiment: 'a', seconds: 20, best: 0.8 },
    { experiment: 'a', seconds: 30, best: 0.8 },
    { experiment: 'b', seconds: 20, best: 0.6 },
    { experiment: 'b', seconds: 30, best: 0.6 }
  ]);
});

const curve = {
  id: 'receiver_operating_characteristic_curve',
  kind: 'line' as const,
  label: '',
  x_title: 'x',
  y_title: 'y',
  x: [0, 1],
  y: [0, 1]
};

test('curves of several classes share a chart', () => {
  const groups = curveGroups([curve, curve, { ...curve, id: 'lift_curve' }]);
  expect(groups.map(each => each.length)).toEqual([2, 1]);
});

test('only the ROC curve has the diagonal of chance', () => {
  expect(curveSpec([curve])).toHaveProperty('layer');
  expect(curveSpec([{ ...curve, id: 'lift_curve' }])).toHaveProperty('mark');
});

test('the greater the share, the stronger the colour', () => {
  expect(shade(0, true)).toContain(', 0)');
  expect(shade(1, false)).toContain('0.6');
});

test('metrics stand beside those of the best constant model', () => {
  const of = (name: string, value: number) => ({
    name,
    value,
    standard_deviation: null
  });
  const found = withConstants([
    of('auc', 0.9),
    of('f2', 0.8),
    of('auc_best_constant_classifier', 0.5)
  ]);
  expect(found.map(each => [each.name, each.constant])).toEqual([
    ['auc', 0.5],
    ['f2', null]
  ]);
});

test('what experiments on something else than tables were told is compared, too', () => {
  const [one, other] = both.map(({ job, board }, index) => ({
    job: { ...job, problem_settings: { ForecastHorizon: String(7 + index) } },
    board
  }));
  const row = settingRows([one, other, both[0]], trans).find(
    each => each.label === 'ForecastHorizon'
  );
  expect(row?.values).toEqual(['7', '8', '—']);
  expect(row?.differs).toBe(true);
});

test('a back-test is drawn from its own least value, what came in another colour than the quantiles', () => {
  const line = (label: string) => ({
    id: 'backtest:lamp · north',
    kind: 'line' as const,
    label,
    x_title: 'Step',
    y_title: 'Value',
    x: [1, 2],
    y: [100, 101]
  });
  expect(seriesOf('backtest:lamp · north')).toBe('lamp · north');
  expect(seriesOf('gain_curve')).toBeNull();
  const spec = curveSpec(['actual', 'p10', 'p50', 'p90'].map(line)) as {
    encoding: {
      y: { scale: object };
      color: { scale: { domain: string[]; range: string[] } };
    };
  };
  expect(spec.encoding.y.scale).toEqual({ zero: false });
  const { domain, range } = spec.encoding.color.scale;
  expect(domain).toEqual(['actual', 'p10', 'p50', 'p90']);
  expect(new Set(range).size).toBe(4);
});

test('a model without a report says why, where that lies in the kind of experiment', () => {
  const on = (kind: string) =>
    ({ status: { target: { kind } } }) as unknown as Parameters<
      typeof whyNone
    >[1];
  expect(whyNone({ on_table: true }, on('local'), trans)).toBeNull();
  expect(whyNone({ on_table: false }, on('local'), trans)).toMatch(
    /tables only/
  );
  expect(whyNone({ on_table: false }, on('aws'), trans)).toMatch(/wrote none/);
});
