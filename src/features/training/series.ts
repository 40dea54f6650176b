/** Groups what a job measured into charts; no React here. */
import type { MetricSeries } from '../../api/generated';

/** One small chart: a metric, a line for each data set or host. */
export interface IMetricChart {
  title: string;
  /** Values of the chart in the order of time. */
  rows: { line: string; time: string; step: number; value: number }[];
  lines: string[];
  /** Values that were read, of which `rows` may be a part. */
  count: number;
}

/** `validation:auc` and `train:auc` share a chart; metrics of instances have a line for each host. */
export function chartsOf(series: readonly MetricSeries[]): IMetricChart[] {
  const charts = new Map<string, IMetricChart>();
  for (const each of series) {
    const [title, line] = each.host
      ? [each.name, each.host]
      : splitMetric(each.name);
    let chart = charts.get(title);
    if (!chart) {
      chart = { title, rows: [], lines: [], count: 0 };
      charts.set(title, chart);
    }
    chart.lines.push(line);
    chart.count += each.count;
    for (const point of each.points) {
      chart.rows.push({ line, ...point });
    }
  }
  return [...charts.values()];
}

/** `["auc", "validation"]` of `validation:auc`. */
export function splitMetric(name: string): [title: string, line: string] {
  const at = name.indexOf(':');
  return at > 0 ? [name.slice(at + 1), name.slice(0, at)] : [name, name];
}
