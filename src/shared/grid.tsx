import { useVirtualizer } from '@tanstack/react-virtual';
import type {
  HTMLAttributes,
  JSX,
  KeyboardEvent,
  MouseEvent,
  ReactNode
} from 'react';
import { useEffect, useRef, useState } from 'react';

import type { ISort } from './merge';
import type { IChosen, Selection } from './selection';
import { tellChosen } from './selection';

/** One column of a grid. */
export interface IColumn<T> {
  id: string;
  label: string;
  render: (row: T) => ReactNode;
  sortable?: boolean;
  /** Numbers stand right. */
  numeric?: boolean;
  /** Tooltip of the header. */
  title?: string;
  /** Only its mark shows when the panel is narrow. */
  slim?: boolean;
  /** Hidden when the grid is narrower than so many pixels. */
  from?: 'medium' | 'wide';
}

/** Properties of a grid. */
export interface IGridProps<T> {
  /** What the grid lists, for screen readers. */
  label: string;
  columns: IColumn<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  /** Kind of the rows, for context menus. */
  kind: string | ((row: T) => string);
  /** Several rows can be chosen, with Ctrl and Shift. */
  selection?: Selection;
  /** What context menus learn of the chosen rows. */
  chosen?: () => IChosen;
  /** Further properties of a row, e.g. to drag it. */
  rowProps?: (row: T) => HTMLAttributes<HTMLTableRowElement>;
  /** Further `data-` attributes of a row. */
  data?: (row: T) => Record<string, string>;
  rowClass?: (row: T) => string;
  sort?: ISort;
  onSort?: (sort: ISort) => void;
  onOpen?: (row: T) => void;
  /** The last rows came into sight and there are more. */
  onEnd?: () => void;
  /** All rows, when known. */
  complete: boolean;
  /** Said below the last row. */
  endNote?: string;
}

const ROW_HEIGHT = 28;

