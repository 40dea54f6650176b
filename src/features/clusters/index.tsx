import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { ITranslator } from '@jupyterlab/translation';
import { lazy } from 'react';

import type { ClusterCell } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { clusterIcon } from '../../shared/icons';
import { openOverlay } from '../../shared/overlay';
import { TRANSLATION_DOMAIN } from '../../shared/page';
import { ISmStudio } from '../../tokens';

const ClusterDialog = lazy(() => import('./dialog'));

/** The notebook toolbar's "Cluster": attaches the notebook to an EMR cluster. */
export const clustersPlugin: JupyterFrontEndPlugin<void> = {
  id: 'smstudio-ext:clusters',
  description: 'Attaches notebooks to EMR clusters.',
  autoStart: true,
  requires: [ISmStudio, ITranslator, INotebookTracker],
  optional: [ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    studio: ISmStudio,
    translator: ITranslator,
    notebooks: INotebookTracker,
    palette: ICommandPalette | null
  ): void => {
    const trans = translator.load(TRANSLATION_DOMAIN);
    const { commands } = app;
    commands.addCommand(CommandIDs.attachCluster, {
      label: trans.__('Cluster'),
      caption: trans.__('Attach the notebook to an EMR cluster'),
      icon: clusterIcon,
      describedBy: { args: null },
      isEnabled: () => notebooks.currentWidget !== null,
      execute: () => {
        const panel = notebooks.currentWidget;
        if (!panel) {
          return;
        }
        openOverlay(
          {
            studio,
            trans,
            commands,
            locale: translator.languageCode.replace('_', '-')
          },
          close => (
            <ClusterDialog
              onClose={close}
              onCell={cell => {
                close();
                insert(panel, cell);
              }}
            />
          )
        );
      }
    });
    notebooks.currentChanged.connect(() =>
      commands.notifyCommandChanged(CommandIDs.attachCluster)
    );
    palette?.addItem({
      command: CommandIDs.attachCluster,
      category: trans.__('SageMaker')
    });
  }
};

/** Puts the cell above the active one, where connecting belongs, and makes it active. */
function insert(panel: NotebookPanel, cell: ClusterCell): void {
  if (panel.isDisposed) {
    return;
  }
  NotebookActions.insertAbove(panel.content);
  panel.content.activeCell?.model.sharedModel.setSource(cell.source);
  panel.content.activate();
  if (cell.warning) {
    Notification.warning(cell.warning, { autoClose: 10_000 });
  }
}
