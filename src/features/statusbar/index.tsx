import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  Dialog,
  ICommandPalette,
  Notification,
  showDialog
} from '@jupyterlab/apputils';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator } from '@jupyterlab/translation';
import {
  LabIcon,
  ReactWidget,
  runIcon,
  stopIcon
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ISignal } from '@lumino/signaling';
import { Menu } from '@lumino/widgets';
import type { JSX } from 'react';

import { ApiFailure } from '../../api/client';
import { CommandIDs } from '../../commands';
import { sagemakerIcon } from '../../shared/icons';
import { TRANSLATION_DOMAIN } from '../../shared/page';
import { ISmStudio } from '../../tokens';

/** The item that says which target is chosen and whether the engine runs; also the engine's commands. */
export const statusbarPlugin: JupyterFrontEndPlugin<void> = {
  id: 'smstudio-ext:statusbar',
  description:
    'Adds the status bar item of the target and the commands of the local engine.',
  autoStart: true,
  requires: [ISmStudio, ITranslator],
  optional: [IStatusBar, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    studio: ISmStudio,
    translator: ITranslator,
    statusBar: IStatusBar | null,
    palette: ICommandPalette | null
  ): void => {
    const { commands } = app;
    addEngineCommands(commands, studio, translator);
    const trans = translator.load(TRANSLATION_DOMAIN);
    for (const command of [CommandIDs.startEngine, CommandIDs.stopEngine]) {
      palette?.addItem({ command, category: trans.__('SageMaker') });
    }
    if (statusBar) {
      const item = new TargetItem(studio, translator, commands);
      statusBar.registerStatusItem('smstudio-ext:target', {
        item,
        align: 'left',
        rank: 20,
        isActive: () => studio.status !== null,
        activeStateChanged: studio.statusChanged as unknown as ISignal<
          ISmStudio,
          void
        >
      });
      void app.restored.then(() =>
        // Without the server extension there is nothing to show; the panel says so.
        studio.refreshStatus().catch(() => undefined)
      );
    }
  }
};

function addEngineCommands(
  commands: CommandRegistry,
  studio: ISmStudio,
  translator: ITranslator
): void {
  const trans = translator.load(TRANSLATION_DOMAIN);
  const isLocal = (): boolean => studio.status?.target.kind !== 'aws';
  const state = (): string | undefined => studio.status?.engine.state;
  commands.addCommand(CommandIDs.startEngine, {
    label: trans.__('Start the Local Engine'),
    caption: trans.__('Start the SageMaker engine on this machine'),
    icon: runIcon,
    describedBy: { args: null },
    isEnabled: () =>
      isLocal() && state() !== 'running' && state() !== 'starting',
    execute: async () => {
      try {
        await studio.startEngine();
        studio.refresh();
      } catch (reason) {
        Notification.error(ApiFailure.from(reason).message);
      }
    }
  });
  commands.addCommand(CommandIDs.stopEngine, {
    label: trans.__('Stop the Local Engine'),
    caption: trans.__('Stop the SageMaker engine on this machine'),
    icon: stopIcon,
    describedBy: { args: null },
    isEnabled: () => isLocal() && state() === 'running',
    execute: async () => {
      const answer = await showDialog({
        title: trans.__('Stop the local engine?'),
        body: trans.__(
          'Pages and notebooks cannot reach it until it is started again. It then takes up every job where it stands.'
        ),
        buttons: [
          Dialog.cancelButton({ label: trans.__('Cancel') }),
          Dialog.warnButton({ label: trans.__('Stop the engine') })
        ]
      });
      if (answer.button.accept) {
        try {
          await studio.stopEngine();
        } catch (reason) {
          Notification.error(ApiFailure.from(reason).message);
        }
      }
    }
  });
  studio.statusChanged.connect(() => {
    commands.notifyCommandChanged(CommandIDs.startEngine);
    commands.notifyCommandChanged(CommandIDs.stopEngine);
  });
}

/** "SageMaker: local · running". */
class TargetItem extends ReactWidget {
  constructor(
    private _studio: ISmStudio,
    private _translator: ITranslator,
    commands: CommandRegistry
  ) {
    super();
    this.addClass('smstudio-StatusItem');
    this._menu = new Menu({ commands });
    for (const command of [
      CommandIDs.showPanel,
      CommandIDs.startEngine,
      CommandIDs.stopEngine
    ]) {
      this._menu.addItem({ command });
    }
    _studio.statusChanged.connect(this._onStatus, this);
  }

  dispose(): void {
    this._studio.statusChanged.disconnect(this._onStatus, this);
    this._menu.dispose();
    super.dispose();
  }

  protected render(): JSX.Element | null {
    const { status } = this._studio;
    if (!status) {
      return null;
    }
    const trans = this._translator.load(TRANSLATION_DOMAIN);
    const states: Record<string, string> = {
      running: trans.__('running'),
      starting: trans.__('starting…'),
      stopped: trans.__('stopped'),
      failed: trans.__('failed')
    };
    const local = status.target.kind === 'local';
    const text = local
      ? trans.__(
          'SageMaker: local · %1',
          states[status.engine.state] ?? status.engine.state
        )
      : trans.__('SageMaker: %1', status.target.title);
    return (
      <button
        className={`smstudio-StatusItem-button smstudio-mod-${local ? status.engine.state : 'aws'}`}
        title={trans.__('SageMaker target: %1', status.target.title)}
        aria-haspopup="menu"
        onClick={event => {
          const box = event.currentTarget.getBoundingClientRect();
          this._menu.open(box.left, box.top);
        }}
      >
        <LabIcon.resolveReact icon={sagemakerIcon} tag="span" width="14px" />
        {text}
      </button>
    );
  }

  private _onStatus(): void {
    this.update();
  }

  private _menu: Menu;
}
