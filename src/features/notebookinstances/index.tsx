import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';
import {
  consoleIcon,
  deleteIcon,
  launchIcon,
  notebookIcon,
  runIcon,
  stopIcon
} from '@jupyterlab/ui-components';
import { lazy } from 'react';

import { ApiFailure } from '../../api/client';
import { CommandIDs, RowData } from '../../commands';
import { confirmed } from '../../shared/confirm';
import { StudioPage, TRANSLATION_DOMAIN } from '../../shared/page';
import { nameFrom, NAME_ARGS, Pages, rowUnderMenu } from '../../shared/pages';
import { ISmStudio } from '../../tokens';

const CreateNotebookPage = lazy(() => import('./create'));
const LifecyclesPage = lazy(() => import('./lifecycles'));
const NotebookInstancePage = lazy(() => import('./page'));
const NotebookInstancesPage = lazy(() => import('./list'));

/** Name of the one page of a kind. */
const LIST = 'list';
/** Names of forms: a new instance, or the settings of one. */
const FORM = 'new';
const EDIT = 'edit:';

/** The list, the form and the pages of notebook instances, and their lifecycle configurations. */
export const notebookInstancesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'smstudio-ext:notebookinstances',
  description:
    'Adds the list, the form and the pages of notebook instances, and their lifecycle configurations.',
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
    const shared = { studio, translator, commands, icon: notebookIcon };
    const kind = RowData.notebookInstance;
    const pagesOf = (namespace: string, command: string): Pages =>
      new Pages({ app, namespace, command, restorer });
    const lists = pagesOf(
      'smstudio-notebook-instances',
      CommandIDs.listNotebookInstances
    );
    const lifecycles = pagesOf(
      'smstudio-notebook-lifecycles',
      CommandIDs.listNotebookLifecycles
    );
    const pages = pagesOf(
      'smstudio-notebook-instance',
      CommandIDs.openNotebookInstance
    );
    const forms = pagesOf(
      'smstudio-create-notebook-instance',
      CommandIDs.createNotebookInstance
    );
    commands.addCommand(CommandIDs.listNotebookInstances, {
      label: trans.__('Notebook Instances'),
      caption: trans.__(
        'List, create, open, start and stop notebook instances'
      ),
      icon: notebookIcon,
      describedBy: { args: null },
      execute: () => {
        lists.open(
          LIST,
          id =>
            new StudioPage({
              ...shared,
              id,
              label: trans.__('Notebook instances'),
              content: () => <NotebookInstancesPage />
            })
        );
      }
    });
    commands.addCommand(CommandIDs.listNotebookLifecycles, {
      label: trans.__('Lifecycle Configurations of Notebook Instances'),
      caption: trans.__(
        'Scripts that run when a notebook instance is created or started'
      ),
      icon: consoleIcon,
      describedBy: NAME_ARGS('Name of the lifecycle configuration to open'),
      execute: args => {
        const asked = typeof args.name === 'string' ? args.name : '';
        const first = asked && asked !== LIST ? asked : null;
        if (first) {
          lifecycles.close(LIST);
        }
        lifecycles.open(
          LIST,
          id =>
            new StudioPage({
              ...shared,
              icon: consoleIcon,
              id,
              label: trans.__('Lifecycle configurations'),
              content: () => <LifecyclesPage first={first} />
            })
        );
      }
    });
    commands.addCommand(CommandIDs.createNotebookInstance, {
      label: trans.__('Create Notebook Instance'),
      caption: trans.__('Create a Jupyter server of its own'),
      icon: notebookIcon,
      describedBy: NAME_ARGS(
        'Name of the form: "new", or "edit:" and a notebook instance'
      ),
      execute: args => {
        const page =
          typeof args.name === 'string' && args.name ? args.name : FORM;
        const edit = page.startsWith(EDIT) ? page.slice(EDIT.length) : null;
        forms.openDrafted(
          studio,
          page,
          `notebook-instance:${page}`,
          id =>
            new StudioPage({
              ...shared,
              id,
              label: edit
                ? trans.__('Settings of %1', edit)
                : trans.__('Create notebook instance'),
              content: () => (
                <CreateNotebookPage
                  page={page}
                  edit={edit}
                  onDone={() => forms.close(page)}
                />
              )
            })
        );
      }
    });
    commands.addCommand(CommandIDs.openNotebookInstance, {
      label: trans.__('Open page of the notebook instance'),
      caption: trans.__('Settings, progress and logs of the notebook instance'),
      icon: notebookIcon,
      describedBy: NAME_ARGS('Name of the notebook instance'),
      execute: args => {
        const name = nameFrom(app, args, kind);
        if (name) {
          pages.open(
            name,
            id =>
              new StudioPage({
                ...shared,
                id,
                label: name,
                caption: trans.__('Notebook instance %1', name),
                content: () => (
                  <NotebookInstancePage
                    name={name}
                    onClose={() => pages.close(name)}
                  />
                )
              })
          );
        }
      }
    });
    const launch = async (
      name: string,
      view: 'tree' | 'lab'
    ): Promise<void> => {
      // Opened now, while the click counts, so that the browser lets it.
      const tab = window.open('about:blank', '_blank');
      try {
        const { url } = await studio.api.call('openNotebookInstance', {
          name,
          body: { view }
        });
        if (tab) {
          tab.opener = null;
          tab.location.replace(url);
        } else {
          Notification.warning(
            trans.__('The browser did not let a new tab open; allow it here.')
          );
        }
      } catch (reason) {
        tab?.close();
        Notification.error(ApiFailure.from(reason).message);
      }
    };
    const runs = (args: { [key: string]: unknown }): boolean =>
      !!args.name || rowUnderMenu(app, kind)?.status === 'InService';
    const rests = (args: { [key: string]: unknown }): boolean =>
      !!args.name ||
      ['Stopped', 'Failed'].includes(rowUnderMenu(app, kind)?.status ?? '');
    for (const [command, label, view] of [
      [CommandIDs.launchJupyter, trans.__('Open Jupyter'), 'tree'],
      [CommandIDs.launchJupyterLab, trans.__('Open JupyterLab'), 'lab']
    ] as const) {
      commands.addCommand(command, {
        label,
        caption: trans.__(
          'Open the Jupyter server of the notebook instance in another tab'
        ),
        icon: launchIcon,
        describedBy: NAME_ARGS('Name of the notebook instance'),
        isEnabled: runs,
        execute: async args => {
          const name = nameFrom(app, args, kind);
          if (name) {
            await launch(name, view);
          }
        }
      });
    }
    commands.addCommand(CommandIDs.startNotebookInstance, {
      label: trans.__('Start'),
      caption: trans.__('Start the notebook instance'),
      icon: runIcon,
      describedBy: NAME_ARGS('Name of the notebook instance'),
      isEnabled: rests,
      execute: async args => {
        const name = nameFrom(app, args, kind);
        if (name) {
          try {
            await studio.api.call('startNotebookInstance', { name });
          } catch (reason) {
            Notification.error(ApiFailure.from(reason).message);
          }
          studio.refresh();
        }
      }
    });
    commands.addCommand(CommandIDs.stopNotebookInstance, {
      label: trans.__('Stop'),
      caption: trans.__('Stop the notebook instance'),
      icon: stopIcon,
      describedBy: NAME_ARGS('Name of the notebook instance'),
      isEnabled: runs,
      execute: async args => {
        const name = nameFrom(app, args, kind);
        if (name) {
          await confirmed(
            studio,
            trans,
            {
              title: trans.__('Stop the notebook instance?'),
              body: trans.__(
                'Kernels and terminals of "%1" end. The folder SageMaker is kept; everything else in it is lost.',
                name
              ),
              label: trans.__('Stop')
            },
            () => studio.api.call('stopNotebookInstance', { name })
          );
        }
      }
    });
    commands.addCommand(CommandIDs.deleteNotebookInstance, {
      label: trans.__('Delete…'),
      caption: trans.__('Delete the notebook instance'),
      icon: deleteIcon,
      describedBy: NAME_ARGS('Name of the notebook instance'),
      isEnabled: rests,
      execute: async args => {
        const name = nameFrom(app, args, kind);
        if (name) {
          await confirmed(
            studio,
            trans,
            {
              title: trans.__('Delete the notebook instance?'),
              body: trans.__(
                '"%1" is deleted with all notebooks in its folder SageMaker. This cannot be undone.',
                name
              ),
              label: trans.__('Delete')
            },
            () => studio.api.call('deleteNotebookInstance', { name })
          );
        }
      }
    });
    for (const command of [
      CommandIDs.listNotebookInstances,
      CommandIDs.createNotebookInstance,
      CommandIDs.listNotebookLifecycles
    ]) {
      palette?.addItem({ command, category: trans.__('SageMaker') });
    }
    [
      CommandIDs.openNotebookInstance,
      CommandIDs.launchJupyter,
      CommandIDs.launchJupyterLab,
      CommandIDs.startNotebookInstance,
      CommandIDs.stopNotebookInstance,
      CommandIDs.deleteNotebookInstance
    ].forEach((command, index) =>
      contextMenu.addItem({
        command,
        selector: RowData.selector(kind),
        rank: index + 1
      })
    );
  }
};
