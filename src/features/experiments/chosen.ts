import { useEffect, useState } from 'react';

import type { Change } from '../../api/generated';
import { usePage } from '../../shared/context';
import type { Selection } from '../../shared/selection';

/** How many rows are chosen. */
export function useChosenCount(selection: Selection): number {
  const [size, setSize] = useState(selection.size);
  useEffect(() => {
    const update = (): void => setSize(selection.size);
    selection.changed.connect(update);
    return () => {
      selection.changed.disconnect(update);
    };
  }, [selection]);
  return size;
}

/** Takes components out of what is chosen when they are deleted, here or elsewhere. */
export function useForgotten(selection: Selection): void {
  const { studio } = usePage();
  useEffect(() => {
    const forget = (_: unknown, change: Change): void => {
      if (change.deleted && change.kind === 'ExperimentTrialComponent') {
        selection.drop([change.name]);
      }
    };
    studio.changed.connect(forget);
    return () => {
      studio.changed.disconnect(forget);
    };
  }, [studio, selection]);
}

/** A text once its typing pauses. */
export function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => setPaused(text), 250);
    return () => window.clearTimeout(timer);
  }, [text]);
  return paused;
}
