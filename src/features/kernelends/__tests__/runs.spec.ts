import { Runs } from '../runs';

describe('the cell during which a kernel ended', () => {
  const notebook = {};

  it('is the first that waits', () => {
    const runs = new Runs<object, string>();
    runs.scheduled(notebook, 'a');
    runs.scheduled(notebook, 'b');
    expect(runs.ranLast(notebook)).toBe('a');
    runs.executed(notebook, 'a', true);
    expect(runs.ranLast(notebook)).toBe('b');
  });

  it('is known also after all cells were given up', () => {
    const runs = new Runs<object, string>();
    runs.scheduled(notebook, 'a');
    runs.scheduled(notebook, 'b');
    runs.executed(notebook, 'a', false);
    runs.executed(notebook, 'b', true);
    expect(runs.ranLast(notebook)).toBeUndefined();
    runs.scheduled(notebook, 'c');
    runs.scheduled(notebook, 'd');
    runs.executed(notebook, 'c', false);
    expect(runs.ranLast(notebook)).toBe('c');
    expect(runs.ranLast({})).toBeUndefined();
  });
});
