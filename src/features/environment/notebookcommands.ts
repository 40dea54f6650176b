import type { JupyterFrontEnd } from '@jupyterlab/application';
import { PathExt } from '@jupyterlab/coreutils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { terminalIcon } from '@jupyterlab/ui-components';

import { CommandIDs } from '../../commands';
import {
  checkpointDiffIcon,
  environmentIcon,
  gitDiffIcon,
  instanceIcon
} from '../../shared/icons';
import type { EnvironmentChooser } from './chooser';
import type { Launching } from './launching';
import type { PanelEnvironments } from './panels';

const NO_ARGS = { args: null };

/** What the toolbar and the Kernel menu do for the notebook on top. */
export function addNotebookCommands(
  app: JupyterFrontEnd,
  trans: TranslationBundle,
  parts: {
    notebooks: INotebookTracker;
    chooser: EnvironmentChooser;
    launching: Launching;
    panels: PanelEnvironments;
  }
): void {
  const { commands } = app;
  const { notebooks, chooser, launching, panels } = parts;
  const isEnabled = (): boolean => notebooks.currentWidget !== null;
  const onTop = (): NotebookPanel => {
    const panel = notebooks.currentWidget;
    if (!panel) {
      throw new Error(trans.__('No notebook is open.'));
    }
    return panel;
  };
  commands.addCommand(CommandIDs.changeEnvironment, {
    label: trans.__('Change environment…'),
    caption: trans.__(
      'Choose image, kernel, instance type and start-up script'
    ),
    icon: environmentIcon,
    describedBy: NO_ARGS,
    isEnabled,
    execute: () => chooser.selectKernel(onTop().sessionContext)
  });
  commands.addCommand(CommandIDs.selectInstance, {
    label: trans.__('Select instance…'),
    caption: trans.__('Choose the instance type of the notebook'),
    icon: instanceIcon,
    describedBy: NO_ARGS,
    isEnabled,
    execute: () => chooser.selectInstance(onTop())
  });
  commands.addCommand(CommandIDs.launchTerminal, {
    label: trans.__('Launch terminal in the image'),
    caption: trans.__('Launch a terminal in the image of the notebook'),
    icon: terminalIcon,
    describedBy: NO_ARGS,
    isEnabled,
    execute: async () => {
      const panel = onTop();
      const now = panels.of(panel).value ?? (await panels.of(panel).load());
      const choice = {
        image: now?.image ?? null,
        kernel: now?.kernel ?? null,
        instanceType: now?.instance_type ?? null,
        script: null
      };
      if (choice.image && !(await chooser.built(choice.image))) {
        return null;
      }
      return launching.terminalIn(choice, PathExt.dirname(panel.context.path));
    }
  });
  const ready = (): Promise<unknown> => panels.of(onTop()).load();
  addDiffCommand(app, trans, {
    id: CommandIDs.checkpointDiff,
    to: 'nbdime:diff-checkpoint',
    label: trans.__('Checkpoint diff'),
    caption: trans.__('Show what changed since the checkpoint'),
    icon: checkpointDiffIcon,
    isEnabled,
    onTop,
    ready
  });
  addDiffCommand(app, trans, {
    id: CommandIDs.gitDiff,
    to: 'nbdime:diff-git',
    label: trans.__('Git diff'),
    caption: trans.__('Show what changed since the last commit'),
    icon: gitDiffIcon,
    isEnabled,
    onTop,
    ready
  });
  notebooks.currentChanged.connect(() => {
    [
      CommandIDs.changeEnvironment,
      CommandIDs.selectInstance,
      CommandIDs.launchTerminal,
      CommandIDs.checkpointDiff,
      CommandIDs.gitDiff
    ].forEach(id => commands.notifyCommandChanged(id));
  });
}

/** A diff by nbdime, on what the notebook is now: unsaved changes are saved first. */
function addDiffCommand(
  app: JupyterFrontEnd,
  trans: TranslationBundle,
  diff: {
    id: string;
    to: string;
    label: string;
    caption: string;
    icon: typeof terminalIcon;
    isEnabled: () => boolean;
    onTop: () => NotebookPanel;
    /** Resolves when the server has told nbdime what to leave out. */
    ready: () => Promise<unknown>;
  }
): void {
  const { commands } = app;
  commands.addCommand(diff.id, {
    label: diff.label,
    caption: () =>
      commands.hasCommand(diff.to)
        ? diff.caption
        : trans.__(
            '%1: nbdime is not installed (pip install nbdime)',
            diff.label
          ),
    icon: diff.icon,
    describedBy: NO_ARGS,
    isEnabled: () =>
      diff.isEnabled() &&
      commands.hasCommand(diff.to) &&
      commands.isEnabled(diff.to),
    execute: async () => {
      const { context } = diff.onTop();
      if (context.model.dirty) {
        // As an autosave: writes the file, leaves the checkpoint.
        await context.save();
      }
      await diff.ready();
      return commands.execute(diff.to);
    }
  });
  commands.commandChanged.connect((_, change) => {
    if (change.id === diff.to) {
      commands.notifyCommandChanged(diff.id);
    }
  });
}
