import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';
import { deleteIcon } from '@jupyterlab/ui-components';
import { lazy } from 'react';

import { CommandIDs, RowData } from '../../commands';
import { endpointIcon, modelIcon } from '../../shared/icons';
import { StudioPage, TRANSLATION_DOMAIN } from '../../shared/page';
import { nameFrom, NAME_ARGS, Pages } from '../../shared/pages';
import { ISmStudio } from '../../tokens';
import { Requests } from './requests';

const ModelPage = lazy(() => import('./page'));
const ModelsPage = lazy(() => import('./list'));

/** Name of the one list page. */
const LIST = 'list';

/** The list of models and a page a model: containers, where it serves, deploy, delete. */
export const modelsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'smstudio-ext:models',
  description: 'Adds the list and the pages of models.',
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
    const { commands, contextMenu } = app;
    const shared = { studio, translator, commands, icon: modelIcon };
    const requests = new Requests();
    const lists = new Pages({
      app,
      namespace: 'smstudio-models',
      command: CommandIDs.listModels,
      restorer
    });
    const pages = new Pages({
      app,
      namespace: 'smstudio-model',
      command: CommandIDs.openModel,
      restorer
    });
    const open = (name: string): void => {
      pages.open(
        name,
        id =>
          new StudioPage({
            ...shared,
            id,
            label: name,
            caption: trans.__('Model %1', name),
            content: () => (
              <ModelPage
                name={name}
                requests={requests}
                onClose={() => pages.close(name)}
              />
            )
          })
      );
    };
    commands.addCommand(CommandIDs.listModels, {
      label: trans.__('Models'),
      caption: trans.__('List, filter and open models'),
      icon: modelIcon,
      describedBy: { args: null },
      execute: () => {
        lists.open(
          LIST,
          id =>
            new StudioPage({
              ...shared,
              id,
              label: trans.__('Models'),
              content: () => <ModelsPage />
            })
        );
      }
    });
    commands.addCommand(CommandIDs.openModel, {
      label: trans.__('Open model'),
      caption: trans.__('Open the page of the model'),
      icon: modelIcon,
      describedBy: NAME_ARGS('Name of the model'),
      execute: args => {
        const name = nameFrom(app, args, RowData.model);
        if (name) {
          open(name);
        }
      }
    });
    commands.addCommand(CommandIDs.deployNamedModel, {
      label: trans.__('Deploy model'),
      caption: trans.__('Make an endpoint for the model'),
      icon: endpointIcon,
      describedBy: NAME_ARGS('Name of the model'),
      execute: args => {
        const name = nameFrom(app, args, RowData.model);
        if (name) {
          requests.ask(name, 'deploy');
          open(name);
        }
      }
    });
    commands.addCommand(CommandIDs.deleteModel, {
      label: trans.__('Delete…'),
      caption: trans.__('Delete the model'),
      icon: deleteIcon,
      describedBy: NAME_ARGS('Name of the model'),
      execute: args => {
        const name = nameFrom(app, args, RowData.model);
        if (name) {
          requests.ask(name, 'delete');
          open(name);
        }
      }
    });
    palette?.addItem({
      command: CommandIDs.listModels,
      category: trans.__('SageMaker')
    });
    const selector = RowData.selector(RowData.model);
    [
      CommandIDs.openModel,
      CommandIDs.deployNamedModel,
      CommandIDs.transformWithModel,
      CommandIDs.deleteModel
    ].forEach((command, index) =>
      contextMenu.addItem({ command, selector, rank: index + 1 })
    );
  }
};
