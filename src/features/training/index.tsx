import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator } from '@jupyterlab/translation';
import { closeIcon, copyIcon, stopIcon } from '@jupyterlab/ui-components';
import { lazy } from 'react';

import { CommandIDs, RowData } from '../../commands';
import { confirmed } from '../../shared/confirm';
import { trainingIcon } from '../../shared/icons';
import { StudioPage, TRANSLATION_DOMAIN } from '../../shared/page';
import { nameFrom, NAME_ARGS, Pages, rowUnderMenu } from '../../shared/pages';
import { makePickers } from '../../shared/pickers';
import { ISmStudio } from '../../tokens';

const CreateTrainingPage = lazy(() => import('./create'));
const TrainingJobPage = lazy(() => import('./page'));
const TrainingJobsPage = lazy(() => import('./list'));

/** Name of the one list page. */
const LIST = 'list';
/** Name of the page with an empty form; a form with the settings of a job is called `clone:<job>`. */
const FORM = 'new';
const CLONE = 'clone:';

/** The list of training jobs, the form that creates one, and a page a job: life, metrics, log, settings. */
export const trainingPlugin: JupyterFrontEndPlugin<void> = {
  id: 'smstudio-ext:training',
  description: 'Adds the list, the form and the pages of training jobs.',
  autoStart: true,
  requires: [ISmStudio, ITranslator, IRenderMimeRegistry],
  optional: [ILayoutRestorer, ICommandPalette, IDefaultFileBrowser],
  activate: (
    app: JupyterFrontEnd,
    studio: ISmStudio,
    translator: ITranslator,
    rendermime: IRenderMimeRegistry,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    browser: IDefaultFileBrowser | null
  ): void => {
    const trans = translator.load(TRANSLATION_DOMAIN);
    const { commands, contextMenu } = app;
    const pages = new Pages({
      app,
      namespace: 'smstudio-training-job',
      command: CommandIDs.openTrainingJob,
      restorer
    });
    const lists = new Pages({
      app,
      namespace: 'smstudio-training-jobs',
      command: CommandIDs.listTrainingJobs,
      restorer
    });
    const forms = new Pages({
      app,
      namespace: 'smstudio-create-training-job',
      command: CommandIDs.createTrainingJob,
      restorer
    });
    const pickers = makePickers(browser, translator);
    const openForm = (page: string): void => {
      const clone = page.startsWith(CLONE) ? page.slice(CLONE.length) : null;
      forms.openDrafted(
        studio,
        page,
        `training:${page}`,
        id =>
          new StudioPage({
            id,
            label: clone
              ? trans.__('Copy of %1', clone)
              : trans.__('Create training job'),
            icon: trainingIcon,
            studio,
            translator,
            commands,
            content: () => (
              <CreateTrainingPage
                page={page}
                clone={clone}
                pickers={pickers}
                onCreated={() => forms.close(page)}
              />
            )
          })
      );
    };
    commands.addCommand(CommandIDs.listTrainingJobs, {
      label: trans.__('Training Jobs'),
      caption: trans.__('List, filter and open training jobs'),
      icon: trainingIcon,
      describedBy: { args: null },
      execute: () => {
        lists.open(
          LIST,
          id =>
            new StudioPage({
              id,
              label: trans.__('Training jobs'),
              icon: trainingIcon,
              studio,
              translator,
              commands,
              content: () => <TrainingJobsPage />
            })
        );
      }
    });
    commands.addCommand(CommandIDs.createTrainingJob, {
      label: trans.__('Create Training Job'),
      caption: trans.__(
        'Train a built-in algorithm, a script or an image of your own'
      ),
      icon: trainingIcon,
      describedBy: NAME_ARGS('Name of the form: "new", or "clone:" and a job'),
      execute: args =>
        openForm(typeof args.name === 'string' ? args.name : FORM)
    });
    commands.addCommand(CommandIDs.cloneTrainingJob, {
      label: trans.__('Clone'),
      caption: trans.__('Open the form with the settings of this job'),
      icon: copyIcon,
      describedBy: NAME_ARGS('Name of the training job'),
      execute: args => {
        const name = nameFrom(app, args, RowData.trainingJob);
        if (name) {
          openForm(CLONE + name);
        }
      }
    });
    commands.addCommand(CommandIDs.deleteTrainingJob, {
      label: trans.__('Delete…'),
      caption: trans.__('Delete the training job'),
      icon: closeIcon,
      describedBy: NAME_ARGS('Name of the training job'),
      isEnabled: args =>
        !!args.name ||
        !['InProgress', 'Stopping'].includes(
          rowUnderMenu(app, RowData.trainingJob)?.status ?? ''
        ),
      execute: async args => {
        const name = nameFrom(app, args, RowData.trainingJob);
        if (!name) {
          return;
        }
        await confirmed(
          studio,
          trans,
          {
            title: trans.__('Delete the training job?'),
            body: trans.__(
              '"%1" is taken out of the list. Its model in S3 and its log stay.',
              name
            ),
            label: trans.__('Delete')
          },
          async () => {
            await studio.api.call('deleteTrainingJob', { name });
            pages.close(name);
          }
        );
      }
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
          rowUnderMenu(app, RowData.trial)?.name ??
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
                content: () => (
                  <TrainingJobPage name={name} rendermime={rendermime} />
                )
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
        await confirmed(
          studio,
          trans,
          {
            title: trans.__('Stop the training job?'),
            body: trans.__(
              '"%1" is asked to end and keeps what it saved.',
              name
            ),
            label: trans.__('Stop training job')
          },
          async () => {
            await studio.api.call('stopTrainingJob', { name });
          }
        );
      }
    });
    for (const command of [
      CommandIDs.createTrainingJob,
      CommandIDs.listTrainingJobs
    ]) {
      palette?.addItem({ command, category: trans.__('SageMaker') });
    }
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
      command: CommandIDs.cloneTrainingJob,
      selector: job,
      rank: 3
    });
    contextMenu.addItem({
      command: CommandIDs.tuneTrainingJob,
      selector: job,
      rank: 4
    });
    contextMenu.addItem({
      command: CommandIDs.deleteTrainingJob,
      selector: job,
      rank: 5
    });
    contextMenu.addItem({
      command: CommandIDs.openTrainingJob,
      selector: RowData.selector(RowData.trial),
      rank: 1
    });
    contextMenu.addItem({
      command: CommandIDs.openTrainingJob,
      selector: RowData.selector(RowData.candidate),
      rank: 2
    });
  }
};
