/** Time as text; no React and no Lab here, so that tests can step the clock. */

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86400],
  ['month', 30 * 86400],
  ['day', 86400],
  ['hour', 3600],
  ['minute', 60]
];

/** "5 minutes ago" in the language of `locale`. */
export function relativeTime(
  then: number,
  now: number,
  locale: string,
  style: 'long' | 'short' = 'long'
): string {
  const seconds = Math.round((then - now) / 1000);
  const format = made(
    RELATIVE,
    `${locale}:${style}`,
    () =>
      new Intl.RelativeTimeFormat(safeLocale(locale), {
        numeric: 'auto',
        style
      })
  );
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) {
      return format.format(Math.trunc(seconds / size), unit);
    }
  }
  return format.format(Math.abs(seconds) < 10 ? 0 : seconds, 'second');
}

/** Date and time of day, with the zone. */
export function absoluteTime(then: number, locale: string): string {
  return made(
    ABSOLUTE,
    locale,
    () =>
      new Intl.DateTimeFormat(safeLocale(locale), {
        year: 'numeric',
        month: 'short',
        day: 'numeric',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
        timeZoneName: 'short'
      })
  ).format(then);
}

/** When something began: the time of day, with the date unless it was today. */
export function beginning(then: number, now: number, locale: string): string {
  const today = new Date(then).toDateString() === new Date(now).toDateString();
  return made(
    ABSOLUTE,
    `${locale}:${today}`,
    () =>
      new Intl.DateTimeFormat(safeLocale(locale), {
        ...(today ? {} : { month: 'short', day: 'numeric' }),
        hour: '2-digit',
        minute: '2-digit'
      })
  ).format(then);
}

/** Formats are dear to make and tables need thousands: each is made once. */
const RELATIVE = new Map<string, Intl.RelativeTimeFormat>();
const ABSOLUTE = new Map<string, Intl.DateTimeFormat>();

function made<T>(kept: Map<string, T>, key: string, make: () => T): T {
  let found = kept.get(key);
  if (!found) {
    found = make();
    kept.set(key, found);
  }
  return found;
}

/** "1 h 02 min 03 s": the largest two or three units. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = whole % 60;
  const pad = (value: number): string => String(value).padStart(2, '0');
  if (hours) {
    return `${hours} h ${pad(minutes)} min ${pad(rest)} s`;
  }
  return minutes ? `${minutes} min ${pad(rest)} s` : `${rest} s`;
}

/** A locale that this browser knows; Lab's "default" is none. */
export function safeLocale(locale: string): string | undefined {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(locale)[0];
  } catch {
    return undefined;
  }
}
