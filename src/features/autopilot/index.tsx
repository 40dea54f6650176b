import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { FileDialog, IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator } from '@jupyterlab/translation';
import { copyIcon, stopIcon } from '@jupyterlab/ui-components';
import { lazy } from 'react';

import { CommandIDs, RowData } from '../../commands';
import { confirmed } from '../../shared/confirm';
import { autopilotIcon, endpointIcon } from '../../shared/icons';
import { StudioPage, TRANSLATION_DOMAIN } from '../../shared/page';
import { nameFrom, NAME_ARGS, Pages, rowUnderMenu } from '../../shared/pages';
import { makePickers } from '../../shared/pickers';
import { ISmStudio } from '../../tokens';
import { followConsoleLinks } from './consolelinks';
import type { IDeployRequests } from './job';
import { addModelPages } from './modelpages';
import { addNotebookPages } from './notebookpages';

const CreatePage = lazy(() => import('./create'));
const JobPage = lazy(() => import('./job'));

/** Names of forms: empty, and like an experiment. */
const FORM = 'new';
const CLONE = 'clone:';

/** The pages of Autopilot: the form and one page a job. */
export const autopilotPlugin: JupyterFrontEndPlugin<void> = {
  id: 'smstudio-ext:autopilot',
  description:
    'Adds the pages that create, show and deploy Autopilot experiments.',
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
    const { commands } = app;
    const shared = { studio, translator, commands };
    const pickers = makePickers(browser, translator);
    const requests = new Map<string, IDeployRequests>();
    const forms = new Pages({
      app,
      namespace: 'smstudio-create-experiment',
      command: CommandIDs.createExperiment,
      restorer
    });
    const jobs = new Pages({
      app,
      namespace: 'smstudio-experiment',
      command: CommandIDs.openExperiment,
      restorer
    });
    const pickFile = browser
      ? async (): Promise<string | null> => {
          const answer = await FileDialog.getOpenFiles({
            manager: browser.model.manager,
            title: trans.__('Choose a data file'),
            label: trans.__('The file is copied to S3.'),
            defaultPath: browser.model.path,
            filter: each =>
              each.type === 'directory' ||
              /\.(csv|gz|txt|data|parquet|manifest|json)$/i.test(each.name)
                ? {}
                : null,
            translator
          });
          return answer.button.accept
            ? (answer.value?.find(each => each.type !== 'directory')?.path ??
                null)
            : null;
        }
      : null;
    const requestsOf = (name: string): IDeployRequests => {
      let found = requests.get(name);
      if (!found) {
        found = { wanted: null, listen: null };
        requests.set(name, found);
      }
      return found;
    };
    const openJob = (name: string): void => {
      jobs.open(
        name,
        id =>
          new StudioPage({
            ...shared,
            id,
            label: name,
            caption: trans.__('Autopilot experiment %1', name),
            icon: autopilotIcon,
            content: () => (
              <JobPage
                name={name}
                rendermime={rendermime}
                requests={requestsOf(name)}
              />
            )
          })
      );
    };

    const openForm = (page: string): void => {
      const clone = page.startsWith(CLONE) ? page.slice(CLONE.length) : null;
      forms.openDrafted(
        studio,
        page,
        `automl:${page}`,
        id =>
          new StudioPage({
            ...shared,
            id,
            label: clone
              ? trans.__('Copy of %1', clone)
              : trans.__('Create Experiment'),
            icon: autopilotIcon,
            content: () => (
              <CreatePage
                page={page}
                clone={clone}
                pickFile={pickFile}
                pickers={pickers}
                onCreated={() => forms.close(page)}
              />
            )
          })
      );
    };
    commands.addCommand(CommandIDs.createExperiment, {
      label: trans.__('Create Autopilot Experiment'),
      caption: trans.__(
        'Train, tune and compare models on a table without writing code'
      ),
      icon: autopilotIcon,
      describedBy: NAME_ARGS('Name of the form: "new", or "clone:" and a job'),
      execute: args =>
        openForm(typeof args.name === 'string' ? args.name : FORM)
    });
    commands.addCommand(CommandIDs.cloneExperiment, {
      label: trans.__('Run again with changes'),
      caption: trans.__('Open the form with the settings of this experiment'),
      icon: copyIcon,
      describedBy: NAME_ARGS('Name of the Autopilot job'),
      execute: args => {
        const name = nameFrom(app, args, RowData.experiment);
        if (name) {
          openForm(CLONE + name);
        }
      }
    });
    commands.addCommand(CommandIDs.openExperiment, {
      label: trans.__('Describe AutoML Job'),
      caption: trans.__('Open the page of the Autopilot experiment'),
      icon: autopilotIcon,
      describedBy: NAME_ARGS('Name of the Autopilot job'),
      execute: args => {
        const name = nameFrom(app, args, RowData.experiment);
        if (name) {
          openJob(name);
        }
      }
    });
    commands.addCommand(CommandIDs.stopExperiment, {
      label: trans.__('Stop'),
      caption: trans.__('Stop the Autopilot experiment'),
      icon: stopIcon,
      describedBy: NAME_ARGS('Name of the Autopilot job'),
      isEnabled: args =>
        !!args.name ||
        rowUnderMenu(app, RowData.experiment)?.status === 'InProgress',
      execute: async args => {
        const name = nameFrom(app, args, RowData.experiment);
        if (!name) {
          return;
        }
        await confirmed(
          studio,
          trans,
          {
            title: trans.__('Stop the experiment?'),
            body: trans.__(
              'Running trials of "%1" are stopped. Finished candidates stay and can be deployed.',
              name
            ),
            label: trans.__('Stop the experiment')
          },
          async () => {
            await studio.api.call('stopAutoMLJob', { name });
          }
        );
      }
    });
    commands.addCommand(CommandIDs.deployModel, {
      label: trans.__('Deploy model'),
      caption: trans.__('Deploy the model of the trial to an endpoint'),
      icon: endpointIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            job: { type: 'string', description: 'Name of the Autopilot job' },
            candidate: {
              type: 'string',
              description: 'Name of the trial; the best one without it'
            }
          }
        }
      },
      isEnabled: args =>
        !!args.job ||
        rowUnderMenu(app, RowData.candidate)?.deployable === 'true',
      execute: args => {
        const row = rowUnderMenu(app, RowData.candidate);
        const job = (args.job as string | undefined) ?? row?.job;
        if (!job) {
          return;
        }
        const candidate =
          (args.candidate as string | undefined) ?? row?.name ?? '';
        const request = requestsOf(job);
        openJob(job);
        if (request.listen) {
          request.listen(candidate);
        } else {
          request.wanted = candidate;
        }
      }
    });

    const place = {
      app,
      studio,
      translator,
      trans,
      rendermime,
      restorer,
      browser
    };
    addNotebookPages(place);
    addModelPages(place);
    followConsoleLinks(studio, commands);

    palette?.addItem({
      command: CommandIDs.createExperiment,
      category: trans.__('SageMaker')
    });
    const { contextMenu } = app;
    const experiment = RowData.selector(RowData.experiment);
    contextMenu.addItem({
      command: CommandIDs.openExperiment,
      selector: experiment,
      rank: 1
    });
    contextMenu.addItem({
      command: CommandIDs.stopExperiment,
      selector: experiment,
      rank: 2
    });
    contextMenu.addItem({
      command: CommandIDs.cloneExperiment,
      selector: experiment,
      rank: 3
    });
    contextMenu.addItem({
      command: CommandIDs.deployModel,
      selector: RowData.selector(RowData.candidate),
      rank: 1
    });
  }
};
