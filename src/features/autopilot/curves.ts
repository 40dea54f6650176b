/** Charts of a performance report. */
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { Curve, Statistic } from '../../api/generated';

/** A metric beside what the best constant model reaches in it. */
export interface IStatistic extends Statistic {
  constant: number | null;
}

/** How AWS calls the metrics of the best constant model. */
const CONSTANT = /_(best_constant_(classifier|regressor)|constant_mean)$/;

/** The metrics, each with that of the best constant model where the report has it. */
export function withConstants(statistics: readonly Statistic[]): IStatistic[] {
  const constants = new Map(
    statistics
      .filter(each => CONSTANT.test(each.name))
      .map(each => [each.name.replace(CONSTANT, ''), each.value])
  );
  return statistics
    .filter(each => !CONSTANT.test(each.name))
    .map(each => ({ ...each, constant: constants.get(each.name) ?? null }));
}

/** Curves of one kind belong into one chart, those of several classes in one. */
export function curveGroups(curves: readonly Curve[]): Curve[][] {
  const groups = new Map<string, Curve[]>();
  for (const curve of curves) {
    groups.set(curve.id, [...(groups.get(curve.id) ?? []), curve]);
  }
  return [...groups.values()];
}

/** Curves that compare with chance, which is the diagonal. */
const DIAGONAL = new Set(['receiver_operating_characteristic_curve']);

/** How the curves of a back-test begin; the series follows. */
const BACKTEST = 'backtest:';

/** Colours of a back-test's lines: what came, then the quantiles. */
const CAME = '#f37626';
const QUANTILES = ['#9db7d1', '#2176d2', '#5f7f9e'];

/** The series whose back-test a curve shows; null when it shows something else. */
export function seriesOf(id: string): string | null {
  return id.startsWith(BACKTEST) ? id.slice(BACKTEST.length) : null;
}

/** The Vega-Lite chart of curves of one kind. */
export function curveSpec(curves: Curve[]): ReadonlyPartialJSONObject {
  const [first] = curves;
  const values = curves.flatMap(curve =>
    curve.x.map((x, order) => ({
      x,
      y: curve.y[order],
      order,
      label: curve.label
    }))
  );
  const many = curves.length > 1;
  const marks: Record<Curve['kind'], ReadonlyPartialJSONObject> = {
    line: { type: 'line', strokeWidth: 2 },
    points: { type: 'point', filled: true, size: 18, opacity: 0.5 },
    bars: { type: 'bar' }
  };
  const tested = seriesOf(first.id) !== null;
  const labels = curves.map(curve => curve.label);
  const colour: ReadonlyPartialJSONObject = many
    ? {
        field: 'label',
        type: 'nominal',
        title: null,
        ...(tested
          ? {
              sort: labels,
              scale: {
                domain: labels,
                range: labels.map((_, at) =>
                  at ? QUANTILES[(at - 1) % QUANTILES.length] : CAME
                )
              }
            }
          : {})
      }
    : { value: '#f37626' };
  const main: ReadonlyPartialJSONObject = {
    mark: marks[first.kind],
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative',
        title: first.x_title,
        ...(tested
          ? {
              scale: { zero: false, nice: false },
              axis: { tickMinStep: 1, format: 'd' }
            }
          : {})
      },
      y: {
        field: 'y',
        type: 'quantitative',
        title: first.y_title,
        ...(first.kind === 'points' || tested ? { scale: { zero: false } } : {})
      },
      color: colour,
      ...(first.kind === 'line'
        ? { order: { field: 'order', type: 'quantitative' } }
        : {}),
      tooltip: [
        ...(many ? [{ field: 'label', type: 'nominal' }] : []),
        {
          field: 'x',
          type: 'quantitative',
          title: first.x_title,
          format: '.4~g'
        },
        {
          field: 'y',
          type: 'quantitative',
          title: first.y_title,
          format: '.4~g'
        }
      ]
    }
  };
  const size = { width: 'container', height: 200 };
  if (!DIAGONAL.has(first.id)) {
    return { ...size, data: { values }, ...main };
  }
  const chance = {
    data: {
      values: [
        { x: 0, y: 0 },
        { x: 1, y: 1 }
      ]
    },
    mark: { type: 'line', strokeDash: [4, 4], color: '#8da0b3' },
    encoding: {
      x: { field: 'x', type: 'quantitative' },
      y: { field: 'y', type: 'quantitative' }
    }
  };
  return { ...size, layer: [{ data: { values }, ...main }, chance] };
}

/** Background of a cell of the confusion matrix: right ones blue, wrong ones orange, by their share of the row. */
export function shade(share: number, right: boolean): string {
  const alpha = Math.round(share * 60) / 100;
  return right
    ? `rgba(33, 118, 210, ${alpha})`
    : `rgba(243, 118, 38, ${alpha})`;
}
