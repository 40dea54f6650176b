import { percents, slide, spread } from '../traffic';

const total = (values: number[]): number => values.reduce((a, b) => a + b, 0);

test('weights become whole percents that add up to 100', () => {
  expect(percents([1, 1])).toEqual([50, 50]);
  expect(percents([1, 1, 1])).toEqual([34, 33, 33]);
  expect(percents([0, 0])).toEqual([50, 50]);
  expect(percents([0.7, 0.1])).toEqual([88, 12]);
  expect(percents([5])).toEqual([100]);
  expect(percents([])).toEqual([]);
  expect(total(percents(Array.from({ length: 50 }, (_, i) => i)))).toBe(100);
});

test('a slider takes from the others in proportion', () => {
  expect(slide([50, 50], 0, 80)).toEqual([80, 20]);
  expect(slide([50, 30, 20], 0, 0)).toEqual([0, 60, 40]);
  expect(slide([100, 0, 0], 0, 40)).toEqual([40, 30, 30]);
  expect(slide([50, 50], 1, 140)).toEqual([0, 100]);
  expect(slide([50, 50], 1, -3)).toEqual([100, 0]);
  expect(slide([50, 50], 1, NaN)).toEqual([100, 0]);
  expect(slide([100], 0, 20)).toEqual([100]);
});

test('held shares stay and leave only the rest', () => {
  expect(slide([50, 30, 20], 0, 70, [false, true, false])).toEqual([70, 30, 0]);
  expect(slide([50, 30, 20], 0, 99, [false, true, false])).toEqual([70, 30, 0]);
  expect(slide([50, 30, 20], 0, 10, [false, true, true])).toEqual([50, 30, 20]);
});

test('whatever is moved, the shares add up to 100', () => {
  let seed = 3;
  const random = (): number =>
    (seed = (seed * 16807) % 2147483647) / 2147483647;
  let shares = percents([3, 2, 1, 1, 7]);
  for (let turn = 0; turn < 500; turn++) {
    const held = shares.map(() => random() < 0.3);
    const at = Math.floor(random() * shares.length);
    const next = slide(shares, at, random() * 120 - 10, held);
    expect(total(next)).toBe(100);
    expect(Math.min(...next)).toBeGreaterThanOrEqual(0);
    held.forEach((kept, index) => {
      if (kept && index !== at) {
        expect(next[index]).toBe(shares[index]);
      }
    });
    shares = next;
  }
});

test('spread gives the largest remainders what is left', () => {
  expect(spread(10, [1, 1, 1])).toEqual([4, 3, 3]);
  expect(spread(0, [1, 2])).toEqual([0, 0]);
});
