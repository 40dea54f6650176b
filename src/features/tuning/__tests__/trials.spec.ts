import type { Trial } from '../../../api/generated';
import {
  history,
  orderTrials,
  PARAMETER,
  parameterNames,
  parameterValue,
  scatters
} from '../trials';

function trial(
  number: number,
  objective: number | null,
  hyperparameters: Record<string, string>
): Trial {
  return {
    name: `trial-${number}`,
    arn: '',
    definition: null,
    status: 'Completed',
    created: new Date(1e12 + number * 1000).toISOString(),
    started: null,
    ended: new Date(1e12 + (100 - number) * 1000).toISOString(),
    elapsed_seconds: number,
    metric: 'auc',
    objective,
    objective_status: 'Succeeded',
    hyperparameters,
    failure_reason: null
  };
}

const trials = [
  trial(1, 0.5, { eta: '0.1', booster: '"dart"' }),
  trial(2, 0.7, { eta: '10', booster: 'gbtree' }),
  trial(3, null, { eta: '0.001', booster: 'gbtree' }),
  trial(4, 0.6, { eta: '0.05' })
];

test('hyperparameters are numbers where they are, without the quotes of JSON', () => {
  expect(parameterNames(trials)).toEqual(['eta', 'booster']);
  expect(parameterValue(trials[0], 'eta')).toBe(0.1);
  expect(parameterValue(trials[0], 'booster')).toBe('dart');
  expect(parameterValue(trials[3], 'booster')).toBeNull();
});

test('trials are ordered by a hyperparameter as numbers, the rest last', () => {
  const names = (column: string, descending: boolean): string[] =>
    orderTrials(trials, { column, descending }).map(each => each.name);
  expect(names(`${PARAMETER}eta`, false)).toEqual([
    'trial-3',
    'trial-4',
    'trial-1',
    'trial-2'
  ]);
  expect(names('objective', true)[0]).toBe('trial-2');
  expect(names('objective', false)[3]).toBe('trial-3');
});

test('the best so far follows the order in which trials end', () => {
  expect(history(trials, false).map(each => [each.score, each.best])).toEqual([
    [0.6, 0.6],
    [0.7, 0.7],
    [0.5, 0.7]
  ]);
  expect(history(trials, true).map(each => each.best)).toEqual([0.6, 0.6, 0.5]);
});

test('a scatter says whether its values are numbers over powers of ten', () => {
  const [eta, booster] = scatters(trials);
  expect([eta.numeric, eta.log, eta.points.length]).toEqual([true, true, 3]);
  expect([booster.numeric, booster.points.length]).toEqual([false, 2]);
});

test('ten thousand trials make a chart of two thousand points that ends with the last', () => {
  const many = Array.from({ length: 10_000 }, (_, index) =>
    trial(index, index, { eta: String(index) })
  );
  const points = history(many, false);
  expect(points).toHaveLength(2000);
  expect(points[1999].trial).toBe(10_000);
});
