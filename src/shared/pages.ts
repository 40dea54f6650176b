import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { WidgetTracker } from '@jupyterlab/apputils';

import type { ISmStudio } from '../tokens';
import { dropDraft } from './draft';
import type { StudioPage } from './page';

/** Main-area pages of one kind: opens each once, finds it again, restores it after a reload. */
export class Pages {
  constructor(private _options: Pages.IOptions) {
    const { namespace, command, restorer } = _options;
    this.tracker = new WidgetTracker<StudioPage>({ namespace });
    if (restorer) {
      void restorer.restore(this.tracker, {
        command,
        args: page => ({ name: this._names.get(page) ?? '' }),
        name: page => this._names.get(page) ?? ''
      });
    }
  }

  readonly tracker: WidgetTracker<StudioPage>;

  /** Name of the page that is on top, if it is one of these. */
  nameOf(page: StudioPage | null): string | undefined {
    return page ? this._names.get(page) : undefined;
  }

  /** Whether the page of a name is open. */
  isOpen(name: string): boolean {
    const id = `${this._options.namespace}:${name}`;
    return !!this.tracker.find(each => each.id === id);
  }

  /** Shows the page of a name; makes it first when it is not open. */
  open(name: string, make: (id: string) => StudioPage): StudioPage {
    const { app, namespace } = this._options;
    const id = `${namespace}:${name}`;
    let page = this.tracker.find(each => each.id === id);
    if (!page) {
      page = make(id);
      this._names.set(page, name);
      app.shell.add(page, 'main', { type: 'SageMaker' });
      void this.tracker.add(page);
    }
    app.shell.activateById(id);
    return page;
  }

  /** Opens a page whose draft outlives a reload, but not the closing of the page. */
  openDrafted(
    studio: ISmStudio,
    name: string,
    draft: string,
    make: (id: string) => StudioPage
  ): void {
    const made = !this.isOpen(name);
    const page = this.open(name, make);
    if (made) {
      page.disposed.connect(() =>
        dropDraft(studio.api.serverSettings.baseUrl, draft)
      );
    }
  }

  /** Closes the page of a name, if it is open. */
  close(name: string): void {
    const id = `${this._options.namespace}:${name}`;
    this.tracker.find(each => each.id === id)?.dispose();
  }

  private _names = new WeakMap<StudioPage, string>();
}

/** A namespace for Pages statics. */
export namespace Pages {
  /** Options of pages. */
  export interface IOptions {
    app: JupyterFrontEnd;
    namespace: string;
    /** Opens a page; takes `{name}`. */
    command: string;
    restorer: ILayoutRestorer | null;
  }
}

/** Arguments of a command that acts on something with a name. */
export const NAME_ARGS = (description: string) => ({
  args: {
    type: 'object' as const,
    properties: { name: { type: 'string', description } }
  }
});

/** The name in a command's arguments, else that of the row under the context menu. */
export function nameFrom(
  app: JupyterFrontEnd,
  args: { [key: string]: unknown },
  kind: string
): string | undefined {
  return typeof args.name === 'string' && args.name
    ? args.name
    : rowUnderMenu(app, kind)?.name;
}

/** What the row under the context menu carries. */
export function rowUnderMenu(
  app: JupyterFrontEnd,
  kind: string
): DOMStringMap | undefined {
  return app.contextMenuHitTest(node => node.dataset.kind === kind)?.dataset;
}
