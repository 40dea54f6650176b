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
import { confirmed } from '../../shared/confirm';
import { transformIcon } from '../../shared/icons';
import { StudioPage, TRANSLATION_DOMAIN } from '../../shared/page';
import { nameFrom, NAME_ARGS, Pages, rowUnderMenu } from '../../shared/pages';
import { makePickers } from '../../shared/pickers';
import { ISmStudio } from '../../tokens';

const CreateTransformPage = lazy(() => import('./create'));
const TransformJobPage = lazy(() => import('./page'));
const TransformJobsPage = lazy(() => import('./list'));

/** Name of the one list page. */
const LIST = 'list';
/** Names of forms: empty, like a job, with a model. */
const FORM = 'new';
const CLONE = 'clone:';
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
    const trans = translator.load(TRANSLATION_DOMAIN);
    const { commands, contextMenu } = app;
    const shared = { studio, translator, commands, icon: transformIcon };
    const lists = new Pages({
      app,
      namespace: 'smstudio-transform-jobs',
      command: CommandIDs.listTransformJobs,
      restorer
    });
    const pages = new Pages({
      app,
      namespace: 'smstudio-transform-job',
      command: CommandIDs.openTransformJob,
      restorer
    });
    const forms = new Pages({
      app,
      namespace: 'smstudio-create-transform-job',
      command: CommandIDs.createTransformJob,
      restorer
    });
    const pickers = makePickers(browser, translator);
    const openForm = (page: string): void => {
      const clone = page.startsWith(CLONE) ? page.slice(CLONE.length) : null;
      const model = page.startsWith(MODEL) ? page.slice(MODEL.length) : null;
      forms.openDrafted(
        studio,
        page,
        `transform:${page}`,
        id =>
          new StudioPage({
            ...shared,
            id,
            label: clone
              ? trans.__('Copy of %1', clone)
              : trans.__('Create batch transform job'),
            content: () => (
              <CreateTransformPage
                page={page}
                clone={clone}
                model={model}
                pickers={pickers}
                onCreated={() => forms.close(page)}
              />
            )
          })
      );
    };
    commands.addCommand(CommandIDs.listTransformJobs, {
      label: trans.__('Batch Transform Jobs'),
      caption: trans.__('List, filter and open batch transform jobs'),
      icon: transformIcon,
      describedBy: { args: null },
      execute: () => {
        lists.open(
          LIST,
          id =>
            new StudioPage({
              ...shared,
              id,
              label: trans.__('Batch transform jobs'),
              content: () => <TransformJobsPage />
            })
        );
      }
    });
    commands.addCommand(CommandIDs.createTransformJob, {
      label: trans.__('Create Batch Transform Job'),
      caption: trans.__('Predict every row of files in S3 with a model'),
      icon: transformIcon,
      describedBy: NAME_ARGS(
        'Name of the form: "new", "clone:" and a job, or "model:" and a model'
      ),
      execute: args =>
        openForm(typeof args.name === 'string' ? args.name : FORM)
    });
    commands.addCommand(CommandIDs.cloneTransformJob, {
      label: trans.__('Clone'),
      caption: trans.__('Open the form with the settings of this job'),
      icon: copyIcon,
      describedBy: NAME_ARGS('Name of the batch transform job'),
      execute: args => {
        const name = nameFrom(app, args, RowData.transformJob);
        if (name) {
          openForm(CLONE + name);
        }
      }
    });
    commands.addCommand(CommandIDs.transformWithModel, {
      label: trans.__('Create Batch Transform Job'),
      caption: trans.__('Predict every row of files in S3 with this model'),
      icon: transformIcon,
      describedBy: NAME_ARGS('Name of the model'),
      execute: args => {
        const name = nameFrom(app, args, RowData.model);
        if (name) {
          openForm(MODEL + name);
        }
      }
    });
    commands.addCommand(CommandIDs.openTransformJob, {
      label: trans.__('Open batch transform job'),
      caption: trans.__('Open the page of the batch transform job'),
      icon: transformIcon,
      describedBy: NAME_ARGS('Name of the batch transform job'),
      execute: args => {
        const name = nameFrom(app, args, RowData.transformJob);
        if (name) {
          pages.open(
            name,
            id =>
              new StudioPage({
                ...shared,
                id,
                label: name,
                caption: trans.__('Batch transform job %1', name),
                content: () => <TransformJobPage name={name} />
              })
          );
        }
      }
    });
    commands.addCommand(CommandIDs.stopTransformJob, {
      label: trans.__('Stop batch transform job'),
      caption: trans.__('Stop the batch transform job'),
      icon: stopIcon,
      describedBy: NAME_ARGS('Name of the batch transform job'),
      isEnabled: args =>
        !!args.name ||
        rowUnderMenu(app, RowData.transformJob)?.status === 'InProgress',
      execute: async args => {
        const name = nameFrom(app, args, RowData.transformJob);
        if (name) {
          await confirmed(
            studio,
            trans,
            {
              title: trans.__('Stop the batch transform job?'),
              body: trans.__(
                '"%1" ends; the files that it has finished stay in S3.',
                name
              ),
              label: trans.__('Stop batch transform job')
            },
            () => studio.api.call('stopTransformJob', { name })
          );
        }
      }
    });
    for (const command of [
      CommandIDs.createTransformJob,
      CommandIDs.listTransformJobs
    ]) {
      palette?.addItem({ command, category: trans.__('SageMaker') });
    }
    const selector = RowData.selector(RowData.transformJob);
    [
      CommandIDs.openTransformJob,
      CommandIDs.stopTransformJob,
      CommandIDs.cloneTransformJob
    ].forEach((command, index) =>
      contextMenu.addItem({ command, selector, rank: index + 1 })
    );
  }
};
