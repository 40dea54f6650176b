import { useEffect, useState } from 'react';

import { usePage } from './context';

/** How long typing must pause before a draft is kept, in milliseconds. */
const PAUSE = 400;

const PREFIX = 'smstudio-ext:draft:';

/** State of a page that outlives a reload of the browser tab; `forget` when it is not needed any more. */
export function useDraft<T>(
  key: string,
  initial: () => T
): [T, (change: (before: T) => T) => void, () => void] {
  const { studio } = usePage();
  const full = PREFIX + studio.api.serverSettings.baseUrl + key;
  const [state, setState] = useState<T>(() => readDraft<T>(full) ?? initial());
  const [kept, setKept] = useState(true);
  useEffect(() => {
    if (!kept) {
      return;
    }
    const timer = window.setTimeout(() => writeDraft(full, state), PAUSE);
    return () => window.clearTimeout(timer);
  }, [full, state, kept]);
  return [
    state,
    setState,
    () => {
      setKept(false);
      removeDraft(full);
    }
  ];
}

/** Keeps a draft for a page that is about to open. */
export function leaveDraft<T>(baseUrl: string, key: string, value: T): void {
  writeDraft(PREFIX + baseUrl + key, value);
}

/** What was left for a page that opens, and forgets it. */
export function takeDraft<T>(baseUrl: string, key: string): T | null {
  const full = PREFIX + baseUrl + key;
  const found = readDraft<T>(full);
  removeDraft(full);
  return found;
}

/** Forgets the draft of a page that was closed. */
export function dropDraft(baseUrl: string, key: string): void {
  removeDraft(PREFIX + baseUrl + key);
}

function readDraft<T>(key: string): T | null {
  try {
    const text = window.sessionStorage.getItem(key);
    return text ? (JSON.parse(text) as T) : null;
  } catch {
    // Storage that is switched off: the page opens as new.
    return null;
  }
}

function writeDraft(key: string, value: unknown): void {
  try {
    window.sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Storage that is full or switched off: a reload forgets the draft.
  }
}

function removeDraft(key: string): void {
  try {
    window.sessionStorage.removeItem(key);
  } catch {
    // Storage that is switched off holds nothing.
  }
}
