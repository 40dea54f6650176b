/** Lists that arrive in pages: how a fresh first page and older pages make one list. */

/** Something with a name. */
export interface INamed {
  name: string;
}

/** How a list is ordered. */
export interface ISort {
  column: string;
  descending: boolean;
}

/**
 * The rows to show after the first page was read again.
 *
 * What the first page tells wins. Rows known before stay behind it, because new rows push others off the first page;
 * when the first page is the whole list, nothing else stays.
 */
export function mergePages<T extends INamed>(
  first: readonly T[],
  complete: boolean,
  known: readonly T[],
  deleted: ReadonlySet<string>
): T[] {
  const fresh = first.filter(row => !deleted.has(row.name));
  if (complete) {
    return fresh;
  }
  const names = new Set(first.map(row => row.name));
  return [
    ...fresh,
    ...known.filter(row => !names.has(row.name) && !deleted.has(row.name))
  ];
}

/** The rows in order of one value each; rows without a value come last either way. */
export function sortRows<T>(
  rows: readonly T[],
  value: (row: T) => string | number | null | undefined,
  descending: boolean
): T[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((left, right) => {
    const a = value(left) ?? null;
    const b = value(right) ?? null;
    if (a === null || b === null) {
      return a === b ? 0 : a === null ? 1 : -1;
    }
    if (typeof a === 'number' && typeof b === 'number') {
      return sign * (a - b);
    }
    return (
      sign * String(a).localeCompare(String(b), undefined, { numeric: true })
    );
  });
}
