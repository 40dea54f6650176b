/** Which components a page shows, and how that is written into its name; no React here. */
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { ComponentSet } from '../../api/generated';

/** What the name of a page holds, so that a reload finds it again. */
export interface IPageName {
  set: ComponentSet;
  label: string;
}

export function pageName(page: IPageName): string {
  return JSON.stringify(page);
}

/** The page of a name that `pageName` made; null for anything else. */
export function readPage(name: unknown): IPageName | null {
  if (typeof name !== 'string' || !name.startsWith('{')) {
    return null;
  }
  try {
    const { set, label } = JSON.parse(name) as Partial<IPageName>;
    return set && typeof label === 'string' ? { set, label } : null;
  } catch {
    return null;
  }
}

/** The components that a command's arguments name, else those of the row under the menu. */
export function setFrom(
  args: ReadonlyPartialJSONObject,
  row: DOMStringMap | undefined
): ComponentSet | null {
  if (Array.isArray(args.names) && args.names.length) {
    return { names: args.names.map(String) };
  }
  if (typeof args.name === 'string' && args.name) {
    return { names: [args.name] };
  }
  if (typeof args.search === 'object' && args.search !== null) {
    return { search: args.search as Record<string, unknown> };
  }
  if (!row?.name) {
    return null;
  }
  const chosen = namesOf(row.names);
  return { names: chosen.includes(row.name) ? chosen : [row.name] };
}

function namesOf(text: string | undefined): string[] {
  try {
    const found = JSON.parse(text ?? '[]') as unknown;
    return Array.isArray(found) ? found.map(String) : [];
  } catch {
    return [];
  }
}
