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
import { ResourcePages } from '../../shared/resourcepages';
import { ISmStudio } from '../../tokens';
import { Requests } from './requests';

const ModelPage = lazy(() => import('./page'));
const ModelsPage = lazy(() => import('./list'));

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
    const models = new ResourcePages({
      app,
      studio,
      translator,
      restorer,
      palette,
      icon: modelIcon,
      kind: RowData.model,
      named: 'Name of the model'
    });
    const { trans } = models;
    const requests = new Requests();
    models.addList('smstudio-models', CommandIDs.listModels, {
      label: trans.__('Models'),
      caption: trans.__('List, filter and open models'),
      page: { label: trans.__('Models'), content: () => <ModelsPage /> }
    });
    const pages = models.addPages('smstudio-model', CommandIDs.openModel, {
      label: trans.__('Open model'),
      caption: trans.__('Open the page of the model'),
      page: (name, close) => ({
        caption: trans.__('Model %1', name),
        content: () => (
          <ModelPage name={name} requests={requests} onClose={close} />
        )
      })
    });
    models.addAction(CommandIDs.deployNamedModel, {
      label: trans.__('Deploy model'),
      caption: trans.__('Make an endpoint for the model'),
      icon: endpointIcon,
      run: name => {
        requests.ask(name, 'deploy');
        pages.open(name);
      }
    });
    models.addAction(CommandIDs.deleteModel, {
      label: trans.__('Delete…'),
      caption: trans.__('Delete the model'),
      icon: deleteIcon,
      run: name => {
        requests.ask(name, 'delete');
        pages.open(name);
      }
    });
    models.addToPalette([CommandIDs.listModels]);
    models.addToMenu([
      CommandIDs.openModel,
      CommandIDs.deployNamedModel,
      CommandIDs.transformWithModel,
      CommandIDs.deleteModel
    ]);
  }
};
