import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';

import type { ColumnFilter } from '../../api/generated';
import type { ISort } from '../../shared/merge';
import type { IShownColumn } from './columns';

/** What a table shows and how; null columns are the default ones. */
export interface IView {
  columns: IShownColumn[] | null;
  sort: ISort;
  search: string;
  filters: ColumnFilter[];
  groupBy: string | null;
}

export const START: IView = {
  columns: null,
  sort: { column: 'CreationTime', descending: true },
  search: '',
  filters: [],
  groupBy: null
};

/** Views that somebody named; they are kept in the settings, so they are there in every browser. */
export class SavedViews {
  /**
   * @param _settings - where views are kept; null: only until the reload
   * @param _reload - reads the settings again: another tab or browser may have saved a view meanwhile
   */
  constructor(
    private _settings: ISettingRegistry.ISettings | null,
    private _reload: () => Promise<unknown> = () => Promise.resolve()
  ) {
    this._settings?.changed.connect(() => this.changed.emit());
  }

  readonly changed = new Signal<this, void>(this);

  get names(): string[] {
    return Object.keys(this._all()).sort((left, right) =>
      left.localeCompare(right)
    );
  }

  get(name: string): IView | null {
    const found = this._all()[name];
    return found ? { ...START, ...found } : null;
  }

  async save(name: string, view: IView): Promise<void> {
    await this._write(all => ({ ...all, [name]: view }));
  }

  async remove(name: string): Promise<void> {
    await this._write(all =>
      Object.fromEntries(Object.entries(all).filter(([each]) => each !== name))
    );
  }

  private _all(): Record<string, IView> {
    if (!this._settings) {
      return this._unsaved;
    }
    const found = this._settings.composite.views;
    return (found ?? {}) as unknown as Record<string, IView>;
  }

  private async _write(
    change: (all: Record<string, IView>) => Record<string, IView>
  ): Promise<void> {
    if (this._settings) {
      await this._reload();
      await this._settings.set(
        'views',
        JSON.parse(JSON.stringify(change(this._all()))) as never
      );
    } else {
      this._unsaved = change(this._unsaved);
      this.changed.emit();
    }
  }

  /** Without settings, views last until the reload. */
  private _unsaved: Record<string, IView> = {};
}
