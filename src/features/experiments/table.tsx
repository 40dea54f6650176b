import { useVirtualizer } from '@tanstack/react-virtual';
import type {
  DragEvent,
  JSX,
  KeyboardEvent,
  MouseEvent,
  ReactNode
} from 'react';
import {
  memo,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState
} from 'react';

import type { ComponentGroup, ComponentRow } from '../../api/generated';
import { RowData } from '../../commands';
import { usePage } from '../../shared/context';
import type { ISort } from '../../shared/merge';
import { runColour, setRunColour } from '../../shared/runcolour';
import type { Selection } from '../../shared/selection';
import { DRAGGED_COMPONENTS } from '../../shared/selection';
import { useNow } from '../../shared/time';
import type { ICellContext } from './cells';
import { cellText, groupSummary, typeLabels } from './cells';
import type { IKnownColumn, IShownColumn } from './columns';
import { columnWindow, labelOf, NAME, pathOf, widthOf } from './columns';
import { HeaderCell } from './header';
import type { Cell } from './rows';
import type { Lines } from './segments';

const ROW_HEIGHT = 28;
/** Pixels beside the window whose columns are drawn, too. */
const MARGIN = 300;

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
  const layout = useMemo(() => layoutOf(columns, known), [columns, known]);
  const across = useAcross(scroller, layout);
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
    overscan: 6
  });
  const items = virtual.getVirtualItems();
  const first = items.length ? items[0].index : 0;
  const last = items.length ? items[items.length - 1].index : 0;
  const paths = useMemo(
    () => askedPaths(layout, across[0], across[1]),
    [layout, across]
  );
  const { onSight } = props;
  useEffect(() => {
    onSight(first, last, paths);
  }, [onSight, first, last, paths, lines]);

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
                key={name ? `${line.segment}:${name}` : `line:${item.index}`}
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

/** A column as it is drawn. */
interface IDrawn {
  shown: IShownColumn;
  path: string;
  label: string;
  numeric: boolean;
  width: number;
  /** From 1, for screen readers. */
  index: number;
  /** Pixels from the left edge, when it stays there. */
  left: number | null;
}

interface ILayout {
  pinned: IDrawn[];
  free: IDrawn[];
  /** Left edges of the free columns, and the last one's right edge. */
  starts: number[];
  pinnedWidth: number;
  freeWidth: number;
}

