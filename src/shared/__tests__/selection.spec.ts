import { runColour, setRunColour } from '../runcolour';
import { batches, Selection } from '../selection';

describe('Selection', () => {
  it('chooses, toggles and forgets', () => {
    const selection = new Selection();
    let told = 0;
    selection.changed.connect(() => told++);
    selection.set(['a', 'b']);
    selection.toggle('b');
    selection.add(['c']);
    expect(selection.names).toEqual(['a', 'c']);
    selection.drop(['x']);
    expect(told).toBe(3);
    selection.drop(['a']);
    selection.clear();
    selection.clear();
    expect([selection.size, told]).toEqual([0, 5]);
  });
});

describe('batches', () => {
  it('cuts lists into requests', () => {
    const names = Array.from({ length: 450 }, (_, index) => String(index));
    expect(batches(names).map(each => each.length)).toEqual([200, 200, 50]);
    expect(batches([])).toEqual([]);
  });
});

describe('run colours', () => {
  it('gives a name always the same colour until somebody chooses', () => {
    const own = runColour('run-1');
    expect(own).toBe(runColour('run-1'));
    setRunColour('run-1', '#123456');
    expect(runColour('run-1')).toBe('#123456');
    setRunColour('run-1', null);
    expect(runColour('run-1')).toBe(own);
  });
});
