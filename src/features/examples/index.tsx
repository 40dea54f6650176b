import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { INotebookWidgetFactory } from '@jupyterlab/notebook';
import type { NotebookWidgetFactory } from '@jupyterlab/notebook';
import { ITranslator } from '@jupyterlab/translation';
import { copyIcon, notebookIcon } from '@jupyterlab/ui-components';
import { lazy } from 'react';

import type { Examples } from '../../api/generated';
import { CommandIDs, RowData } from '../../commands';
import { examplesIcon } from '../../shared/icons';
import { openOverlay } from '../../shared/overlay';
import { StudioPage, TRANSLATION_DOMAIN } from '../../shared/page';
import { NAME_ARGS, nameFrom, Pages } from '../../shared/pages';
import { CopyDialog } from '../../shared/preview/copy';
import { openFile, shownFolder } from '../../shared/preview/folder';
import { ISmStudio } from '../../tokens';

const ExamplesPanel = lazy(() => import('./panel'));
const ExamplePage = lazy(() => import('./preview'));

/** The gallery of example notebooks. */
export const examplesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'smstudio-ext:examples',
  description:
    'Adds the sidebar "SageMaker Examples": notebooks to look at and to copy.',
  autoStart: true,
  requires: [ISmStudio, ITranslator, INotebookWidgetFactory],
  optional: [ILayoutRestorer, ICommandPalette, IDefaultFileBrowser],
  activate: (
    app: JupyterFrontEnd,
    studio: ISmStudio,
    translator: ITranslator,
    factory: NotebookWidgetFactory.IFactory,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    browser: IDefaultFileBrowser | null
  ): void => {
    const trans = translator.load(TRANSLATION_DOMAIN);
    const { commands, contextMenu } = app;
    const tools = { factory, translator };
    const panel = new StudioPage({
      id: 'smstudio-examples',
      label: '',
      caption: trans.__('SageMaker Examples'),
      icon: examplesIcon,
      studio,
      translator,
      commands,
      content: () => <ExamplesPanel />
    });
    panel.title.closable = false;
    panel.node.setAttribute('role', 'region');
    panel.node.setAttribute('aria-label', trans.__('SageMaker Examples'));
    app.shell.add(panel, 'left', { rank: 310, type: 'SageMaker' });
    restorer?.add(panel, panel.id);
    const pages = new Pages({
      app,
      namespace: 'smstudio-example',
      command: CommandIDs.openExample,
      restorer
    });
    commands.addCommand(CommandIDs.openExamples, {
      label: trans.__('SageMaker Examples'),
      caption: trans.__('Show example notebooks to look at and to copy'),
      icon: examplesIcon,
      describedBy: { args: null },
      execute: () => app.shell.activateById(panel.id)
    });
    commands.addCommand(CommandIDs.openExample, {
      label: trans.__('Preview'),
      caption: trans.__('Show a read-only preview'),
      icon: notebookIcon,
      describedBy: NAME_ARGS('Name of the example'),
      execute: args => {
        const name = nameFrom(app, args, RowData.example);
        if (name) {
          pages.open(name, id => {
            const page: StudioPage = new StudioPage({
              studio,
              translator,
              commands,
              id,
              label: name,
              caption: trans.__('Read-only preview of an example'),
              icon: examplesIcon,
              content: () => (
                <ExamplePage
                  name={name}
                  tools={tools}
                  onTitle={title => {
                    page.title.label = title;
                  }}
                />
              )
            });
            return page;
          });
        }
      }
    });
    commands.addCommand(CommandIDs.useExample, {
      label: trans.__('Create a Copy…'),
      caption: trans.__('Copy the example to your files'),
      icon: copyIcon,
      describedBy: NAME_ARGS('Name of the example'),
      execute: async args => {
        const name = nameFrom(app, args, RowData.example);
        if (!name) {
          return;
        }
        // Those of a source have names of their own; what is not listed any more is refused when it is copied.
        const listed = await studio.api
          .call('listExamples')
          .catch((): Examples => ({ items: [], sources: [] }));
        const example = listed.items.find(each => each.name === name);
        openOverlay(
          {
            studio,
            trans,
            commands,
            locale: translator.languageCode.replace('_', '-')
          },
          close => (
            <CopyDialog
              fileName={example?.file_name ?? `${name}.ipynb`}
              folder={shownFolder(app, browser)}
              onCopy={async (folder, file_name) => {
                const copy = await studio.api.call('copyExample', {
                  name,
                  body: { folder, file_name }
                });
                await openFile(app, copy.path);
              }}
              onClose={close}
            />
          )
        );
      }
    });
    palette?.addItem({
      command: CommandIDs.openExamples,
      category: trans.__('SageMaker')
    });
    [CommandIDs.openExample, CommandIDs.useExample].forEach((command, index) =>
      contextMenu.addItem({
        command,
        selector: `.smstudio-Example[data-kind="${RowData.example}"]`,
        rank: index + 1
      })
    );
  }
};
