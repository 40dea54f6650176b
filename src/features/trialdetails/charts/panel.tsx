import { InputDialog } from '@jupyterlab/apputils';
import type { JSX, ReactNode } from 'react';
import { useCallback, useEffect, useMemo, useState } from 'react';

import type { ChartSource, ComponentSet } from '../../../api/generated';
import { usePage } from '../../../shared/context';
import { useDraft } from '../../../shared/draft';
import { EmptyState } from '../../../shared/states';
import { Components } from '../components';
import { useHost } from '../host';
import type { IChart } from './definition';
import { newChart, newId, readCharts } from './definition';
import { ChartProperties } from './properties';
import type { Brushed } from './brush';
import { ChartTile } from './tile';

const RUNNING = ['InProgress', 'Stopping'];

/** Charts over a set of components: the components with their eyes, the charts, and CHART PROPERTIES. */
export function Charts(props: {
  /** Keys what is kept over a reload. */
  page: string;
  source: ComponentSet;
  known: ChartSource;
  /** One component: no table. */
  single?: boolean;
  addChart?: boolean;
  /** Charts that the component itself brings. */
  children?: ReactNode;
}): JSX.Element {
  const { trans } = usePage();
  const { rendermime } = useHost();
  const { known, source } = props;
  const [kept, setKept] = useDraft<{ charts: IChart[]; hidden: string[] }>(
    `charts:${props.page}`,
    () => ({
      charts: props.addChart
        ? [newChart(known.columns, known.components.length)]
        : [],
      hidden: []
    })
  );
  const charts = useMemo(() => readCharts(kept.charts), [kept.charts]);
  const hidden = useMemo(() => new Set(kept.hidden), [kept.hidden]);
  const [chosen, setChosen] = useState<string | null>(null);
  const [brush, setBrush] = useState<{ id: string; names: Brushed } | null>(
    null
  );
  const setCharts = useCallback(
    (change: (before: IChart[]) => IChart[]): void =>
      setKept(before => ({
        ...before,
        charts: change(readCharts(before.charts))
      })),
    [setKept]
  );
  const add = (): void => {
    const chart = newChart(known.columns, known.components.length);
    setCharts(before => [...before, chart]);
    setChosen(chart.id);
  };
  useEffect(() => {
    if (props.addChart && charts.length === 1) {
      setChosen(charts[0].id);
    }
    // Only when the page opens.
  }, []);
  const running = known.components.some(each => RUNNING.includes(each.status));
  const current = charts.find(each => each.id === chosen);
  const onBrush = useCallback(
    (id: string, names: Brushed) =>
      setBrush(before =>
        names ? { id, names } : before?.id === id ? null : before
      ),
    []
  );
  return (
    <div className="smstudio-Charts">
      <div className="smstudio-Charts-main">
        <div className="smstudio-Header-line">
          <h2>{trans.__('TRIAL COMPONENTS')}</h2>
          <span className="smstudio-Header-buttons">
            <Layouts charts={charts} onLoad={next => setCharts(() => next)} />
            <button
              type="button"
              className="jp-mod-styled jp-mod-accept"
              onClick={add}
            >
              {trans.__('Add chart')}
            </button>
          </span>
        </div>
        {!props.single && (
          <Components
            components={known.components}
            total={known.total}
            hidden={hidden}
            brushed={brush?.names ?? null}
            onHide={next =>
              setKept(before => ({ ...before, hidden: [...next] }))
            }
          />
        )}
        <h2 className="smstudio-Charts-count">
          {charts.length === 1
            ? trans.__('1 CHART')
            : trans.__('%1 CHARTS', charts.length)}
        </h2>
        {props.children}
        {charts.length === 0 && !props.children && (
          <EmptyState title={trans.__('No charts yet')}>
            {trans.__(
              'Add chart compares the components by their metrics and parameters, or draws metrics over time.'
            )}
          </EmptyState>
        )}
        <div className="smstudio-ChartTiles">
          {charts.map(chart => (
            <Tile
              key={chart.id}
              chart={chart}
              source={source}
              known={known}
              hidden={hidden}
              running={running}
              chosen={chart.id === chosen}
              rendermime={rendermime}
              onChoose={setChosen}
              onRemove={id => {
                setCharts(before => before.filter(each => each.id !== id));
                setChosen(before => (before === id ? null : before));
              }}
              onBrush={onBrush}
            />
          ))}
        </div>
      </div>
      {current && (
        <ChartProperties
          key={current.id}
          chart={current}
          source={known}
          onChange={next =>
            setCharts(before =>
              before.map(each => (each.id === next.id ? next : each))
            )
          }
          onClose={() => setChosen(null)}
        />
      )}
    </div>
  );
}

/** Binds a tile to its id, so that a tile is not drawn anew because another changed. */
function Tile(
  props: Omit<
    Parameters<typeof ChartTile>[0],
    'onChoose' | 'onRemove' | 'onBrush'
  > & {
    onChoose: (id: string) => void;
    onRemove: (id: string) => void;
    onBrush: (id: string, names: Brushed) => void;
  }
): JSX.Element {
  const { id } = props.chart;
  const { onBrush } = props;
  const brush = useCallback(
    (names: Brushed) => onBrush(id, names),
    [id, onBrush]
  );
  return (
    <ChartTile
      {...props}
      onChoose={() => props.onChoose(id)}
      onRemove={() => props.onRemove(id)}
      onBrush={brush}
    />
  );
}

/** Saved layouts: load one, save the charts under a name, delete one. */
function Layouts(props: {
  charts: IChart[];
  onLoad: (charts: IChart[]) => void;
}): JSX.Element {
  const { trans } = usePage();
  const { layouts } = useHost();
  const [list, setList] = useState(layouts.list);
  const [name, setName] = useState('');
  useEffect(() => {
    const update = (): void => setList(layouts.list);
    layouts.changed.connect(update);
    update();
    return () => {
      layouts.changed.disconnect(update);
    };
  }, [layouts]);
  const save = async (): Promise<void> => {
    const answer = await InputDialog.getText({
      title: trans.__('Save layout'),
      label: trans.__('Name'),
      text: name,
      okLabel: trans.__('Save')
    });
    const wanted = answer.value?.trim();
    if (answer.button.accept && wanted) {
      await layouts.save({ name: wanted, charts: props.charts });
      setName(wanted);
    }
  };
  return (
    <>
      {list.length > 0 && (
        <select
          className="jp-mod-styled smstudio-Layouts"
          aria-label={trans.__('Saved layouts')}
          value={list.some(each => each.name === name) ? name : ''}
          onChange={event => {
            const found = list.find(each => each.name === event.target.value);
            setName(event.target.value);
            if (found) {
              props.onLoad(
                found.charts.map(chart => ({ ...chart, id: newId() }))
              );
            }
          }}
        >
          <option value="">{trans.__('Saved layouts…')}</option>
          {list.map(each => (
            <option key={each.name} value={each.name}>
              {each.name}
            </option>
          ))}
        </select>
      )}
      {list.some(each => each.name === name) && (
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject"
          onClick={() => void layouts.remove(name)}
        >
          {trans.__('Delete layout')}
        </button>
      )}
      <button
        type="button"
        className="jp-mod-styled jp-mod-reject"
        disabled={!props.charts.length}
        onClick={() => void save()}
      >
        {trans.__('Save layout…')}
      </button>
    </>
  );
}
