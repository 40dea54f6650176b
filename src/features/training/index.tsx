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
import { trainingIcon } from '../../shared/icons';
import { isRunning } from '../../shared/job';
import { rowUnderMenu } from '../../shared/pages';
import { makePickers } from '../../shared/pickers';
import { behind, CLONE, ResourcePages } from '../../shared/resourcepages';
import { ISmStudio } from '../../tokens';

const CreateTrainingPage = lazy(() => import('./create'));
const TrainingJobPage = lazy(() => import('./page'));
const TrainingJobsPage = lazy(() => import('./list'));

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
    const training = new ResourcePages({
      app,
      studio,
      translator,
      restorer,
      palette,
      icon: trainingIcon,
      kind: RowData.trainingJob,
      named: 'Name of the training job'
    });
    const { trans } = training;
    const pickers = makePickers(browser, translator);
    training.addList('smstudio-training-jobs', CommandIDs.listTrainingJobs, {
      label: trans.__('Training Jobs'),
      caption: trans.__('List, filter and open training jobs'),
      page: {
        label: trans.__('Training jobs'),
        content: () => <TrainingJobsPage />
      }
    });
    const pages = training.addPages(
      'smstudio-training-job',
      CommandIDs.openTrainingJob,
      {
        label: trans.__('Open training job'),
        caption: trans.__('Open the page of the training job'),
        isEnabled: args => {
          const row = rowUnderMenu(app, RowData.candidate);
          return !!args.name || !row || !!row.training;
        },
        nameOf: () =>
          rowUnderMenu(app, RowData.trial)?.name ??
          rowUnderMenu(app, RowData.candidate)?.training,
        page: name => ({
          caption: trans.__('Training job %1', name),
          content: () => <TrainingJobPage name={name} rendermime={rendermime} />
        })
      }
    );
    const openForm = training.addForms(
      'smstudio-create-training-job',
      CommandIDs.createTrainingJob,
      {
        label: trans.__('Create Training Job'),
        caption: trans.__(
          'Train a built-in algorithm, a script or an image of your own'
        ),
        named: 'Name of the form: "new", or "clone:" and a job',
        draft: 'training',
        page: (page, close) => {
          const clone = behind(CLONE, page);
          return {
            label: clone
              ? trans.__('Copy of %1', clone)
              : trans.__('Create training job'),
            content: () => (
              <CreateTrainingPage
                page={page}
                clone={clone}
                pickers={pickers}
                onCreated={close}
              />
            )
          };
        }
      }
    );
    training.addAction(CommandIDs.cloneTrainingJob, {
      label: trans.__('Clone'),
      caption: trans.__('Open the form with the settings of this job'),
      icon: copyIcon,
      run: name => openForm(CLONE + name)
    });
    training.addQuestion(CommandIDs.deleteTrainingJob, {
      label: trans.__('Delete…'),
      caption: trans.__('Delete the training job'),
      icon: closeIcon,
      enabled: status => !isRunning(status),
      question: name => ({
        title: trans.__('Delete the training job?'),
        body: trans.__(
          '"%1" is taken out of the list. Its model in S3 and its log stay.',
          name
        ),
        label: trans.__('Delete')
      }),
      act: async name => {
        await studio.api.call('deleteTrainingJob', { name });
        pages.close(name);
      }
    });
    training.addQuestion(CommandIDs.stopTrainingJob, {
      label: trans.__('Stop training job'),
      caption: trans.__('Stop the training job'),
      icon: stopIcon,
      enabled: status => status === 'InProgress',
      question: name => ({
        title: trans.__('Stop the training job?'),
        body: trans.__('"%1" is asked to end and keeps what it saved.', name),
        label: trans.__('Stop training job')
      }),
      act: name => studio.api.call('stopTrainingJob', { name })
    });
    training.addToPalette([
      CommandIDs.createTrainingJob,
      CommandIDs.listTrainingJobs
    ]);
    training.addToMenu([
      CommandIDs.openTrainingJob,
      CommandIDs.stopTrainingJob,
      CommandIDs.cloneTrainingJob,
      CommandIDs.tuneTrainingJob,
      CommandIDs.deleteTrainingJob
    ]);
    app.contextMenu.addItem({
      command: CommandIDs.openTrainingJob,
      selector: RowData.selector(RowData.trial),
      rank: 1
    });
    app.contextMenu.addItem({
      command: CommandIDs.openTrainingJob,
      selector: RowData.selector(RowData.candidate),
      rank: 2
    });
  }
};
