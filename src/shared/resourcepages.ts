import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';

import { RowData } from '../commands';
import type { ISmStudio } from '../tokens';
import type { IQuestion } from './confirm';
import { confirmed } from './confirm';
import { StudioPage, TRANSLATION_DOMAIN } from './page';
import { nameFrom, NAME_ARGS, Pages, rowUnderMenu } from './pages';

/** Name of the one page of a list. */
export const LIST = 'list';
/** Name of the form that begins empty; one like another resource is called `clone:<its name>`. */
const FORM = 'new';
export const CLONE = 'clone:';

/** What stands behind a prefix in the name of a page; null for pages without it. */
export function behind(prefix: string, page: string): string | null {
  return page.startsWith(prefix) ? page.slice(prefix.length) : null;
}

/** Adds the pages, commands and menu entries that the features of all kinds of resources have alike. */
export class ResourcePages {
  constructor(private _options: ResourcePages.IOptions) {
    this.trans = _options.translator.load(TRANSLATION_DOMAIN);
  }

  readonly trans: TranslationBundle;

  /** Adds the page that lists the resources, and the command that opens it. */
  addList(
    namespace: string,
    command: string,
    options: ResourcePages.ICommand & { page: ResourcePages.IPage }
  ): void {
    const pages = this.pages(namespace, command);
    this._add(command, options, {
      describedBy: { args: null },
      execute: () => {
        pages.open(LIST, this.make(options.page));
      }
    });
  }

  /** Adds one page a resource, and the command that opens it. */
  addPages(
    namespace: string,
    command: string,
    options: ResourcePages.ICommand & {
      /** Name of the resource where the command is used on a row of another kind. */
      nameOf?: () => string | undefined;
      isEnabled?: CommandRegistry.ICommandOptions['isEnabled'];
      page: (
        name: string,
        close: () => void
      ) => Omit<ResourcePages.IPage, 'label'>;
    }
  ): ResourcePages.IOpened {
    const pages = this.pages(namespace, command);
    const close = (name: string): void => pages.close(name);
    const open = (name: string): void => {
      const page = options.page(name, () => close(name));
      pages.open(name, this.make({ label: name, ...page }));
    };
    this._add(command, options, {
      isEnabled: options.isEnabled,
      execute: args => {
        const { app, kind } = this._options;
        const name = nameFrom(app, args, kind) ?? options.nameOf?.();
        if (name) {
          open(name);
        }
      }
    });
    return { open, close };
  }

  /** Adds the form that creates a resource, and the command that opens it; answers what opens a form by its name. */
  addForms(
    namespace: string,
    command: string,
    options: ResourcePages.ICommand & {
      /** The drafts' names begin so. */
      draft: string;
      page: (name: string, close: () => void) => ResourcePages.IPage;
    }
  ): (name: string) => void {
    const { studio } = this._options;
    const forms = this.pages(namespace, command);
    const open = (name: string): void => {
      const page = options.page(name, () => forms.close(name));
      forms.openDrafted(
        studio,
        name,
        `${options.draft}:${name}`,
        this.make(page)
      );
    };
    this._add(command, options, {
      execute: ({ name }) =>
        open(typeof name === 'string' && name ? name : FORM)
    });
    return open;
  }

  /** Adds a command on the resource that it names, or whose row is under the context menu. */
  addAction(command: string, options: ResourcePages.IAction): void {
    const { app } = this._options;
    const { enabled, kind = this._options.kind } = options;
    this._add(command, options, {
      isEnabled: enabled
        ? args => !!args.name || enabled(rowUnderMenu(app, kind)?.status ?? '')
        : undefined,
      execute: args => {
        const name = nameFrom(app, args, kind);
        return name ? options.run(name) : undefined;
      }
    });
  }

  /** Adds a command that asks before it acts on the resource. */
  addQuestion(
    command: string,
    options: Omit<ResourcePages.IAction, 'run'> & {
      question: (name: string) => IQuestion;
      act: (name: string) => Promise<unknown>;
    }
  ): void {
    const { studio } = this._options;
    const { question, act, ...action } = options;
    this.addAction(command, {
      ...action,
      run: name =>
        confirmed(studio, this.trans, question(name), () => act(name))
    });
  }

  /** Shows commands in the palette. */
  addToPalette(commands: readonly string[]): void {
    for (const command of commands) {
      this._options.palette?.addItem({
        command,
        category: this.trans.__('SageMaker')
      });
    }
  }

  /** Shows commands, in this order, in the context menu of the resources' rows. */
  addToMenu(commands: readonly string[]): void {
    const selector = RowData.selector(this._options.kind);
    commands.forEach((command, index) =>
      this._options.app.contextMenu.addItem({
        command,
        selector,
        rank: index + 1
      })
    );
  }

  /** Pages of one kind, which a command opens again after a reload. */
  pages(namespace: string, command: string): Pages {
    const { app, restorer } = this._options;
    return new Pages({ app, namespace, command, restorer });
  }

  /** What makes a page of Pages. */
  make(page: ResourcePages.IPage): (id: string) => StudioPage {
    const { app, studio, translator, icon } = this._options;
    const { commands } = app;
    return id =>
      new StudioPage({ studio, translator, commands, icon, id, ...page });
  }

  private _add(
    command: string,
    options: ResourcePages.ICommand,
    rest: Pick<
      CommandRegistry.ICommandOptions,
      'execute' | 'describedBy' | 'isEnabled'
    >
  ): void {
    this._options.app.commands.addCommand(command, {
      label: options.label,
      caption: options.caption,
      icon: options.icon ?? this._options.icon,
      describedBy: NAME_ARGS(options.named ?? this._options.named),
      ...rest
    });
  }
}

/** A namespace for ResourcePages statics. */
export namespace ResourcePages {
  /** Where the pages are added, and what they are of. */
  export interface IOptions {
    app: JupyterFrontEnd;
    studio: ISmStudio;
    translator: ITranslator;
    restorer: ILayoutRestorer | null;
    palette: ICommandPalette | null;
    icon: LabIcon;
    /** Kind of the resources' rows, see RowData. */
    kind: string;
    /** What the argument `name` of the commands is. */
    named: string;
  }

  /** What a page shows, and how it is called. */
  export type IPage = Pick<
    StudioPage.IOptions,
    'label' | 'caption' | 'icon' | 'content'
  >;

  /** How a command is called. */
  export interface ICommand {
    label: string;
    caption: string;
    /** That of the resources by default. */
    icon?: LabIcon;
    /** What the argument `name` is, where it is not a resource's name. */
    named?: string;
  }

  /** A command on one resource. */
  export interface IAction extends ICommand {
    /** Kind of the rows, where it is not that of the resources. */
    kind?: string;
    /** Whether the command makes sense in a state. */
    enabled?: (status: string) => boolean;
    run: (name: string) => unknown;
  }

  /** Opens and closes pages by their resources' names. */
  export interface IOpened {
    open: (name: string) => void;
    close: (name: string) => void;
  }
}
