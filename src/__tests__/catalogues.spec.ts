/** @jest-environment node */
import * as fs from 'fs';
import * as path from 'path';

const ROOT = path.join(__dirname, '..', '..');
const LITERAL =
  /trans\s*\.(?:__|_n)\(\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/g;

function sources(folder: string): string[] {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      return entry.name === '__tests__' ? [] : sources(full);
    }
    return /\.tsx?$/.test(entry.name) ? [full] : [];
  });
}

function messages(): Set<string> {
  const found = new Set<string>();
  for (const file of sources(path.join(ROOT, 'src'))) {
    for (const match of fs.readFileSync(file, 'utf8').matchAll(LITERAL)) {
      found.add(match[1].slice(1, -1).replace(/\\(['"])/g, '$1'));
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
  expect([...wanted].filter(text => !(text in catalogue))).toEqual([]);
  expect(
    Object.keys(catalogue).filter(text => text && !wanted.has(text))
  ).toEqual([]);
  for (const text of wanted) {
    expect([text, places(catalogue[text][0])]).toEqual([text, places(text)]);
  }
});
