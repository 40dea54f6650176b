import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { ApiFailure } from '../api/client';
import type { ISmStudio } from '../tokens';

/** A question before something is done that cannot be undone. */
export interface IQuestion {
  title: string;
  body: string;
  /** Says what is done, on the button that does it. */
  label: string;
}

/** Asks first, then acts, says what went wrong, and has the pages read again. */
export async function confirmed(
  studio: ISmStudio,
  trans: TranslationBundle,
  question: IQuestion,
  act: () => Promise<unknown>
): Promise<void> {
  const answer = await showDialog({
    title: question.title,
    body: question.body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: question.label })
    ]
  });
  if (answer.button.accept) {
    try {
      await act();
    } catch (reason) {
      Notification.error(ApiFailure.from(reason).message);
    }
    studio.refresh();
  }
}
