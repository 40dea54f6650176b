import { cellsOf, freeName } from '../cells';

test('cells become Markdown; code keeps its backticks', () => {
  const cells = cellsOf({
    metadata: { language_info: { name: 'python' } },
    cells: [
      { cell_type: 'markdown', source: ['# A\n', 'b'] },
      { cell_type: 'code', source: 'x = """```"""' },
      { cell_type: 'raw', source: 'plain' },
      {}
    ]
  });
  expect(cells.map(each => each.kind)).toEqual([
    'markdown',
    'code',
    'raw',
    'raw'
  ]);
  expect(cells[0].markdown).toBe('# A\nb');
  expect(cells[1].markdown).toBe('````python\nx = """```"""\n````');
});

test('pictures of a cell stand in its text', () => {
  const [cell] = cellsOf({
    cells: [
      {
        cell_type: 'markdown',
        source: '![chart](attachment:a.png)',
        attachments: { 'a.png': { 'image/png': 'AB\nCD' } }
      }
    ]
  });
  expect(cell.markdown).toBe('![chart](data:image/png;base64,ABCD)');
});

test('a document without cells is empty', () => {
  expect(cellsOf({})).toEqual([]);
});

test('a copy never takes the name of another file', async () => {
  const there = new Set(['a.ipynb', 'a-1.ipynb']);
  const taken = (name: string): Promise<boolean> =>
    Promise.resolve(there.has(name));
  expect(await freeName('a.ipynb', taken)).toBe('a-2.ipynb');
  expect(await freeName('b.ipynb', taken)).toBe('b.ipynb');
});
