import type { Example } from '../../../api/generated';
import { bySection, found } from '../gallery';

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
});
