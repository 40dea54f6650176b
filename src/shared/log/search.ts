/** Finding and stamping log lines. */
import type { LogLine } from '../../api/generated';
import { safeLocale } from '../clock';

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

/** A line cut into what the search found and what stands between. */
export function parts(
  text: string,
  search: string
): { text: string; found: boolean }[] {
  const words = search
    .split(/\s+/)
    .filter(Boolean)
    .map(word => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (!words.length) {
    return [{ text, found: false }];
  }
  // A split by a group keeps what it found, at the odd places.
  return text
    .split(new RegExp(`(${words.join('|')})`, 'gi'))
    .map((part, index) => ({ text: part, found: index % 2 === 1 }))
    .filter(part => part.text);
}

/** `algo-1` of the stream `job/algo-1-1700000000`. */
export function hostOf(stream: string): string {
  const last = stream.slice(stream.lastIndexOf('/') + 1);
  return /^(algo-\d+)/.exec(last)?.[1] ?? last;
}
