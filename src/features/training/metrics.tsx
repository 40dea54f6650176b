import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { JSX } from 'react';
import { useMemo, useState } from 'react';

import type {
  Change,
  InstanceMetrics,
  TrainingJob,
  TrainingMetrics
} from '../../api/generated';
import { Chart } from '../../shared/chart';
import { duration } from '../../shared/clock';
import { usePage } from '../../shared/context';
import { metric } from '../../shared/numbers';
import { useQuery } from '../../shared/query';
import { EmptyState, ErrorBox, Skeleton, StaleBar } from '../../shared/states';
import { TimeText } from '../../shared/time';
import type { IMetricChart } from './series';
import { chartsOf } from './series';

/** Charts beyond these are drawn on request: each costs the browser some milliseconds. */
const AT_FIRST = 12;

type Axis = 'step' | 'time';

/** The tab "Metrics": a small chart for each metric, drawn while the job runs, and the last values. */
export function Metrics(props: {
  job: TrainingJob;
  rendermime: IRenderMimeRegistry;
}): JSX.Element {
  const { trans } = usePage();
  const { job, rendermime } = props;
  const running = ['InProgress', 'Stopping'].includes(job.status);
  const [axis, setAxis] = useState<Axis>('step');
  const concerns = (change: Change): boolean =>
    change.kind === 'TrainingJob' && change.name === job.name;
  const query = useQuery<TrainingMetrics>(
    `training-metrics:${job.name}`,
    (studio, signal) =>
      studio.api.call('getTrainingJobMetrics', { name: job.name, signal }),
    { concerns, busy: () => running }
  );
  const used = useQuery<InstanceMetrics>(
    `training-instance-metrics:${job.name}`,
    (studio, signal) =>
      studio.api.call('getTrainingInstanceMetrics', {
        name: job.name,
        signal
      }),
    { concerns, busy: () => running }
  );
  const charts = useMemo(
    () => chartsOf(query.data?.metrics ?? []),
    [query.data]
  );
  const instances = useMemo(
    () => chartsOf(used.data?.instances ?? []),
    [used.data]
  );
  if (query.loading) {
    return <Skeleton rows={6} />;
  }
  if (query.error && !query.data) {
    return <ErrorBox error={query.error} onRetry={query.refresh} />;
  }
  const period = query.data?.period_seconds;
  return (
    <div className="smstudio-Profile">
      <StaleBar query={query} />
      {charts.length > 0 ? (
        <>
          <div className="smstudio-Tools">
            <label>
              {trans.__('Horizontal axis')}{' '}
              <select
                className="jp-mod-styled"
                value={axis}
                onChange={event => setAxis(event.target.value as Axis)}
              >
                <option value="step">{trans.__('Step')}</option>
                <option value="time">{trans.__('Time')}</option>
              </select>
            </label>
            <span className="smstudio-mod-dim" role="status">
              {query.data?.source === 'log'
                ? trans.__('Every value, read from the log.')
                : trans.__(
                    'Averages of %1 from CloudWatch.',
                    duration(period ?? 60)
                  )}
            </span>
          </div>
          <Multiples rendermime={rendermime} charts={charts} axis={axis} />
        </>
      ) : (
        <EmptyState title={trans.__('No metrics yet')}>
          {running
            ? trans.__(
                'Charts appear as soon as the job writes its first values.'
              )
            : trans.__(
                'Metrics are read from the log by metric definitions; built-in algorithms bring theirs.'
              )}
        </EmptyState>
      )}
      {used.error && <ErrorBox error={used.error} onRetry={used.refresh} />}
      {instances.length > 0 && (
        <>
          <h2>{trans.__('Instances')}</h2>
          <Multiples rendermime={rendermime} charts={instances} axis="time" />
        </>
      )}
      <FinalMetrics job={job} />
    </div>
  );
}

function Multiples(props: {
  rendermime: IRenderMimeRegistry;
  charts: IMetricChart[];
  axis: Axis;
}): JSX.Element {
  const { trans } = usePage();
  const { charts, axis } = props;
  const [all, setAll] = useState(false);
  const shown = all ? charts : charts.slice(0, AT_FIRST);
  return (
    <>
      <div className="smstudio-Multiples">
        {shown.map(chart => (
          <Chart
            key={chart.title}
            rendermime={props.rendermime}
            spec={specOf(chart, axis, trans.__('Step'))}
            label={trans.__(
              'Chart of %1: %2 values; the last one is %3.',
              chart.title,
              chart.count,
              metric(chart.rows[chart.rows.length - 1]?.value)
            )}
          />
        ))}
      </div>
      {shown.length < charts.length && (
        <button
          className="jp-mod-styled jp-mod-reject"
          onClick={() => setAll(true)}
        >
          {trans.__('Show all %1 charts', charts.length)}
        </button>
      )}
    </>
  );
}

/** A line for each data set over steps or time. */
function specOf(
  chart: IMetricChart,
  axis: Axis,
  step: string
): Record<string, never> {
  const several = chart.lines.length > 1;
  const spec = {
    width: 'container',
    height: 150,
    title: chart.title,
    data: { values: chart.rows },
    mark: {
      type: 'line',
      strokeWidth: 1.5,
      clip: true,
      point: chart.count / chart.lines.length <= 40 ? { size: 14 } : false
    },
    encoding: {
      x:
        axis === 'step'
          ? {
              field: 'step',
              type: 'quantitative',
              title: step,
              scale: { zero: false, nice: false },
              axis: { tickMinStep: 1, format: '~d', tickCount: 5 }
            }
          : {
              field: 'time',
              type: 'temporal',
              title: null,
              axis: { tickCount: 4, labelOverlap: true }
            },
      y: {
        field: 'value',
        type: 'quantitative',
        title: null,
        scale: { zero: false },
        axis: { tickCount: 5 }
      },
      color: {
        field: 'line',
        type: 'nominal',
        sort: chart.lines,
        scale: { range: COLOURS },
        legend: several
          ? { title: null, orient: 'bottom', direction: 'horizontal' }
          : null
      },
      tooltip: [
        ...(several ? [{ field: 'line', type: 'nominal', title: ' ' }] : []),
        { field: 'step', type: 'quantitative', title: step },
        { field: 'time', type: 'temporal', format: '%H:%M:%S', title: '⏱' },
        {
          field: 'value',
          type: 'quantitative',
          format: '.6~g',
          title: chart.title
        }
      ]
    }
  };
  return spec as unknown as Record<string, never>;
}

const COLOURS = [
  '#f37626',
  '#4c78a8',
  '#54a24b',
  '#b279a2',
  '#9d755d',
  '#72b7b2',
  '#e45756',
  '#bab0ac'
];

function FinalMetrics(props: { job: TrainingJob }): JSX.Element | null {
  const { trans } = usePage();
  const { metrics } = props.job;
  if (!metrics.length) {
    return null;
  }
  return (
    <>
      <h2>{trans.__('Final metrics')}</h2>
      <table className="smstudio-Table" aria-label={trans.__('Final metrics')}>
        <thead>
          <tr>
            <th scope="col">{trans.__('Metric')}</th>
            <th scope="col" className="smstudio-mod-numeric">
              {trans.__('Value')}
            </th>
            <th scope="col">{trans.__('Time')}</th>
          </tr>
        </thead>
        <tbody>
          {metrics.map(each => (
            <tr key={each.name}>
              <td>{each.name}</td>
              <td className="smstudio-mod-numeric">{metric(each.value)}</td>
              <td>
                <TimeText value={each.time} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
