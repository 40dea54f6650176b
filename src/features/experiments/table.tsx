import { useVirtualizer } from '@tanstack/react-virtual';
import type { JSX, KeyboardEvent } from 'react';
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState
} from 'react';

import type { ComponentRow } from '../../api/generated';
import { usePage } from '../../shared/context';
import type { ISort } from '../../shared/merge';
import type { Selection } from '../../shared/selection';
import { useNow } from '../../shared/time';
import type { ICellContext } from './cells';
import { typeLabels } from './cells';
import type { IKnownColumn, IShownColumn } from './columns';
import { HeaderCell } from './header';
import type { IDrawn } from './layout';
import { askedPaths, layoutOf, nameWidth, useAcross } from './layout';
import type { Lines } from './segments';
import { GroupLine, RowLine, spread } from './tablelines';

const ROW_HEIGHT = 28;
/** Milliseconds between two requests while rows fly past. */
const PAUSE = 100;
/** Rows whose nodes go round: what leaves at one edge comes back at the other with another row's text. */
const ROUND = 64;
/** Rows whose names say how wide their column is. */
const FIRST_NAMES = 100;

/** What a header's menu can do. */
export interface IColumnActions {
  sort: (sort: ISort) => void;
  change: (id: string, change: Partial<IShownColumn>) => void;
  hide: (id: string) => void;
  move: (id: string, by: -1 | 1) => void;
  groupBy: (id: string) => void;
  filter: (id: string) => void;
}

/** Properties of the table. */
export interface ITableProps {
  lines: Lines;
  /** Changes when rows do. */
  version: number;
  columns: IShownColumn[];
  known: ReadonlyMap<string, IKnownColumn>;
  sort: ISort;
  actions: IColumnActions;
  selection: Selection;
  /** Which lines and columns are in sight. */
  onSight: (first: number, last: number, paths: string[]) => void;
  onOpen: (row: ComponentRow) => void;
  /** Chooses all rows between two lines, those not read yet, too. */
  onRange: (first: number, last: number, add: boolean) => void;
  onAll: () => void;
  onDelete: () => void;
  onToggleGroup: (segment: number) => void;
  metricPaths: string[];
  /** How far the table is scrolled sideways; outlives the table. */
  left: { current: number };
  /** Parts of a total that is known. */
  complete: boolean;
}

