import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { ITranslator } from '@jupyterlab/translation';
import { copyIcon, stopIcon } from '@jupyterlab/ui-components';
import { lazy } from 'react';

import { CommandIDs, RowData } from '../../commands';
import { transformIcon } from '../../shared/icons';
import { makePickers } from '../../shared/pickers';
import { behind, CLONE, ResourcePages } from '../../shared/resourcepages';
import { ISmStudio } from '../../tokens';

const CreateTransformPage = lazy(() => import('./create'));
const TransformJobPage = lazy(() => import('./page'));
const TransformJobsPage = lazy(() => import('./list'));

/** A form that begins with a model is called so, and as the model. */
const MODEL = 'model:';

/** The list of batch transform jobs, the form that creates one, and a page a job. */
export const transformPlugin: JupyterFrontEndPlugin<void> = {
  id: 'smstudio-ext:transform',
  description: 'Adds the list, the form and the pages of batch transform jobs.',
  autoStart: true,
  requires: [ISmStudio, ITranslator],
  optional: [ILayoutRestorer, ICommandPalette, IDefaultFileBrowser],
  activate: (
    app: JupyterFrontEnd,
    studio: ISmStudio,
    translator: ITranslator,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    browser: IDefaultFileBrowser | null
  ): void => {
    const transform = new ResourcePages({
      app,
      studio,
      translator,
      restorer,
      palette,
      icon: transformIcon,
      kind: RowData.transformJob,
      named: 'Name of the batch transform job'
    });
    const { trans } = transform;
    const pickers = makePickers(browser, translator);
    transform.addList('smstudio-transform-jobs', CommandIDs.listTransformJobs, {
      label: trans.__('Batch Transform Jobs'),
      caption: trans.__('List, filter and open batch transform jobs'),
      page: {
        label: trans.__('Batch transform jobs'),
        content: () => <TransformJobsPage />
      }
    });
    transform.addPages('smstudio-transform-job', CommandIDs.openTransformJob, {
      label: trans.__('Open batch transform job'),
      caption: trans.__('Open the page of the batch transform job'),
      page: name => ({
        caption: trans.__('Batch transform job %1', name),
        content: () => <TransformJobPage name={name} />
      })
    });
    const openForm = transform.addForms(
      'smstudio-create-transform-job',
      CommandIDs.createTransformJob,
      {
        label: trans.__('Create Batch Transform Job'),
        caption: trans.__('Predict every row of files in S3 with a model'),
        named:
          'Name of the form: "new", "clone:" and a job, or "model:" and a model',
        draft: 'transform',
        page: (page, close) => {
          const clone = behind(CLONE, page);
          return {
            label: clone
              ? trans.__('Copy of %1', clone)
              : trans.__('Create batch transform job'),
            content: () => (
              <CreateTransformPage
                page={page}
                clone={clone}
                model={behind(MODEL, page)}
                pickers={pickers}
                onCreated={close}
              />
            )
          };
        }
      }
    );
    transform.addAction(CommandIDs.cloneTransformJob, {
      label: trans.__('Clone'),
      caption: trans.__('Open the form with the settings of this job'),
      icon: copyIcon,
      run: name => openForm(CLONE + name)
    });
    transform.addAction(CommandIDs.transformWithModel, {
      label: trans.__('Create Batch Transform Job'),
      caption: trans.__('Predict every row of files in S3 with this model'),
      kind: RowData.model,
      named: 'Name of the model',
      run: name => openForm(MODEL + name)
    });
    transform.addQuestion(CommandIDs.stopTransformJob, {
      label: trans.__('Stop batch transform job'),
      caption: trans.__('Stop the batch transform job'),
      icon: stopIcon,
      enabled: status => status === 'InProgress',
      question: name => ({
        title: trans.__('Stop the batch transform job?'),
        body: trans.__(
          '"%1" ends; the files that it has finished stay in S3.',
          name
        ),
        label: trans.__('Stop batch transform job')
      }),
      act: name => studio.api.call('stopTransformJob', { name })
    });
    transform.addToPalette([
      CommandIDs.createTransformJob,
      CommandIDs.listTransformJobs
    ]);
    transform.addToMenu([
      CommandIDs.openTransformJob,
      CommandIDs.stopTransformJob,
      CommandIDs.cloneTransformJob
    ]);
  }
};
