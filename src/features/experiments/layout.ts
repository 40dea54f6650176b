import { startTransition, useLayoutEffect, useMemo, useState } from 'react';

import type { IKnownColumn, IShownColumn } from './columns';
import {
  columnWindow,
  IN_EVERY_ROW,
  labelOf,
  NAME,
  pathOf,
  widthOf
} from './columns';

/** Pixels beside the window whose columns are drawn, too. */
const MARGIN = 300;
/** The table is scrolled sideways: only then do the pinned cells have to be drawn as layers of their own, which is dear. */
const ACROSS = 'smstudio-mod-across';

/** A column as it is drawn. */
export interface IDrawn {
  shown: IShownColumn;
  path: string;
  label: string;
  numeric: boolean;
  width: number;
  /** From 1, for screen readers. */
  index: number;
  /** Pixels from the left edge, when it stays there. */
  left: number | null;
  /** Of its cells: made once, as cells are many. */
  className: string;
  /** The same of cells that have nothing to say. */
  dimClass: string;
  style: { left: number } | undefined;
}

/** All columns, those that stay at the left edge first. */
export interface ILayout {
  pinned: IDrawn[];
  free: IDrawn[];
  /** Left edges of the free columns, and the last one's right edge. */
  starts: number[];
  pinnedWidth: number;
  freeWidth: number;
}

/** Pixels of a letter, of what else is in the name's cell, and least and most of them together. */
const NAMES = { letter: 7.3, besides: 44, least: 150, most: 300 };
/** Part of the table that the names may take, so that something is left for what scrolls. */
const NAMES_PART = 0.4;

/**
 * Pixels of the column with the names, unless somebody gave it a width: those of the longest name in sight.
 *
 * @param names - the names in sight
 * @param width - pixels of the table's window
 */
export function nameWidth(names: readonly string[], width: number): number {
  const longest = names.reduce((most, each) => Math.max(most, each.length), 0);
  const wanted = Math.ceil(longest * NAMES.letter + NAMES.besides);
  const most = Math.max(
    NAMES.least,
    Math.min(NAMES.most, Math.floor(width * NAMES_PART))
  );
  return Math.min(most, Math.max(NAMES.least, wanted));
}

/**
 * Where each column is drawn.
 *
 * @param ofNames - pixels of the column with the names, unless it has a width of its own
 */
export function layoutOf(
  columns: readonly IShownColumn[],
  known: ReadonlyMap<string, IKnownColumn>,
  ofNames: number
): ILayout {
  const pinned: IDrawn[] = [];
  const free: IDrawn[] = [];
  const starts = [0];
  let left = 0;
  columns.forEach((shown, at) => {
    const label = labelOf(shown.id, known);
    const numeric = known.get(shown.id)?.numeric ?? false;
    const width =
      shown.id === NAME
        ? (shown.width ?? ofNames)
        : widthOf(shown, label, numeric);
    const drawn = {
      shown,
      path: pathOf(shown),
      label,
      numeric,
      width,
      index: at + 1
    };
    if (shown.pinned) {
      pinned.push({ ...drawn, ...looks(numeric, left), left });
      left += width;
    } else {
      free.push({ ...drawn, ...looks(numeric, null), left: null });
      starts.push(starts[starts.length - 1] + width);
    }
  });
  return {
    pinned,
    free,
    starts,
    pinnedWidth: left,
    freeWidth: starts[starts.length - 1]
  };
}

/** How the cells of a column look. */
function looks(
  numeric: boolean,
  left: number | null
): Pick<IDrawn, 'className' | 'dimClass' | 'style'> {
  const className = [
    numeric ? 'smstudio-mod-numeric' : '',
    left !== null ? 'smstudio-mod-pinned' : ''
  ]
    .filter(Boolean)
    .join(' ');
  return {
    className,
    dimClass: `${className} smstudio-mod-dim`.trim(),
    style: left !== null ? { left } : undefined
  };
}

/** Columns in sight and some more on each side, so that scrolling sideways seldom waits; what rows tell anyway is not asked for. */
export function askedPaths(
  layout: ILayout,
  first: number,
  end: number
): string[] {
  const some = layout.free.slice(Math.max(0, first - 20), end + 40);
  return [...layout.pinned, ...some]
    .map(each => each.path)
    .filter(path => !IN_EVERY_ROW.has(path));
}

/**
 * First and one past the last free column in sight.
 *
 * @param left - how far the table is scrolled sideways; kept by the page, as each sort and filter makes a new table
 */
export function useAcross(
  scroller: { current: HTMLDivElement | null },
  layout: ILayout,
  left: { current: number }
): [number, number] {
  const [range, setRange] = useState<[number, number]>([0, 12]);
  useLayoutEffect(() => {
    const node = scroller.current;
    if (!node) {
      return;
    }
    let width = node.clientWidth;
    node.scrollLeft = left.current;
    const update = (): void => {
      const at = node.scrollLeft;
      left.current = at;
      node.classList.toggle(ACROSS, at > 0);
      const next = columnWindow(
        layout.starts,
        at - MARGIN,
        at + width - layout.pinnedWidth + MARGIN
      );
      setRange(old => (old[0] === next[0] && old[1] === next[1] ? old : next));
    };
    update();
    // New columns are rendered in small pieces, between which the page answers; there is a margin of them.
    const onScroll = (): void => startTransition(update);
    node.addEventListener('scroll', onScroll, { passive: true });
    const observer = new ResizeObserver(() => {
      width = node.clientWidth;
      update();
    });
    observer.observe(node);
    return () => {
      node.removeEventListener('scroll', onScroll);
      observer.disconnect();
    };
  }, [scroller, layout, left]);
  const end = Math.min(range[1], layout.free.length);
  return useMemo(() => [Math.min(range[0], end), end], [range, end]);
}