/** The Trial Component List: any number of rows and columns; only what is in sight is in the document. */
export function ComponentTable(props: ITableProps): JSX.Element {
  const { trans, locale } = usePage();
  const { lines, columns, known, selection, version } = props;
  const now = useNow(30_000);
  const context = useMemo<ICellContext>(
    () => ({ trans, locale, now, types: typeLabels(trans) }),
    [trans, locale, now]
  );
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const ofNames = useNameWidth(scroller, lines, version);
  const layout = useMemo(
    () => layoutOf(columns, known, ofNames),
    [columns, known, ofNames]
  );
  const across = useAcross(scroller, layout, props.left);
  const [, setChosen] = useState(0);
  useEffect(() => {
    const update = (): void => setChosen(selection.version);
    selection.changed.connect(update);
    return () => {
      selection.changed.disconnect(update);
    };
  }, [selection]);

  const virtual = useVirtualizer({
    count: lines.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 6,
    // Rows are rendered in a task of their own: with layout and paint in one task a jump held the page too long.
    useFlushSync: false
  });
  const items = virtual.getVirtualItems();
  const first = items.length ? items[0].index : 0;
  const last = items.length ? items[items.length - 1].index : 0;
  const paths = useMemo(
    () => askedPaths(layout, across[0], across[1]),
    [layout, across]
  );
  const { onSight } = props;
  const asked = useRef({ at: -PAUSE, first: 0 });
  useEffect(() => {
    const ask = (): void => {
      asked.current.at = performance.now();
      onSight(first, last, paths);
    };
    const moved = asked.current.first !== first;
    asked.current.first = first;
    const wait = moved ? asked.current.at + PAUSE - performance.now() : 0;
    if (wait <= 0) {
      ask();
      return undefined;
    }
    const timer = window.setTimeout(ask, wait);
    return () => window.clearTimeout(timer);
  }, [onSight, first, last, paths, lines]);
  useLayoutEffect(() => {
    // The node that had the focus now shows another row: the focus must not stand there.
    const focused = document.activeElement as HTMLElement | null;
    if (
      (active < first || active > last) &&
      focused?.dataset.index &&
      scroller.current?.contains(focused)
    ) {
      focused.blur();
    }
  }, [active, first, last]);
  const round = useRef(ROUND);
  while (items.length > round.current) {
    round.current *= 2;
  }

  const drawn = useMemo<IDrawn[]>(
    () => [...layout.pinned, ...layout.free.slice(across[0], across[1])],
    [layout, across]
  );
  const before = layout.starts[across[0]] ?? 0;
  const after = layout.freeWidth - (layout.starts[across[1]] ?? 0);
  const focusLine = useCallback(
    (line: number): void => {
      const to = Math.max(0, Math.min(lines.count - 1, line));
      setActive(to);
      virtual.scrollToIndex(to);
      requestAnimationFrame(() =>
        scroller.current
          ?.querySelector<HTMLElement>(`tr[data-index="${to}"]`)
          ?.focus()
      );
    },
    [lines, virtual]
  );
  const latest = useRef({ props, focusLine });
  latest.current = { props, focusLine };

  const choose = useCallback(
    (line: number, event: { shift: boolean; toggle: boolean }): void => {
      const now = latest.current.props;
      const found = now.lines.at(line);
      setActive(line);
      if (found?.kind !== 'row') {
        return;
      }
      if (event.shift && now.selection.anchor !== null) {
        const from = Math.min(now.selection.anchor, line);
        const to = Math.max(now.selection.anchor, line);
        now.onRange(from, to, event.toggle);
        return;
      }
      now.selection.anchor = line;
      if (found.row) {
        if (event.toggle) {
          now.selection.toggle(found.row.name);
        } else {
          now.selection.set([found.row.name]);
        }
      }
    },
    []
  );
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!(event.target as HTMLElement).dataset.index) {
      return;
    }
    const page = Math.max(1, last - first - 14);
    const steps: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: lines.count - 1
    };
    const found = lines.at(active);
    let handled = true;
    if (event.key in steps) {
      const to = Math.max(0, Math.min(lines.count - 1, steps[event.key]));
      if (event.shiftKey) {
        selection.anchor ??= active;
        props.onRange(
          Math.min(selection.anchor, to),
          Math.max(selection.anchor, to),
          false
        );
      }
      focusLine(to);
    } else if (event.key === 'Enter' || event.key === ' ') {
      if (found?.kind === 'group') {
        props.onToggleGroup(found.segment);
      } else if (event.key === ' ') {
        choose(active, { shift: false, toggle: true });
      } else if (found?.kind === 'row' && found.row) {
        props.onOpen(found.row);
      }
    } else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
      props.onAll();
    } else if (event.key === 'Escape') {
      selection.clear();
    } else if (event.key === 'Delete') {
      props.onDelete();
    } else {
      handled = false;
    }
    if (handled) {
      event.preventDefault();
      event.stopPropagation();
    }
  };

  const width = layout.pinnedWidth + layout.freeWidth;
  const spacer = (height: number): JSX.Element | null =>
    height > 0 ? (
      <tr aria-hidden="true" style={{ height }}>
        <td colSpan={drawn.length + 2} />
      </tr>
    ) : null;
  const top = items.length ? items[0].start : 0;
  const bottom = items.length
    ? virtual.getTotalSize() - items[items.length - 1].end
    : 0;
  return (
    <div ref={scroller} className="smstudio-Grid smstudio-Leaderboard-table">
      <table
        role="grid"
        aria-label={trans.__('Trial components')}
        aria-rowcount={props.complete ? lines.count + 1 : -1}
        aria-colcount={columns.length}
        aria-multiselectable="true"
        style={{ width, tableLayout: 'fixed' }}
        onKeyDown={onKeyDown}
      >
        <colgroup>
          {layout.pinned.map(each => (
            <col key={each.shown.id} style={{ width: each.width }} />
          ))}
          <col style={{ width: before }} />
          {drawn.slice(layout.pinned.length).map(each => (
            <col key={each.shown.id} style={{ width: each.width }} />
          ))}
          <col style={{ width: after }} />
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {spread(
              drawn.map(each => (
                <HeaderCell
                  key={each.shown.id}
                  shown={each.shown}
                  label={each.label}
                  numeric={each.numeric}
                  index={each.index}
                  width={each.width}
                  left={each.left}
                  sort={props.sort}
                  actions={props.actions}
                />
              )),
              layout.pinned.length,
              key => (
                <td key={key} aria-hidden="true" />
              )
            )}
          </tr>
        </thead>
        <tbody>
          {spacer(top)}
          {items.map(item => {
            const line = lines.at(item.index);
            if (!line) {
              return null;
            }
            if (line.kind === 'group') {
              return (
                <GroupLine
                  key={`group:${line.segment}`}
                  line={item.index}
                  group={line.group}
                  open={line.open}
                  span={drawn.length + 2}
                  focusable={item.index === active}
                  metricPaths={props.metricPaths}
                  known={known}
                  onToggle={() => props.onToggleGroup(line.segment)}
                />
              );
            }
            const name = line.row?.name;
            return (
              <RowLine
                key={`round:${item.index % round.current}`}
                line={item.index}
                row={line.row}
                cells={lines}
                version={version}
                context={context}
                drawn={drawn}
                pinned={layout.pinned.length}
                selected={!!name && selection.has(name)}
                focusable={item.index === active}
                selection={selection}
                choose={choose}
                onOpen={props.onOpen}
              />
            );
          })}
          {spacer(bottom)}
        </tbody>
      </table>
      {props.complete && lines.count > 0 && (
        <div className="smstudio-Grid-end">{trans.__('End of the list')}</div>
      )}
    </div>
  );
}

/** Pixels of the column with the names: those of the first rows that came, so that it does not jump while one scrolls. */
function useNameWidth(
  scroller: { current: HTMLDivElement | null },
  lines: Lines,
  version: number
): number {
  const [width, setWidth] = useState<number | null>(null);
  useLayoutEffect(() => {
    if (width === null) {
      const names = lines.names(FIRST_NAMES);
      if (names.length) {
        setWidth(nameWidth(names, scroller.current?.clientWidth ?? 0));
      }
    }
  }, [scroller, lines, version, width]);
  return width ?? nameWidth([], 0);
}
