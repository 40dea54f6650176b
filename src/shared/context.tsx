import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { createContext, useContext, useEffect, useState } from 'react';

import type { Status } from '../api/generated';
import type { ISmStudio } from '../tokens';

/** What every component of a page may ask for. */
export interface IPageContext {
  studio: ISmStudio;
  trans: TranslationBundle;
  commands: CommandRegistry;
  /** BCP 47 tag of the language that Lab shows. */
  locale: string;
  /** Whether the page is on screen. */
  visible: boolean;
}

export const PageContext = createContext<IPageContext | null>(null);

/** The page's surroundings. */
export function usePage(): IPageContext {
  const context = useContext(PageContext);
  if (!context) {
    throw new Error('A SageMaker component was rendered outside a page.');
  }
  return context;
}

/** The server's status, kept up to date. */
export function useStatus(): Status | null {
  const { studio } = usePage();
  const [status, setStatus] = useState(studio.status);
  useEffect(() => {
    const update = (): void => setStatus(studio.status);
    update();
    studio.statusChanged.connect(update);
    return () => {
      studio.statusChanged.disconnect(update);
    };
  }, [studio]);
  return status;
}
