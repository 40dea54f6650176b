import type { Candidate } from '../../../api/generated';
import {
  metricNames,
  metricValue,
  orderCandidates,
  scoreHistory
} from '../leaderboard';

function candidate(
  name: string,
  value: number | null,
  extra: Partial<Candidate> = {}
): Candidate {
  return {
    name,
    status: 'Completed',
    objective_status: 'Succeeded',
    objective:
      value === null ? null : { metric: 'F1', value, direction: 'Maximize' },
    is_best: false,
    can_deploy: true,
    created: '2026-11-21T00:00:00Z',
    ended: '2026-11-21T00:00:10Z',
    elapsed_seconds: 10,
    metrics: [],
    steps: [],
    containers: [],
    failure_reason: null,
    explainability_s3_uri: null,
    insights_s3_uri: null,
    ...extra
  };
}

test('the best candidate stands on top whatever the order', () => {
  const rows = [
    candidate('a', 0.7),
    candidate('best', 0.9, { is_best: true }),
    candidate('b', 0.8),
    candidate('running', null)
  ];
  const names = (descending: boolean) =>
    orderCandidates(rows, { column: 'objective', descending }).map(
      each => each.name
    );
  expect(names(true)).toEqual(['best', 'b', 'a', 'running']);
  expect(names(false)).toEqual(['best', 'a', 'b', 'running']);
});

test('metric columns leave the objective out and prefer validation', () => {
  const row = candidate('a', 0.7, {
    metrics: [
      { name: 'F1', value: 0.7, set: 'Validation' },
      { name: 'AUC', value: 0.99, set: 'Train' },
      { name: 'AUC', value: 0.91, set: 'Validation' }
    ]
  });
  expect(metricNames([row], 'F1')).toEqual(['AUC']);
  expect(metricValue(row, 'AUC')).toBe(0.91);
});

test('the history knows the best so far in the order of ends', () => {
  const rows = [
    candidate('late', 0.5, { ended: '2026-11-21T00:03:00Z' }),
    candidate('first', 0.6, { ended: '2026-11-21T00:01:00Z' }),
    candidate('second', 0.8, { ended: '2026-11-21T00:02:00Z' }),
    candidate('failed', null)
  ];
  expect(scoreHistory(rows, false).map(each => each.best)).toEqual([
    0.6, 0.8, 0.8
  ]);
  expect(scoreHistory(rows, true).map(each => each.best)).toEqual([
    0.6, 0.6, 0.5
  ]);
});
