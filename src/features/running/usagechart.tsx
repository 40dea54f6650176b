import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { JSX } from 'react';
import { useMemo } from 'react';

import type { UsageRow } from '../../api/generated';
import { Chart } from '../../shared/chart';
import { usePage } from '../../shared/context';
import { span } from './days';
import { useNames } from './names';

/** Cost (hours where no price is known) per day, stacked by what it was for. */
export function UsageChart(props: {
  rows: UsageRow[];
  rendermime: IRenderMimeRegistry;
}): JSX.Element {
  const { trans } = usePage();
  const names = useNames();
  const { rows } = props;
  // Days without use show as gaps, so that a single day does not fill the chart.
  const days = useMemo(() => span(rows.map(row => row.day)), [rows]);
  const spec = useMemo(
    () => ({
      $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
      width: 'container',
      height: 160,
      data: {
        values: rows.map(row => ({
          day: row.day,
          kind: `${names[row.metered] ?? row.metered} ${row.instance_type}`,
          hours: row.hours,
          cost: row.cost ?? 0
        }))
      },
      mark: { type: 'bar', tooltip: true, width: { band: 0.7 } },
      encoding: {
        x: {
          field: 'day',
          type: 'ordinal',
          title: null,
          scale: { domain: days },
          axis: { labelAngle: -45, labelOverlap: true }
        },
        y: {
          field: 'cost',
          type: 'quantitative',
          aggregate: 'sum',
          title: trans.__('Cost, USD')
        },
        color: { field: 'kind', type: 'nominal', title: null }
      }
    }),
    [rows, days]
  );
  return (
    <Chart
      rendermime={props.rendermime}
      spec={spec}
      label={trans.__('Cost per day')}
    />
  );
}
