import { nullTranslator } from '@jupyterlab/translation';

import type { Change } from '../../../api/generated';
import { messageOf } from '../messages';

const trans = nullTranslator.load('smstudio_ext');
const change = (details: Record<string, string>): Change => ({
  kind: 'Kernel',
  name: 'k',
  status: 'Failed',
  region: '',
  target: 'local',
  deleted: false,
  secondary_status: 'What the server says.',
  details
});

describe('what a kernel’s reader is told', () => {
  it('is said here for what is known, with its values', () => {
    expect(
      messageOf(change({ code: 'memory', '1': 'ml.m5.large', '2': '8' }), trans)
    ).toContain('its instance ml.m5.large was used up (8 GiB,');
    expect(
      messageOf(
        change({ code: 'processes', '1': '1024', '2': 'ml.t3.medium' }),
        trans
      )
    ).toContain('1024 processes and threads');
  });

  it('is the server’s message for all else', () => {
    expect(messageOf(change({ code: 'new' }), trans)).toBe(
      'What the server says.'
    );
    expect(messageOf(change({}), trans)).toBe('What the server says.');
  });
});
