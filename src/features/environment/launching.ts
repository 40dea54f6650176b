import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ILauncher } from '@jupyterlab/launcher';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  consoleIcon,
  inspectorIcon,
  markdownIcon,
  notebookIcon,
  terminalIcon,
  textEditorIcon
} from '@jupyterlab/ui-components';
import { UUID } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { Widget } from '@lumino/widgets';

import type { Environments } from '../../api/generated';
import { CommandIDs } from '../../commands';
import type { ISmStudio } from '../../tokens';
import type { IChoice } from './choice';
import { firstChoice } from './choice';
import type { EnvironmentChooser } from './chooser';
import type { PanelEnvironments } from './panels';

/** A JSON schema of commands that take the folder of the file browser. */
const CWD_ARGS = {
  args: {
    type: 'object' as const,
    properties: {
      cwd: {
        type: 'string' as const,
        description: 'Folder of the file browser'
      }
    }
  }
};

/** Opens notebooks, consoles and terminals in the environment that new ones get. */
export class Launching {
  constructor(private _options: Launching.IOptions) {}

  /** A notebook of its own, on the usual environment. */
  async notebook(cwd: string): Promise<Widget | null> {
    const { app, chooser, panels } = this._options;
    const choice = await this._ready();
    if (!choice) {
      return null;
    }
    const model = await app.commands.execute('docmanager:new-untitled', {
      path: cwd,
      type: 'notebook'
    });
    await this._tell({ path: model.path }, choice);
    const panel = (await app.commands.execute('docmanager:open', {
      path: model.path,
      factory: 'Notebook',
      kernel: { name: choice.kernel }
    })) as NotebookPanel | undefined;
    if (!panel) {
      return null;
    }
    void panel.context.ready.then(() => {
      panels.of(panel).writeType(choice.instanceType);
      return panel.context.save();
    });
    chooser.opened(panel.sessionContext);
    return panel;
  }

  /** A console on the usual environment. */
  async console(cwd: string): Promise<Widget | null> {
    const { app, trans } = this._options;
    const choice = await this._ready();
    if (!choice) {
      return null;
    }
    this._consoles += 1;
    const name = trans.__('Console %1', this._consoles);
    const path = `${cwd ? `${cwd}/` : ''}console-${UUID.uuid4()}`;
    await this._tell({ path, name }, choice);
    return app.commands.execute('console:create', {
      basePath: cwd,
      path,
      name,
      activate: true,
      kernelPreference: { name: choice.kernel }
    });
  }

  /** A terminal in the usual image. */
  async terminal(cwd: string): Promise<Widget | null> {
    const choice = await this._ready();
    return choice?.image ? this.terminalIn(choice, cwd) : null;
  }

  /** A terminal in an image, on an instance. */
  async terminalIn(choice: IChoice, cwd: string): Promise<Widget | null> {
    const { app, studio } = this._options;
    if (!choice.image) {
      return app.commands.execute('terminal:create-new', { cwd });
    }
    const { name } = await studio.api.call('openImageTerminal', {
      body: {
        image: choice.image,
        instance_type: choice.instanceType,
        startup_script: choice.script,
        cwd
      }
    });
    return app.commands.execute('terminal:open', { name });
  }

  /** The environment that new notebooks get; null when its image must be built first and that was left. */
  private async _ready(): Promise<IChoice | null> {
    const { chooser, app } = this._options;
    const choice = firstChoice(await this._offer(), chooser.usual, null);
    if (choice.image && !(await chooser.built(choice.image))) {
      return null;
    }
    if (choice.kernel) {
      await chooser.knowKernel(app.serviceManager.kernelspecs, choice.kernel);
    }
    return choice;
  }

  private _offer(): Promise<Environments> {
    return this._options.studio.api.call('listEnvironments');
  }

  private _tell(
    session: { path: string; name?: string },
    choice: IChoice
  ): Promise<void> {
    return this._options.chooser.tell(session, choice);
  }

  private _consoles = 0;
}

/** A namespace for Launching statics. */
export namespace Launching {
  /** What it works with. */
  export interface IOptions {
    app: JupyterFrontEnd;
    studio: ISmStudio;
    trans: TranslationBundle;
    chooser: EnvironmentChooser;
    panels: PanelEnvironments;
  }
}

/** Adds the launcher's commands: notebooks and compute resources, utilities and files. */
export function addLaunchCommands(
  app: JupyterFrontEnd,
  trans: TranslationBundle,
  launching: Launching
): void {
  const { commands } = app;
  const folder = (args: { cwd?: unknown }): string =>
    typeof args.cwd === 'string' ? args.cwd : '';
  commands.addCommand(CommandIDs.createNotebook, {
    label: trans.__('Create notebook'),
    caption: trans.__('Create a notebook in the chosen environment'),
    icon: notebookIcon,
    describedBy: CWD_ARGS,
    execute: args => launching.notebook(folder(args))
  });
  commands.addCommand(CommandIDs.createConsole, {
    label: trans.__('Create console'),
    caption: trans.__('Open a console in the chosen environment'),
    icon: consoleIcon,
    describedBy: CWD_ARGS,
    execute: args => launching.console(folder(args))
  });
  commands.addCommand(CommandIDs.createImageTerminal, {
    label: trans.__('Create image terminal'),
    caption: trans.__('Open a terminal in the chosen image'),
    icon: terminalIcon,
    describedBy: CWD_ARGS,
    execute: args => launching.terminal(folder(args))
  });
  const passOn: [string, string, string, typeof terminalIcon][] = [
    [
      CommandIDs.showHelp,
      'inspector:open',
      trans.__('Show Contextual Help'),
      inspectorIcon
    ],
    [
      CommandIDs.systemTerminal,
      'terminal:create-new',
      trans.__('System terminal'),
      terminalIcon
    ],
    [
      CommandIDs.textFile,
      'fileeditor:create-new',
      trans.__('Text File'),
      textEditorIcon
    ],
    [
      CommandIDs.markdownFile,
      'fileeditor:create-new-markdown-file',
      trans.__('Markdown File'),
      markdownIcon
    ]
  ];
  for (const [id, to, label, icon] of passOn) {
    commands.addCommand(id, {
      label,
      caption: trans.__('%1 – on the Jupyter server, on no instance', label),
      icon,
      describedBy: CWD_ARGS,
      isEnabled: () => commands.hasCommand(to),
      execute: args => commands.execute(to, { cwd: folder(args) })
    });
  }
}

/** Adds the launcher's cards; the card "Change environment" says what is chosen. */
export function addLaunchCards(
  launcher: ILauncher,
  trans: TranslationBundle
): { changed: () => void } {
  const compute = trans.__('Notebooks and compute resources');
  const utilities = trans.__('Utilities and files');
  const add = (command: string, category: string, rank: number): IDisposable =>
    launcher.add({ command, category, rank, categoryRank: RANKS[category] });
  const RANKS: Record<string, number> = { [compute]: -2, [utilities]: 90 };
  [
    CommandIDs.createNotebook,
    CommandIDs.createConsole,
    CommandIDs.createImageTerminal
  ].forEach((command, rank) => add(command, compute, rank));
  let card = add(CommandIDs.usualEnvironment, compute, 10);
  [
    CommandIDs.showHelp,
    CommandIDs.systemTerminal,
    CommandIDs.textFile,
    CommandIDs.markdownFile
  ].forEach((command, rank) => add(command, utilities, rank));
  return {
    changed: () => {
      // The launcher draws its cards anew only when one comes or goes.
      card.dispose();
      card = add(CommandIDs.usualEnvironment, compute, 10);
    }
  };
}
