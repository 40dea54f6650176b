import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILauncher } from '@jupyterlab/launcher';
import { IMainMenu } from '@jupyterlab/mainmenu';
import { ITranslator } from '@jupyterlab/translation';
import { Menu } from '@lumino/widgets';

import { CommandIDs } from '../../commands';
import { TRANSLATION_DOMAIN } from '../../shared/page';

/** Ways in: the launcher's card and the menu "SageMaker". */
export const launcherPlugin: JupyterFrontEndPlugin<void> = {
  id: 'smstudio-ext:launcher',
  description: 'Adds the card in the launcher and the menu "SageMaker".',
  autoStart: true,
  requires: [ITranslator],
  optional: [ILauncher, IMainMenu],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator,
    launcher: ILauncher | null,
    mainMenu: IMainMenu | null
  ): void => {
    const trans = translator.load(TRANSLATION_DOMAIN);
    launcher?.add({
      command: CommandIDs.createExperiment,
      category: trans.__('SageMaker'),
      rank: 1
    });
    launcher?.add({
      command: CommandIDs.createTrainingJob,
      category: trans.__('SageMaker'),
      rank: 2
    });
    launcher?.add({
      command: CommandIDs.showPanel,
      category: trans.__('SageMaker'),
      rank: 3
    });
    launcher?.add({
      command: CommandIDs.openExamples,
      category: trans.__('SageMaker'),
      rank: 4
    });
    if (mainMenu) {
      const menu = new Menu({ commands: app.commands });
      menu.id = 'smstudio-menu';
      menu.title.label = trans.__('SageMaker');
      menu.addItem({ command: CommandIDs.createExperiment });
      menu.addItem({ command: CommandIDs.createTrainingJob });
      menu.addItem({ command: CommandIDs.createTuningJob });
      menu.addItem({ command: CommandIDs.createTransformJob });
      menu.addItem({ type: 'separator' });
      menu.addItem({ command: CommandIDs.listTrainingJobs });
      menu.addItem({ command: CommandIDs.listTuningJobs });
      menu.addItem({ command: CommandIDs.listTransformJobs });
      menu.addItem({ command: CommandIDs.listModels });
      menu.addItem({ command: CommandIDs.openDomain });
      menu.addItem({ command: CommandIDs.listNotebookInstances });
      menu.addItem({ type: 'separator' });
      menu.addItem({ command: CommandIDs.listSnapshots });
      menu.addItem({ command: CommandIDs.openExamples });
      menu.addItem({ type: 'separator' });
      menu.addItem({ command: CommandIDs.openRunning });
      menu.addItem({ command: CommandIDs.openUsage });
      menu.addItem({ command: CommandIDs.openGateways });
      menu.addItem({ type: 'separator' });
      menu.addItem({ command: CommandIDs.showPanel });
      menu.addItem({ command: CommandIDs.refresh });
      menu.addItem({ type: 'separator' });
      menu.addItem({ command: CommandIDs.startEngine });
      menu.addItem({ command: CommandIDs.stopEngine });
      mainMenu.addMenu(menu, true, { rank: 70 });
    }
  }
};
