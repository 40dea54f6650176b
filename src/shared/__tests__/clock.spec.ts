import { beginning, duration, relativeTime, safeLocale } from '../clock';
import { bytes, metric } from '../numbers';

const now = Date.parse('2026-11-21T12:00:00Z');

test.each([
  [3, 'now'],
  [40, '40 seconds ago'],
  [5 * 60, '5 minutes ago'],
  [3 * 3600, '3 hours ago'],
  [26 * 3600, 'yesterday'],
  [400 * 86400, 'last year']
])('%d seconds ago is "%s"', (seconds, text) => {
  expect(relativeTime(now - seconds * 1000, now, 'en')).toBe(text);
});

test('what began today shows its time of day, what is older its date, too', () => {
  const hour = new Date(2026, 10, 21, 9, 5).getTime();
  const noon = new Date(2026, 10, 21, 12, 0).getTime();
  expect(beginning(hour, noon, 'en-GB')).toBe('09:05');
  expect(beginning(hour - 86_400_000, noon, 'en-GB')).toContain('20 Nov');
});

test('durations show their largest units', () => {
  expect(duration(5)).toBe('5 s');
  expect(duration(65)).toBe('1 min 05 s');
  expect(duration(3723)).toBe('1 h 02 min 03 s');
});

test('an unknown locale falls back to the browser', () => {
  expect(safeLocale('default')).toBeUndefined();
  expect(safeLocale('ja-JP')).toBe('ja-JP');
});

test('sizes and metrics have sensible digits', () => {
  expect(bytes(512)).toBe('512 B');
  expect(bytes(1536)).toBe('1.5 KiB');
  expect(metric(0.86421)).toBe('0.8642');
  expect(metric(123456)).toBe('123456.0');
  expect(metric(0.00001)).toBe('1.000e-5');
  expect(metric(null)).toBe('—');
});
