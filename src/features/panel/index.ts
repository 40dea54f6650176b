import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ITranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { sagemakerIcon } from '../../shared/icons';

/** The sidebar "SageMaker". */
export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: 'smstudio-ext:panel',
  description: 'The sidebar "SageMaker".',
  autoStart: true,
  requires: [ITranslator],
  optional: [ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator,
    restorer: ILayoutRestorer | null
  ) => {
    const trans = translator.load('smstudio_ext');
    const panel = new Widget();
    panel.id = 'smstudio-panel';
    panel.title.icon = sagemakerIcon;
    panel.title.caption = trans.__('SageMaker');
    app.shell.add(panel, 'left', { rank: 300 });
    restorer?.add(panel, panel.id);
  }
};
