import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { IOutput } from '@jupyterlab/nbformat';
import type { Notebook, NotebookPanel } from '@jupyterlab/notebook';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ITranslator } from '@jupyterlab/translation';

import type { Change } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { TRANSLATION_DOMAIN } from '../../shared/page';
import { ISmStudio } from '../../tokens';
import { messageOf } from './messages';
import { Runs } from './runs';

/** What is used of a code cell. */
interface ICodeCell {
  readonly isDisposed: boolean;
  readonly model: { readonly outputs: { add(output: IOutput): number } };
}

/**
 * Writes into a notebook why its kernel was ended (memory used up, too many processes): below the cell that ran.
 *
 * What a kernel that goes on has to tell is a notification, and the kernel tells it in its next cell.
 */
export const kernelEndsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'smstudio-ext:kernel-ends',
  description: 'Says in a notebook why its kernel was ended.',
  autoStart: true,
  requires: [ISmStudio, ITranslator, INotebookTracker],
  activate: (
    app: JupyterFrontEnd,
    studio: ISmStudio,
    translator: ITranslator,
    tracker: INotebookTracker
  ): void => {
    const trans = translator.load(TRANSLATION_DOMAIN);
    const runs = new Runs<Notebook, ICodeCell>();
    NotebookActions.executionScheduled.connect((_, { notebook, cell }) => {
      if (cell.model.type === 'code') {
        runs.scheduled(notebook, cell as unknown as ICodeCell);
      }
    });
    NotebookActions.executed.connect((_, { notebook, cell, success }) => {
      if (cell.model.type === 'code') {
        runs.executed(notebook, cell as unknown as ICodeCell, success);
      }
    });
    studio.changed.connect((_, change) => {
      if (change.kind !== 'Kernel') {
        return;
      }
      const message = messageOf(change, trans);
      if (change.status === 'Failed' && message) {
        if (change.details?.code?.startsWith('gateway-')) {
          // The relay told the cell that ran.
          notify(tracker, change.name, message);
        } else {
          tell(tracker, runs, change.name, message);
        }
      } else if (change.status === 'Warning' && message) {
        warn(app, trans, tracker, change, message);
      }
    });
  }
};

function warn(
  app: JupyterFrontEnd,
  trans: TranslationBundle,
  tracker: INotebookTracker,
  change: Change,
  message: string
): void {
  const panel = panelOf(tracker, change.name);
  const stream = change.details?.['2'];
  Notification.warning(panel ? `${panel.title.label}: ${message}` : message, {
    autoClose: false,
    actions:
      stream && app.commands.hasCommand(CommandIDs.viewScriptLogs)
        ? [
            {
              label: trans.__('View logs'),
              callback: () =>
                void app.commands.execute(CommandIDs.viewScriptLogs, {
                  stream
                })
            }
          ]
        : []
  });
}

function notify(
  tracker: INotebookTracker,
  kernel: string,
  message: string
): void {
  const panel = panelOf(tracker, kernel);
  Notification.error(panel ? `${panel.title.label}: ${message}` : message, {
    autoClose: false
  });
}

function panelOf(
  tracker: INotebookTracker,
  kernel: string
): NotebookPanel | undefined {
  return tracker.find(
    each => each.sessionContext.session?.kernel?.id === kernel
  );
}

function tell(
  tracker: INotebookTracker,
  runs: Runs<Notebook, ICodeCell>,
  kernel: string,
  message: string
): void {
  const panel = panelOf(tracker, kernel);
  const cell = panel && runs.ranLast(panel.content);
  if (!cell || cell.isDisposed) {
    Notification.error(message, { autoClose: false });
    return;
  }
  cell.model.outputs.add({
    output_type: 'error',
    ename: 'KernelEnded',
    evalue: message,
    traceback: [message]
  });
}
