/** Vega-Lite of the graphs that the SDK's `log_*` calls make; no React here. */

/** A graph as the SDK writes it, version 0. */
export type IGraph =
  | { type: 'ConfusionMatrix'; title: string; matrix: number[][] }
  | {
      type: 'ROCCurve' | 'PrecisionRecallCurve';
      title: string;
      x: number[];
      y: number[];
      area: number | null;
      noSkill: number | null;
    };

/** Words of the page's language. */
export interface IGraphWords {
  truth: string;
  predicted: string;
  share: string;
  count: string;
  falsePositive: string;
  truePositive: string;
  precision: string;
  recall: string;
}

/** Points of a curve that are drawn. */
const MOST = 1000;
const LABELLED = 12;

/** The graph that a JSON file holds; null for other files. */
export function graphOf(text: string): IGraph | null {
  let found: Record<string, unknown>;
  try {
    found = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof found !== 'object' || found === null) {
    return null;
  }
  const title = typeof found.title === 'string' ? found.title : '';
  switch (found.type) {
    case 'ConfusionMatrix': {
      const matrix = found.confusionMatrix;
      return Array.isArray(matrix) && matrix.every(numbers)
        ? { type: found.type, title, matrix: matrix as number[][] }
        : null;
    }
    case 'ROCCurve':
      return curve(
        found.type,
        title,
        found.falsePositiveRate,
        found.truePositiveRate,
        found.areaUnderCurve,
        null
      );
    case 'PrecisionRecallCurve':
      return curve(
        found.type,
        title,
        found.recall,
        found.precision,
        found.averagePrecisionScore,
        found.noSkill
      );
    default:
      return null;
  }
}

function numbers(values: unknown): values is number[] {
  return (
    Array.isArray(values) && values.every(each => typeof each === 'number')
  );
}

function curve(
  type: 'ROCCurve' | 'PrecisionRecallCurve',
  title: string,
  x: unknown,
  y: unknown,
  area: unknown,
  noSkill: unknown
): IGraph | null {
  return numbers(x) && numbers(y) && x.length === y.length
    ? {
        type,
        title,
        x,
        y,
        area: typeof area === 'number' ? area : null,
        noSkill: typeof noSkill === 'number' ? noSkill : null
      }
    : null;
}

/** The chart of a graph. */
export function graphSpec(
  graph: IGraph,
  words: IGraphWords
): Record<string, unknown> {
  return graph.type === 'ConfusionMatrix'
    ? matrixSpec(graph.title, graph.matrix, words)
    : curveSpec(graph, words);
}

function matrixSpec(
  title: string,
  matrix: number[][],
  words: IGraphWords
): Record<string, unknown> {
  const values = matrix.flatMap((row, truth) => {
    const sum = row.reduce((a, b) => a + b, 0);
    return row.map((count, predicted) => ({
      truth,
      predicted,
      count,
      share: sum ? count / sum : 0
    }));
  });
  const x = {
    field: 'predicted',
    type: 'ordinal',
    title: words.predicted,
    axis: { labelAngle: 0, labelOverlap: true }
  };
  const y = { field: 'truth', type: 'ordinal', title: words.truth };
  return {
    title,
    width: 'container',
    height: 240,
    data: { values },
    encoding: { x, y },
    layer: [
      {
        mark: 'rect',
        encoding: {
          color: {
            field: 'share',
            type: 'quantitative',
            title: words.share,
            scale: { scheme: 'blues', domain: [0, 1] },
            legend: { format: '%', gradientLength: 120 }
          },
          tooltip: [
            { field: 'truth', title: words.truth },
            { field: 'predicted', title: words.predicted },
            { field: 'count', title: words.count },
            { field: 'share', title: words.share, format: '.1%' }
          ]
        }
      },
      ...(matrix.length <= LABELLED
        ? [
            {
              mark: { type: 'text' },
              encoding: {
                text: { field: 'count' },
                color: {
                  condition: { test: 'datum.share > 0.5', value: '#fff' },
                  value: '#111'
                }
              }
            }
          ]
        : [])
    ]
  };
}

function curveSpec(
  graph: Exclude<IGraph, { type: 'ConfusionMatrix' }>,
  words: IGraphWords
): Record<string, unknown> {
  const roc = graph.type === 'ROCCurve';
  const step = Math.max(1, Math.ceil(graph.x.length / MOST));
  const values = graph.x
    .map((x, index) => ({ x, y: graph.y[index] }))
    .filter((_, index) => index % step === 0 || index === graph.x.length - 1);
  const area =
    graph.area === null
      ? ''
      : ` (${roc ? 'AUC' : 'AP'} ${graph.area.toFixed(4)})`;
  const skill = graph.noSkill ?? 0;
  const baseline = roc
    ? [
        { x: 0, y: 0 },
        { x: 1, y: 1 }
      ]
    : [
        { x: 0, y: skill },
        { x: 1, y: skill }
      ];
  const axis = (field: 'x' | 'y', title: string): Record<string, unknown> => ({
    field,
    type: 'quantitative',
    title,
    scale: { domain: [0, 1] }
  });
  const x = axis('x', roc ? words.falsePositive : words.recall);
  const y = axis('y', roc ? words.truePositive : words.precision);
  return {
    title: `${graph.title}${area}`,
    width: 'container',
    height: 240,
    encoding: { x, y },
    layer: [
      {
        data: { values: baseline },
        mark: { type: 'line', strokeDash: [4, 4], color: '#999' }
      },
      {
        data: { values },
        mark: {
          type: 'line',
          color: '#4c78a8',
          interpolate: roc ? 'linear' : 'step-before'
        },
        encoding: {
          order: { field: 'x' },
          tooltip: [
            { ...x, format: '.4f' },
            { ...y, format: '.4f' }
          ]
        }
      }
    ]
  };
}
