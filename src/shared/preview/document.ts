/** What the read-only view of a notebook changes in the document before Lab draws it. */
import type * as nbformat from '@jupyterlab/nbformat';

/**
 * A copy of a notebook that cannot be edited and that claims no trust, so that Lab shows its outputs sanitised.
 *
 * Cells that are no cells are left out: a hostile document must not keep the others from being shown.
 */
export function forPreview(
  document: Record<string, unknown>
): nbformat.INotebookContent {
  const metadata = { ...record(document.metadata) };
  delete metadata.signature;
  const cells = Array.isArray(document.cells) ? document.cells : [];
  return {
    nbformat: 4,
    nbformat_minor: Number(document.nbformat_minor) || 5,
    metadata: metadata as nbformat.INotebookMetadata,
    cells: cells.filter(isCell).map(cell => {
      const own = { ...record(cell.metadata) };
      delete own.trusted;
      return {
        ...cell,
        ...(cell.cell_type === 'code' && !Array.isArray(cell.outputs)
          ? { outputs: [] }
          : {}),
        metadata: { ...own, editable: false, deletable: false }
      } as unknown as nbformat.ICell;
    })
  };
}

/** Name that a copy gets unless somebody types another: `report-Copy1.ipynb` of `report.ipynb`, as Lab does. */
export function copyName(
  fileName: string,
  taken: (name: string) => boolean
): string {
  const stem = fileName.replace(/\.ipynb$/, '');
  let name = `${stem}.ipynb`;
  for (let number = 1; taken(name); number++) {
    name = `${stem}-Copy${number}.ipynb`;
  }
  return name;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function isCell(value: unknown): value is Record<string, unknown> {
  const { cell_type, source } = record(value);
  return (
    ['code', 'markdown', 'raw'].includes(String(cell_type)) &&
    (typeof source === 'string' ||
      (Array.isArray(source) && source.every(line => typeof line === 'string')))
  );
}
