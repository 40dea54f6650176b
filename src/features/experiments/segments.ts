import type { ComponentGroup, ComponentRow } from '../../api/generated';
import type { Cell, RowStore } from './rows';

/** Part of a table: all its rows, or those of one group behind the group's own line. */
export interface ISegment {
  group: ComponentGroup | null;
  open: boolean;
  store: RowStore;
}

/** What stands in one line of the table. */
export type Line =
  | { kind: 'group'; segment: number; group: ComponentGroup; open: boolean }
  | { kind: 'row'; segment: number; index: number; row?: ComponentRow };

/** Lines of all segments, one below the other. */
export class Lines {
  constructor(readonly segments: readonly ISegment[]) {
    let start = 0;
    for (const segment of segments) {
      this._starts.push(start);
      start += (segment.group ? 1 : 0) + (segment.open ? rowsOf(segment) : 0);
    }
    this.count = start;
  }

  readonly count: number;

  at(line: number): Line | null {
    const segment = this._segmentAt(line);
    if (segment < 0) {
      return null;
    }
    const { group, open, store } = this.segments[segment];
    const inside = line - this._starts[segment];
    if (group && inside === 0) {
      return { kind: 'group', segment, group, open };
    }
    const index = inside - (group ? 1 : 0);
    return { kind: 'row', segment, index, row: store.row(index) };
  }

  /** Names of the rows that are read, of the first lines. */
  names(first: number): string[] {
    const found: string[] = [];
    for (let line = 0; line < Math.min(first, this.count); line++) {
      const here = this.at(line);
      if (here?.kind === 'row' && here.row) {
        found.push(here.row.name);
      }
    }
    return found;
  }

  cell(line: number, column: string): Cell | undefined {
    const found = this.at(line);
    return found?.kind === 'row'
      ? this.segments[found.segment].store.cell(found.index, column)
      : undefined;
  }

  /** Ranges of rows, segment by segment, that lie between two lines. */
  ranges(
    first: number,
    last: number
  ): { store: RowStore; first: number; last: number }[] {
    const found: { store: RowStore; first: number; last: number }[] = [];
    this.segments.forEach((segment, at) => {
      if (!segment.open) {
        return;
      }
      const start = this._starts[at] + (segment.group ? 1 : 0);
      const from = Math.max(first, start) - start;
      const to = Math.min(last, start + rowsOf(segment) - 1) - start;
      if (from <= to) {
        found.push({ store: segment.store, first: from, last: to });
      }
    });
    return found;
  }

  private _segmentAt(line: number): number {
    if (line < 0 || line >= this.count) {
      return -1;
    }
    let low = 0;
    let high = this._starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this._starts[middle] <= line) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  private _starts: number[] = [];
}

function rowsOf(segment: ISegment): number {
  return segment.store.loaded
    ? segment.store.count
    : (segment.group?.count ?? segment.store.count);
}
