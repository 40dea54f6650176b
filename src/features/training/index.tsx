import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';
import { stopIcon } from '@jupyterlab/ui-components';
import { lazy } from 'react';

import { ApiFailure } from '../../api/client';
import { CommandIDs, RowData } from '../../commands';
import { trainingIcon } from '../../shared/icons';
import { StudioPage, TRANSLATION_DOMAIN } from '../../shared/page';
import { nameFrom, NAME_ARGS, Pages, rowUnderMenu } from '../../shared/pages';
import { ISmStudio } from '../../tokens';

const TrainingJobPage = lazy(() => import('./page'));

/** One page a training job: life, metrics, settings, log. */
export const trainingPlugin: JupyterFrontEndPlugin<void> = {
  id: 'smstudio-ext:training',
  description: 'Adds the pages of training jobs.',
  autoStart: true,
  requires: [ISmStudio, ITranslator],
  optional: [ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    studio: ISmStudio,
    translator: ITranslator,
    restorer: ILayoutRestorer | null
  ): void => {
    const trans = translator.load(TRANSLATION_DOMAIN);
    const { commands, contextMenu } = app;
    const pages = new Pages({
      app,
      namespace: 'smstudio-training-job',
      command: CommandIDs.openTrainingJob,
      restorer
    });
    commands.addCommand(CommandIDs.openTrainingJob, {
      label: trans.__('Open training job'),
      caption: trans.__('Open the page of the training job'),
      icon: trainingIcon,
      describedBy: NAME_ARGS('Name of the training job'),
      isEnabled: args => {
        const row = rowUnderMenu(app, RowData.candidate);
        return !!args.name || !row || !!row.training;
      },
      execute: args => {
        const name =
          nameFrom(app, args, RowData.trainingJob) ??
          rowUnderMenu(app, RowData.candidate)?.training;
        if (name) {
          pages.open(
            name,
            id =>
              new StudioPage({
                id,
                label: name,
                caption: trans.__('Training job %1', name),
                icon: trainingIcon,
                studio,
                translator,
                commands,
                content: () => <TrainingJobPage name={name} />
              })
          );
        }
      }
    });
    commands.addCommand(CommandIDs.stopTrainingJob, {
      label: trans.__('Stop training job'),
      caption: trans.__('Stop the training job'),
      icon: stopIcon,
      describedBy: NAME_ARGS('Name of the training job'),
      isEnabled: args =>
        !!args.name ||
        rowUnderMenu(app, RowData.trainingJob)?.status === 'InProgress',
      execute: async args => {
        const name = nameFrom(app, args, RowData.trainingJob);
        if (!name) {
          return;
        }
        const answer = await showDialog({
          title: trans.__('Stop the training job?'),
          body: trans.__('"%1" is asked to end and keeps what it saved.', name),
          buttons: [
            Dialog.cancelButton({ label: trans.__('Cancel') }),
            Dialog.warnButton({ label: trans.__('Stop training job') })
          ]
        });
        if (answer.button.accept) {
          try {
            await studio.api.call('stopTrainingJob', { name });
          } catch (reason) {
            Notification.error(ApiFailure.from(reason).message);
          }
          studio.refresh();
        }
      }
    });
    const job = RowData.selector(RowData.trainingJob);
    contextMenu.addItem({
      command: CommandIDs.openTrainingJob,
      selector: job,
      rank: 1
    });
    contextMenu.addItem({
      command: CommandIDs.stopTrainingJob,
      selector: job,
      rank: 2
    });
    contextMenu.addItem({
      command: CommandIDs.openTrainingJob,
      selector: RowData.selector(RowData.candidate),
      rank: 2
    });
  }
};
