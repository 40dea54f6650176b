import { nullTranslator } from '@jupyterlab/translation';

import { choose, EMPTY_DRAFT, filterLabel, filtersOf } from '../model';
import type { ISearchable } from '../model';

const trans = nullTranslator.load('');
const column = (kind: ISearchable['kind'], id = 'X'): ISearchable => ({
  id,
  label: ['E', 'x'].join(''),
  kind
});

describe('filters', () => {
  it('wants three letters of a text', () => {
    const draft = { ...EMPTY_DRAFT, text: 'ab ' };
    expect(filtersOf(column('text'), draft)).toEqual([]);
    expect(filtersOf(column('text'), { ...draft, text: 'abc' })).toEqual([
      { name: 'X', operator: 'Contains', value: 'abc' }
    ]);
  });

  it('compares numbers and nothing else', () => {
    const draft = { ...EMPTY_DRAFT, operator: 'GreaterThan' as const };
    expect(filtersOf(column('number'), { ...draft, text: 'x' })).toEqual([]);
    expect(filtersOf(column('number'), { ...draft, text: '1e-3' })).toEqual([
      { name: 'X', operator: 'GreaterThan', value: '1e-3' }
    ]);
    expect(
      filtersOf(column('number'), { ...draft, operator: 'NotExists' })
    ).toEqual([{ name: 'X', operator: 'NotExists', value: null }]);
  });

  it('finds one of several values, or none', () => {
    const chosen = choose(choose([], 'a', true), 'b', true);
    expect(filtersOf(column('discrete'), { ...EMPTY_DRAFT, chosen })).toEqual([
      { name: 'X', operator: 'In', value: 'a,b' }
    ]);
    expect(choose(chosen, '', true)).toEqual(['']);
    expect(
      filtersOf(column('discrete'), { ...EMPTY_DRAFT, chosen: [''] })
    ).toEqual([{ name: 'X', operator: 'NotExists', value: null }]);
  });

  it('takes whole days', () => {
    const found = filtersOf(column('date'), {
      ...EMPTY_DRAFT,
      from: '2026-11-20',
      to: '2026-11-20'
    });
    expect(found.map(each => each.operator)).toEqual([
      'GreaterThanOrEqualTo',
      'LessThan'
    ]);
    const [from, to] = found.map(each => Date.parse(each.value ?? ''));
    expect(to - from).toBe(86_400_000);
    expect(filtersOf(column('date'), EMPTY_DRAFT)).toEqual([]);
  });

  it('needs key and value of a tag', () => {
    const draft = { ...EMPTY_DRAFT, key: 'team', text: 'blue' };
    expect(filtersOf(column('tag'), draft)).toEqual([
      { name: 'Tags.team', operator: 'Equals', value: 'blue' }
    ]);
    expect(filtersOf(column('tag'), { ...draft, key: '' })).toEqual([]);
  });

  it('says what a filter means', () => {
    expect(
      filterLabel(
        { name: 'X', operator: 'LessThan', value: '3' },
        [column('number')],
        trans
      )
    ).toBe('Ex < 3');
    expect(
      filterLabel({ name: 'Y', operator: 'Exists', value: null }, [], trans)
    ).toBe('Y has a value');
  });
});