function layoutOf(
  columns: readonly IShownColumn[],
  known: ReadonlyMap<string, IKnownColumn>
): ILayout {
  const pinned: IDrawn[] = [];
  const free: IDrawn[] = [];
  const starts = [0];
  let left = 0;
  columns.forEach((shown, at) => {
    const label = labelOf(shown.id, known);
    const numeric = known.get(shown.id)?.numeric ?? false;
    const width = widthOf(shown, label, numeric);
    const drawn = {
      shown,
      path: pathOf(shown),
      label,
      numeric,
      width,
      index: at + 1
    };
    if (shown.pinned) {
      pinned.push({ ...drawn, left });
      left += width;
    } else {
      free.push({ ...drawn, left: null });
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

/** Columns in sight and some more on each side, so that scrolling sideways seldom waits. */
function askedPaths(layout: ILayout, first: number, end: number): string[] {
  const some = layout.free.slice(Math.max(0, first - 20), end + 40);
  return [...layout.pinned, ...some].map(each => each.path);
}

/** First and one past the last free column in sight. */
function useAcross(
  scroller: { current: HTMLDivElement | null },
  layout: ILayout
): [number, number] {
  const [range, setRange] = useState<[number, number]>([0, 12]);
  useLayoutEffect(() => {
    const node = scroller.current;
    if (!node) {
      return;
    }
    const update = (): void => {
      const left = node.scrollLeft - MARGIN;
      const right =
        node.scrollLeft + node.clientWidth - layout.pinnedWidth + MARGIN;
      const next = columnWindow(layout.starts, left, right);
      setRange(old => (old[0] === next[0] && old[1] === next[1] ? old : next));
    };
    update();
    node.addEventListener('scroll', update, { passive: true });
    const observer = new ResizeObserver(update);
    observer.observe(node);
    return () => {
      node.removeEventListener('scroll', update);
      observer.disconnect();
    };
  }, [scroller, layout]);
  const end = Math.min(range[1], layout.free.length);
  return useMemo(() => [Math.min(range[0], end), end], [range, end]);
}

/** Puts the two spacers for columns that are not drawn around the free ones. */
function spread(
  cells: ReactNode[],
  pinned: number,
  spacer: (key: string) => ReactNode
): ReactNode[] {
  return [
    ...cells.slice(0, pinned),
    spacer('before'),
    ...cells.slice(pinned),
    spacer('after')
  ];
}

const GroupLine = memo(function GroupLine(props: {
  line: number;
  group: ComponentGroup;
  open: boolean;
  span: number;
  focusable: boolean;
  metricPaths: string[];
  known: ReadonlyMap<string, IKnownColumn>;
  onToggle: () => void;
}): JSX.Element {
  const { trans } = usePage();
  const { group, open } = props;
  return (
    <tr
      className="smstudio-Leaderboard-group"
      data-index={props.line}
      aria-rowindex={props.line + 2}
      aria-expanded={open}
      tabIndex={props.focusable ? 0 : -1}
      onClick={props.onToggle}
    >
      <td role="gridcell" colSpan={props.span}>
        <div className="smstudio-Leaderboard-groupline">
          <span aria-hidden="true">{open ? '▾' : '▸'}</span>
          <strong dir="auto">{group.label || trans.__('(none)')}</strong>
          <span className="smstudio-mod-dim">
            {trans._n('%1 row', '%1 rows', group.count)}
          </span>
          {groupSummary(group, props.metricPaths, props.known).map(each => (
            <span key={each.name} className="smstudio-mod-dim">
              {each.name} {each.range}
            </span>
          ))}
        </div>
      </td>
    </tr>
  );
});

interface IRowLineProps {
  line: number;
  row: ComponentRow | undefined;
  cells: Lines;
  version: number;
  context: ICellContext;
  drawn: IDrawn[];
  pinned: number;
  selected: boolean;
  focusable: boolean;
  selection: Selection;
  choose: (line: number, event: { shift: boolean; toggle: boolean }) => void;
  onOpen: (row: ComponentRow) => void;
}

const RowLine = memo(function RowLine(props: IRowLineProps): JSX.Element {
  const { line, row, choose, selection } = props;
  const onMouseDown = (event: MouseEvent): void => {
    if (event.shiftKey) {
      event.preventDefault(); // no text is marked between the two clicks
    }
  };
  const onClick = (event: MouseEvent): void =>
    choose(line, {
      shift: event.shiftKey,
      toggle: event.ctrlKey || event.metaKey
    });
  const onContextMenu = (): void => {
    // The menu acts on what is chosen: a row that is not becomes it.
    if (row && !selection.has(row.name)) {
      choose(line, { shift: false, toggle: false });
    }
  };
  const onDragStart = (event: DragEvent): void => {
    if (!row) {
      return;
    }
    const names = selection.has(row.name) ? selection.names : [row.name];
    event.dataTransfer.setData(DRAGGED_COMPONENTS, JSON.stringify(names));
    event.dataTransfer.setData('text/plain', names.join('\n'));
    event.dataTransfer.effectAllowed = 'copyMove';
  };
  return (
    <tr
      className="smstudio-Grid-row"
      data-kind={RowData.trialComponent}
      data-name={row?.name}
      data-type={row?.type}
      data-status={row?.status}
      data-index={line}
      aria-rowindex={line + 2}
      aria-selected={props.selected}
      aria-busy={row ? undefined : true}
      tabIndex={props.focusable ? 0 : -1}
      draggable={!!row}
      onMouseDown={onMouseDown}
      onClick={onClick}
      onDoubleClick={() => row && props.onOpen(row)}
      onContextMenu={onContextMenu}
      onDragStart={onDragStart}
    >
      {spread(
        props.drawn.map(each => {
          const cell: Cell | undefined = props.cells.cell(line, each.path);
          return (
            <td
              key={each.shown.id}
              role="gridcell"
              aria-colindex={each.index}
              className={[
                each.numeric ? 'smstudio-mod-numeric' : '',
                each.left !== null ? 'smstudio-mod-pinned' : ''
              ].join(' ')}
              style={each.left !== null ? { left: each.left } : undefined}
            >
              {row && each.shown.id === NAME && dot(row.name, props.context)}
              {row ? (
                cellText(props.context, row, each.path, cell)
              ) : (
                <span className="smstudio-Leaderboard-wait" />
              )}
            </td>
          );
        }),
        props.pinned,
        key => (
          <td key={key} aria-hidden="true" />
        )
      )}
    </tr>
  );
});

/** The colour of the run, as charts draw it; a click chooses another. */
function dot(name: string, context: ICellContext): JSX.Element {
  const label = context.trans.__('Colour of %1', name);
  const colour = runColour(name);
  return (
    <span
      className="smstudio-Leaderboard-dot"
      style={{ background: colour }}
      title={label}
      onClick={event => event.stopPropagation()}
      onDoubleClick={event => event.stopPropagation()}
    >
      <input
        type="color"
        tabIndex={-1}
        aria-label={label}
        defaultValue={colour}
        onChange={event => {
          const { value, parentElement } = event.currentTarget;
          setRunColour(name, value);
          if (parentElement) {
            parentElement.style.background = value;
          }
        }}
      />
    </span>
  );
}
