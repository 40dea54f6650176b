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
    case 'gateway-gone':
      return trans.__(
        'The kernel is not on the gateway %1 any more: it was shut down there (by somebody, or because it was idle), or the gateway was started again. Its variables are lost.',
        first
      );
    case 'gateway-died':
      return trans.__(
        'The kernel ended by itself on the gateway %1. Its variables are lost.',
        first
      );
    case 'gateway-restarted':
      return trans.__(
        'The kernel ended by itself on the gateway %1 and was started again there. Its variables are lost.',
        first
      );
    case 'gateway-lost':
      return trans.__(
        'The connection to the gateway %1 was lost and did not come back within %2 s. The kernel may still run there.',
        first,
        second
      );
    case 'gateway-broke':
      return trans.__(
        'The connection to the gateway %1 broke; connecting again. The kernel there goes on.',
        first
      );
    case 'gateway-back':
      return trans.__('Connected to the gateway %1 again.', first);
    case 'gateway-answer':
      return trans.__(
        'The answer was lost with the connection to the gateway %1. The cell may have run there.',
        first
      );
    case 'gateway-interrupt':
      return trans.__(
        'The cell was not interrupted on the gateway %1. %2',
        first,
        second
      );
    default:
      return change.secondary_status ?? '';
  }
}
