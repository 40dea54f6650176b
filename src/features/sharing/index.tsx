import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer, IRouter } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { INotebookTracker, INotebookWidgetFactory } from '@jupyterlab/notebook';
import type { NotebookWidgetFactory } from '@jupyterlab/notebook';
import { ITranslator } from '@jupyterlab/translation';
import {
  deleteIcon,
  linkIcon,
  notebookIcon,
  shareIcon
} from '@jupyterlab/ui-components';
import { lazy } from 'react';

import { CommandIDs, RowData } from '../../commands';
import { confirmed } from '../../shared/confirm';
import { openOverlay } from '../../shared/overlay';
import { StudioPage, TRANSLATION_DOMAIN } from '../../shared/page';
import { NAME_ARGS, nameFrom, Pages } from '../../shared/pages';
import { openFile, shownFolder } from '../../shared/preview/folder';
import { ISmStudio } from '../../tokens';
import { linkTo, PATTERN, snapshotOf, withoutSnapshot } from './link';

const ShareDialog = lazy(() => import('./dialog'));
const SnapshotPage = lazy(() => import('./preview'));
const SnapshotsPage = lazy(() => import('./list'));

const FOLLOW = 'smstudio:follow-snapshot-link';

/** Sharing of notebooks: dialog, links, previews, list of one's own snapshots. */
export const sharingPlugin: JupyterFrontEndPlugin<void> = {
  id: 'smstudio-ext:sharing',
  description:
    'Shares read-only snapshots of notebooks by links, and shows those of others.',
  autoStart: true,
  requires: [ISmStudio, ITranslator, INotebookTracker, INotebookWidgetFactory],
  optional: [ILayoutRestorer, ICommandPalette, IRouter, IDefaultFileBrowser],
  activate: (
    app: JupyterFrontEnd,
    studio: ISmStudio,
    translator: ITranslator,
    notebooks: INotebookTracker,
    factory: NotebookWidgetFactory.IFactory,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    router: IRouter | null,
    browser: IDefaultFileBrowser | null
  ): void => {
    const trans = translator.load(TRANSLATION_DOMAIN);
    const { commands, contextMenu } = app;
    const link = (name: string): string =>
      linkTo(
        {
          baseUrl: app.serviceManager.serverSettings.baseUrl,
          hubPrefix: PageConfig.getOption('hubPrefix')
        },
        name
      );
    const previews = new Pages({
      app,
      namespace: 'smstudio-snapshot',
      command: CommandIDs.openSnapshot,
      restorer
    });
    const lists = new Pages({
      app,
      namespace: 'smstudio-snapshots',
      command: CommandIDs.listSnapshots,
      restorer
    });
    const tools = { factory, translator };

    commands.addCommand(CommandIDs.shareNotebook, {
      label: trans.__('Share Notebook…'),
      caption: trans.__('Create a shareable snapshot of the notebook'),
      icon: shareIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            path: {
              type: 'string',
              description: 'Path of the notebook; the one on top by default'
            }
          }
        }
      },
      isEnabled: args => !!args.path || !!notebooks.currentWidget,
      execute: args => {
        const panel = args.path
          ? notebooks.find(each => each.context.path === args.path)
          : notebooks.currentWidget;
        const path = panel ? panel.context.localPath : String(args.path ?? '');
        if (!path) {
          return;
        }
        openOverlay(
          {
            studio,
            trans,
            commands,
            locale: translator.languageCode.replace('_', '-')
          },
          close => (
            <ShareDialog
              path={path}
              save={async () => {
                if (panel?.context.model.dirty) {
                  await panel.context.save();
                }
              }}
              linkTo={link}
              onClose={close}
            />
          )
        );
      }
    });
    commands.addCommand(CommandIDs.openSnapshot, {
      label: trans.__('Open Snapshot'),
      caption: trans.__('Show a read-only preview of a shared notebook'),
      icon: notebookIcon,
      describedBy: NAME_ARGS('Name of the snapshot, as its link has it'),
      execute: args => {
        const name = nameFrom(app, args, RowData.snapshot);
        if (!name) {
          return;
        }
        previews.open(name, id => {
          const page: StudioPage = new StudioPage({
            studio,
            translator,
            commands,
            id,
            label: trans.__('Snapshot'),
            caption: trans.__('Read-only preview of a shared notebook'),
            icon: notebookIcon,
            content: () => (
              <SnapshotPage
                name={name}
                tools={tools}
                onTitle={title => {
                  page.title.label = title;
                }}
                folder={() => shownFolder(app, browser)}
                linkTo={link}
                open={path => openFile(app, path)}
              />
            )
          });
          return page;
        });
      }
    });
    commands.addCommand(CommandIDs.listSnapshots, {
      label: trans.__('My Snapshots'),
      caption: trans.__('List the snapshots of notebooks that you shared'),
      icon: linkIcon,
      describedBy: { args: null },
      execute: () => {
        lists.open(
          'all',
          id =>
            new StudioPage({
              studio,
              translator,
              commands,
              id,
              label: trans.__('My snapshots'),
              icon: linkIcon,
              content: () => <SnapshotsPage linkTo={link} />
            })
        );
      }
    });
    commands.addCommand(CommandIDs.deleteSnapshot, {
      label: trans.__('Delete…'),
      caption: trans.__('Delete the snapshot; its link then leads nowhere'),
      icon: deleteIcon,
      describedBy: NAME_ARGS('Name of the snapshot'),
      execute: async args => {
        const name = nameFrom(app, args, RowData.snapshot);
        if (name) {
          await confirmed(
            studio,
            trans,
            {
              title: trans.__('Delete the snapshot?'),
              body: trans.__('The link will lead nowhere; copies stay.'),
              label: trans.__('Delete')
            },
            () => studio.api.call('deleteSnapshot', { name })
          );
        }
      }
    });
    for (const command of [
      CommandIDs.shareNotebook,
      CommandIDs.listSnapshots
    ]) {
      palette?.addItem({ command, category: trans.__('SageMaker') });
    }
    [CommandIDs.openSnapshot, CommandIDs.deleteSnapshot].forEach(
      (command, index) =>
        contextMenu.addItem({
          command,
          selector: RowData.selector(RowData.snapshot),
          rank: index + 1
        })
    );
    if (router) {
      commands.addCommand(FOLLOW, {
        label: trans.__('Follow a Link to a Snapshot'),
        describedBy: { args: null },
        isVisible: () => false,
        execute: () => {
          const { path, search, hash } = router.current;
          const name = snapshotOf(search ?? '');
          router.navigate(withoutSnapshot(path, search ?? '', hash ?? ''), {
            skipRouting: true
          });
          if (name) {
            void app.restored.then(() =>
              commands.execute(CommandIDs.openSnapshot, { name })
            );
          }
        }
      });
      router.register({ command: FOLLOW, pattern: PATTERN, rank: 10 });
    }
  }
};
