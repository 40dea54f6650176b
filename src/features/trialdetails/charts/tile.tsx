import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { downloadIcon } from '@jupyterlab/ui-components';
import type { JSX } from 'react';
import { useEffect, useMemo, useRef, useState } from 'react';

import type { ChartSource, ComponentSet } from '../../../api/generated';
import { usePage } from '../../../shared/context';
import { EmptyState, ErrorBox, StaleNote } from '../../../shared/states';
import type { Brushed } from './brush';
import { brushed } from './brush';
import type { IChartData } from './data';
import { NOT_FOUND, useChartData } from './data';
import type { IChart } from './definition';
import { isComplete } from './definition';
import type { IPicture } from './drawn';
import { drawn } from './drawn';
import { ExportMenu } from './export';
import type { IPlotHandle } from './plot';
import { Plot } from './plot';
import { titleOf } from './words';

/** One chart with its title, its menu and its state. */
export function ChartTile(props: {
  chart: IChart;
  source: ComponentSet;
  known: ChartSource;
  hidden: ReadonlySet<string>;
  running: boolean;
  chosen: boolean;
  rendermime: IRenderMimeRegistry;
  onChoose: () => void;
  onRemove: () => void;
  onBrush: (names: Brushed) => void;
}): JSX.Element {
  const { trans } = usePage();
  const { chart, known, hidden } = props;
  const query = useChartData(chart, props.source, props.running);
  const title = titleOf(chart, known.columns, trans);
  const handle = useRef<IPlotHandle | null>(null);
  const [exporting, setExporting] = useState(false);
  const last = useRef<{ kind: string; picture: IPicture } | null>(null);
  const current = useMemo(
    () =>
      query.data && isComplete(chart)
        ? drawn(chart, query.data, known, hidden, trans)
        : null,
    [chart, query.data, known, hidden, trans]
  );
  // While other values are read the chart stands as it was, but never as one of another kind.
  const kind = `${chart.data}:${chart.type}`;
  if (current) {
    last.current = { kind, picture: current };
  } else if (!query.loading || last.current?.kind !== kind) {
    last.current = null;
  }
  const picture = last.current?.picture ?? null;
  const waiting = picture !== null && current === null;
  // A brush over rows that are no more covers nothing.
  const { onBrush } = props;
  useEffect(() => () => onBrush(null), [chart]);
  return (
    <section
      className={`smstudio-ChartTile ${props.chosen ? 'smstudio-mod-chosen' : ''} ${chart.wide ? 'smstudio-mod-wide' : ''} ${waiting ? 'smstudio-mod-waiting' : ''}`}
      aria-label={title}
      aria-busy={waiting}
      onClick={props.onChoose}
    >
      <header>
        <h3>
          <button
            type="button"
            className="smstudio-Link"
            title={trans.__('Change the chart')}
            onClick={props.onChoose}
          >
            {title}
          </button>
        </h3>
        <button
          type="button"
          className="smstudio-IconButton"
          title={trans.__('Export')}
          aria-label={trans.__('Export "%1"', title)}
          aria-expanded={exporting}
          disabled={!picture?.rows.length}
          onClick={event => {
            event.stopPropagation();
            setExporting(!exporting);
          }}
        >
          <downloadIcon.react tag="span" width="14px" />
        </button>
        <button
          type="button"
          className="smstudio-IconButton"
          title={trans.__('Remove chart')}
          aria-label={trans.__('Remove "%1"', title)}
          onClick={event => {
            event.stopPropagation();
            props.onRemove();
          }}
        >
          ✕
        </button>
        {exporting && picture && (
          <ExportMenu
            chart={chart}
            source={props.source}
            title={title}
            picture={picture}
            handle={handle}
            onClose={() => setExporting(false)}
          />
        )}
      </header>
      {query.error &&
        (query.data ? (
          query.error.status !== NOT_FOUND && (
            <StaleNote
              error={query.error}
              updated={query.updated}
              onRetry={query.refresh}
            />
          )
        ) : (
          <ErrorBox error={query.error} onRetry={query.refresh} />
        ))}
      {!isComplete(chart) ? (
        <EmptyState title={trans.__('Choose what to draw')}>
          {trans.__('Set the axes under CHART PROPERTIES.')}
        </EmptyState>
      ) : !picture ? (
        !query.error && (
          <div
            className="smstudio-ChartTile-wait"
            role="status"
            aria-label={trans.__('Loading')}
          >
            {chart.type === 'importance' &&
              trans.__(
                'The importance is worked out; that takes some seconds.'
              )}
          </div>
        )
      ) : !picture.rows.length ? (
        <Nothing chart={chart} data={query.data} running={props.running} />
      ) : (
        <>
          <Plot
            rendermime={props.rendermime}
            spec={picture.spec}
            rows={picture.rows}
            handle={handle}
            label={trans.__('%1: %2 marks.', title, picture.rows.length)}
            onBrush={brush => onBrush(brushed(picture.rows, brush))}
          />
          {picture.note && (
            <div className="smstudio-ChartTile-note">{picture.note}</div>
          )}
        </>
      )}
    </section>
  );
}

function Nothing(props: {
  chart: IChart;
  data: IChartData | null;
  running: boolean;
}): JSX.Element {
  const { trans } = usePage();
  const note = props.data?.importance?.note;
  if (note) {
    return <EmptyState title={trans.__('Nothing to tell')}>{note}</EmptyState>;
  }
  if (props.chart.data === 'series') {
    return (
      <EmptyState title={trans.__('No points yet')}>
        {props.running
          ? trans.__('The chart fills as soon as the metric is logged.')
          : trans.__(
              'None of the components logged this metric over time. Jobs log by metric definitions, your own code by log_metric.'
            )}
      </EmptyState>
    );
  }
  return (
    <EmptyState title={trans.__('No values')}>
      {trans.__(
        'None of the visible components has a value for every axis of this chart.'
      )}
    </EmptyState>
  );
}
