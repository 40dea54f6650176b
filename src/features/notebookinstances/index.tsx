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
import { NAME_ARGS } from '../../shared/pages';
import { behind, LIST, ResourcePages } from '../../shared/resourcepages';
import { ISmStudio } from '../../tokens';

const CreateNotebookPage = lazy(() => import('./create'));
const LifecyclesPage = lazy(() => import('./lifecycles'));
const NotebookInstancePage = lazy(() => import('./page'));
const NotebookInstancesPage = lazy(() => import('./list'));

/** A form with the settings of an instance is called so, and as the instance. */
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
    const instances = new ResourcePages({
      app,
      studio,
      translator,
      restorer,
      palette,
      icon: notebookIcon,
      kind: RowData.notebookInstance,
      named: 'Name of the notebook instance'
    });
    const { trans } = instances;
    instances.addList(
      'smstudio-notebook-instances',
      CommandIDs.listNotebookInstances,
      {
        label: trans.__('Notebook Instances'),
        caption: trans.__(
          'List, create, open, start and stop notebook instances'
        ),
        page: {
          label: trans.__('Notebook instances'),
          content: () => <NotebookInstancesPage />
        }
      }
    );
    instances.addPages(
      'smstudio-notebook-instance',
      CommandIDs.openNotebookInstance,
      {
        label: trans.__('Open page of the notebook instance'),
        caption: trans.__(
          'Settings, progress and logs of the notebook instance'
        ),
        page: (name, close) => ({
          caption: trans.__('Notebook instance %1', name),
          content: () => <NotebookInstancePage name={name} onClose={close} />
        })
      }
    );
    instances.addForms(
      'smstudio-create-notebook-instance',
      CommandIDs.createNotebookInstance,
      {
        label: trans.__('Create Notebook Instance'),
        caption: trans.__('Create a Jupyter server of its own'),
        named: 'Name of the form: "new", or "edit:" and a notebook instance',
        draft: 'notebook-instance',
        page: (page, close) => {
          const edit = behind(EDIT, page);
          return {
            label: edit
              ? trans.__('Settings of %1', edit)
              : trans.__('Create notebook instance'),
            content: () => (
              <CreateNotebookPage page={page} edit={edit} onDone={close} />
            )
          };
        }
      }
    );
    const lifecycles = instances.pages(
      'smstudio-notebook-lifecycles',
      CommandIDs.listNotebookLifecycles
    );
    app.commands.addCommand(CommandIDs.listNotebookLifecycles, {
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
          instances.make({
            icon: consoleIcon,
            label: trans.__('Lifecycle configurations'),
            content: () => <LifecyclesPage first={first} />
          })
        );
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
    const runs = (status: string): boolean => status === 'InService';
    const rests = (status: string): boolean =>
      ['Stopped', 'Failed'].includes(status);
    for (const [command, label, view] of [
      [CommandIDs.launchJupyter, trans.__('Open Jupyter'), 'tree'],
      [CommandIDs.launchJupyterLab, trans.__('Open JupyterLab'), 'lab']
    ] as const) {
      instances.addAction(command, {
        label,
        caption: trans.__(
          'Open the Jupyter server of the notebook instance in another tab'
        ),
        icon: launchIcon,
        enabled: runs,
        run: name => launch(name, view)
      });
    }
    instances.addAction(CommandIDs.startNotebookInstance, {
      label: trans.__('Start'),
      caption: trans.__('Start the notebook instance'),
      icon: runIcon,
      enabled: rests,
      run: async name => {
        try {
          await studio.api.call('startNotebookInstance', { name });
        } catch (reason) {
          Notification.error(ApiFailure.from(reason).message);
        }
        studio.refresh();
      }
    });
    instances.addQuestion(CommandIDs.stopNotebookInstance, {
      label: trans.__('Stop'),
      caption: trans.__('Stop the notebook instance'),
      icon: stopIcon,
      enabled: runs,
      question: name => ({
        title: trans.__('Stop the notebook instance?'),
        body: trans.__(
          'Kernels and terminals of "%1" end. The folder SageMaker is kept; everything else in it is lost.',
          name
        ),
        label: trans.__('Stop')
      }),
      act: name => studio.api.call('stopNotebookInstance', { name })
    });
    instances.addQuestion(CommandIDs.deleteNotebookInstance, {
      label: trans.__('Delete…'),
      caption: trans.__('Delete the notebook instance'),
      icon: deleteIcon,
      enabled: rests,
      question: name => ({
        title: trans.__('Delete the notebook instance?'),
        body: trans.__(
          '"%1" is deleted with all notebooks in its folder SageMaker. This cannot be undone.',
          name
        ),
        label: trans.__('Delete')
      }),
      act: name => studio.api.call('deleteNotebookInstance', { name })
    });
    instances.addToPalette([
      CommandIDs.listNotebookInstances,
      CommandIDs.createNotebookInstance,
      CommandIDs.listNotebookLifecycles
    ]);
    instances.addToMenu([
      CommandIDs.openNotebookInstance,
      CommandIDs.launchJupyter,
      CommandIDs.launchJupyterLab,
      CommandIDs.startNotebookInstance,
      CommandIDs.stopNotebookInstance,
      CommandIDs.deleteNotebookInstance
    ]);
  }
};
