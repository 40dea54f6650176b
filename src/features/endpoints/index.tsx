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
import { ResourcePages } from '../../shared/resourcepages';
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
    const endpoints = new ResourcePages({
      app,
      studio,
      translator,
      restorer,
      palette: null,
      icon: endpointIcon,
      kind: RowData.endpoint,
      named: 'Name of the endpoint'
    });
    const { trans } = endpoints;
    const requests = new Map<string, IDeleteRequests>();
    const requestsOf = (name: string): IDeleteRequests => {
      let found = requests.get(name);
      if (!found) {
        found = { wanted: false, listen: null };
        requests.set(name, found);
      }
      return found;
    };
    const pages = endpoints.addPages(
      'smstudio-endpoint',
      CommandIDs.openEndpoint,
      {
        label: trans.__('Open endpoint'),
        caption: trans.__('Open the page of the endpoint'),
        page: (name, close) => ({
          caption: trans.__('Endpoint %1', name),
          content: () => (
            <EndpointPage
              name={name}
              requests={requestsOf(name)}
              rendermime={rendermime}
              onClose={close}
            />
          )
        })
      }
    );
    endpoints.addAction(CommandIDs.deleteEndpoint, {
      label: trans.__('Delete…'),
      caption: trans.__('Delete the endpoint'),
      icon: deleteIcon,
      enabled: status => status !== 'Deleting',
      run: name => {
        const request = requestsOf(name);
        pages.open(name);
        if (request.listen) {
          request.listen();
        } else {
          request.wanted = true;
        }
      }
    });
    endpoints.addToMenu([CommandIDs.openEndpoint, CommandIDs.deleteEndpoint]);
  }
};
