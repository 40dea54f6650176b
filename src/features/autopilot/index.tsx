import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import {
  Dialog,
  ICommandPalette,
  Notification,
  showDialog
} from '@jupyterlab/apputils';
import { FileDialog, IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator } from '@jupyterlab/translation';
import { stopIcon } from '@jupyterlab/ui-components';
import { lazy } from 'react';

import { ApiFailure } from '../../api/client';
import { CommandIDs, RowData } from '../../commands';
import { autopilotIcon, endpointIcon } from '../../shared/icons';
import { StudioPage, TRANSLATION_DOMAIN } from '../../shared/page';
import { nameFrom, NAME_ARGS, Pages, rowUnderMenu } from '../../shared/pages';
import { ISmStudio } from '../../tokens';
import type { IDeployRequests } from './job';

const CreatePage = lazy(() => import('./create'));
const JobPage = lazy(() => import('./job'));

/** Name of the one page with the form. */
const FORM = 'new';

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
            title: trans.__('Choose a CSV file'),
            label: trans.__('The file is copied to S3.'),
            defaultPath: browser.model.path,
            filter: each =>
              each.type === 'directory' ||
              /\.(csv|gz|txt|data)$/i.test(each.name)
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

    commands.addCommand(CommandIDs.createExperiment, {
      label: trans.__('Create Autopilot Experiment'),
      caption: trans.__(
        'Train, tune and compare models on a table without writing code'
      ),
      icon: autopilotIcon,
      describedBy: { args: null },
      execute: () => {
        forms.open(
          FORM,
          id =>
            new StudioPage({
              ...shared,
              id,
              label: trans.__('Create Experiment'),
              icon: autopilotIcon,
              content: () => (
                <CreatePage
                  pickFile={pickFile}
                  onCreated={() => forms.close(FORM)}
                />
              )
            })
        );
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
        const answer = await showDialog({
          title: trans.__('Stop the experiment?'),
          body: trans.__(
            'Running trials of "%1" are stopped. Finished candidates stay and can be deployed.',
            name
          ),
          buttons: [
            Dialog.cancelButton({ label: trans.__('Cancel') }),
            Dialog.warnButton({ label: trans.__('Stop the experiment') })
          ]
        });
        if (answer.button.accept) {
          try {
            await studio.api.call('stopAutoMLJob', { name });
          } catch (reason) {
            Notification.error(ApiFailure.from(reason).message);
          }
          studio.refresh();
        }
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
      command: CommandIDs.deployModel,
      selector: RowData.selector(RowData.candidate),
      rank: 1
    });
  }
};
