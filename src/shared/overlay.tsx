import type { ReactNode } from 'react';
import { Suspense } from 'react';
import { createRoot } from 'react-dom/client';

import type { IPageContext } from './context';
import { PageContext } from './context';

/** Shows a dialog that belongs to no page, for commands; `content` gets what closes it. */
export function openOverlay(
  context: Omit<IPageContext, 'visible'>,
  content: (close: () => void) => ReactNode
): void {
  const before = document.activeElement as HTMLElement | null;
  const host = document.createElement('div');
  host.className = 'smstudio-Page smstudio-Overlay';
  document.body.appendChild(host);
  const root = createRoot(host);
  const close = (): void => {
    // Not while React renders what asked for it.
    window.setTimeout(() => {
      root.unmount();
      host.remove();
      before?.focus();
    });
  };
  root.render(
    <PageContext.Provider value={{ ...context, visible: true }}>
      <Suspense fallback={null}>{content(close)}</Suspense>
    </PageContext.Provider>
  );
}
