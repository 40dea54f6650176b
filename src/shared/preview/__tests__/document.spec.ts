import { copyName, forPreview } from '../document';

describe('the document of a preview', () => {
  it('can neither be edited nor claims to be trusted', () => {
    const found = forPreview({
      nbformat: 4,
      nbformat_minor: 5,
      metadata: { signature: 'x', language_info: { name: 'python' } },
      cells: [
        {
          cell_type: 'code',
          source: 'print(1)',
          metadata: { trusted: true, tags: ['a'] },
          outputs: [],
          execution_count: 1
        }
      ]
    });
    expect(found.metadata).toEqual({ language_info: { name: 'python' } });
    expect(found.cells[0].metadata).toEqual({
      tags: ['a'],
      editable: false,
      deletable: false
    });
  });

  it('shows the cells that are cells', () => {
    const found = forPreview({
      nbformat: 4,
      metadata: [],
      cells: [
        { cell_type: 'code', source: ['a\n', 'b'], metadata: 7 },
        { cell_type: 'script', source: 'x', metadata: {} },
        { cell_type: 'markdown', source: [1], metadata: {} },
        null,
        { cell_type: 'raw', source: '', metadata: {} }
      ]
    });
    expect(found.cells.map(cell => cell.cell_type)).toEqual(['code', 'raw']);
    expect(found.cells[0].outputs).toEqual([]);
  });
});

describe('the name of a copy', () => {
  it('is the one of the notebook while it is free', () => {
    expect(copyName('report.ipynb', () => false)).toBe('report.ipynb');
  });

  it('counts as Lab does', () => {
    const taken = ['report.ipynb', 'report-Copy1.ipynb'];
    expect(copyName('report.ipynb', name => taken.includes(name))).toBe(
      'report-Copy2.ipynb'
    );
  });
});
