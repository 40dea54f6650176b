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
import { tuningIcon } from '../../shared/icons';
import { StudioPage, TRANSLATION_DOMAIN } from '../../shared/page';
import { nameFrom, NAME_ARGS, Pages, rowUnderMenu } from '../../shared/pages';
import { makePickers } from '../../shared/pickers';
import { ISmStudio } from '../../tokens';

const CreateTuningPage = lazy(() => import('./create'));
const TuningJobPage = lazy(() => import('./page'));
const TuningJobsPage = lazy(() => import('./list'));

/** Name of the one list page. */
const LIST = 'list';
/** Names of forms: empty, from the training form, like a tuning job, around a training job. */
const FORM = 'new';
const CLONE = 'clone:';
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
    const trans = translator.load(TRANSLATION_DOMAIN);
    const { commands, contextMenu } = app;
    const shared = { studio, translator, commands, icon: tuningIcon };
    const lists = new Pages({
      app,
      namespace: 'smstudio-tuning-jobs',
      command: CommandIDs.listTuningJobs,
      restorer
    });
    const pages = new Pages({
      app,
      namespace: 'smstudio-tuning-job',
      command: CommandIDs.openTuningJob,
      restorer
    });
    const forms = new Pages({
      app,
      namespace: 'smstudio-create-tuning-job',
      command: CommandIDs.createTuningJob,
      restorer
    });
    const pickers = makePickers(browser, translator);
    const openForm = (page: string): void => {
      forms.openDrafted(
        studio,
        page,
        `tuning:${page}`,
        id =>
          new StudioPage({
            ...shared,
            id,
            label: page.startsWith(CLONE)
              ? trans.__('Copy of %1', page.slice(CLONE.length))
              : page.startsWith(TUNE)
                ? trans.__('Tune %1', page.slice(TUNE.length))
                : trans.__('Create tuning job'),
            content: () => (
              <CreateTuningPage
                page={page}
                clone={page.startsWith(CLONE) ? page.slice(CLONE.length) : null}
                training={
                  page.startsWith(TUNE) ? page.slice(TUNE.length) : null
                }
                pickers={pickers}
                onCreated={() => forms.close(page)}
              />
            )
          })
      );
    };
    commands.addCommand(CommandIDs.listTuningJobs, {
      label: trans.__('Tuning Jobs'),
      caption: trans.__('List, filter and open hyperparameter tuning jobs'),
      icon: tuningIcon,
      describedBy: { args: null },
      execute: () => {
        lists.open(
          LIST,
          id =>
            new StudioPage({
              ...shared,
              id,
              label: trans.__('Tuning jobs'),
              content: () => <TuningJobsPage />
            })
        );
      }
    });
    commands.addCommand(CommandIDs.openTuningJob, {
      label: trans.__('Open tuning job'),
      caption: trans.__('Open the page of the tuning job'),
      icon: tuningIcon,
      describedBy: NAME_ARGS('Name of the tuning job'),
      execute: args => {
        const name = nameFrom(app, args, RowData.tuningJob);
        if (name) {
          pages.open(
            name,
            id =>
              new StudioPage({
                ...shared,
                id,
                label: name,
                caption: trans.__('Tuning job %1', name),
                content: () => (
                  <TuningJobPage name={name} rendermime={rendermime} />
                )
              })
          );
        }
      }
    });
    commands.addCommand(CommandIDs.createTuningJob, {
      label: trans.__('Create Tuning Job'),
      caption: trans.__('Search the best hyperparameters'),
      icon: tuningIcon,
      describedBy: NAME_ARGS(
        'Name of the form: "new", or "clone:" and a tuning job, or "tune:" and a training job'
      ),
      execute: args =>
        openForm(typeof args.name === 'string' ? args.name : FORM)
    });
    commands.addCommand(CommandIDs.tuneTrainingJob, {
      label: trans.__('Tune'),
      caption: trans.__('Search the best hyperparameters for this job'),
      icon: tuningIcon,
      describedBy: NAME_ARGS('Name of the training job'),
      execute: args => {
        const name = nameFrom(app, args, RowData.trainingJob);
        if (name) {
          openForm(TUNE + name);
        }
      }
    });
    commands.addCommand(CommandIDs.cloneTuningJob, {
      label: trans.__('Clone'),
      caption: trans.__('Open the form with the settings of this job'),
      icon: copyIcon,
      describedBy: NAME_ARGS('Name of the tuning job'),
      execute: args => {
        const name = nameFrom(app, args, RowData.tuningJob);
        if (name) {
          openForm(CLONE + name);
        }
      }
    });
    commands.addCommand(CommandIDs.stopTuningJob, {
      label: trans.__('Stop tuning job'),
      caption: trans.__('Stop the tuning job and its running trials'),
      icon: stopIcon,
      describedBy: NAME_ARGS('Name of the tuning job'),
      isEnabled: args =>
        !!args.name ||
        rowUnderMenu(app, RowData.tuningJob)?.status === 'InProgress',
      execute: async args => {
        const name = nameFrom(app, args, RowData.tuningJob);
        if (name) {
          await confirmed(
            studio,
            trans,
            {
              title: trans.__('Stop the tuning job?'),
              body: trans.__(
                'Running trials of "%1" are stopped; finished ones stay.',
                name
              ),
              label: trans.__('Stop tuning job')
            },
            () => studio.api.call('stopTuningJob', { name })
          );
        }
      }
    });
    commands.addCommand(CommandIDs.deleteTuningJob, {
      label: trans.__('Delete…'),
      caption: trans.__('Delete the tuning job'),
      icon: closeIcon,
      describedBy: NAME_ARGS('Name of the tuning job'),
      isEnabled: args =>
        !!args.name ||
        !['InProgress', 'Stopping'].includes(
          rowUnderMenu(app, RowData.tuningJob)?.status ?? ''
        ),
      execute: async args => {
        const name = nameFrom(app, args, RowData.tuningJob);
        if (name) {
          await confirmed(
            studio,
            trans,
            {
              title: trans.__('Delete the tuning job?'),
              body: trans.__(
                '"%1" is taken out of the list. Its training jobs stay.',
                name
              ),
              label: trans.__('Delete')
            },
            async () => {
              await studio.api.call('deleteTuningJob', { name });
              pages.close(name);
            }
          );
        }
      }
    });
    for (const command of [
      CommandIDs.createTuningJob,
      CommandIDs.listTuningJobs
    ]) {
      palette?.addItem({ command, category: trans.__('SageMaker') });
    }
    const selector = RowData.selector(RowData.tuningJob);
    [
      CommandIDs.openTuningJob,
      CommandIDs.stopTuningJob,
      CommandIDs.cloneTuningJob,
      CommandIDs.deleteTuningJob
    ].forEach((command, index) =>
      contextMenu.addItem({ command, selector, rank: index + 1 })
    );
  }
};
