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
import { IMainMenu } from '@jupyterlab/mainmenu';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ITranslator } from '@jupyterlab/translation';
import { lazy } from 'react';

import { ApiFailure } from '../../api/client';
import { CommandIDs } from '../../commands';
import { powerIcon, runningIcon } from '../../shared/icons';
import { StudioPage, TRANSLATION_DOMAIN } from '../../shared/page';
import { Pages } from '../../shared/pages';
import { ISmStudio } from '../../tokens';
import { watchIdle } from './idlenotes';

const RunningPanel = lazy(() => import('./panel'));
const UsagePage = lazy(() => import('./usagepage'));
const EndingPage = lazy(() => import('./ending'));
const ScriptLogs = lazy(() => import('./scriptlogs'));

const ONE = 'page';

/** What runs, what it uses and costs, and shutting it down. */
export const runningPlugin: JupyterFrontEndPlugin<void> = {
  id: 'smstudio-ext:running',
  description:
    'Adds the sidebar "Running Terminals and Kernels" with instances, apps and their cost.',
  autoStart: true,
  requires: [ISmStudio, ITranslator, IRenderMimeRegistry],
  optional: [ILayoutRestorer, ICommandPalette, IMainMenu],
  activate: (
    app: JupyterFrontEnd,
    studio: ISmStudio,
    translator: ITranslator,
    rendermime: IRenderMimeRegistry,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    menu: IMainMenu | null
  ): void => {
    const trans = translator.load(TRANSLATION_DOMAIN);
    const { commands } = app;
    const shared = { studio, translator, commands };
    const panel = new StudioPage({
      ...shared,
      id: 'smstudio-running',
      label: '',
      caption: trans.__('Running Terminals and Kernels (SageMaker)'),
      icon: runningIcon,
      content: () => <RunningPanel />
    });
    panel.title.closable = false;
    panel.node.setAttribute('role', 'region');
    panel.node.setAttribute(
      'aria-label',
      trans.__('Running Terminals and Kernels (SageMaker)')
    );
    app.shell.add(panel, 'left', { rank: 310, type: 'SageMaker' });
    restorer?.add(panel, panel.id);
    watchIdle(studio, trans);

    commands.addCommand(CommandIDs.openRunning, {
      label: trans.__('Running Instances, Apps, Kernels and Terminals'),
      caption: trans.__('Show what runs, what it uses and what it costs'),
      icon: runningIcon,
      describedBy: { args: null },
      execute: () => app.shell.activateById(panel.id)
    });
    addPage(app, CommandIDs.openUsage, restorer, {
      label: trans.__('Usage and Cost'),
      caption: trans.__('Hours of instances per day and type, and their cost'),
      make: id =>
        new StudioPage({
          ...shared,
          id,
          label: trans.__('Usage and cost'),
          icon: runningIcon,
          content: () => <UsagePage rendermime={rendermime} />
        })
    });
    addPage(app, CommandIDs.shutEverythingDown, restorer, {
      label: trans.__('Shut Everything Down…'),
      caption: trans.__('End everything that runs and costs, after a workshop'),
      make: id =>
        new StudioPage({
          ...shared,
          id,
          label: trans.__('Shut everything down'),
          icon: powerIcon,
          content: () => <EndingPage />
        })
    });
    addScriptLogs(app, shared, trans);
    addShutDown(app, studio, trans);
    for (const command of [
      CommandIDs.openRunning,
      CommandIDs.openUsage,
      CommandIDs.shutEverythingDown,
      CommandIDs.shutDownStudio
    ]) {
      palette?.addItem({ command, category: trans.__('SageMaker') });
    }
    menu?.fileMenu.addGroup(
      [
        { command: CommandIDs.shutDownStudio },
        { command: CommandIDs.shutEverythingDown }
      ],
      98
    );
  }
};

interface IShared {
  studio: ISmStudio;
  translator: ITranslator;
  commands: JupyterFrontEnd['commands'];
}

/** A main-area page of which there is one, and the command that opens it. */
function addPage(
  app: JupyterFrontEnd,
  command: string,
  restorer: ILayoutRestorer | null,
  page: { label: string; caption: string; make: (id: string) => StudioPage }
): void {
  const pages = new Pages({
    app,
    namespace: command.replace(':', '-'),
    command,
    restorer
  });
  app.commands.addCommand(command, {
    label: page.label,
    caption: page.caption,
    icon: command === CommandIDs.openUsage ? runningIcon : powerIcon,
    describedBy: { args: null },
    execute: () => {
      pages.open(ONE, page.make);
    }
  });
}

function addScriptLogs(
  app: JupyterFrontEnd,
  shared: IShared,
  trans: TranslationBundle
): void {
  const pages = new Pages({
    app,
    namespace: 'smstudio-script-logs',
    command: CommandIDs.viewScriptLogs,
    restorer: null
  });
  app.commands.addCommand(CommandIDs.viewScriptLogs, {
    label: trans.__('View Logs of a Start-up Script'),
    caption: trans.__('What the start-up script of an app wrote'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          stream: {
            type: 'string',
            description: 'Stream of /aws/sagemaker/studio'
          }
        }
      }
    },
    execute: args => {
      const stream = String(args.stream ?? '');
      if (stream) {
        pages.open(
          stream,
          id =>
            new StudioPage({
              ...shared,
              id,
              label: trans.__('Script logs'),
              caption: stream,
              content: () => <ScriptLogs stream={stream} />
            })
        );
      }
    }
  });
}

/** File > Shut Down: the server alone, or everything on it. */
function addShutDown(
  app: JupyterFrontEnd,
  studio: ISmStudio,
  trans: TranslationBundle
): void {
  app.commands.addCommand(CommandIDs.shutDownStudio, {
    label: trans.__('Shut Down SageMaker Studio…'),
    caption: trans.__('Shut down this server, or it and all instances'),
    icon: powerIcon,
    describedBy: { args: null },
    execute: async () => {
      const answer = await showDialog({
        title: trans.__('Shut down'),
        body: trans.__(
          'Shutdown Server ends this Jupyter server; instances and apps stay known and go on costing. Shutdown All shuts down all apps, kernels and terminals first. Endpoints and jobs go on in both cases.'
        ),
        buttons: [
          Dialog.cancelButton({ label: trans.__('Cancel') }),
          Dialog.okButton({
            label: trans.__('Shutdown Server'),
            actions: ['server']
          }),
          Dialog.warnButton({
            label: trans.__('Shutdown All'),
            actions: ['all']
          })
        ]
      });
      if (!answer.button.accept) {
        return;
      }
      try {
        if (answer.button.actions.includes('all')) {
          for (const scope of ['instances', 'kernels', 'terminals'] as const) {
            await studio.api.call('shutDown', { body: { scope } });
          }
        }
        await studio.api.endServer();
      } catch (reason) {
        Notification.error(ApiFailure.from(reason).message);
        return;
      }
      await showDialog({
        title: trans.__('Server stopped'),
        body: trans.__('You can close this tab now.'),
        buttons: [Dialog.okButton({ label: trans.__('Close') })]
      });
    }
  });
}
