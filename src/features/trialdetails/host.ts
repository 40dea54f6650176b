/** What the pages of trial components get of Lab, besides what all pages get. */
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { ISignal } from '@lumino/signaling';
import { createContext, useContext } from 'react';

import type { IChart } from './charts/definition';

/** Charts under a name. */
export interface ILayout {
  name: string;
  charts: IChart[];
}

/** Saved layouts, kept in Lab's settings of this user. */
export interface ILayouts {
  readonly list: readonly ILayout[];
  readonly changed: ISignal<ILayouts, void>;
  /** Saves charts under a name, over those that have it. */
  save(layout: ILayout): Promise<void>;
  remove(name: string): Promise<void>;
}

export interface IHost {
  rendermime: IRenderMimeRegistry;
  layouts: ILayouts;
  /** Puts code into a cell below the active one of the notebook that was used last, or of a new one. */
  insertCell(code: string): Promise<void>;
}

export const HostContext = createContext<IHost | null>(null);

export function useHost(): IHost {
  const host = useContext(HostContext);
  if (!host) {
    throw new Error('A chart was rendered outside its page.');
  }
  return host;
}
