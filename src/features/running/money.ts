/** Amounts, use and time as text. */
import { safeLocale } from '../../shared/clock';
import { bytes } from '../../shared/numbers';

/** An amount in USD; small ones with as many digits as tell something. */
export function money(amount: number | null, locale: string): string {
  if (amount === null || !Number.isFinite(amount)) {
    return '—';
  }
  const digits = amount !== 0 && Math.abs(amount) < 0.095 ? 4 : 2;
  return new Intl.NumberFormat(safeLocale(locale), {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits
  }).format(amount);
}

/** A price an hour with all its digits. */
export function price(hourly: number | null, locale: string): string {
  if (hourly === null) {
    return '—';
  }
  return new Intl.NumberFormat(safeLocale(locale), {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: 2,
    maximumFractionDigits: 4
  }).format(hourly);
}

/** What something costs by now, when it cost `cost` at a time and goes on at a price an hour. */
export function costNow(
  cost: number | null,
  hourly: number | null,
  seconds: number
): number | null {
  return cost === null || hourly === null
    ? cost
    : cost + (hourly * Math.max(0, seconds)) / 3600;
}

/** "12.3%"; a dash before the second look. */
export function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? '—' : `${value.toFixed(1)}%`;
}

/** "CPU 1.2% · 61 MiB". */
export function used(
  use: { cpu_percent: number | null; memory_bytes: number } | undefined,
  cpu: string
): string {
  return use
    ? `${cpu} ${percent(use.cpu_percent)} · ${bytes(use.memory_bytes)}`
    : '';
}
