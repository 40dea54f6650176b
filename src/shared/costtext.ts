import type { TranslationBundle } from '@jupyterlab/translation';

import type { CostEstimate, CostItem, CostLine } from '../api/generated';

/** Instances that run until somebody ends them, of what a form holds; what is no number of instances counts as none. */
export function openEnded(
  metered: CostItem['metered'],
  rows: readonly { instanceType: string; instances: string | number }[]
): CostItem[] {
  return rows
    .map(row => ({
      metered,
      instance_type: row.instanceType,
      count: Math.max(0, Math.floor(Number(row.instances)) || 0)
    }))
    .filter(item => item.count > 0 && item.instance_type.startsWith('ml.'));
}

const HOUR = 3600;
const MINUTE = 60;

/** A sum in US dollars: cents, or as many digits as a small sum needs. */
export function dollars(value: number, locale: string): string {
  const small = value > 0 && value < 1;
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: 'USD',
    ...(small
      ? { minimumSignificantDigits: 1, maximumSignificantDigits: 3 }
      : { minimumFractionDigits: 2, maximumFractionDigits: 2 })
  }).format(value);
}

/** How long something runs at most. */
export function span(seconds: number, trans: TranslationBundle): string {
  if (seconds < 90) {
    return trans.__('%1 s', Math.round(seconds));
  }
  return seconds < 90 * MINUTE
    ? trans.__('%1 min', Math.round(seconds / MINUTE))
    : trans.__('%1 h', Math.round((seconds / HOUR) * 10) / 10);
}

/** What a line of an estimate is for, e.g. `2 × ml.m5.large`. */
export function lineText(line: CostLine, trans: TranslationBundle): string {
  return trans.__(
    '%1 × %2',
    line.count,
    line.instance_type ?? trans.__('an instance that AWS chooses')
  );
}

/** An estimate in one sentence, in the user's language. */
export function estimateText(
  found: CostEstimate,
  trans: TranslationBundle,
  locale: string
): string {
  if (found.lines.length === 0) {
    return trans.__('What it will cost is not known before.');
  }
  if (found.unknown.length > 0) {
    return trans.__(
      'What it will cost is not known: there is no price of %1 here.',
      found.unknown.join(', ')
    );
  }
  const what = found.lines.map(line => lineText(line, trans)).join(' + ');
  const hourly = dollars(found.hourly ?? 0, locale);
  if (found.cost !== null) {
    const longest = Math.max(...found.lines.map(line => line.seconds ?? 0));
    return trans.__(
      'At most %1: %2 for up to %3, %4 an hour.',
      dollars(found.cost, locale),
      what,
      span(longest, trans),
      hourly
    );
  }
  return trans.__(
    '%1 an hour until it ends or somebody ends it: %2.',
    hourly,
    what
  );
}

/** Where the prices of an estimate are from. */
export function sourceText(
  found: CostEstimate,
  trans: TranslationBundle
): string {
  return trans.__(
    'On-demand prices of %1, list of %2. Storage, data transfer and taxes are not counted.',
    found.prices.region,
    found.prices.date
  );
}
