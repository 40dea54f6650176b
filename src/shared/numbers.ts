/** Numbers as text. */
import { safeLocale } from './clock';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** "1.5 MiB". */
export function bytes(size: number): string {
  let value = size;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit && value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

/** A whole number with the language's separators. */
export function count(value: number, locale: string): string {
  return new Intl.NumberFormat(safeLocale(locale)).format(value);
}

/** A metric: enough digits to tell neighbours apart, no more. */
export function metric(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) {
    return '—';
  }
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) {
    return value.toExponential(3);
  }
  return size >= 1000 ? value.toFixed(1) : value.toFixed(size >= 10 ? 3 : 4);
}
