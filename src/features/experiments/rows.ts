import { Signal } from '@lumino/signaling';

import { ApiFailure } from '../../api/client';
import type {
  ComponentQuery,
  ComponentRow,
  ComponentRows,
  RowsQuery
} from '../../api/generated';

/** Rows that are asked for at once. */
export const BLOCK = 100;
/** Blocks that are kept: what scrolled away is forgotten, so memory stays flat however long the table is. */
const KEPT = 30;
/** Requests under way at once. */
const AT_ONCE = 3;
/** Columns that are asked for at once. */
const COLUMNS_AT_ONCE = 300;

/** Value of one cell. */
export type Cell = ComponentRow['cells'][number];

interface IBlock {
  rows: ComponentRow[];
  cells: Map<string, Cell[]>;
  version: number;
  used: number;
}

interface IWanted {
  first: number;
  last: number;
  columns: readonly string[];
}

/** Asks the server for rows. */
export type LoadRows = (
  query: RowsQuery,
  signal: AbortSignal
) => Promise<ComponentRows>;

/** The rows of one query, block by block as they come into sight; only the columns in sight are asked for. */
export class RowStore {
  constructor(
    readonly query: ComponentQuery,
    private _load: LoadRows,
    expected = 0
  ) {
    this._count = expected;
  }

  /** Emitted when rows, their number or the error changed. */
  readonly changed = new Signal<this, void>(this);

  /** Counts changes, for React. */
  version = 0;

  error: ApiFailure | null = null;

  /** How many rows match; null when the target does not tell. */
  total: number | null = null;

  /** Rows can only be read one page after the other. */
  sequential = false;

  /** The first answer has come. */
  loaded = false;

  /** Rows to leave room for. */
  get count(): number {
    return this._count;
  }

  /** Every row's place is known. */
  get complete(): boolean {
    return this.loaded && (!this.sequential || this._ended);
  }

  /** Whether a known row still runs. */
  get busy(): boolean {
    for (const block of this._blocks.values()) {
      if (
        block.rows.some(
          row => row.status === 'InProgress' || row.status === 'Stopping'
        )
      ) {
        return true;
      }
    }
    return false;
  }

  /** A row, if it is known by now. */
  row(index: number): ComponentRow | undefined {
    return this._blocks.get(Math.floor(index / BLOCK))?.rows[index % BLOCK];
  }

  /** A known row by its name. */
  find(name: string): ComponentRow | undefined {
    for (const block of this._blocks.values()) {
      const found = block.rows.find(row => row.name === name);
      if (found) {
        return found;
      }
    }
    return undefined;
  }

  /** A cell; undefined while it is not known. */
  cell(index: number, column: string): Cell | undefined {
    const block = this._blocks.get(Math.floor(index / BLOCK));
    return block?.cells.get(column)?.[index % BLOCK];
  }

  /** Says which rows and columns are in sight; what is not known of them is asked for. */
  need(first: number, last: number, columns: readonly string[]): void {
    this._wanted = { first, last, columns };
    this._pump();
  }

  /** Reads what is in sight again; what is not is forgotten. */
  async refresh(): Promise<void> {
    this._version++;
    const [from, to] = this._range();
    for (const index of [...this._blocks.keys()]) {
      if (index < from || index > to) {
        this._blocks.delete(index);
      }
    }
    if (this.sequential) {
      this._tokens.clear();
      this._ended = false;
    }
    this.error = null;
    this._pump();
    await this._idle();
    if (this.error) {
      throw this.error;
    }
  }

  dispose(): void {
    this._disposed = true;
    this._flying.forEach(each => each.abort());
    this._flying.clear();
    this._settle();
    Signal.clearData(this);
  }

  private _range(): [number, number] {
    const { first, last } = this._wanted;
    return [
      Math.max(0, Math.floor(first / BLOCK)),
      Math.max(0, Math.floor(last / BLOCK))
    ];
  }

