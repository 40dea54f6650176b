/** What the cells of a notebook are as Markdown, which is how the read-only view draws them. */

/** A cell as the view draws it. */
export interface ICell {
  kind: 'markdown' | 'code' | 'raw';
  markdown: string;
}

/** A document of nbformat 4, as far as the view reads it. */
interface INotebook {
  cells?: {
    cell_type?: string;
    source?: string | string[];
    attachments?: Record<string, Record<string, unknown>>;
  }[];
  metadata?: { language_info?: { name?: string } };
}

/** The cells of a notebook; one that cannot be read is empty. */
export function cellsOf(document: Record<string, unknown>): ICell[] {
  const notebook = document as INotebook;
  const language = notebook.metadata?.language_info?.name ?? 'python';
  return (notebook.cells ?? []).map(cell => {
    const source = Array.isArray(cell.source)
      ? cell.source.join('')
      : (cell.source ?? '');
    if (cell.cell_type === 'code') {
      return { kind: 'code', markdown: fenced(source, language) };
    }
    if (cell.cell_type === 'markdown') {
      return {
        kind: 'markdown',
        markdown: withAttachments(source, cell.attachments ?? {})
      };
    }
    return { kind: 'raw', markdown: fenced(source, '') };
  });
}

/** Code in a fence that is longer than any in the code. */
function fenced(source: string, language: string): string {
  const longest = Math.max(
    2,
    ...(source.match(/`+/g) ?? []).map(run => run.length)
  );
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${source}\n${fence}`;
}

/** Pictures that lie in the cell itself, put where the text names them. */
function withAttachments(
  source: string,
  attachments: Record<string, Record<string, unknown>>
): string {
  let text = source;
  for (const [name, bundle] of Object.entries(attachments)) {
    const [mime, data] =
      Object.entries(bundle).find(([type]) => type.startsWith('image/')) ?? [];
    if (mime && data) {
      const content = Array.isArray(data) ? data.join('') : String(data);
      text = text
        .split(`attachment:${name}`)
        .join(`data:${mime};base64,${content.replace(/\s/g, '')}`);
    }
  }
  return text;
}

/** A name that is not taken: `name.ipynb`, `name-1.ipynb`, ... */
export async function freeName(
  name: string,
  taken: (name: string) => Promise<boolean>
): Promise<string> {
  const dot = name.lastIndexOf('.');
  const [stem, end] =
    dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  let found = name;
  for (let number = 1; await taken(found); number++) {
    found = `${stem}-${number}${end}`;
  }
  return found;
}
