/** All days from the first to the last, at least two weeks. */
export function span(days: string[]): string[] {
  if (!days.length) {
    return [];
  }
  const sorted = [...days].sort();
  const last = Date.parse(`${sorted[sorted.length - 1]}T00:00:00Z`);
  const first = Math.min(
    Date.parse(`${sorted[0]}T00:00:00Z`),
    last - 13 * 86_400_000
  );
  const found: string[] = [];
  for (let day = first; day <= last; day += 86_400_000) {
    found.push(new Date(day).toISOString().slice(0, 10));
  }
  return found;
}
