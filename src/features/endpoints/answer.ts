/** An answer of an endpoint as people read it; no React here. */

/** Rows of a table that are shown. */
export const MOST_ROWS = 200;

/** Characters of a text that are shown. */
export const MOST_TEXT = 200_000;

/** What an answer is shown as. */
export type Shown =
  | { kind: 'text'; text: string; cut: boolean }
  | { kind: 'table'; rows: string[][]; count: number }
  | { kind: 'image'; url: string };

/** JSON with indents, CSV as a table, images as images; everything else as it came. */
export function shownAnswer(
  body: string,
  isBase64: boolean,
  contentType: string | null
): Shown {
  const type = (contentType ?? '').split(';')[0].trim().toLowerCase();
  if (isBase64) {
    return /^image\/(png|jpeg|gif|webp)$/.test(type)
      ? { kind: 'image', url: `data:${type};base64,${body}` }
      : plain(body);
  }
  if (type === 'application/json') {
    return plain(indented(body) ?? body);
  }
  if (type === 'application/jsonlines' || type === 'application/x-ndjson') {
    return plain(
      body
        .split('\n')
        .map(line => indented(line) ?? line)
        .join('\n')
    );
  }
  if (type === 'text/csv') {
    const rows = csvRows(body);
    if (rows.length && (rows.length > 1 || rows[0].length > 1)) {
      return {
        kind: 'table',
        rows: rows.slice(0, MOST_ROWS),
        count: rows.length
      };
    }
  }
  return plain(body);
}

/** Cells of CSV text, with quotes as RFC 4180 has them. */
export function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const trimmed = text.replace(/(\r?\n)+$/, '');
  if (!trimmed) {
    return [];
  }
  for (let at = 0; at < trimmed.length; at++) {
    const character = trimmed[at];
    if (quoted) {
      if (character !== '"') {
        cell += character;
      } else if (trimmed[at + 1] === '"') {
        cell += '"';
        at++;
      } else {
        quoted = false;
      }
    } else if (character === '"' && !cell) {
      quoted = true;
    } else if (character === ',') {
      row.push(cell);
      cell = '';
    } else if (character === '\n') {
      rows.push([...row, cell.replace(/\r$/, '')]);
      row = [];
      cell = '';
    } else {
      cell += character;
    }
  }
  rows.push([...row, cell.replace(/\r$/, '')]);
  return rows;
}

function indented(text: string): string | null {
  try {
    return text.trim() ? JSON.stringify(JSON.parse(text), null, 2) : null;
  } catch {
    return null;
  }
}

function plain(text: string): Shown {
  return {
    kind: 'text',
    text: text.slice(0, MOST_TEXT),
    cut: text.length > MOST_TEXT
  };
}
