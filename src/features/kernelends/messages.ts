import type { TranslationBundle } from '@jupyterlab/translation';

import type { Change } from '../../api/generated';

/** What the reader of a notebook is told of its kernel; the server's own words when they are of no kind that is known here. */
export function messageOf(change: Change, trans: TranslationBundle): string {
  const { details } = change;
  const [first = '', second = ''] = [details?.['1'], details?.['2']];
  switch (details?.code) {
    case 'memory':
      return trans.__(
        'The kernel was ended because the memory of its instance %1 was used up (%2 GiB, shared by all kernels on it). Its variables are lost. Choose a larger instance type, shut down other kernels of the instance, or work with less data at a time.',
        first,
        second
      );
    case 'machine-memory':
      return trans.__(
        'The kernel was ended because the memory of its instance %1 was used up (%2 GiB, shared by all kernels on it; this machine has no more for it). Its variables are lost. Shut down other kernels of the instance, or work with less data at a time.',
        first,
        second
      );
    case 'processes':
      return trans.__(
        'The kernel was ended because it had %1 processes and threads, the most that a kernel on %2 may have here, and went on making more. Its variables are lost.',
        first,
        second
      );
    case 'script':
      return trans.__(
        'The default start-up script of this image’s app failed, so the kernel runs without what it does. Its log is on the page Domain, tab Apps. Choose another script, or No script, in Change environment. %1',
        first
      );
    default:
      return change.secondary_status ?? '';
  }
}
