/** Puts code into a notebook through Lab's own commands. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Widget } from '@lumino/widgets';

/** What is used of Lab's notebook panel. */
interface INotebookPanel extends Widget {
  readonly context: { readonly ready: Promise<void> };
  readonly content: {
    readonly activeCell: {
      readonly model: {
        readonly type: string;
        readonly sharedModel: { setSource(text: string): void };
      };
    } | null;
  };
}

/** A cell below the active one of the notebook that was used last, or the first of a new one; the code is not run. */
export async function insertCell(
  app: JupyterFrontEnd,
  code: string
): Promise<void> {
  const { commands, shell } = app;
  const open = [...shell.widgets('main')].some(isNotebook);
  let panel: Widget | null = null;
  if (open) {
    await commands.execute('notebook:insert-cell-below', { activate: true });
    await commands.execute('notebook:change-cell-to-code');
    panel = shell.currentWidget;
  } else {
    panel = (await commands.execute('notebook:create-new')) as Widget | null;
    if (panel && isNotebook(panel)) {
      await panel.context.ready;
    }
  }
  if (panel && isNotebook(panel)) {
    panel.content.activeCell?.model.sharedModel.setSource(code);
  }
}

function isNotebook(widget: Widget): widget is INotebookPanel {
  return widget.hasClass('jp-NotebookPanel');
}
