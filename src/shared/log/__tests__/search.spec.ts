import { matches } from '../search';

test('every word must be there, in any order and case', () => {
  const line = { time: '', message: '[10] validation-f1:0.82 Train-Error' };
  expect(matches(line, 'TRAIN f1')).toBe(true);
  expect(matches(line, 'train loss')).toBe(false);
});
