import type { ISent } from '../history';
import {
  LARGEST_BODY,
  MOST,
  NO_REQUEST,
  readHistory,
  remember,
  writeHistory
} from '../history';

function sent(body: string, more: Partial<ISent> = {}): ISent {
  return {
    id: body,
    time: '2026-01-01T00:00:00Z',
    request: { ...NO_REQUEST, body },
    bodyKept: true,
    status: 'Complete',
    code: 200,
    elapsed_ms: 1,
    variant: null,
    answer: 'yes',
    ...more
  };
}

class Small implements Storage {
  [name: string]: unknown;
  private kept = new Map<string, string>();
  constructor(private most: number) {}
  get length(): number {
    return this.kept.size;
  }
  clear(): void {
    this.kept.clear();
  }
  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }
  key(): string | null {
    return null;
  }
  removeItem(key: string): void {
    this.kept.delete(key);
  }
  setItem(key: string, value: string): void {
    if (value.length > this.most) {
      throw new Error('QuotaExceededError');
    }
    this.kept.set(key, value);
  }
}

test('the newest request is first, and the same one moves up', () => {
  let history = remember([], sent('1'));
  history = remember(history, sent('2'));
  history = remember(history, sent('1', { id: 'again' }));
  expect(history.map(each => each.id)).toEqual(['again', '2']);
});

test('only so many are kept, and large bodies are not', () => {
  let history: ISent[] = [];
  for (let n = 0; n < MOST + 5; n++) {
    history = remember(history, sent(String(n)));
  }
  expect(history).toHaveLength(MOST);
  history = remember(history, sent('x'.repeat(LARGEST_BODY + 1)));
  expect([history[0].bodyKept, history[0].request.body]).toEqual([false, '']);
  history = remember(history, sent('y'.repeat(LARGEST_BODY + 1)));
  expect(history.filter(each => !each.bodyKept)).toHaveLength(2);
});

test('what was written is read; a full storage keeps the newest', () => {
  const storage = new Small(1500);
  const history = Array.from({ length: 20 }, (_, n) => sent(String(n)));
  writeHistory(storage, 'k', history);
  const found = readHistory(storage, 'k');
  expect(found.length).toBeGreaterThan(0);
  expect(found.length).toBeLessThan(20);
  expect(found[0].id).toBe('0');
  writeHistory(storage, 'k', []);
  expect(readHistory(storage, 'k')).toEqual([]);
});

test('strange content and no storage are no history', () => {
  const storage = new Small(1000);
  for (const text of ['{', '3', '[1, null, {"time": 1}]', '{"a": 1}']) {
    storage.setItem('k', text);
    expect(readHistory(storage, 'k')).toEqual([]);
  }
  expect(readHistory(null, 'k')).toEqual([]);
  expect(() => writeHistory(null, 'k', [sent('1')])).not.toThrow();
});
