import { MessageLoop } from '@lumino/messaging';

import { shown, withoutKernel } from '../opening';

describe('notebooks without a kernel', () => {
  beforeEach(() => window.sessionStorage.clear());

  test('are remembered in this tab until a kernel is chosen', () => {
    expect(withoutKernel.has('a.ipynb')).toBe(false);
    withoutKernel.note('a.ipynb', true);
    withoutKernel.note('b.ipynb', true);
    withoutKernel.note('a.ipynb', true);
    expect(withoutKernel.has('a.ipynb')).toBe(true);
    withoutKernel.note('a.ipynb', false);
    expect(withoutKernel.has('a.ipynb')).toBe(false);
    expect(withoutKernel.has('b.ipynb')).toBe(true);
  });

  test('are forgotten when somebody wrote something else there', () => {
    window.sessionStorage.setItem('smstudio:no-kernel', '{"no": "list"}');
    expect(withoutKernel.has('no')).toBe(false);
    window.sessionStorage.setItem('smstudio:no-kernel', 'half');
    expect(withoutKernel.has('half')).toBe(false);
  });
});

test('a notebook that is not seen waits until it is', async () => {
  const hidden = { isVisible: false, processMessage: (): void => undefined };
  const waits = shown(hidden as never);
  let seen = false;
  void waits.then(() => (seen = true));
  MessageLoop.sendMessage(hidden, { type: 'after-attach' } as never);
  await Promise.resolve();
  await Promise.resolve();
  expect(seen).toBe(false);
  hidden.isVisible = true;
  MessageLoop.sendMessage(hidden, { type: 'after-show' } as never);
  await waits;
  expect(seen).toBe(true);
  await shown({ isVisible: true } as never);
});
