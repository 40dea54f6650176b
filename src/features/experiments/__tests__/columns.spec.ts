import type { IKnownColumn } from '../columns';
import {
  columnWindow,
  defaultColumns,
  isSortable,
  labelOf,
  NAME,
  pathOf,
  pinnedFirst,
  shownOf,
  toggleColumn
} from '../columns';
import { nameWidth } from '../layout';
import { scopeOf } from '../scope';

const known = (
  id: string,
  category: IKnownColumn['category'],
  here = true
): IKnownColumn => ({
  id,
  label: id.slice(id.indexOf('.') + 1),
  category,
  numeric: category === 'Metrics',
  here
});

const COLUMNS = [
  known('Metrics.validation:f1', 'Metrics'),
  known('Metrics.elsewhere', 'Metrics', false),
  known('Parameters.eta', 'Parameters'),
  known('Parameters.SageMaker.InstanceType', 'Parameters')
];
const BY_ID = new Map(COLUMNS.map(each => [each.id, each]));

describe('columns', () => {
  it('begins with the summary, then metrics and parameters that the rows have', () => {
    const ids = defaultColumns(COLUMNS).map(each => each.id);
    expect(ids[0]).toBe(NAME);
    expect(ids.slice(-2)).toEqual(['Metrics.validation:f1', 'Parameters.eta']);
  });

  it('keeps metric names with dots apart from their statistic', () => {
    expect(shownOf('Metrics.a.b.Max')).toEqual({
      id: 'Metrics.a.b',
      statistic: 'Max'
    });
    expect(shownOf('Metrics.a.b')).toEqual({ id: 'Metrics.a.b' });
    expect(pathOf({ id: 'Metrics.a.b' })).toBe('Metrics.a.b.Last');
    expect(pathOf({ id: 'Parameters.Max' })).toBe('Parameters.Max');
    expect(labelOf('Parameters.x.y', BY_ID)).toBe('x.y');
  });

  it('shows a column behind the others of its category', () => {
    const shown = [
      { id: NAME },
      { id: 'Metrics.validation:f1' },
      { id: 'Parameters.eta' }
    ];
    expect(
      toggleColumn(shown, 'Metrics.elsewhere', true, BY_ID).map(e => e.id)
    ).toEqual([
      NAME,
      'Metrics.validation:f1',
      'Metrics.elsewhere',
      'Parameters.eta'
    ]);
    expect(toggleColumn(shown, 'Parameters.eta', false, BY_ID)).toHaveLength(2);
    expect(toggleColumn(shown, NAME, true, BY_ID)).toHaveLength(3);
  });

  it('puts pinned columns first', () => {
    const order = pinnedFirst([{ id: 'a' }, { id: 'b', pinned: true }]);
    expect(order.map(each => each.id)).toEqual(['b', 'a']);
  });

  it('draws only columns in sight', () => {
    const starts = Array.from({ length: 2001 }, (_, index) => index * 100);
    expect(columnWindow(starts, 0, 1000)).toEqual([0, 10]);
    expect(columnWindow(starts, 150_050, 151_000)).toEqual([1500, 1510]);
    expect(columnWindow(starts, 199_900, 300_000)).toEqual([1999, 2000]);
    expect(columnWindow([0], 0, 1000)).toEqual([0, 0]);
  });

  it('sorts by what has one value', () => {
    expect(isSortable('Metrics.a')).toBe(true);
    expect(isSortable('Parents.TrialName')).toBe(false);
  });
});

describe('scopes', () => {
  it('reads the names of pages', () => {
    expect(scopeOf('experiment:a,b')).toEqual({
      kind: 'experiment',
      names: ['a', 'b']
    });
    expect(scopeOf('unassigned')?.kind).toBe('unassigned');
    expect(scopeOf('trial:')).toBeNull();
    expect(scopeOf('nonsense')).toBeNull();
  });
});

describe('nameWidth', () => {
  it('fits the longest name, within bounds', () => {
    expect(nameWidth([], 1200)).toBe(150);
    expect(nameWidth(['xgb-run-001'], 1200)).toBe(150);
    expect(nameWidth(['a'.repeat(25)], 1200)).toBe(227);
    expect(nameWidth(['a'.repeat(120)], 1200)).toBe(300);
  });
  it('leaves most of a narrow table to the other columns', () => {
    expect(nameWidth(['a'.repeat(120)], 500)).toBe(200);
    expect(nameWidth(['a'.repeat(120)], 0)).toBe(150);
  });
});
