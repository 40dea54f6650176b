import { Sanitizer } from '@jupyterlab/apputils';
import type {
  INotebookModel,
  NotebookWidgetFactory
} from '@jupyterlab/notebook';
import { NotebookModel, StaticNotebook } from '@jupyterlab/notebook';
import type { ITranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import type { JSX } from 'react';
import { useLayoutEffect, useRef } from 'react';

import { usePage } from '../context';
import { forPreview } from './document';

/** What Lab's notebooks are drawn with. */
export interface IPreviewTools {
  factory: NotebookWidgetFactory.IFactory;
  translator: ITranslator;
}

/** A notebook as Lab draws it, read-only and without a kernel; what it brings along is never run. */
export function NotebookView(props: {
  notebook: Record<string, unknown>;
  label: string;
  tools: IPreviewTools;
}): JSX.Element {
  const { trans } = usePage();
  const { notebook, label, tools } = props;
  const code = trans.__('Code');
  const host = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const node = host.current;
    if (!node) {
      return;
    }
    const [view, model] = makeView(notebook, tools);
    Widget.attach(view, node);
    for (const cell of view.widgets) {
      void cell.ready.then(() => {
        // Lab's editors have no name that a screen reader could say.
        cell.node
          .querySelector('.cm-content')
          ?.setAttribute('aria-label', code);
      });
    }
    return () => {
      view.dispose();
      model.dispose();
    };
  }, [notebook, tools, code]);
  return (
    <section
      ref={host}
      className="smstudio-NotebookPreview-cells"
      aria-label={label}
      tabIndex={0}
    />
  );
}

function makeView(
  notebook: Record<string, unknown>,
  tools: IPreviewTools
): [StaticNotebook, INotebookModel] {
  const factory = tools.factory as NotebookWidgetFactory;
  const sanitizer = new Sanitizer();
  // Text of others must not offer buttons that run Lab's commands.
  sanitizer.setAllowCommandLinker(false);
  const view = new StaticNotebook({
    rendermime: factory.rendermime.clone({ sanitizer }),
    contentFactory: factory.contentFactory,
    mimeTypeService: factory.mimeTypeService,
    editorConfig: factory.editorConfig,
    notebookConfig: {
      ...factory.notebookConfig,
      showEditorForReadOnlyMarkdown: false,
      // Every cell is in the document, so that the browser's own search finds it.
      windowingMode: 'none'
    },
    translator: tools.translator
  });
  view.addClass('jp-Notebook');
  view.addClass('smstudio-NotebookPreview-notebook');
  const model = new NotebookModel({ disableDocumentWideUndoRedo: true });
  model.fromJSON(forPreview(notebook));
  model.readOnly = true;
  view.model = model;
  return [view, model];
}
