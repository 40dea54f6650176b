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
import { tuningIcon } from '../../shared/icons';
import { isRunning } from '../../shared/job';
import { makePickers } from '../../shared/pickers';
import { behind, CLONE, ResourcePages } from '../../shared/resourcepages';
import { ISmStudio } from '../../tokens';

const CreateTuningPage = lazy(() => import('./create'));
const TuningJobPage = lazy(() => import('./page'));
const TuningJobsPage = lazy(() => import('./list'));

/** A form around a training job is called so, and as the job. */
const TUNE = 'tune:';

/** The list of tuning jobs, the form that creates one, and a page a job. */
export const tuningPlugin: JupyterFrontEndPlugin<void> = {
  id: 'smstudio-ext:tuning',
  description:
    'Adds the list, the form and the pages of hyperparameter tuning jobs.',
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
    const tuning = new ResourcePages({
      app,
      studio,
      translator,
      restorer,
      palette,
      icon: tuningIcon,
      kind: RowData.tuningJob,
      named: 'Name of the tuning job'
    });
    const { trans } = tuning;
    const pickers = makePickers(browser, translator);
    tuning.addList('smstudio-tuning-jobs', CommandIDs.listTuningJobs, {
      label: trans.__('Tuning Jobs'),
      caption: trans.__('List, filter and open hyperparameter tuning jobs'),
      page: {
        label: trans.__('Tuning jobs'),
        content: () => <TuningJobsPage />
      }
    });
    const pages = tuning.addPages(
      'smstudio-tuning-job',
      CommandIDs.openTuningJob,
      {
        label: trans.__('Open tuning job'),
        caption: trans.__('Open the page of the tuning job'),
        page: name => ({
          caption: trans.__('Tuning job %1', name),
          content: () => <TuningJobPage name={name} rendermime={rendermime} />
        })
      }
    );
    const openForm = tuning.addForms(
      'smstudio-create-tuning-job',
      CommandIDs.createTuningJob,
      {
        label: trans.__('Create Tuning Job'),
        caption: trans.__('Search the best hyperparameters'),
        named:
          'Name of the form: "new", or "clone:" and a tuning job, or "tune:" and a training job',
        draft: 'tuning',
        page: (page, close) => {
          const clone = behind(CLONE, page);
          const training = behind(TUNE, page);
          return {
            label: clone
              ? trans.__('Copy of %1', clone)
              : training
                ? trans.__('Tune %1', training)
                : trans.__('Create tuning job'),
            content: () => (
              <CreateTuningPage
                page={page}
                clone={clone}
                training={training}
                pickers={pickers}
                onCreated={close}
              />
            )
          };
        }
      }
    );
    tuning.addAction(CommandIDs.tuneTrainingJob, {
      label: trans.__('Tune'),
      caption: trans.__('Search the best hyperparameters for this job'),
      kind: RowData.trainingJob,
      named: 'Name of the training job',
      run: name => openForm(TUNE + name)
    });
    tuning.addAction(CommandIDs.cloneTuningJob, {
      label: trans.__('Clone'),
      caption: trans.__('Open the form with the settings of this job'),
      icon: copyIcon,
      run: name => openForm(CLONE + name)
    });
    tuning.addQuestion(CommandIDs.stopTuningJob, {
      label: trans.__('Stop tuning job'),
      caption: trans.__('Stop the tuning job and its running trials'),
      icon: stopIcon,
      enabled: status => status === 'InProgress',
      question: name => ({
        title: trans.__('Stop the tuning job?'),
        body: trans.__(
          'Running trials of "%1" are stopped; finished ones stay.',
          name
        ),
        label: trans.__('Stop tuning job')
      }),
      act: name => studio.api.call('stopTuningJob', { name })
    });
    tuning.addQuestion(CommandIDs.deleteTuningJob, {
      label: trans.__('Delete…'),
      caption: trans.__('Delete the tuning job'),
      icon: closeIcon,
      enabled: status => !isRunning(status),
      question: name => ({
        title: trans.__('Delete the tuning job?'),
        body: trans.__(
          '"%1" is taken out of the list. Its training jobs stay.',
          name
        ),
        label: trans.__('Delete')
      }),
      act: async name => {
        await studio.api.call('deleteTuningJob', { name });
        pages.close(name);
      }
    });
    tuning.addToPalette([
      CommandIDs.createTuningJob,
      CommandIDs.listTuningJobs
    ]);
    tuning.addToMenu([
      CommandIDs.openTuningJob,
      CommandIDs.stopTuningJob,
      CommandIDs.cloneTuningJob,
      CommandIDs.deleteTuningJob
    ]);
  }
};
