/** Finding and stamping log lines. */
import type { LogLine } from '../../api/generated';
import { safeLocale } from '../../shared/clock';

/** Whether a line holds every word of the search, in any order and case. */
export function matches(line: LogLine, search: string): boolean {
  const text = line.message.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word));
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Time of day of a log line. */
export function timeOfDay(time: string, locale: string): string {
  let format = formats.get(locale);
  if (!format) {
    // Making a format is slow, and a log has many lines.
    format = new Intl.DateTimeFormat(safeLocale(locale), {
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hour12: false
    });
    formats.set(locale, format);
  }
  return format.format(Date.parse(time));
}
