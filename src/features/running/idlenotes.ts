import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { ApiFailure } from '../../api/client';
import type { Change } from '../../api/generated';
import type { ISmStudio } from '../../tokens';

/** Warns before an idle instance is shut down, offers to keep it, and says when it was shut down. */
export function watchIdle(studio: ISmStudio, trans: TranslationBundle): void {
  const shown = new Map<string, string>();
  const forget = (name: string): void => {
    const id = shown.get(name);
    if (id) {
      Notification.dismiss(id);
      shown.delete(name);
    }
  };
  studio.changed.connect((_, change: Change) => {
    if (change.kind !== 'IdleInstance') {
      return;
    }
    const { name } = change;
    const type = name.slice(name.lastIndexOf('/') + 1);
    forget(name);
    if (change.status === 'Warning') {
      const minutes = Math.max(
        1,
        Math.round(Number(change.secondary_status) / 60)
      );
      const id = Notification.warning(
        trans._n(
          'The instance %2 is idle and is shut down in %1 minute; unsaved data of its kernels is lost then.',
          'The instance %2 is idle and is shut down in %1 minutes; unsaved data of its kernels is lost then.',
          minutes,
          type
        ),
        {
          autoClose: false,
          actions: [
            {
              label: trans.__('Keep running'),
              callback: () => {
                studio.api
                  .call('keepInstance', { body: { name } })
                  .catch(reason =>
                    Notification.error(ApiFailure.from(reason).message)
                  );
              }
            }
          ]
        }
      );
      shown.set(name, id);
    } else if (change.status === 'Stopped') {
      Notification.info(
        trans.__('The instance %1 was idle and has been shut down.', type),
        { autoClose: false }
      );
    }
  });
}
