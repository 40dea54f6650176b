import { RecentMap } from '../recent';

test('a RecentMap keeps what was used last', () => {
  const map = new RecentMap<string, number>(3);
  map.set('a', 1).set('b', 2).set('c', 3);
  expect(map.get('a')).toBe(1);
  map.set('d', 4);
  expect([...map.keys()]).toEqual(['c', 'a', 'd']);
  expect(map.get('b')).toBeUndefined();
  map.set('c', 5).set('e', 6);
  expect([...map.entries()]).toEqual([
    ['d', 4],
    ['c', 5],
    ['e', 6]
  ]);
});
