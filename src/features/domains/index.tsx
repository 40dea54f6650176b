import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';
import { lazy } from 'react';

import { CommandIDs } from '../../commands';
import { domainIcon } from '../../shared/icons';
import { StudioPage, TRANSLATION_DOMAIN } from '../../shared/page';
import { Pages } from '../../shared/pages';
import { ISmStudio } from '../../tokens';

const DomainPage = lazy(() => import('./page'));

/** Name of the one page. */
const PAGE = 'domain';

/** The page "Domain": user profiles, spaces, apps, lifecycle configurations, own images, settings. */
export const domainsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'smstudio-ext:domains',
  description:
    'Adds the page of domains, user profiles, spaces, apps, start-up scripts and own images.',
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
      namespace: 'smstudio-domain',
      command: CommandIDs.openDomain,
      restorer
    });
    commands.addCommand(CommandIDs.openDomain, {
      label: trans.__('Domain'),
      caption: trans.__(
        'User profiles, spaces, apps, lifecycle configurations and own images'
      ),
      icon: domainIcon,
      describedBy: { args: null },
      execute: () => {
        pages.open(
          PAGE,
          id =>
            new StudioPage({
              studio,
              translator,
              commands,
              icon: domainIcon,
              id,
              label: trans.__('Domain'),
              content: () => <DomainPage />
            })
        );
      }
    });
    palette?.addItem({
      command: CommandIDs.openDomain,
      category: trans.__('SageMaker')
    });
  }
};
