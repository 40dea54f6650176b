import type { JSX, RefCallback } from 'react';
import { useCallback, useRef, useState } from 'react';

/** Rows that a long table begins with and grows by. */
const STEP = 150;

/**
 * How many rows of a long table are in the document: more come when its end nears the window.
 *
 * A component may have thousands of metrics, and a table of all of them would hold the page for a second.
 *
 * @returns the number of rows, and what to put behind the last of them
 */
export function useGrowing(count: number): [number, JSX.Element | null] {
  const [most, setMost] = useState(STEP);
  const observer = useRef<IntersectionObserver | null>(null);
  const end: RefCallback<HTMLTableRowElement> = useCallback(node => {
    observer.current?.disconnect();
    observer.current = null;
    if (node) {
      observer.current = new IntersectionObserver(
        entries => {
          if (entries.some(each => each.isIntersecting)) {
            setMost(now => now + STEP);
          }
        },
        { rootMargin: '600px' }
      );
      observer.current.observe(node);
    }
  }, []);
  const shown = Math.min(most, count);
  return [
    shown,
    // A new node after each step is observed anew, so a short step goes on by itself.
    shown < count ? (
      <tr key={shown} ref={end} className="smstudio-Growing" aria-hidden="true">
        <td />
      </tr>
    ) : null
  ];
}
