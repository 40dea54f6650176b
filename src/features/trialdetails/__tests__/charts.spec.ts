import type { Change, ChartColumn } from '../../../api/generated';
import type { IChart } from '../charts/definition';
import {
  changed,
  isComplete,
  fitting,
  labelOf,
  newChart,
  readCharts,
  seriesRequest,
  splitMetric,
  summaryRequest
} from '../charts/definition';
import {
  parallelRows,
  scaleOf,
  seriesRows,
  smoothed,
  summaryRows
} from '../charts/rows';
import { concernsSet } from '../charts/data';
import { coloursOf } from '../charts/encodings';
import { contourCells, heatCells } from '../charts/surface';
import { plainTitle } from '../charts/drawn';

const SOURCE = { names: ['a', 'b', 'c'] };
const NONE: ReadonlySet<string> = new Set();

function column(id: string, numeric = true): ChartColumn {
  const kind = id.startsWith('Metrics.') ? 'metric' : 'parameter';
  return { id, label: labelOf(id, []), kind, numeric, count: 3 };
}

const COLUMNS = [
  column('Parameters.SageMaker.InstanceCount'),
  column('Parameters.eta'),
  column('Parameters.depth'),
  column('Parameters.booster', false),
  column('Metrics.train:f1.last'),
  column('Metrics.validation:f1.last'),
  column('Metrics.validation:f1.min')
];

function chart(change: Partial<IChart>): IChart {
  return { ...newChart(COLUMNS), ...change };
}

describe('choices', () => {
  it('begins with the validation metric, or the objective of a tuning job', () => {
    expect(newChart(COLUMNS).y).toBe('Metrics.validation:f1.last');
    const tuned = [...COLUMNS, column('Metrics.ObjectiveMetric.last')];
    expect(newChart(tuned).y).toBe('Metrics.ObjectiveMetric.last');
    expect(newChart(COLUMNS, 5000).type).toBe('histogram');
  });

  it('names columns as Studio does', () => {
    expect(labelOf('Metrics.validation:f1.min', [])).toBe('validation:f1_min');
    expect(splitMetric('Metrics.a.b:c.last')).toEqual(['a.b:c', 'last']);
    expect(labelOf('Parameters.eta', [])).toBe('eta');
  });

  it('takes back what another choice makes senseless', () => {
    const series = changed(
      chart({ type: 'scatter', x: 'Parameters.eta' }),
      { data: 'series' },
      COLUMNS
    );
    expect([series.type, series.x, series.y]).toEqual([
      'line',
      null,
      'Metrics.validation:f1.last'
    ]);
    const grid = changed(newChart(COLUMNS), { type: 'heat' }, COLUMNS);
    expect([grid.x, grid.y, grid.z]).toEqual([
      'Parameters.eta',
      'Parameters.depth',
      'Metrics.validation:f1.last'
    ]);
    expect(isComplete(grid)).toBe(true);
    const parallel = changed(newChart(COLUMNS), { type: 'parallel' }, COLUMNS);
    expect(parallel.columns).toEqual([
      'Parameters.eta',
      'Parameters.depth',
      'Metrics.validation:f1.last'
    ]);
  });

  it('asks only for what a chart shows', () => {
    const scatter = chart({
      type: 'scatter',
      x: 'Parameters.eta',
      y: 'Metrics.train:f1.max',
      z: 'Metrics.train:f1.min',
      color: 'Parameters.eta'
    });
    expect(summaryRequest(scatter, SOURCE)?.columns).toEqual([
      'Parameters.eta',
      'Metrics.train:f1.max'
    ]);
    expect(seriesRequest(scatter, SOURCE)).toBeNull();
    const histogram = chart({
      data: 'series',
      type: 'histogram',
      x: 'Metrics.ObjectiveMetric.max'
    });
    expect(seriesRequest(histogram, SOURCE)).toMatchObject({
      metric: 'ObjectiveMetric',
      statistic: 'max',
      dimension: 'Time',
      period: 60
    });
  });

  it('reads layouts that somebody edited', () => {
    const found = readCharts([
      { data: 'summary', type: 'scatter', columns: 'no list' },
      { data: 'summary', type: 'pie' },
      null,
      'x'
    ]);
    expect(found.map(each => [each.type, each.columns])).toEqual([
      ['scatter', []]
    ]);
    expect(readCharts({})).toEqual([]);
  });
});

