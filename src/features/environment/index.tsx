import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import {
  ICommandPalette,
  ISessionContextDialogs,
  IToolbarWidgetRegistry,
  Notification
} from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ITranslator } from '@jupyterlab/translation';

import { ApiFailure } from '../../api/client';
import { CommandIDs } from '../../commands';
import { environmentIcon } from '../../shared/icons';
import { TRANSLATION_DOMAIN } from '../../shared/page';
import { ISmStudio } from '../../tokens';
import type { IUsual } from './choice';
import { NO_SCRIPT } from './choice';
import { EnvironmentChooser } from './chooser';
import { addLaunchCards, addLaunchCommands, Launching } from './launching';
import { addNotebookCommands } from './notebookcommands';
import { PanelEnvironments } from './panels';
import { InstanceItem, UsageItem } from './toolbar';

const PLUGIN_ID = 'smstudio-ext:environment';
const NO_ARGS = { args: null };

/** Environment of notebooks: dialogs, launcher, toolbar. */
export const environmentPlugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description:
    'Adds image, kernel, instance type and start-up script to notebooks: dialogs, launcher cards, toolbar.',
  autoStart: true,
  requires: [ISmStudio, ITranslator],
  optional: [
    ISessionContextDialogs,
    INotebookTracker,
    IToolbarWidgetRegistry,
    ILauncher,
    ISettingRegistry,
    ICommandPalette
  ],
  activate: (
    app: JupyterFrontEnd,
    studio: ISmStudio,
    translator: ITranslator,
    dialogs: ISessionContextDialogs | null,
    notebooks: INotebookTracker | null,
    toolbars: IToolbarWidgetRegistry | null,
    launcher: ILauncher | null,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = translator.load(TRANSLATION_DOMAIN);
    const { commands } = app;
    const locale = translator.languageCode.replace('_', '-');
    const panels = new PanelEnvironments(studio, panel =>
      chooser.showBuild(panel)
    );
    const chooser: EnvironmentChooser = new EnvironmentChooser({
      context: { studio, trans, commands, locale },
      notebooks,
      panels
    });
    const launching = new Launching({ app, studio, trans, chooser, panels });
    addLaunchCommands(app, trans, launching);
    const settings = new Usual(registry, chooser);
    if (dialogs) {
      replaceSelectKernel(dialogs, chooser, settings);
    }
    addUsualCommand(app, trans, chooser, settings);
    const cards = launcher && addLaunchCards(launcher, trans);
    settings.onChange = () => {
      commands.notifyCommandChanged(CommandIDs.usualEnvironment);
      cards?.changed();
    };
    if (notebooks) {
      // Hides nbdime's own two buttons, see environment.css.
      document.body.classList.add('smstudio-mod-environment');
      addNotebookCommands(app, trans, {
        notebooks,
        chooser,
        launching,
        panels
      });
      toolbars?.addFactory<NotebookPanel>(
        'Notebook',
        'smstudio-instance',
        panel =>
          new InstanceItem(panels.of(panel), trans, each => {
            void chooser.selectInstance(each).catch(say);
          })
      );
      toolbars?.addFactory<NotebookPanel>(
        'Notebook',
        'smstudio-usage',
        panel => new UsageItem(panel, studio, trans)
      );
    }
    const category = trans.__('SageMaker');
    [
      CommandIDs.createNotebook,
      CommandIDs.createConsole,
      CommandIDs.createImageTerminal,
      CommandIDs.usualEnvironment,
      CommandIDs.changeEnvironment,
      CommandIDs.selectInstance,
      CommandIDs.launchTerminal
    ].forEach(command => palette?.addItem({ command, category }));
  }
};

/** Shows what went wrong. */
function say(reason: unknown): void {
  Notification.error(ApiFailure.from(reason).message);
}

/** The environment of new notebooks, kept in the settings. */
class Usual {
  constructor(
    registry: ISettingRegistry | null,
    private _chooser: EnvironmentChooser
  ) {
    registry
      ?.load(PLUGIN_ID)
      .then(settings => {
        this._settings = settings;
        this._apply();
        settings.changed.connect(this._apply, this);
      })
      .catch(reason => {
        console.error('SageMaker: the settings could not be read', reason);
      });
  }

  /** Called when another environment was chosen. */
  onChange: () => void = () => undefined;

  /** Whether our dialog stands in for Lab's "Select Kernel". */
  get ownDialog(): boolean {
    return (this._settings?.get('ownDialog').composite ?? true) as boolean;
  }

  async write(usual: Partial<IUsual>): Promise<void> {
    this._chooser.usual = usual;
    this.onChange();
    await this._settings?.set('environment', { ...usual });
  }

  private _apply(): void {
    this._chooser.usual = (this._settings?.get('environment').composite ??
      {}) as Partial<IUsual>;
    this.onChange();
  }

  private _settings: ISettingRegistry.ISettings | null = null;
}

/**
 * Puts our dialog where Lab asks for a kernel: on first opening, in File > New, from the toolbar and the Kernel menu.
 *
 * Lab's own object stays (others hold it too); only what it does when a kernel is to be chosen changes.
 */
function replaceSelectKernel(
  dialogs: ISessionContextDialogs,
  chooser: EnvironmentChooser,
  settings: Usual
): void {
  const original = dialogs.selectKernel.bind(dialogs);
  dialogs.selectKernel = async (session: ISessionContext): Promise<void> => {
    if (!settings.ownDialog) {
      return original(session);
    }
    try {
      await chooser.selectKernel(session);
    } catch (reason) {
      say(reason);
      // Without our server extension Lab's own dialog still works.
      await original(session);
    }
  };
}

/** The script that was chosen; nothing for none. */
function scriptName(script: string | null | undefined): string | undefined {
  return script && script !== NO_SCRIPT ? script.split('/').pop() : undefined;
}

/** What new notebooks get before anybody chose; the server says the same. */
const DEFAULT_IMAGE = 'Data Science';
const DEFAULT_TYPE = 'ml.t3.medium';

/** The launcher's "Change environment": what new notebooks get. */
function addUsualCommand(
  app: JupyterFrontEnd,
  trans: TranslationBundle,
  chooser: EnvironmentChooser,
  settings: Usual
): void {
  const facts = (): string[] => {
    const { usual } = chooser;
    return [
      usual.image_name ?? DEFAULT_IMAGE,
      usual.instance_type ?? DEFAULT_TYPE
    ];
  };
  app.commands.addCommand(CommandIDs.usualEnvironment, {
    label: args =>
      args.cwd === undefined
        ? trans.__('Change environment')
        : // In the launcher there is room to say what is chosen.
          trans.__('Change environment: %1, %2', ...facts()),
    caption: () =>
      trans.__(
        'Environment of new notebooks: %1',
        [
          ...facts(),
          scriptName(chooser.usual.startup_script) ?? trans.__('No script')
        ].join(', ')
      ),
    icon: environmentIcon,
    describedBy: NO_ARGS,
    execute: async () => {
      const choice = await chooser.ask({
        mode: 'environment',
        file: '',
        now: null,
        others: [],
        allowNone: false,
        build: false
      });
      if (choice?.image && choice.kernel && choice.instanceType) {
        await settings.write({
          image: choice.image,
          image_name: choice.imageName ?? choice.image,
          kernel: choice.kernel,
          instance_type: choice.instanceType,
          startup_script: choice.script
        });
      }
    }
  });
}
