/** Vega-Lite of the charts, without their data, which is called `rows`; no React here. */
import type { IChart } from './definition';
import { NAME_COLUMN } from './definition';
import type { ISpecContext, Spec } from './encodings';
import {
  axis,
  colour,
  COLOURS,
  discrete,
  extra,
  nominal,
  tooltip
} from './encodings';

const HEIGHT = 260;
const CELL = { width: 220, height: 150 };
/** A chart of summary statistics. */
export function summarySpec(chart: IChart, context: ISpecContext): Spec {
  const x = axis(chart.x, chart.logX, context, 'x');
  const y = axis(chart.y, chart.logY, context, 'y');
  const color = colour(chart.color, context);
  switch (chart.type) {
    case 'scatter':
      return framed(chart, context, {
        params: [{ name: 'brush', select: { type: 'interval' } }],
        mark: {
          type: 'point',
          filled: true,
          size: context.rows > 2000 ? 12 : 46,
          // Few points stand alone: they need all their colour, also on a dark ground.
          opacity: context.rows > 500 ? 0.5 : context.rows > 100 ? 0.8 : 1
        },
        encoding: {
          x,
          y,
          ...color,
          tooltip: tooltip(context, [
            ['x', chart.x],
            ['y', chart.y],
            ...extra(chart)
          ])
        }
      });
    case 'line':
      return framed(chart, context, {
        params: [
          { name: 'brush', select: { type: 'interval', encodings: ['x'] } }
        ],
        mark: { type: 'line', point: { size: 30 }, strokeWidth: 1.5 },
        encoding: {
          x,
          y,
          ...(chart.color === NAME_COLUMN ? {} : color),
          order: { field: 'x' },
          tooltip: tooltip(context, [
            ['x', chart.x],
            ['y', chart.y],
            ...extra(chart)
          ])
        }
      });
    case 'histogram':
      return framed(chart, context, histogram(chart.x, color, chart, context));
    case 'box':
      return framed(chart, context, {
        mark: { type: 'boxplot', extent: 1.5, size: 22 },
        encoding: {
          x: { ...discrete(chart.x, context) },
          y,
          color: { value: COLOURS[0] }
        }
      });
    case 'heat':
    case 'contour':
      return grid(chart, context);
    default:
      return framed(chart, context, {
        mark: { type: 'bar', tooltip: true },
        encoding: {
          x: discrete(chart.x, context),
          // Bars stand on zero: their length is the value.
          y: { ...y, aggregate: 'mean', stack: null, scale: { zero: true } },
          ...color,
          tooltip: [
            ...(chart.x === NAME_COLUMN
              ? []
              : [{ field: 'x', title: context.label(chart.x) }]),
            ...(chart.x === NAME_COLUMN
              ? [{ field: 'n', title: context.words.component }]
              : []),
            {
              field: 'y',
              aggregate: 'mean',
              format: '.6~g',
              title: context.label(chart.y)
            }
          ]
        }
      });
  }
}

/** A chart of time series. */
export function seriesSpec(chart: IChart, context: ISpecContext): Spec {
  const byName = !chart.color || chart.color === NAME_COLUMN;
  const color = byName
    ? chart.color || chart.type === 'line'
      ? nominal('n', context)
      : {}
    : colour(chart.color, context);
  if (chart.type === 'histogram') {
    return framed(chart, context, histogram(chart.x, color, chart, context));
  }
  const time = chart.dimension === 'Time';
  const { words } = context;
  const x = {
    field: 'x',
    type: time ? 'temporal' : 'quantitative',
    title: time
      ? words.time
      : chart.dimension === 'Epoch'
        ? words.epoch
        : words.periods,
    scale: time
      ? {}
      : chart.logX
        ? { type: 'log' }
        : { zero: false, nice: false },
    axis: { tickCount: 7, labelOverlap: true, grid: false }
  };
  const y = (field: string): Spec => ({
    field,
    type: 'quantitative',
    title: context.label(chart.y),
    scale: chart.logY ? { type: 'log' } : { zero: false }
  });
  const layer = (field: string, opacity: number, points: boolean): Spec => ({
    mark: {
      type: 'line',
      strokeWidth: 1.5,
      opacity,
      clip: true,
      point: points ? { size: 22 } : false
    },
    encoding: {
      x,
      y: y(field),
      ...color,
      detail: { field: 'n' },
      ...(context.rows <= 3000
        ? {
            tooltip: [
              { field: 'n', title: words.component },
              {
                field: 'x',
                type: x.type,
                title: x.title,
                ...(time ? { format: '%H:%M:%S.%L' } : {})
              },
              {
                field: 'y',
                type: 'quantitative',
                format: '.6~g',
                title: context.label(chart.y)
              }
            ]
          }
        : {})
    }
  });
  if (chart.smoothing > 0) {
    return framed(chart, context, {
      layer: [layer('y', 0.22, false), layer('s', 1, false)]
    });
  }
  return framed(chart, context, layer('y', 1, context.rows <= 240));
}