describe('rows', () => {
  const data = {
    names: ['a', 'b', 'c', 'd'],
    total: 4,
    columns: {
      'Parameters.eta': [0.1, 0, 10, null],
      'Metrics.f1.max': [0.5, 0.6, null, 0.9]
    }
  };

  it('leaves out what lacks a coordinate, is hidden, or has no logarithm', () => {
    const scatter = chart({
      type: 'scatter',
      x: 'Parameters.eta',
      y: 'Metrics.f1.max'
    });
    const names = (each: IChart, hidden = NONE): string[] =>
      summaryRows(each, data, hidden).map(row => row.n);
    expect(names(scatter)).toEqual(['a', 'b']);
    expect(names(scatter, new Set(['a']))).toEqual(['b']);
    expect(names({ ...scatter, logX: true })).toEqual(['a']);
  });

  it('smooths without the bias of its start', () => {
    expect(smoothed([1, 1, 1], 0.9)).toEqual([
      expect.closeTo(1),
      expect.closeTo(1),
      expect.closeTo(1)
    ]);
    const [, second] = smoothed([0, 1], 0.5);
    expect(second).toBeCloseTo(2 / 3);
  });

  it('turns seconds into milliseconds on the axis of time', () => {
    const series = [
      { name: 'a', running: false, count: 2, x: [1, 2], y: [3, 4] }
    ];
    const rows = seriesRows(
      chart({ data: 'series', type: 'line', smoothing: 0.5 }),
      { series, total: 1, running: 0, aggregated: false },
      NONE,
      new Map()
    );
    expect(rows.map(row => [row.x, row.y])).toEqual([
      [1000, 3],
      [2000, 4]
    ]);
    expect(rows[0].s).toBeCloseTo(3);
  });

  it('places values between the ends of an axis', () => {
    const ratio = scaleOf([0.001, 0.1]);
    expect(ratio.place(0.01)).toBeCloseTo(0.5);
    expect(scaleOf([2, 4]).place(3)).toBe(0.5);
    expect(scaleOf([5]).place(5)).toBe(0.5);
    const words = scaleOf(['b', 'a', 'c']);
    expect([words.low, words.high, words.place('b')]).toEqual(['a', 'c', 0.5]);
  });

  it('draws at most so many lines of parallel coordinates', () => {
    const many = {
      names: Array.from({ length: 5000 }, (_, index) => `n${index}`),
      total: 5000,
      columns: {
        x: Array.from({ length: 5000 }, (_, index) => index),
        y: Array.from({ length: 5000 }, (_, index) => -index)
      }
    };
    const found = parallelRows(
      chart({ type: 'parallel', columns: ['x', 'y'], color: null }),
      many,
      NONE,
      id => id,
      String,
      100
    );
    expect([found.shown, found.rows.length]).toEqual([100, 200]);
    expect(Object.values(found.axes[0])).toEqual(['x', '0', '4950']);
  });
});

describe('surfaces', () => {
  const points = [
    { n: 'a', x: 1, y: 1, z: 0 },
    { n: 'b', x: 1.01, y: 1, z: 2 },
    { n: 'c', x: 100, y: 10, z: 5 }
  ];

  it('takes the mean of what falls into a cell', () => {
    const cells = heatCells(points, true, false);
    expect(cells.map(cell => [cell.z, cell.count])).toEqual([
      [1, 2],
      [5, 1]
    ]);
    expect(cells[0].x).toBeCloseTo(1);
    expect(cells[1].x2).toBeCloseTo(100);
    expect(
      heatCells([{ n: 'a', x: 'text', y: 1, z: 1 }], false, false)
    ).toEqual([]);
  });

  it('stays within the values around it', () => {
    const cells = contourCells(points, true, false);
    expect(cells).toHaveLength(36 * 36);
    const values = cells.map(cell => cell.z);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThanOrEqual(5);
  });
});

describe('colours', () => {
  it('gives each of a few components its own', () => {
    const names = Array.from({ length: 16 }, (_, index) => `run-${index}`);
    expect(new Set(coloursOf(names)).size).toBe(16);
  });
});

test('a name cannot leave the quotes of an expression', () => {
  expect(plainTitle('<img onerror="x()">\\\n_last')).toBe(
    '<img onerror=\u201dx()\u201d>\u2216 _last'
  );
});

describe('fitting', () => {
  const columns = ['a', 'loss', 'val:loss', 'loss2', 'b'].map(name =>
    column(`Parameters.${name}`)
  );
  const names = (typed: string, most: number): string[] =>
    fitting(columns, typed, most).map(each => each.label);
  it('puts first what begins so, and stops when there is enough', () => {
    expect(names('LOSS', 10)).toEqual(['loss', 'loss2', 'val:loss']);
    expect(names('loss', 2)).toEqual(['loss', 'loss2']);
    expect(names('', 3)).toEqual(['a', 'loss', 'val:loss']);
    expect(names('zzz', 3)).toEqual([]);
  });
});

describe('concernsSet', () => {
  const change = (kind: string, name: string): Change => ({
    kind,
    name,
    status: '',
    region: 'us-east-1',
    target: 'local',
    deleted: false,
    secondary_status: ''
  });
  const written = 'ExperimentTrialComponent';
  const logged = 'ExperimentTrialComponentMetrics';
  it('follows what its components are and log', () => {
    const mine = concernsSet({ names: ['a', 'b'] });
    expect(mine(change(written, 'a'))).toBe(true);
    expect(mine(change(logged, 'b'))).toBe(true);
    expect(mine(change(written, 'c'))).toBe(false);
    expect(mine(change('TrainingJob', 'a'))).toBe(false);
  });
  it('does not read thousands of components again for each point', () => {
    const all = concernsSet({});
    expect(all(change(written, 'x'))).toBe(true);
    expect(all(change(logged, 'x'))).toBe(false);
  });
});
