import { MessageLoop } from '@lumino/messaging';
import type { Widget } from '@lumino/widgets';

const KEY = 'smstudio:no-kernel';

/** The notebooks for which somebody chose "No Kernel" in this browser tab, by their paths. */
export const withoutKernel = {
  has(path: string): boolean {
    return read().includes(path);
  },

  /** Notes the choice for a notebook. */
  note(path: string, none: boolean): void {
    const others = read().filter(each => each !== path);
    try {
      window.sessionStorage.setItem(
        KEY,
        JSON.stringify(none ? [...others, path] : others)
      );
    } catch {
      // Full or forbidden: the notebook asks again when the page is loaded anew.
    }
  }
};

function read(): string[] {
  try {
    const found: unknown = JSON.parse(
      window.sessionStorage.getItem(KEY) ?? '[]'
    );
    return Array.isArray(found) ? found.map(String) : [];
  } catch {
    return [];
  }
}

/** Waits until a widget is to be seen; never, when it is closed before. */
export function shown(widget: Widget): Promise<void> {
  if (widget.isVisible) {
    return Promise.resolve();
  }
  return new Promise(resolve => {
    const hook = (_: unknown, message: { type: string }): boolean => {
      if (message.type === 'after-show' || message.type === 'after-attach') {
        // The widget itself hears of it after this; one that is attached may be behind another.
        void Promise.resolve().then(() => {
          if (widget.isVisible) {
            MessageLoop.removeMessageHook(widget, hook);
            resolve();
          }
        });
      }
      return true;
    };
    MessageLoop.installMessageHook(widget, hook);
  });
}
