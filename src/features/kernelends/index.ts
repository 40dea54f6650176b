import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { IOutput } from '@jupyterlab/nbformat';
import type { Notebook } from '@jupyterlab/notebook';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';

import type { Change } from '../../api/generated';
import { ISmStudio } from '../../tokens';
import { Runs } from './runs';

/** What is used of a code cell. */
interface ICodeCell {
  readonly isDisposed: boolean;
  readonly model: { readonly outputs: { add(output: IOutput): number } };
}

/** Writes into a notebook why its kernel was ended (memory used up, too many processes): below the cell that ran. */
export const kernelEndsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'smstudio-ext:kernel-ends',
  description: 'Says in a notebook why its kernel was ended.',
  autoStart: true,
  requires: [ISmStudio, INotebookTracker],
  activate: (
    app: JupyterFrontEnd,
    studio: ISmStudio,
    tracker: INotebookTracker
  ): void => {
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
      const message = reason(change);
      if (message) {
        tell(tracker, runs, change.name, message);
      }
    });
  }
};

/** Why a kernel was ended; nothing for changes of another kind. */
export function reason(change: Change): string {
  return change.kind === 'Kernel' && change.status === 'Failed'
    ? (change.secondary_status ?? '')
    : '';
}

function tell(
  tracker: INotebookTracker,
  runs: Runs<Notebook, ICodeCell>,
  kernel: string,
  message: string
): void {
  const panel = tracker.find(
    each => each.sessionContext.session?.kernel?.id === kernel
  );
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
