import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

/** A dialog that a command asks the page of a model to open. */
export type ModelDialog = 'deploy' | 'delete';

/** What commands ask of pages, which may not be open yet. */
export class Requests {
  /** Somebody asked for a dialog of the model of this name. */
  get asked(): ISignal<this, string> {
    return this._asked;
  }

  /** Asks for a dialog. */
  ask(name: string, dialog: ModelDialog): void {
    this._wanted.set(name, dialog);
    this._asked.emit(name);
  }

  /** What was asked for, once. */
  take(name: string): ModelDialog | null {
    const found = this._wanted.get(name) ?? null;
    this._wanted.delete(name);
    return found;
  }

  private _wanted = new Map<string, ModelDialog>();
  private _asked = new Signal<this, string>(this);
}
