import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Signal } from '@lumino/signaling';

/** The chosen rows of a list: click, Ctrl and Shift as in a file manager. */
export class Selection {
  /** Emitted after each change. */
  readonly changed = new Signal<this, void>(this);

  /** Counts changes, for React. */
  version = 0;

  /** Where a range begins: the row that was chosen last without Shift. */
  anchor: number | null = null;

  get names(): readonly string[] {
    return [...this._names];
  }

  get size(): number {
    return this._names.size;
  }

  has(name: string): boolean {
    return this._names.has(name);
  }

  /** Chooses just these. */
  set(names: Iterable<string>): void {
    this._names = new Set(names);
    this._tell();
  }

  /** Adds names to those that are chosen. */
  add(names: Iterable<string>): void {
    for (const name of names) {
      this._names.add(name);
    }
    this._tell();
  }

  toggle(name: string): void {
    if (!this._names.delete(name)) {
      this._names.add(name);
    }
    this._tell();
  }

  /** Forgets names that are gone. */
  drop(names: Iterable<string>): void {
    let gone = false;
    for (const name of names) {
      gone = this._names.delete(name) || gone;
    }
    if (gone) {
      this._tell();
    }
  }

  clear(): void {
    this.anchor = null;
    if (this._names.size) {
      this.set([]);
    }
  }

  private _tell(): void {
    this.version++;
    this.changed.emit();
  }

  private _names = new Set<string>();
}

/** What is chosen in the list under the context menu. */
export interface IChosen {
  /** Kind of the rows, as in `RowData`. */
  kind: string;
  names: readonly string[];
  /** The trial or experiment whose members the list shows. */
  parent?: string;
  /** What is known of a chosen row. */
  row?: (name: string) => { type?: string; status?: string } | undefined;
}

const TELLERS = new WeakMap<HTMLElement, () => IChosen>();

/** Lets commands ask what is chosen in the list inside `node`. */
export function tellChosen(node: HTMLElement, tell: () => IChosen): void {
  TELLERS.set(node, tell);
}

/** What is chosen where the context menu was opened. */
export function chosenUnderMenu(app: JupyterFrontEnd): IChosen | null {
  const node = app.contextMenuHitTest(each => TELLERS.has(each));
  return node ? (TELLERS.get(node)?.() ?? null) : null;
}

/** Names in a command's arguments, else those chosen under the context menu. */
export function namesFrom(
  app: JupyterFrontEnd,
  args: { [key: string]: unknown },
  kind: string
): readonly string[] {
  if (Array.isArray(args.names)) {
    return args.names.filter(each => typeof each === 'string');
  }
  if (typeof args.name === 'string' && args.name) {
    return [args.name];
  }
  const chosen = chosenUnderMenu(app);
  return chosen && chosen.kind === kind ? chosen.names : [];
}

/** Arguments of a command that acts on several things with names. */
export const NAMES_ARGS = (description: string) => ({
  args: {
    type: 'object' as const,
    properties: {
      names: { type: 'array', items: { type: 'string' }, description }
    }
  }
});

/** Type of what is dragged when components are taken from one list to another. */
export const DRAGGED_COMPONENTS = 'application/x-smstudio-trial-components';

/** Names that one request carries. */
const AT_ONCE = 200;

/** Parts of a list of names that fit into one request. */
export function batches(names: readonly string[], size = AT_ONCE): string[][] {
  const found: string[][] = [];
  for (let start = 0; start < names.length; start += size) {
    found.push(names.slice(start, start + size));
  }
  return found;
}
