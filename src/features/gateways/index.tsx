import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';
import { lazy } from 'react';

import { CommandIDs } from '../../commands';
import { environmentIcon } from '../../shared/icons';
import { StudioPage, TRANSLATION_DOMAIN } from '../../shared/page';
import { Pages } from '../../shared/pages';
import { ISmStudio } from '../../tokens';

const GatewaysPage = lazy(() => import('./page'));

/** Name of the one page. */
const PAGE = 'gateways';

/** The page "Jupyter gateways". */
export const gatewaysPlugin: JupyterFrontEndPlugin<void> = {
  id: 'smstudio-ext:gateways',
  description:
    'Adds the page on which Jupyter gateways are set up, tested and changed.',
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
    const pages = new Pages({
      app,
      namespace: 'smstudio-gateways',
      command: CommandIDs.openGateways,
      restorer
    });
    // Lab's own picker lists their kernels, too.
    const onKernels = (): void => {
      void app.serviceManager.kernelspecs.refreshSpecs();
    };
    commands.addCommand(CommandIDs.openGateways, {
      label: trans.__('Jupyter gateways'),
      caption: trans.__(
        'Servers whose kernels notebooks can choose: set them up, test and change them'
      ),
      icon: environmentIcon,
      describedBy: { args: null },
      execute: () => {
        pages.open(
          PAGE,
          id =>
            new StudioPage({
              studio,
              translator,
              commands,
              icon: environmentIcon,
              id,
              label: trans.__('Jupyter gateways'),
              content: () => <GatewaysPage onKernels={onKernels} />
            })
        );
      }
    });
    palette?.addItem({
      command: CommandIDs.openGateways,
      category: trans.__('SageMaker')
    });
  }
};
