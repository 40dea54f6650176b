/** Labels of the choices of CHART PROPERTIES, and titles of charts. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ChartColumn } from '../../../api/generated';
import type { ChartType, Dimension, IChart } from './definition';
import { labelOf } from './definition';

export function typeName(type: ChartType, trans: TranslationBundle): string {
  const names: Record<ChartType, string> = {
    bar: trans.__('Bar'),
    histogram: trans.__('Histogram'),
    line: trans._p('chart', 'Line'),
    scatter: trans.__('Scatter plot'),
    parallel: trans.__('Parallel coordinates'),
    box: trans.__('Box plot'),
    heat: trans.__('Heat map'),
    contour: trans.__('Contour'),
    importance: trans.__('Parameter importance')
  };
  return names[type];
}

export function dimensionName(
  dimension: Dimension,
  trans: TranslationBundle
): string {
  const names: Record<Dimension, string> = {
    Epoch: trans.__('Epoch'),
    Time: trans.__('Time'),
    'Periods from start': trans.__('Periods from start')
  };
  return names[dimension];
}

export function periodName(
  period: number | null,
  trans: TranslationBundle
): string {
  if (period === null) {
    return trans.__('Every value');
  }
  return period < 60
    ? trans.__('%1-second', period)
    : trans.__('%1-minute', period / 60);
}

/** A chart's title in Studio's form. */
export function titleOf(
  chart: IChart,
  columns: readonly ChartColumn[],
  trans: TranslationBundle
): string {
  const [x, y, z] = [chart.x, chart.y, chart.z].map(id => labelOf(id, columns));
  if (chart.data === 'series') {
    const shown = chart.type === 'histogram' ? x : y;
    return chart.dimension === 'Epoch'
      ? trans.__('%1 by epoch', shown)
      : chart.period === null
        ? trans.__('%1, every value', shown)
        : trans.__(
            '%1 with %2 aggregation',
            shown,
            periodName(chart.period, trans)
          );
  }
  switch (chart.type) {
    case 'histogram':
      return trans.__('Histogram of %1', x);
    case 'parallel':
      return trans.__('Parallel coordinates');
    case 'importance':
      return trans.__('What decides %1', y);
    case 'heat':
    case 'contour':
      return trans.__('%1 over %2 and %3', z, x, y);
    default:
      return trans.__('%1 v/s %2', y, x);
  }
}