/** Parallel coordinates: a line for each component over the axes. */
export function parallelSpec(chart: IChart, context: ISpecContext): Spec {
  const axes = context.axes ?? [];
  const order = axes.map(each => each.label);
  const x = {
    field: 'x',
    type: 'nominal',
    sort: order,
    title: null,
    scale: { type: 'point', padding: 0.35 },
    axis: {
      orient: 'top',
      labelAngle: 0,
      labelLimit: 140,
      labelPadding: 18,
      domain: false,
      ticks: false
    }
  };
  const end = (field: 'low' | 'high', y: number, dy: number): Spec => ({
    data: { values: axes.map(each => ({ x: each.label, t: each[field], y })) },
    mark: { type: 'text', dy, fontSize: 10 },
    encoding: {
      x,
      y: { field: 'y', type: 'quantitative' },
      text: { field: 't' },
      color: { value: '#888' }
    }
  });
  return {
    width: 'container',
    height: HEIGHT,
    layer: [
      {
        data: { values: order.map(name => ({ x: name })) },
        mark: { type: 'rule', color: '#999', opacity: 0.6 },
        encoding: { x }
      },
      {
        data: { name: 'rows' },
        mark: {
          type: 'line',
          strokeWidth: 1.2,
          opacity: context.rows > 2000 ? 0.25 : 0.65
        },
        encoding: {
          x,
          y: {
            field: 'y',
            type: 'quantitative',
            axis: null,
            scale: { domain: [0, 1] }
          },
          detail: { field: 'n' },
          ...colour(chart.color, context),
          tooltip: [
            { field: 'n', title: context.words.component },
            { field: 'x', title: ' ' },
            { field: 'v', title: '=' }
          ]
        }
      },
      end('low', 0, 12),
      end('high', 1, -8)
    ]
  };
}

/** Bars of importance, the highest on top. */
export function importanceSpec(context: ISpecContext): Spec {
  return {
    width: 'container',
    height: { step: 22 },
    data: { name: 'rows' },
    encoding: {
      y: { field: 'n', type: 'nominal', sort: '-x', title: null },
      x: {
        field: 'x',
        type: 'quantitative',
        title: context.words.importance,
        axis: { format: '%' },
        scale: { domainMin: 0 }
      }
    },
    layer: [
      {
        mark: { type: 'bar', color: COLOURS[0] },
        encoding: {
          tooltip: [
            { field: 'n', title: ' ' },
            { field: 'x', format: '.2%', title: ' ' }
          ]
        }
      },
      {
        mark: { type: 'text', align: 'left', dx: 4, color: '#888' },
        encoding: { text: { field: 'x', format: '.1%' } }
      }
    ]
  };
}

/** Size, data, and panels where the chart has small multiples. */
function framed(chart: IChart, context: ISpecContext, inner: Spec): Spec {
  if (!chart.facet) {
    return {
      width: 'container',
      height: HEIGHT,
      data: { name: 'rows' },
      ...inner
    };
  }
  const rest: Spec = { ...inner };
  // A brush in one of many panels would cover only its own.
  delete rest.params;
  return {
    data: { name: 'rows' },
    facet: {
      field: 'f',
      type: 'nominal',
      title: context.label(chart.facet),
      header: { labelLimit: 220 }
    },
    columns: chart.wide ? 4 : 2,
    spec: { ...CELL, ...rest }
  };
}

function histogram(
  column: string | null,
  color: Spec,
  chart: IChart,
  context: ISpecContext
): Spec {
  const numeric = context.numeric(column);
  return {
    mark: { type: 'bar', binSpacing: 1, tooltip: true },
    encoding: {
      x: {
        field: 'x',
        title: context.label(column),
        ...(numeric
          ? { bin: { maxbins: 24 }, type: 'quantitative' }
          : { type: 'nominal' })
      },
      y: {
        aggregate: 'count',
        type: 'quantitative',
        title: context.words.count,
        scale: chart.logY ? { type: 'symlog' } : {},
        axis: { tickMinStep: 1 }
      },
      ...color
    }
  };
}

function grid(chart: IChart, context: ISpecContext): Spec {
  const side = (field: 'x' | 'y', id: string | null, log: boolean): Spec => ({
    field,
    type: 'quantitative',
    title: context.label(id),
    scale: log ? { type: 'log', nice: false } : { zero: false, nice: false },
    axis: { grid: false, labelOverlap: true, tickCount: 7 }
  });
  const title = `${context.words.mean} ${context.label(chart.z)}`;
  return {
    width: 'container',
    height: HEIGHT,
    data: { name: 'rows' },
    encoding: {
      x: side('x', chart.x, chart.logX),
      y: side('y', chart.y, chart.logY)
    },
    layer: [
      {
        transform: [{ filter: 'isValid(datum.x2)' }],
        mark: { type: 'rect', clip: true, strokeWidth: 0.7 },
        encoding: {
          x2: { field: 'x2' },
          y2: { field: 'y2' },
          fill: {
            field: 'z',
            type: 'quantitative',
            title,
            scale: { scheme: 'viridis', zero: false },
            legend: { gradientLength: 140 }
          },
          // The same once more as an edge, else the page shines through between the cells.
          stroke: {
            field: 'z',
            type: 'quantitative',
            scale: { scheme: 'viridis', zero: false },
            legend: null
          },
          tooltip: [
            { field: 'z', format: '.6~g', title },
            ...(chart.type === 'heat'
              ? [{ field: 'count', title: context.words.count }]
              : [])
          ]
        }
      },
      {
        transform: [{ filter: '!isValid(datum.x2)' }],
        mark: {
          type: 'point',
          filled: true,
          size: 14,
          color: '#fff',
          stroke: '#333',
          strokeWidth: 0.6
        },
        encoding: {
          tooltip: tooltip(context, [
            ['x', chart.x],
            ['y', chart.y],
            ['z', chart.z]
          ])
        }
      }
    ]
  };
}
