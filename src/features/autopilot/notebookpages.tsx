import { PathExt } from '@jupyterlab/coreutils';
import { notebookIcon } from '@jupyterlab/ui-components';
import { lazy } from 'react';

import type { AutoMLNotebook } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { StudioPage } from '../../shared/page';
import { NAME_ARGS, Pages } from '../../shared/pages';
import { freeName } from './cells';
import type { IPlace, NotebookKind } from './places';
import { partsOf } from './places';

const NotebookPage = lazy(() => import('./notebook'));

const OPEN_FILE = 'docmanager:open';

/** Adds the read-only pages of Autopilot's notebooks. */
export function addNotebookPages(place: IPlace): void {
  const { app, studio, translator, trans, rendermime, restorer } = place;
  const { commands } = app;
  const pages = new Pages({
    app,
    namespace: 'smstudio-autopilot-notebook',
    command: CommandIDs.openAutopilotNotebook,
    restorer
  });
  commands.addCommand(CommandIDs.openAutopilotNotebook, {
    label: trans.__('Open Autopilot Notebook'),
    caption: trans.__('Show a notebook that Autopilot wrote'),
    icon: notebookIcon,
    describedBy: NAME_ARGS(
      'candidate-definition or data-exploration, a slash, and the name of the Autopilot job'
    ),
    execute: args => {
      const parts = partsOf(String(args.name ?? ''));
      if (!parts) {
        return;
      }
      const [kind, job] = parts as [NotebookKind, string];
      pages.open(
        String(args.name),
        id =>
          new StudioPage({
            studio,
            translator,
            commands,
            id,
            label:
              kind === 'data-exploration'
                ? trans.__('Data exploration')
                : trans.__('Candidate definitions'),
            caption: trans.__('Notebook of the Autopilot experiment %1', job),
            icon: notebookIcon,
            content: () => (
              <NotebookPage
                job={job}
                kind={kind}
                rendermime={rendermime}
                onImport={notebook => importNotebook(place, notebook)}
              />
            )
          })
      );
    }
  });
}

/** Keeps a copy of a notebook where the file browser is, and opens it; Lab then asks for a kernel. */
async function importNotebook(
  place: IPlace,
  notebook: AutoMLNotebook
): Promise<void> {
  const { app, browser } = place;
  const { contents } = app.serviceManager;
  const folder = browser?.model.path ?? '';
  const taken = (name: string): Promise<boolean> =>
    contents.get(PathExt.join(folder, name), { content: false }).then(
      () => true,
      () => false
    );
  const name = await freeName(notebook.file_name, taken);
  const path = PathExt.join(folder, name);
  await contents.save(path, {
    type: 'notebook',
    format: 'json',
    content: notebook.notebook
  });
  await app.commands.execute(OPEN_FILE, { path });
}
