import { csvRows, MOST_ROWS, MOST_TEXT, shownAnswer } from '../answer';

test('JSON gets indents, also line by line', () => {
  expect(
    shownAnswer('{"a":[1]}', false, 'application/json; charset=utf-8')
  ).toEqual({
    kind: 'text',
    text: '{\n  "a": [\n    1\n  ]\n}',
    cut: false
  });
  expect(shownAnswer('{"a":1}\n{', false, 'application/jsonlines')).toEqual({
    kind: 'text',
    text: '{\n  "a": 1\n}\n{',
    cut: false
  });
  expect(shownAnswer('{', false, 'application/json')).toMatchObject({
    text: '{'
  });
});

test('CSV of more than one cell is a table', () => {
  expect(shownAnswer('0.5\n', false, 'text/csv')).toMatchObject({
    kind: 'text'
  });
  expect(shownAnswer('0.5\r\n0.25\r\n', false, 'text/csv')).toEqual({
    kind: 'table',
    rows: [['0.5'], ['0.25']],
    count: 2
  });
  const many = shownAnswer('1,2\n'.repeat(500), false, 'text/csv');
  expect(many).toMatchObject({ count: 500 });
  expect(many.kind === 'table' && many.rows.length).toBe(MOST_ROWS);
});

test('quotes of CSV hold commas, quotes and line ends', () => {
  expect(csvRows('"a,b","say ""hi""","two\nlines"\nplain,,')).toEqual([
    ['a,b', 'say "hi"', 'two\nlines'],
    ['plain', '', '']
  ]);
  expect(csvRows('')).toEqual([]);
});

test('images are shown, other binary data is not guessed at', () => {
  expect(shownAnswer('AAAA', true, 'image/png')).toEqual({
    kind: 'image',
    url: 'data:image/png;base64,AAAA'
  });
  // An SVG could hold a script.
  expect(shownAnswer('AAAA', true, 'image/svg+xml')).toMatchObject({
    kind: 'text'
  });
  expect(shownAnswer('x'.repeat(MOST_TEXT + 1), false, null)).toMatchObject({
    cut: true
  });
});
