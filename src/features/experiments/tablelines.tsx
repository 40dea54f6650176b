import type { DragEvent, JSX, MouseEvent, ReactNode } from 'react';
import { memo } from 'react';

import type { ComponentGroup, ComponentRow } from '../../api/generated';
import { RowData } from '../../commands';
import { usePage } from '../../shared/context';
import { runColour, setRunColour } from '../../shared/runcolour';
import type { Selection } from '../../shared/selection';
import { DRAGGED_COMPONENTS } from '../../shared/selection';
import type { ICellContext } from './cells';
import { cellView, groupSummary, WAITING } from './cells';
import type { IKnownColumn } from './columns';
import { NAME } from './columns';
import type { IDrawn } from './layout';
import type { Cell } from './rows';
import type { Lines } from './segments';

/** Puts the two spacers for columns that are not drawn around the free ones. */
export function spread(
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

/** The line above a group's rows. */
export const GroupLine = memo(function GroupLine(props: {
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

/** One row; its nodes are used again for others, so it keeps no state of its own. */
export const RowLine = memo(function RowLine(
  props: IRowLineProps
): JSX.Element {
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
          const view = row
            ? cellView(props.context, row, each.path, cell)
            : WAITING;
          return (
            <td
              key={each.shown.id}
              role="gridcell"
              aria-colindex={each.index}
              className={view.dim ? each.dimClass : each.className}
              style={each.style}
              title={view.title}
              dir={view.dir}
            >
              {row && each.shown.id === NAME && dot(row.name, props.context)}
              {view.content}
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
      key={name}
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