  private _pump(): void {
    if (this._disposed || this.error) {
      this._settle();
      return;
    }
    const [from, to] = this._range();
    for (const [index, controller] of this._flying) {
      if (index < from - 1 || index > to + 1) {
        // Scrolled past: nobody waits for it any more.
        controller.abort();
        this._flying.delete(index);
      }
    }
    for (let index = from; index <= to; index++) {
      if (this._flying.size >= AT_ONCE) {
        break;
      }
      const columns = this._missing(index);
      if (columns && !this._flying.has(index) && this._reachable(index)) {
        void this._fetch(index, columns);
      }
    }
    if (!this._flying.size) {
      this._settle();
    }
  }

  /** Columns to ask for; null when the block has all that is in sight. */
  private _missing(index: number): string[] | null {
    if (this.loaded && index > 0 && index * BLOCK >= this._count) {
      return null;
    }
    const block = this._blocks.get(index);
    const { columns } = this._wanted;
    if (!block || block.version < this._version) {
      return columns.slice(0, COLUMNS_AT_ONCE);
    }
    block.used = ++this._clock;
    const missing = columns.filter(column => !block.cells.has(column));
    return missing.length ? missing.slice(0, COLUMNS_AT_ONCE) : null;
  }

  private _reachable(index: number): boolean {
    return !this.sequential || index === 0 || this._tokens.has(index);
  }

  private async _fetch(index: number, columns: string[]): Promise<void> {
    const controller = new AbortController();
    const version = this._version;
    this._flying.set(index, controller);
    try {
      const answer = await this._load(
        {
          query: this.query,
          columns,
          offset: index * BLOCK,
          limit: BLOCK,
          token: this._tokens.get(index) ?? null
        },
        controller.signal
      );
      if (!controller.signal.aborted) {
        this._take(index, columns, answer, version);
      }
    } catch (reason) {
      if (!controller.signal.aborted) {
        this.error = ApiFailure.from(reason);
      }
    }
    if (this._flying.get(index) === controller) {
      this._flying.delete(index);
      this._tell();
      this._pump();
    }
  }

  private _take(
    index: number,
    columns: string[],
    answer: ComponentRows,
    version: number
  ): void {
    const before = this._blocks.get(index);
    const same =
      before !== undefined &&
      before.version === version &&
      before.rows.length === answer.rows.length &&
      before.rows.every((row, at) => row.name === answer.rows[at].name);
    // Rows that moved meanwhile must not stand beside cells of others.
    const cells = same ? before.cells : new Map<string, Cell[]>();
    columns.forEach((column, at) =>
      cells.set(
        column,
        answer.rows.map(row => row.cells[at] ?? null)
      )
    );
    this._blocks.set(index, {
      rows: answer.rows.map(row => ({ ...row, cells: [] })),
      cells,
      version,
      used: ++this._clock
    });
    this.loaded = true;
    this.total = answer.total;
    this.sequential = !answer.random_access;
    if (this.sequential) {
      this._advance(index, answer);
    } else {
      this._count = answer.total ?? 0;
    }
    this._evict();
  }

  private _advance(index: number, answer: ComponentRows): void {
    const reached = index * BLOCK + answer.rows.length;
    if (answer.next_token) {
      this._tokens.set(index + 1, answer.next_token);
      // One more page has room below, and is asked for when it comes into sight.
      this._count = Math.max(this._count, reached + BLOCK);
    } else {
      this._ended = true;
      this._count = reached;
    }
  }

  private _evict(): void {
    if (this._blocks.size > KEPT) {
      const oldest = [...this._blocks.entries()].sort(
        (left, right) => left[1].used - right[1].used
      );
      for (const [index] of oldest.slice(0, this._blocks.size - KEPT)) {
        this._blocks.delete(index);
      }
    }
  }

  private _tell(): void {
    this.version++;
    this.changed.emit();
  }

  private _idle(): Promise<void> {
    return this._flying.size
      ? new Promise(resolve => this._waiting.push(resolve))
      : Promise.resolve();
  }

  private _settle(): void {
    this._waiting.splice(0).forEach(resolve => resolve());
  }

  private _blocks = new Map<number, IBlock>();
  private _tokens = new Map<number, string>();
  private _flying = new Map<number, AbortController>();
  private _waiting: (() => void)[] = [];
  private _wanted: IWanted = { first: 0, last: 0, columns: [] };
  private _version = 0;
  private _clock = 0;
  private _count: number;
  private _ended = false;
  private _disposed = false;
}
