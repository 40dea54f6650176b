import { Menu } from '@lumino/widgets';
import { CommandRegistry } from '@lumino/commands';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { JSX, PointerEvent } from 'react';
import { useRef } from 'react';

import { usePage } from '../../shared/context';
import type { ISort } from '../../shared/merge';
import type { IShownColumn, Statistic } from './columns';
import { isMetric, isSortable, NAME, pathOf, STATISTICS } from './columns';
import type { IColumnActions } from './table';

const NARROWEST = 48;

/** A column's head: a click sorts, its menu does the rest, its edge changes the width. */
export function HeaderCell(props: {
  shown: IShownColumn;
  label: string;
  numeric: boolean;
  index: number;
  width: number;
  left: number | null;
  sort: ISort;
  actions: IColumnActions;
}): JSX.Element {
  const { trans } = usePage();
  const { shown, label, sort, actions } = props;
  const path = pathOf(shown);
  const mine = sort.column === path;
  const sortable = isSortable(shown.id);
  const opener = useRef<HTMLButtonElement>(null);
  const openMenu = (): void => {
    const box = opener.current?.getBoundingClientRect();
    if (box) {
      columnMenu(trans, shown, actions, mine ? sort : null).open(
        box.left,
        box.bottom
      );
    }
  };
  const text = (
    <span className="smstudio-Leaderboard-label" dir="auto">
      {label}
      {isMetric(shown.id) && shown.statistic && (
        <span className="smstudio-mod-dim"> {shown.statistic}</span>
      )}
    </span>
  );
  return (
    <th
      scope="col"
      aria-colindex={props.index}
      aria-sort={
        mine ? (sort.descending ? 'descending' : 'ascending') : undefined
      }
      data-column={shown.id}
      title={path}
      className={[
        props.numeric ? 'smstudio-mod-numeric' : '',
        props.left !== null ? 'smstudio-mod-pinned' : ''
      ].join(' ')}
      style={props.left !== null ? { left: props.left } : undefined}
    >
      <div className="smstudio-Leaderboard-head">
        {sortable ? (
          <button
            className="smstudio-Grid-sort"
            onClick={() =>
              actions.sort({
                column: path,
                descending: mine ? !sort.descending : isMetric(shown.id)
              })
            }
          >
            {text}
            <span aria-hidden="true">
              {mine ? (sort.descending ? ' ▾' : ' ▴') : ''}
            </span>
          </button>
        ) : (
          text
        )}
        <button
          ref={opener}
          className="smstudio-Leaderboard-menu"
          aria-haspopup="menu"
          aria-label={trans.__('Menu of the column %1', label)}
          onClick={openMenu}
        >
          <span aria-hidden="true">⋮</span>
        </button>
        <Edge
          width={props.width}
          onWidth={width => actions.change(shown.id, { width })}
        />
      </div>
    </th>
  );
}

/** The right edge, by which a column is made wider. */
function Edge(props: {
  width: number;
  onWidth: (width: number) => void;
}): JSX.Element {
  const onPointerDown = (event: PointerEvent<HTMLSpanElement>): void => {
    event.preventDefault();
    event.stopPropagation();
    const node = event.currentTarget;
    const from = event.clientX;
    node.setPointerCapture(event.pointerId);
    const move = (to: globalThis.PointerEvent): void =>
      props.onWidth(
        Math.max(NARROWEST, Math.round(props.width + to.clientX - from))
      );
    const end = (): void => {
      node.removeEventListener('pointermove', move);
      node.removeEventListener('pointerup', end);
      node.removeEventListener('pointercancel', end);
    };
    node.addEventListener('pointermove', move);
    node.addEventListener('pointerup', end);
    node.addEventListener('pointercancel', end);
  };
  return (
    <span
      className="smstudio-Leaderboard-edge"
      aria-hidden="true"
      onPointerDown={onPointerDown}
    />
  );
}

/** What can be done with a column; a menu of Lab's own kind, made for one opening. */
function columnMenu(
  trans: TranslationBundle,
  shown: IShownColumn,
  actions: IColumnActions,
  sort: ISort | null
): Menu {
  const commands = new CommandRegistry();
  const menu = new Menu({ commands });
  let made = 0;
  const add = (
    to: Menu,
    label: string,
    execute: () => void,
    toggled = false
  ): void => {
    const id = `column:${made++}`;
    commands.addCommand(id, {
      label,
      execute,
      isToggled: () => toggled,
      isToggleable: toggled,
      describedBy: { args: null }
    });
    to.addItem({ command: id });
  };
  const path = pathOf(shown);
  if (isSortable(shown.id)) {
    add(
      menu,
      trans.__('Sort ascending'),
      () => actions.sort({ column: path, descending: false }),
      sort?.descending === false
    );
    add(
      menu,
      trans.__('Sort descending'),
      () => actions.sort({ column: path, descending: true }),
      sort?.descending === true
    );
    menu.addItem({ type: 'separator' });
  }
  if (isMetric(shown.id)) {
    const statistics = new Menu({ commands });
    statistics.title.label = trans.__('Statistic');
    for (const each of STATISTICS) {
      add(
        statistics,
        statisticLabel(each, trans),
        () => {
          actions.change(shown.id, { statistic: each });
          if (sort) {
            actions.sort({
              column: pathOf({ ...shown, statistic: each }),
              descending: sort.descending
            });
          }
        },
        (shown.statistic ?? 'Last') === each
      );
    }
    menu.addItem({ type: 'submenu', submenu: statistics });
  }
  add(menu, trans.__('Filter…'), () => actions.filter(shown.id));
  if (!isMetric(shown.id) && shown.id !== NAME && !/Time$/.test(shown.id)) {
    add(menu, trans.__('Group by this column'), () =>
      actions.groupBy(shown.id)
    );
  }
  menu.addItem({ type: 'separator' });
  add(
    menu,
    shown.pinned ? trans.__('Unpin') : trans.__('Pin to the left'),
    () => actions.change(shown.id, { pinned: !shown.pinned })
  );
  add(menu, trans.__('Move left'), () => actions.move(shown.id, -1));
  add(menu, trans.__('Move right'), () => actions.move(shown.id, 1));
  if (shown.id !== NAME) {
    add(menu, trans.__('Hide'), () => actions.hide(shown.id));
  }
  menu.aboutToClose.connect(() => {
    // The chosen command still runs after the menu has closed.
    window.setTimeout(() => menu.dispose(), 1000);
  });
  return menu;
}

/** A statistic in words. */
export function statisticLabel(
  statistic: Statistic,
  trans: TranslationBundle
): string {
  const labels: Record<Statistic, string> = {
    Last: trans.__('Last value'),
    Max: trans.__('Highest value'),
    Min: trans.__('Lowest value'),
    Avg: trans.__('Average'),
    StdDev: trans.__('Standard deviation'),
    Count: trans.__('Number of values')
  };
  return labels[statistic];
}
