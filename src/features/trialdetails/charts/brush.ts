/** Which components a brush covers; no React here. */
import type { IRow } from './rows';

/** Columns of a brush with the ends of its range, or the values it covers. */
export type Brush = Record<string, unknown[]>;

/** What a brush covers: names of components. */
export type Brushed = ReadonlySet<string> | null;

/** Names of the components whose marks a brush covers. */
export function brushed(rows: readonly IRow[], brush: Brush | null): Brushed {
  if (!brush) {
    return null;
  }
  const names = new Set<string>();
  const sides = Object.entries(brush);
  for (const row of rows) {
    if (sides.every(([field, range]) => within(row[field], range))) {
      names.add(row.n);
    }
  }
  return names;
}

function within(value: unknown, range: unknown[]): boolean {
  if (typeof value === 'number' && range.length === 2) {
    const [low, high] = range as [number, number];
    return value >= Math.min(low, high) && value <= Math.max(low, high);
  }
  return range.includes(value);
}
