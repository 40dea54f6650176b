import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDefaultFileBrowser } from '@jupyterlab/filebrowser';

import type { IFolder } from './copy';

/** The folder that the file browser shows. */
export function shownFolder(
  app: JupyterFrontEnd,
  browser: IDefaultFileBrowser | null
): IFolder {
  const { contents } = app.serviceManager;
  const path = browser?.model.path ?? '';
  return {
    path: contents.localPath(path),
    names: async () => {
      const model = await contents.get(path, { content: true });
      return (model.content as { name: string }[]).map(each => each.name);
    }
  };
}

/** Opens a file of the server, as a click in the file browser does. */
export async function openFile(
  app: JupyterFrontEnd,
  path: string
): Promise<void> {
  await app.commands.execute('docmanager:open', { path });
}
