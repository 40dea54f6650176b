/** @jest-environment node */
import * as fs from 'fs';
import * as path from 'path';

const ROOT = path.join(__dirname, '..', '..');
const TEXT = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/.source;
const PLAIN = new RegExp(`trans\\s*\\.__\\(\\s*(${TEXT})`, 'g');
const PLURAL = new RegExp(`trans\\s*\\._n\\(\\s*(${TEXT})`, 'g');
const IN_CONTEXT = new RegExp(
  `trans\\s*\\._p\\(\\s*(${TEXT})\\s*,\\s*(${TEXT})`,
  'g'
);
/** What gettext puts between a context and its text. */
const BETWEEN = '\u0004';

function sources(folder: string): string[] {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      return entry.name === '__tests__' ? [] : sources(full);
    }
    return /\.tsx?$/.test(entry.name) ? [full] : [];
  });
}

function plain(literal: string): string {
  return literal.slice(1, -1).replace(/\\(['"])/g, '$1');
}

/** Every text to translate, and how many forms JupyterLab expects of it: with one it finds no plural, with two no plain text. */
function messages(): Map<string, number> {
  const found = new Map<string, number>();
  for (const file of sources(path.join(ROOT, 'src'))) {
    const text = fs.readFileSync(file, 'utf8');
    for (const match of text.matchAll(PLAIN)) {
      found.set(plain(match[1]), 1);
    }
    for (const match of text.matchAll(IN_CONTEXT)) {
      found.set(plain(match[1]) + BETWEEN + plain(match[2]), 1);
    }
    for (const match of text.matchAll(PLURAL)) {
      found.set(plain(match[1]), 2);
    }
  }
  return found;
}

function places(text: string): string[] {
  return (text.match(/%\d/g) ?? []).sort();
}

test.each(['ja_JP', 'ko_KR'])('%s has every literal and no other', locale => {
  const catalogue: Record<string, string[]> = JSON.parse(
    fs.readFileSync(
      path.join(
        ROOT,
        'smstudio_ext/locale',
        locale,
        'LC_MESSAGES/smstudio_ext.json'
      ),
      'utf8'
    )
  );
  // JupyterLab looks strings up under this name; with an underscore it finds none
  expect(catalogue['']).toMatchObject({ language: locale.replace('_', '-') });
  const wanted = messages();
  expect([...wanted.keys()].filter(text => !(text in catalogue))).toEqual([]);
  expect(
    Object.keys(catalogue).filter(text => text && !wanted.has(text))
  ).toEqual([]);
  for (const [text, forms] of wanted) {
    for (const each of catalogue[text]) {
      expect([text, places(each)]).toEqual([text, places(text)]);
    }
    expect([text, catalogue[text].length]).toEqual([text, forms]);
  }
});
