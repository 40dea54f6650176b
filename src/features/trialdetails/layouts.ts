/** Saved layouts of charts in Lab's settings. */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { readCharts } from './charts/definition';
import type { ILayout, ILayouts } from './host';

const KEY = 'layouts';

/** Layouts of a plugin's settings; without settings they last as long as the page. */
export class SettingLayouts implements ILayouts {
  /**
   * Follows the settings from now on.
   *
   * @param reload - reads them again: another tab or browser may have saved a layout meanwhile
   */
  attach(
    settings: ISettingRegistry.ISettings,
    reload: () => Promise<unknown> = () => Promise.resolve()
  ): void {
    this._settings = settings;
    this._reload = reload;
    const read = (): void => {
      this._list = layoutsOf(settings.composite[KEY]);
      this._changed.emit();
    };
    settings.changed.connect(read);
    read();
  }

  get list(): readonly ILayout[] {
    return this._list;
  }

  get changed(): ISignal<ILayouts, void> {
    return this._changed;
  }

  async save(layout: ILayout): Promise<void> {
    await this._change(list => [
      ...list.filter(each => each.name !== layout.name),
      layout
    ]);
  }

  async remove(name: string): Promise<void> {
    await this._change(list => list.filter(each => each.name !== name));
  }

  private async _change(change: (list: ILayout[]) => ILayout[]): Promise<void> {
    await this._reload();
    this._list = change(this._list).sort((a, b) =>
      a.name.localeCompare(b.name)
    );
    this._changed.emit();
    await this._settings?.set(KEY, JSON.parse(JSON.stringify(this._list)));
  }

  private _list: ILayout[] = [];
  private _settings: ISettingRegistry.ISettings | null = null;
  private _reload: () => Promise<unknown> = () => Promise.resolve();
  private _changed = new Signal<ILayouts, void>(this);
}

/** Layouts that somebody may have edited by hand. */
export function layoutsOf(value: unknown): ILayout[] {
  return Array.isArray(value)
    ? value
        .filter(each => typeof each?.name === 'string' && each.name)
        .map(each => ({
          name: each.name as string,
          charts: readCharts(each.charts)
        }))
    : [];
}
