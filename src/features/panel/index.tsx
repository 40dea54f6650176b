import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { Clipboard, ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';
import { refreshIcon } from '@jupyterlab/ui-components';
import { lazy } from 'react';

import { CommandIDs } from '../../commands';
import { sagemakerIcon } from '../../shared/icons';
import { StudioPage, TRANSLATION_DOMAIN } from '../../shared/page';
import { ISmStudio } from '../../tokens';
import { signInRequests } from './account/requests';

const load = () => import('./panel');
const Panel = lazy(load);

/** The sidebar "SageMaker". */
export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: 'smstudio-ext:panel',
  description:
    'Adds the sidebar "SageMaker": experiments, endpoints, jobs and models.',
  autoStart: true,
  requires: [ISmStudio, ITranslator],
  optional: [ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    studio: ISmStudio,
    translator: ITranslator,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = translator.load(TRANSLATION_DOMAIN);
    const { commands } = app;
    const panel = new StudioPage({
      id: 'smstudio-panel',
      label: '',
      caption: trans.__('SageMaker'),
      studio,
      translator,
      commands,
      content: () => <Panel />
    });
    panel.title.closable = false;
    panel.node.setAttribute('role', 'region');
    panel.node.setAttribute('aria-label', trans.__('SageMaker'));
    app.shell.add(panel, 'left', { rank: 300, type: 'SageMaker' });
    restorer?.add(panel, panel.id);
    // Not on Lab's way up, but before the first click.
    void app.restored.then(() => warmUp(studio));

    commands.addCommand(CommandIDs.showPanel, {
      label: trans.__('Show the SageMaker Panel'),
      caption: trans.__('Show experiments, endpoints, jobs and models'),
      icon: sagemakerIcon,
      describedBy: { args: null },
      execute: () => app.shell.activateById(panel.id)
    });
    commands.addCommand(CommandIDs.signIn, {
      label: trans.__('Sign In to AWS'),
      caption: trans.__(
        'Sign in to IAM Identity Center for the profile in use'
      ),
      describedBy: { args: null },
      isEnabled: () => studio.status?.target.kind === 'aws',
      execute: async () => {
        app.shell.activateById(panel.id);
        await load();
        // The panel may show for the first time: its content comes with the next frame.
        window.requestAnimationFrame(() => signInRequests.emit());
      }
    });
    studio.statusChanged.connect(() =>
      commands.notifyCommandChanged(CommandIDs.signIn)
    );
    commands.addCommand(CommandIDs.refresh, {
      label: trans.__('Refresh SageMaker Pages'),
      caption: trans.__('Read all visible SageMaker lists and pages again'),
      icon: refreshIcon,
      describedBy: { args: null },
      execute: () => studio.refresh()
    });
    commands.addCommand(CommandIDs.copyCell, {
      label: trans.__('Copy cell contents'),
      caption: trans.__('Copy the text of the cell to the clipboard'),
      describedBy: { args: null },
      execute: () => {
        const cell = app.contextMenuHitTest(node => node.tagName === 'TD');
        const row = app.contextMenuHitTest(node => !!node.dataset.kind);
        Clipboard.copyToSystem(
          cell?.textContent?.trim() ?? row?.dataset.name ?? ''
        );
      }
    });
    for (const command of [
      CommandIDs.showPanel,
      CommandIDs.refresh,
      CommandIDs.signIn
    ]) {
      palette?.addItem({ command, category: trans.__('SageMaker') });
    }
    app.contextMenu.addItem({
      command: CommandIDs.copyCell,
      selector: '.smstudio-Grid-row',
      rank: 100
    });
  }
};

/** Fetches the panel's code, and lets the server load what its first list needs when the engine already runs. */
async function warmUp(studio: ISmStudio): Promise<void> {
  try {
    await load();
    const { target, engine } = studio.status ?? (await studio.refreshStatus());
    if (target.kind === 'local' && engine.state === 'running') {
      await studio.api.call('listAutoMLJobs', { query: { max_results: 1 } });
    }
  } catch {
    // The panel itself says what is wrong when somebody opens it.
  }
}
