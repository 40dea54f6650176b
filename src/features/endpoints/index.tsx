import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator } from '@jupyterlab/translation';
import { deleteIcon } from '@jupyterlab/ui-components';
import { lazy } from 'react';

import { CommandIDs, RowData } from '../../commands';
import { endpointIcon } from '../../shared/icons';
import { StudioPage, TRANSLATION_DOMAIN } from '../../shared/page';
import { nameFrom, NAME_ARGS, Pages, rowUnderMenu } from '../../shared/pages';
import { ISmStudio } from '../../tokens';
import type { IDeleteRequests } from './page';

const EndpointPage = lazy(() => import('./page'));

/** One page an endpoint: status, variants, test inference, delete. */
export const endpointsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'smstudio-ext:endpoints',
  description: 'Adds the pages of endpoints.',
  autoStart: true,
  requires: [ISmStudio, ITranslator, IRenderMimeRegistry],
  optional: [ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    studio: ISmStudio,
    translator: ITranslator,
    rendermime: IRenderMimeRegistry,
    restorer: ILayoutRestorer | null
  ): void => {
    const trans = translator.load(TRANSLATION_DOMAIN);
    const { commands, contextMenu } = app;
    const requests = new Map<string, IDeleteRequests>();
    const pages = new Pages({
      app,
      namespace: 'smstudio-endpoint',
      command: CommandIDs.openEndpoint,
      restorer
    });
    const requestsOf = (name: string): IDeleteRequests => {
      let found = requests.get(name);
      if (!found) {
        found = { wanted: false, listen: null };
        requests.set(name, found);
      }
      return found;
    };
    const open = (name: string): void => {
      pages.open(
        name,
        id =>
          new StudioPage({
            id,
            label: name,
            caption: trans.__('Endpoint %1', name),
            icon: endpointIcon,
            studio,
            translator,
            commands,
            content: () => (
              <EndpointPage
                name={name}
                requests={requestsOf(name)}
                rendermime={rendermime}
                onClose={() => pages.close(name)}
              />
            )
          })
      );
    };
    commands.addCommand(CommandIDs.openEndpoint, {
      label: trans.__('Open endpoint'),
      caption: trans.__('Open the page of the endpoint'),
      icon: endpointIcon,
      describedBy: NAME_ARGS('Name of the endpoint'),
      execute: args => {
        const name = nameFrom(app, args, RowData.endpoint);
        if (name) {
          open(name);
        }
      }
    });
    commands.addCommand(CommandIDs.deleteEndpoint, {
      label: trans.__('Delete…'),
      caption: trans.__('Delete the endpoint'),
      icon: deleteIcon,
      describedBy: NAME_ARGS('Name of the endpoint'),
      isEnabled: args =>
        !!args.name ||
        rowUnderMenu(app, RowData.endpoint)?.status !== 'Deleting',
      execute: args => {
        const name = nameFrom(app, args, RowData.endpoint);
        if (!name) {
          return;
        }
        const request = requestsOf(name);
        open(name);
        if (request.listen) {
          request.listen();
        } else {
          request.wanted = true;
        }
      }
    });
    const selector = RowData.selector(RowData.endpoint);
    contextMenu.addItem({
      command: CommandIDs.openEndpoint,
      selector,
      rank: 1
    });
    contextMenu.addItem({
      command: CommandIDs.deleteEndpoint,
      selector,
      rank: 2
    });
  }
};
