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

/**
 * The components that a command is about.
 *
 * `names` are those of its arguments or those chosen in the list under the menu; else it is a search of its arguments, else the row
 * under the menu.
 */
export function setFrom(
  args: ReadonlyPartialJSONObject,
  names: readonly string[],
  row: DOMStringMap | undefined
): ComponentSet | null {
  if (names.length) {
    return { names: [...names] };
  }
  if (typeof args.search === 'object' && args.search !== null) {
    return { search: args.search as Record<string, unknown> };
  }
  return row?.name ? { names: [row.name] } : null;
}
