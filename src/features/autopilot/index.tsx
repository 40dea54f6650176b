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
import { autopilotIcon, endpointIcon } from '../../shared/icons';
import { rowUnderMenu } from '../../shared/pages';
import { makePickers } from '../../shared/pickers';
import { behind, CLONE, ResourcePages } from '../../shared/resourcepages';
import { ISmStudio } from '../../tokens';
import { followConsoleLinks } from './consolelinks';
import type { IDeployRequests } from './job';
import { addModelPages } from './modelpages';
import { addNotebookPages } from './notebookpages';

const CreatePage = lazy(() => import('./create'));
const JobPage = lazy(() => import('./job'));

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
    const experiments = new ResourcePages({
      app,
      studio,
      translator,
      restorer,
      palette,
      icon: autopilotIcon,
      kind: RowData.experiment,
      named: 'Name of the Autopilot job'
    });
    const { trans } = experiments;
    const pickers = makePickers(browser, translator);
    const requests = new Map<string, IDeployRequests>();
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
    const jobs = experiments.addPages(
      'smstudio-experiment',
      CommandIDs.openExperiment,
      {
        label: trans.__('Describe AutoML Job'),
        caption: trans.__('Open the page of the Autopilot experiment'),
        page: name => ({
          caption: trans.__('Autopilot experiment %1', name),
          content: () => (
            <JobPage
              name={name}
              rendermime={rendermime}
              requests={requestsOf(name)}
            />
          )
        })
      }
    );
    const openForm = experiments.addForms(
      'smstudio-create-experiment',
      CommandIDs.createExperiment,
      {
        label: trans.__('Create Autopilot Experiment'),
        caption: trans.__(
          'Train, tune and compare models on a table without writing code'
        ),
        named: 'Name of the form: "new", or "clone:" and a job',
        draft: 'automl',
        page: (page, close) => {
          const clone = behind(CLONE, page);
          return {
            label: clone
              ? trans.__('Copy of %1', clone)
              : trans.__('Create Experiment'),
            content: () => (
              <CreatePage
                page={page}
                clone={clone}
                pickFile={pickFile}
                pickers={pickers}
                onCreated={close}
              />
            )
          };
        }
      }
    );
    experiments.addAction(CommandIDs.cloneExperiment, {
      label: trans.__('Run again with changes'),
      caption: trans.__('Open the form with the settings of this experiment'),
      icon: copyIcon,
      run: name => openForm(CLONE + name)
    });
    experiments.addQuestion(CommandIDs.stopExperiment, {
      label: trans.__('Stop'),
      caption: trans.__('Stop the Autopilot experiment'),
      icon: stopIcon,
      enabled: status => status === 'InProgress',
      question: name => ({
        title: trans.__('Stop the experiment?'),
        body: trans.__(
          'Running trials of "%1" are stopped. Finished candidates stay and can be deployed.',
          name
        ),
        label: trans.__('Stop the experiment')
      }),
      act: name => studio.api.call('stopAutoMLJob', { name })
    });
    app.commands.addCommand(CommandIDs.deployModel, {
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
        jobs.open(job);
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
    followConsoleLinks(studio, app.commands);

    experiments.addToPalette([CommandIDs.createExperiment]);
    experiments.addToMenu([
      CommandIDs.openExperiment,
      CommandIDs.stopExperiment,
      CommandIDs.cloneExperiment
    ]);
    app.contextMenu.addItem({
      command: CommandIDs.deployModel,
      selector: RowData.selector(RowData.candidate),
      rank: 1
    });
  }
};
