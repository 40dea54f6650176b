/** Rows of a chart as a file; no React here. */
import type { IRow } from './rows';

/** A title as a file name. */
export function fileName(title: string): string {
  return title.replace(/[^\p{L}\p{N}_.-]+/gu, '-').slice(0, 100) || 'chart';
}

/** Rows as CSV with all their columns; texts that a spreadsheet would take for formulas are quoted as text. */
export function csvOf(rows: readonly IRow[]): string {
  const names: Record<string, string> = { n: 'trialComponentName' };
  const columns = [...new Set(rows.flatMap(row => Object.keys(row)))].filter(
    column => rows.some(row => row[column] !== undefined)
  );
  const cell = (value: unknown): string => {
    if (value === null || value === undefined) {
      return '';
    }
    const text =
      typeof value === 'string' && /^[=+\-@\t\r]/.test(value)
        ? `'${value}`
        : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  return [
    columns.map(column => cell(names[column] ?? column)).join(','),
    ...rows.map(row => columns.map(column => cell(row[column])).join(','))
  ].join('\n');
}