/** A table of any length: only the rows in sight are in the document. */
export function Grid<T>(props: IGridProps<T>): JSX.Element {
  const { columns, rows, complete, onEnd, selection } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string | null>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12
  });
  const items = virtual.getVirtualItems();
  const last = items.length ? items[items.length - 1].index : -1;
  useEffect(() => {
    if (!complete && last >= rows.length - 1) {
      onEnd?.();
    }
  }, [complete, last, rows.length, onEnd]);

  const [, setChosen] = useState(0);
  useEffect(() => {
    const update = (): void => setChosen(selection?.version ?? 0);
    selection?.changed.connect(update);
    return () => {
      selection?.changed.disconnect(update);
    };
  }, [selection]);
  useEffect(() => {
    if (scroller.current && props.chosen) {
      tellChosen(scroller.current, props.chosen);
    }
  });
  const choose = (
    index: number,
    event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }
  ): void => {
    if (!selection || !rows[index]) {
      return;
    }
    if (event.shiftKey && selection.anchor !== null) {
      const from = Math.min(selection.anchor, index);
      const to = Math.max(selection.anchor, index);
      selection.set(rows.slice(from, to + 1).map(props.rowKey));
      return;
    }
    selection.anchor = index;
    if (event.ctrlKey || event.metaKey) {
      selection.toggle(props.rowKey(rows[index]));
    } else {
      selection.set([props.rowKey(rows[index])]);
    }
  };
  const chosen = (key: string): boolean =>
    selection ? selection.has(key) : key === active;

  const activeIndex = Math.max(
    0,
    rows.findIndex(row => props.rowKey(row) === active)
  );
  const focusRow = (index: number): void => {
    const row = rows[index];
    if (!row) {
      return;
    }
    setActive(props.rowKey(row));
    virtual.scrollToIndex(index);
    requestAnimationFrame(() => {
      scroller.current
        ?.querySelector<HTMLElement>(`tr[data-index="${index}"]`)
        ?.focus();
    });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!(event.target as HTMLElement).dataset.index) {
      return;
    }
    const steps: Record<string, number> = {
      ArrowDown: activeIndex + 1,
      ArrowUp: activeIndex - 1,
      PageDown: activeIndex + 10,
      PageUp: activeIndex - 10,
      Home: 0,
      End: rows.length - 1
    };
    if (event.key in steps) {
      event.preventDefault();
      event.stopPropagation();
      const to = Math.min(rows.length - 1, Math.max(0, steps[event.key]));
      if (event.shiftKey && selection) {
        selection.anchor ??= activeIndex;
        choose(to, event);
      }
      focusRow(to);
    } else if (selection && event.key === ' ') {
      event.preventDefault();
      choose(activeIndex, { shiftKey: false, ctrlKey: true, metaKey: false });
    } else if (
      selection &&
      event.key === 'a' &&
      (event.ctrlKey || event.metaKey)
    ) {
      event.preventDefault();
      event.stopPropagation();
      selection.set(rows.map(props.rowKey));
    } else if (event.key === 'Enter' && rows[activeIndex]) {
      event.preventDefault();
      props.onOpen?.(rows[activeIndex]);
    }
  };

  const before = items.length ? items[0].start : 0;
  const after = items.length
    ? virtual.getTotalSize() - items[items.length - 1].end
    : 0;
  const spacer = (height: number): JSX.Element | null =>
    height > 0 ? (
      <tr aria-hidden="true" style={{ height }}>
        <td colSpan={columns.length} />
      </tr>
    ) : null;
  return (
    <div ref={scroller} className="smstudio-Grid">
      <table
        role="grid"
        aria-label={props.label}
        aria-rowcount={complete ? rows.length + 1 : -1}
        aria-multiselectable={selection ? true : undefined}
        onKeyDown={onKeyDown}
      >
        <thead>
          <tr aria-rowindex={1}>
            {columns.map(column => (
              <Header
                key={column.id}
                column={column}
                sort={props.sort}
                onSort={props.onSort}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {spacer(before)}
          {items.map(item => {
            const row = rows[item.index];
            const key = props.rowKey(row);
            const data: Record<string, string> = {};
            for (const [name, value] of Object.entries(
              props.data?.(row) ?? {}
            )) {
              data[`data-${name}`] = value;
            }
            return (
              <tr
                key={key}
                {...props.rowProps?.(row)}
                {...data}
                className={`smstudio-Grid-row ${props.rowClass?.(row) ?? ''}`}
                data-kind={
                  typeof props.kind === 'function'
                    ? props.kind(row)
                    : props.kind
                }
                data-name={key}
                data-index={item.index}
                aria-rowindex={item.index + 2}
                aria-selected={chosen(key)}
                tabIndex={item.index === activeIndex ? 0 : -1}
                onFocus={() => setActive(key)}
                onMouseDown={(event: MouseEvent) => {
                  if (selection && event.shiftKey) {
                    event.preventDefault(); // no text is marked on the way
                  }
                }}
                onClick={event => {
                  setActive(key);
                  choose(item.index, event);
                }}
                onContextMenu={() => {
                  // The menu acts on what is chosen: a row that is not becomes it.
                  if (selection && !selection.has(key)) {
                    selection.anchor = item.index;
                    selection.set([key]);
                  }
                }}
                onDoubleClick={() => props.onOpen?.(row)}
              >
                {columns.map(column => (
                  <td
                    key={column.id}
                    role="gridcell"
                    className={cellClass(column)}
                  >
                    {column.render(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          {spacer(after)}
        </tbody>
      </table>
      {complete && props.endNote && rows.length > 0 && (
        <div className="smstudio-Grid-end">{props.endNote}</div>
      )}
    </div>
  );
}

function Header<T>(props: {
  column: IColumn<T>;
  sort?: ISort;
  onSort?: (sort: ISort) => void;
}): JSX.Element {
  const { column, sort, onSort } = props;
  const mine = sort?.column === column.id;
  const order = mine
    ? sort.descending
      ? 'descending'
      : 'ascending'
    : undefined;
  return (
    <th
      scope="col"
      aria-sort={order}
      className={cellClass(column)}
      title={column.title}
    >
      {column.sortable && onSort ? (
        <button
          className="smstudio-Grid-sort"
          onClick={() =>
            onSort({
              column: column.id,
              descending: mine ? !sort.descending : false
            })
          }
        >
          {column.label}
          <span aria-hidden="true">
            {mine ? (sort.descending ? ' ▾' : ' ▴') : ''}
          </span>
        </button>
      ) : (
        column.label
      )}
    </th>
  );
}

function cellClass<T>(column: IColumn<T>): string {
  return [
    column.numeric ? 'smstudio-mod-numeric' : '',
    column.slim ? 'smstudio-mod-slim' : '',
    column.from ? `smstudio-from-${column.from}` : ''
  ]
    .filter(Boolean)
    .join(' ');
}
