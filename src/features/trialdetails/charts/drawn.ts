/** A chart ready to draw: its spec and its rows. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ChartSource } from '../../../api/generated';
import { metric } from '../../../shared/numbers';
import type { IChartData } from './data';
import type { IChart } from './definition';
import { labelOf } from './definition';
import type { IRow, Value } from './rows';
import { parallelRows, seriesRows, summaryRows } from './rows';
import type { ISpecContext, Spec } from './encodings';
import { importanceSpec, parallelSpec, seriesSpec, summarySpec } from './specs';
import { contourCells, heatCells } from './surface';

export interface IPicture {
  spec: Spec;
  rows: IRow[];
  /** What the reader should know, e.g. that it is a part. */
  note: string | null;
}

/**
 * A title that Vega can hold: it puts titles between double quotes of its expressions without escaping them, so a quote
 * in the name of a metric would end the text and be read as code.
 */
export function plainTitle(title: string): string {
  return title
    .replace(/"/g, '\u201d')
    .replace(/\\/g, '\u2216')
    .replace(/[\r\n\u2028\u2029]+/g, ' ');
}

/** The picture of a chart with some data. */
export function drawn(
  chart: IChart,
  data: IChartData,
  known: ChartSource,
  hidden: ReadonlySet<string>,
  trans: TranslationBundle
): IPicture | null {
  const context: ISpecContext = {
    label: id => plainTitle(labelOf(id, known.columns)),
    numeric: id =>
      known.columns.find(each => each.id === id)?.numeric ??
      !!id?.startsWith('Metrics.'),
    names: known.components.map(each => each.name),
    words: {
      count: trans.__('Count of Records'),
      component: 'trialComponentName',
      epoch: trans.__('Epoch'),
      time: trans.__('Time'),
      periods: trans.__('Periods from start'),
      mean: trans.__('Mean of'),
      importance: trans.__('Share of what the parameters explain')
    },
    rows: 0
  };
  if (chart.type === 'importance') {
    return importancePicture(data, context, trans);
  }
  if (chart.data === 'series') {
    return seriesPicture(chart, data, context, hidden, trans);
  }
  return summaryPicture(chart, data, context, hidden, trans);
}

function importancePicture(
  data: IChartData,
  context: ISpecContext,
  trans: TranslationBundle
): IPicture | null {
  const found = data.importance;
  if (!found) {
    return null;
  }
  return {
    spec: importanceSpec(context),
    rows: found.items.map(each => ({ n: each.parameter, x: each.importance })),
    note: trans.__(
      'By fANOVA over %1 of %2 components.',
      found.used,
      found.total
    )
  };
}

function seriesPicture(
  chart: IChart,
  data: IChartData,
  context: ISpecContext,
  hidden: ReadonlySet<string>,
  trans: TranslationBundle
): IPicture | null {
  const { series, summary } = data;
  if (!series) {
    return null;
  }
  const extra = new Map<string, { c: Value; f: Value }>();
  const own = (id: string | null, index: number, name: string): Value =>
    !id
      ? null
      : (summary?.columns[id]?.[index] ??
        (id === 'TrialComponentName' ? name : null));
  const place = new Map(summary?.names.map((name, index) => [name, index]));
  for (const each of series.series) {
    const index = place.get(each.name) ?? -1;
    extra.set(each.name, {
      c: own(chart.color, index, each.name),
      f: own(chart.facet, index, each.name)
    });
  }
  const rows = seriesRows(chart, series, hidden, extra);
  const missing = series.total - series.series.length;
  const notes = [
    missing > 0
      ? trans.__(
          '%1 of %2 components have points.',
          series.series.length,
          series.total
        )
      : '',
    series.aggregated && (chart.period ?? 0) < 60
      ? trans.__('This target keeps whole minutes only.')
      : ''
  ];
  return {
    spec: seriesSpec(chart, { ...context, rows: rows.length }),
    rows,
    note: notes.filter(Boolean).join(' ') || null
  };
}

function summaryPicture(
  chart: IChart,
  data: IChartData,
  context: ISpecContext,
  hidden: ReadonlySet<string>,
  trans: TranslationBundle
): IPicture | null {
  const { summary } = data;
  if (!summary) {
    return null;
  }
  const note = (shown: number): string | null =>
    shown < summary.total - hidden.size
      ? trans.__('%1 of %2 components.', shown, summary.total)
      : null;
  if (chart.type === 'parallel') {
    const { rows, axes, shown } = parallelRows(
      chart,
      summary,
      hidden,
      context.label,
      metric
    );
    return {
      spec: parallelSpec(chart, { ...context, axes, rows: rows.length }),
      rows,
      note: note(shown)
    };
  }
  const rows = summaryRows(chart, summary, hidden);
  const spec = summarySpec(chart, { ...context, rows: rows.length });
  if (chart.type === 'heat' || chart.type === 'contour') {
    const cells = (chart.type === 'heat' ? heatCells : contourCells)(
      rows,
      chart.logX,
      chart.logY
    );
    const points = rows.length <= 2000 ? rows : [];
    return {
      spec,
      rows: [...cells.map(cell => ({ n: '', ...cell })), ...points],
      note: note(rows.length)
    };
  }
  return { spec, rows, note: note(rows.length) };
}
