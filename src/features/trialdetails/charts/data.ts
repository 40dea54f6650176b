/** Reads what a chart draws, and keeps it true while components run. */
import { useEffect, useMemo } from 'react';

import type {
  Change,
  ChartSource,
  ComponentSet,
  ImportanceData,
  SeriesData,
  SummaryData
} from '../../../api/generated';
import { usePage, useStatus } from '../../../shared/context';
import type { IQuery } from '../../../shared/query';
import { useQuery } from '../../../shared/query';
import type { IChart } from './definition';
import {
  axesOf,
  isComplete,
  NAME_COLUMN,
  seriesRequest,
  summaryRequest
} from './definition';

/** Milliseconds between two looks at series that grow, on the local engine; AWS publishes them each minute. */
const LIVE = 900;

/** What one chart gets of the server; which of them depends on its type. */
export interface IChartData {
  summary: SummaryData | null;
  series: SeriesData | null;
  importance: ImportanceData | null;
}

const NOTHING: IChartData = { summary: null, series: null, importance: null };

/** Names a set in keys of queries. */
export function setKey(source: ComponentSet): string {
  return JSON.stringify(source);
}

/** Most components whose charts are read again whenever one of them logs a metric; others follow in the usual interval. */
const FOLLOWED = 200;

/** Whether a change is of one of the components. */
export function concernsSet(source: ComponentSet): (change: Change) => boolean {
  const names = new Set(source.names);
  const followed = names.size > 0 && names.size <= FOLLOWED;
  return change =>
    (change.kind === COMPONENT || (followed && change.kind === METRICS)) &&
    (!names.size || names.has(change.name));
}

/** Kinds of changes: a component was written or deleted, and points of its metrics came. */
const COMPONENT = 'ExperimentTrialComponent';
const METRICS = 'ExperimentTrialComponentMetrics';

/** Status of an answer about something that is gone. */
export const NOT_FOUND = 404;

const RUNNING = ['InProgress', 'Stopping'];

/** Components of a set and their columns. */
export function useChartSource(source: ComponentSet): IQuery<ChartSource> {
  return useQuery<ChartSource>(
    `chart-source:${setKey(source)}`,
    (studio, signal) =>
      studio.api.call('getChartSource', { body: source, signal }),
    {
      concerns: concernsSet(source),
      busy: data => data.components.some(each => RUNNING.includes(each.status))
    }
  );
}

/** The data of one chart. */
export function useChartData(
  chart: IChart,
  source: ComponentSet,
  running: boolean
): IQuery<IChartData> {
  const { visible } = usePage();
  const local = useStatus()?.target.kind === 'local';
  const asked = useMemo(() => requestOf(chart, source), [chart, source]);
  const query = useQuery<IChartData>(
    `chart:${JSON.stringify(asked)}`,
    async (studio, signal) => {
      if (!asked) {
        return NOTHING;
      }
      const [summary, series, importance] = await Promise.all([
        asked.summary &&
          studio.api.call('getChartSummary', { body: asked.summary, signal }),
        asked.series &&
          studio.api.call('getChartSeries', { body: asked.series, signal }),
        asked.importance &&
          studio.api.call('getChartImportance', {
            body: asked.importance,
            signal
          })
      ]);
      return { summary, series, importance };
    },
    { concerns: concernsSet(source), busy: () => running }
  );
  const { refresh, error } = query;
  // What was deleted does not come back by asking.
  const live =
    visible &&
    local &&
    running &&
    chart.data === 'series' &&
    error?.status !== NOT_FOUND;
  useEffect(() => {
    if (!live) {
      return;
    }
    const timer = window.setInterval(() => {
      if (!document.hidden) {
        refresh();
      }
    }, LIVE);
    return () => window.clearInterval(timer);
  }, [live, refresh]);
  return query;
}

/** What the server is asked for a chart; null while choices are missing. */
export function requestOf(chart: IChart, source: ComponentSet) {
  if (!isComplete(chart)) {
    return null;
  }
  const series = seriesRequest(chart, source);
  const axes = axesOf(chart);
  // Lines that are coloured or parted by a column need its values, too.
  const extra = [
    axes.color ? chart.color : null,
    axes.facet ? chart.facet : null
  ].filter((each): each is string => !!each && each !== NAME_COLUMN);
  return {
    series,
    summary: series
      ? extra.length
        ? { source, columns: extra }
        : null
      : summaryRequest(chart, source),
    importance:
      chart.type === 'importance' && chart.y
        ? { source, target: chart.y }
        : null
  };
}
