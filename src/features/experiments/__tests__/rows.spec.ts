import type {
  ComponentRow,
  ComponentRows,
  RowsQuery
} from '../../../api/generated';
import { BLOCK, RowStore } from '../rows';
import { Lines } from '../segments';

function row(index: number, columns: string[], round = 0): ComponentRow {
  return {
    name: `run-${index}`,
    display_name: `run-${index}`,
    arn: '',
    type: 'Others',
    source_arn: null,
    job: null,
    status: 'Completed',
    status_message: null,
    experiments: [],
    trials: [],
    created: null,
    modified: null,
    created_by: null,
    cells: columns.map(column => `${column}:${index}:${round}`)
  };
}

/** A server with so many rows; pages one after the other when it has tokens. */
class Server {
  constructor(
    public total: number,
    readonly sequential = false
  ) {}

  asked: RowsQuery[] = [];
  round = 0;
  error: Error | null = null;

  load = async (query: RowsQuery): Promise<ComponentRows> => {
    this.asked.push(query);
    if (this.error) {
      throw this.error;
    }
    const offset = this.sequential
      ? Number(query.token ?? 0)
      : (query.offset ?? 0);
    const end = Math.min(this.total, offset + (query.limit ?? 100));
    const rows: ComponentRow[] = [];
    for (let index = offset; index < end; index++) {
      rows.push(row(index, query.columns ?? [], this.round));
    }
    return {
      rows,
      total: this.sequential ? null : this.total,
      next_token: end < this.total ? String(end) : null,
      random_access: !this.sequential
    };
  };
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve();
  }
};

describe('RowStore', () => {
  it('reads the first block, then any other', async () => {
    const server = new Server(100_000);
    const store = new RowStore({}, server.load);
    store.need(0, 30, ['a']);
    await settled();
    expect(store.count).toBe(100_000);
    expect(store.cell(3, 'a')).toBe('a:3:0');
    expect(store.row(70_000)).toBeUndefined();
    store.need(70_000, 70_030, ['a']);
    await settled();
    expect(store.row(70_010)?.name).toBe('run-70010');
    expect(server.asked.map(each => each.offset)).toEqual([0, 70_000]);
  });

  it('asks only for the columns that are missing', async () => {
    const server = new Server(50);
    const store = new RowStore({}, server.load);
    store.need(0, 49, ['a', 'b']);
    await settled();
    store.need(0, 49, ['b', 'c']);
    await settled();
    expect(server.asked[1].columns).toEqual(['c']);
    expect(store.cell(0, 'a')).toBe('a:0:0');
    expect(store.cell(0, 'c')).toBe('c:0:0');
    store.need(0, 49, ['a', 'c']);
    await settled();
    expect(server.asked).toHaveLength(2);
  });

  it('never shows a cell beside another row', async () => {
    const server = new Server(50);
    const store = new RowStore({}, server.load);
    store.need(0, 49, ['a']);
    await settled();
    server.total = 49; // one was deleted meanwhile
    store.need(0, 48, ['a', 'b']);
    await settled();
    expect(store.cell(3, 'b')).toBe('b:3:0');
    expect(store.cell(3, 'a')).toBe('a:3:0');
    expect(server.asked[2].columns).toEqual(['a']);
  });

  it('keeps few blocks however far somebody scrolls', async () => {
    const server = new Server(100_000);
    const store = new RowStore({}, server.load);
    for (let block = 0; block < 200; block++) {
      store.need(block * BLOCK, block * BLOCK + 30, []);
      await settled();
    }
    let known = 0;
    for (let block = 0; block < 200; block++) {
      known += store.row(block * BLOCK) ? 1 : 0;
    }
    expect(known).toBeLessThanOrEqual(31);
    expect(store.row(199 * BLOCK)).toBeDefined();
  });

  it('reads what is in sight again', async () => {
    const server = new Server(300);
    const store = new RowStore({}, server.load);
    store.need(0, 250, ['a']);
    await settled();
    server.round = 1;
    store.need(0, 30, ['a']);
    const before = server.asked.length;
    await store.refresh();
    expect(store.cell(0, 'a')).toBe('a:0:1');
    expect(server.asked.length).toBe(before + 1);
    expect(store.row(250)).toBeUndefined();
  });

  it('follows tokens where rows come page after page', async () => {
    const server = new Server(230, true);
    const store = new RowStore({}, server.load);
    store.need(0, 30, []);
    await settled();
    expect([store.count, store.complete]).toEqual([200, false]);
    store.need(100, 130, []);
    await settled();
    expect(store.row(120)?.name).toBe('run-120');
    store.need(200, 230, []);
    await settled();
    expect([store.count, store.complete]).toEqual([230, true]);
  });

  it('keeps its rows when a read fails, and goes on after the next', async () => {
    const server = new Server(10);
    const store = new RowStore({}, server.load);
    await store.refresh();
    server.error = new Error('away');
    await expect(store.refresh()).rejects.toThrow('away');
    expect(store.row(3)?.name).toBe('run-3');
    server.error = null;
    await store.refresh();
    expect(store.error).toBeNull();
  });
});

describe('Lines', () => {
  it('puts groups between rows', async () => {
    const first = new RowStore({}, new Server(3).load, 3);
    const second = new RowStore({}, new Server(2).load, 2);
    await Promise.all([first.refresh(), second.refresh()]);
    const group = (label: string, count: number) => ({
      label,
      value: label,
      count,
      filter: {
        name: 'Parameters.a',
        operator: 'Equals' as const,
        value: label
      },
      metrics: []
    });
    const lines = new Lines([
      { group: group('x', 3), open: true, store: first },
      { group: group('y', 2), open: false, store: second },
      { group: group('z', 2), open: true, store: second }
    ]);
    expect(lines.count).toBe(4 + 1 + 3);
    expect(
      Array.from({ length: 8 }, (_, line) => {
        const found = lines.at(line);
        return found?.kind === 'group' ? found.group.label : found?.row?.name;
      })
    ).toEqual(['x', 'run-0', 'run-1', 'run-2', 'y', 'z', 'run-0', 'run-1']);
    expect(lines.at(8)).toBeNull();
    expect(lines.ranges(2, 6).map(each => [each.first, each.last])).toEqual([
      [1, 2],
      [0, 0]
    ]);
  });
});
