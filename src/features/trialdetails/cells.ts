/** Puts code into a notebook through Lab's own commands. */
import type { JupyterFrontEnd } from '@jupyterlab/application';

/** A cell below the active one of the notebook that was used last, or of a new one; the code is not run. */
export async function insertCell(
  app: JupyterFrontEnd,
  code: string
): Promise<void> {
  const { commands, shell } = app;
  const notebooks = [...shell.widgets('main')].filter(widget =>
    widget.hasClass('jp-NotebookPanel')
  );
  if (!notebooks.length) {
    await commands.execute('notebook:create-new', { activate: true });
  }
  await commands.execute('notebook:insert-cell-below', { activate: true });
  await commands.execute('notebook:change-cell-to-code');
  await commands.execute('notebook:replace-selection', { text: code });
}
