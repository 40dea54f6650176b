import type { Example, ExampleSource } from '../../../api/generated';
import { bySection, found, sourceName } from '../gallery';

const example = (name: string, change: Partial<Example> = {}): Example => ({
  name,
  title: name,
  description: '',
  section: 'algorithms',
  language: 'en',
  file_name: `${name}.ipynb`,
  seconds: 1,
  algorithms: [],
  needs: [],
  source: null,
  ...change
});

describe('the gallery of examples', () => {
  it('finds examples by all words, in title, text and algorithms', () => {
    const trees = example('trees', {
      description: 'Which customers leave?',
      algorithms: ['xgboost']
    });
    expect(found(trees, '')).toBe(true);
    expect(found(trees, 'Customers XGB')).toBe(true);
    expect(found(trees, 'customers knn')).toBe(false);
  });

  it('keeps the order in each section', () => {
    const sections = bySection([
      example('b', { section: 'walkthroughs' }),
      example('c'),
      example('a', { section: 'walkthroughs' })
    ]);
    expect(
      sections.map(([name, items]) => [name, items.map(each => each.name)])
    ).toEqual([
      ['walkthroughs', ['b', 'a']],
      ['algorithms', ['c']]
    ]);
  });

  it('leaves the notebooks of sources to their own lists', () => {
    const items = [example('a'), example('b', { source: '0123abcd' })];
    expect(bySection(items).map(([, each]) => each.length)).toEqual([1]);
  });

  it('calls a source by the last part of its address', () => {
    const source = (
      address: string,
      kind: ExampleSource['kind'] = 'git',
      branch: string | null = null
    ): ExampleSource => ({
      id: 'x',
      kind,
      address,
      branch,
      updated: '2026-01-01T00:00:00Z',
      notebooks: 1,
      listed: 1
    });
    expect(sourceName(source('https://x.org/aws/examples.git'))).toBe(
      'examples'
    );
    expect(sourceName(source('git@x.org:aws/more.git', 'git', 'v2'))).toBe(
      'more (v2)'
    );
    expect(sourceName(source('s3://bucket/a/b/', 's3'))).toBe('bucket/a/b');
  });
});
