import { mergePages, sortRows } from '../merge';

const row = (name: string, status = 'InProgress') => ({ name, status });

test('a fresh first page wins and pushes older rows back', () => {
  const merged = mergePages(
    [row('d'), row('c', 'Completed')],
    false,
    [row('c'), row('b'), row('a')],
    new Set()
  );
  expect(merged.map(each => each.name)).toEqual(['d', 'c', 'b', 'a']);
  expect(merged[1].status).toBe('Completed');
});

test('a whole list leaves nothing old', () => {
  expect(
    mergePages([row('a')], true, [row('a'), row('gone')], new Set())
  ).toEqual([row('a')]);
});

test('deleted rows stay away', () => {
  expect(
    mergePages([row('b'), row('x')], false, [row('y')], new Set(['x', 'y']))
  ).toEqual([row('b')]);
});

test('rows without a value come last in both orders', () => {
  const rows = [{ v: null }, { v: 2 }, { v: 10 }, { v: 1 }];
  expect(sortRows(rows, each => each.v, false).map(each => each.v)).toEqual([
    1,
    2,
    10,
    null
  ]);
  expect(sortRows(rows, each => each.v, true).map(each => each.v)).toEqual([
    10,
    2,
    1,
    null
  ]);
});

test('names with numbers sort as people count', () => {
  expect(sortRows(['job-10', 'job-9'], each => each, false)).toEqual([
    'job-9',
    'job-10'
  ]);
});
