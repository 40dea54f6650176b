import { useVirtualizer } from '@tanstack/react-virtual';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { JSX } from 'react';
import { useMemo, useRef, useState } from 'react';

import { usePage } from '../../shared/context';
import type {
  Category,
  IKnownColumn,
  IShownColumn,
  Statistic
} from './columns';
import {
  CATEGORIES,
  isMetric,
  NAME,
  STATISTICS,
  toggleColumn
} from './columns';
import { statisticLabel } from './header';

const LINE = 26;

type Entry =
  | { kind: 'category'; category: Category; columns: IKnownColumn[] }
  | { kind: 'column'; column: IKnownColumn };

/** The pane TABLE PROPERTIES: which columns the table shows, by category. */
export function TableProperties(props: {
  known: readonly IKnownColumn[];
  knownById: ReadonlyMap<string, IKnownColumn>;
  shown: IShownColumn[];
  /** The server may know more names than it told. */
  complete: boolean;
  onChange: (shown: IShownColumn[]) => void;
  onReset: () => void;
}): JSX.Element {
  const { trans } = usePage();
  const [typed, setTyped] = useState('');
  const [closed, setClosed] = useState<ReadonlySet<Category>>(new Set());
  const [elsewhere, setElsewhere] = useState(false);
  const scroller = useRef<HTMLDivElement>(null);
  const shownById = useMemo(
    () => new Map(props.shown.map(each => [each.id, each])),
    [props.shown]
  );
  const entries = useMemo(
    () =>
      entriesOf(
        props.known.filter(
          each => each.here || elsewhere || shownById.has(each.id)
        ),
        typed,
        closed
      ),
    [props.known, typed, closed, elsewhere, shownById]
  );
  const others = props.known.filter(each => !each.here).length;
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    overscan: 10
  });
  const show = (columns: readonly IKnownColumn[], on: boolean): void => {
    const fixed = columns.filter(each => each.id !== NAME);
    props.onChange(
      fixed.reduce(
        (shown, each) => toggleColumn(shown, each.id, on, props.knownById),
        props.shown
      )
    );
  };
  return (
    <aside
      className="smstudio-Properties"
      aria-label={trans.__('TABLE PROPERTIES')}
    >
      <h2>{trans.__('TABLE PROPERTIES')}</h2>
      <input
        type="search"
        className="jp-mod-styled smstudio-Search"
        placeholder={trans.__('Search column name')}
        aria-label={trans.__('Search column name')}
        value={typed}
        onChange={event => setTyped(event.target.value)}
      />
      {others > 0 && (
        <label className="smstudio-Properties-others">
          <input
            type="checkbox"
            checked={elsewhere}
            onChange={event => setElsewhere(event.target.checked)}
          />{' '}
          {trans.__('Columns of other experiments, too (%1)', others)}
        </label>
      )}
      <div
        ref={scroller}
        className="smstudio-Properties-list"
        role="group"
        aria-label={trans.__('Columns')}
        tabIndex={0}
      >
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(item => {
            const entry = entries[item.index];
            return (
              <div
                key={
                  entry.kind === 'category' ? entry.category : entry.column.id
                }
                className="smstudio-Properties-line"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                {entry.kind === 'category' ? (
                  <CategoryLine
                    category={entry.category}
                    columns={entry.columns}
                    shown={shownById}
                    open={!closed.has(entry.category)}
                    onOpen={open =>
                      setClosed(
                        new Set(
                          open
                            ? [...closed].filter(
                                each => each !== entry.category
                              )
                            : [...closed, entry.category]
                        )
                      )
                    }
                    onShow={on => show(entry.columns, on)}
                  />
                ) : (
                  <ColumnLine
                    column={entry.column}
                    shown={shownById.get(entry.column.id)}
                    onShow={on => show([entry.column], on)}
                    onStatistic={statistic =>
                      props.onChange(
                        props.shown.map(each =>
                          each.id === entry.column.id
                            ? { ...each, statistic }
                            : each
                        )
                      )
                    }
                  />
                )}
              </div>
            );
          })}
        </div>
      </div>
      {!entries.length && (
        <p className="smstudio-mod-dim">{trans.__('No such column.')}</p>
      )}
      {!props.complete && (
        <p className="smstudio-mod-dim">
          {trans.__('AWS tells only some of the names of all columns.')}
        </p>
      )}
      <button className="jp-mod-styled jp-mod-reject" onClick={props.onReset}>
        {trans.__('Default columns')}
      </button>
    </aside>
  );
}

function entriesOf(
  known: readonly IKnownColumn[],
  typed: string,
  closed: ReadonlySet<Category>
): Entry[] {
  const text = typed.trim().toLowerCase();
  const found: Entry[] = [];
  for (const category of CATEGORIES) {
    const columns = known.filter(
      each =>
        each.category === category &&
        (!text || each.label.toLowerCase().includes(text))
    );
    if (columns.length) {
      found.push({ kind: 'category', category, columns });
      if (text || !closed.has(category)) {
        found.push(
          ...columns.map(column => ({ kind: 'column' as const, column }))
        );
      }
    }
  }
  return found;
}

function CategoryLine(props: {
  category: Category;
  columns: readonly IKnownColumn[];
  shown: ReadonlyMap<string, IShownColumn>;
  open: boolean;
  onOpen: (open: boolean) => void;
  onShow: (on: boolean) => void;
}): JSX.Element {
  const { trans } = usePage();
  const { columns, shown, open } = props;
  const some = columns.filter(each => shown.has(each.id)).length;
  const label = categoryLabel(props.category, trans);
  return (
    <>
      <button
        className="smstudio-Properties-category"
        aria-expanded={open}
        onClick={() => props.onOpen(!open)}
      >
        <span aria-hidden="true">{open ? '▾' : '▸'}</span> {label}{' '}
        <span className="smstudio-mod-dim">
          {some} / {columns.length}
        </span>
      </button>
      <input
        type="checkbox"
        aria-label={trans.__('All columns of %1', label)}
        checked={some === columns.length}
        ref={node => {
          if (node) {
            node.indeterminate = some > 0 && some < columns.length;
          }
        }}
        onChange={event => props.onShow(event.target.checked)}
      />
    </>
  );
}

function ColumnLine(props: {
  column: IKnownColumn;
  shown: IShownColumn | undefined;
  onShow: (on: boolean) => void;
  onStatistic: (statistic: Statistic) => void;
}): JSX.Element {
  const { trans } = usePage();
  const { column, shown } = props;
  return (
    <>
      <label title={column.id}>
        <input
          type="checkbox"
          checked={!!shown}
          disabled={column.id === NAME}
          onChange={event => props.onShow(event.target.checked)}
        />{' '}
        <span dir="auto">{column.label}</span>
      </label>
      {shown && isMetric(column.id) && (
        <select
          aria-label={trans.__('Statistic of %1', column.label)}
          value={shown.statistic ?? 'Last'}
          onChange={event => props.onStatistic(event.target.value as Statistic)}
        >
          {STATISTICS.map(each => (
            <option key={each} value={each}>
              {statisticLabel(each, trans)}
            </option>
          ))}
        </select>
      )}
    </>
  );
}

/** A category in the language of the page. */
export function categoryLabel(
  category: Category,
  trans: TranslationBundle
): string {
  const labels: Record<Category, string> = {
    Summary: trans.__('Summary'),
    Metrics: trans.__('Metrics'),
    Parameters: trans.__('Parameters'),
    'Input artifacts': trans.__('Input artifacts'),
    'Output artifacts': trans.__('Output artifacts'),
    Tags: trans.__('Tags')
  };
  return labels[category];
}
