import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { JSX } from 'react';
import { useMemo, useState } from 'react';

import type { Endpoint, EndpointMetrics } from '../../api/generated';
import { Chart } from '../../shared/chart';
import { duration } from '../../shared/clock';
import { usePage } from '../../shared/context';
import { count, metric } from '../../shared/numbers';
import { useQuery } from '../../shared/query';
import { EmptyState, ErrorBox, Skeleton, StaleNote } from '../../shared/states';
import type { ChartId, ISummary } from './charts';
import { chartsOf, specOf, summaryOf, unitOf } from './charts';

/** Times that can be chosen, in minutes. */
const RANGES = [15, 60, 180, 720, 1440, 10080] as const;

/** The tab "Metrics": invocations, errors, latencies and use of the instances over time. */
export function Metrics(props: {
  endpoint: Endpoint;
  rendermime: IRenderMimeRegistry;
}): JSX.Element {
  const { trans } = usePage();
  const { name } = props.endpoint;
  const [minutes, setMinutes] = useState<number>(60);
  const [live, setLive] = useState(true);
  const query = useQuery<EndpointMetrics>(
    `endpoint-metrics:${name}:${minutes}`,
    (studio, signal) =>
      studio.api.call('getEndpointMetrics', {
        name,
        query: { minutes },
        signal
      }),
    {
      concerns: change => change.kind === 'Endpoint' && change.name === name,
      busy: () => live
    }
  );
  const { data } = query;
  const charts = useMemo(() => (data ? chartsOf(data) : []), [data]);
  const titles = chartTitles(trans);
  return (
    <div className="smstudio-Profile">
      <div className="smstudio-Tools">
        <label>
          {trans.__('Time')}{' '}
          <select
            className="jp-mod-styled"
            value={minutes}
            onChange={event => setMinutes(Number(event.target.value))}
          >
            {RANGES.map(range => (
              <option key={range} value={range}>
                {rangeName(range, trans)}
              </option>
            ))}
          </select>
        </label>
        <label className="smstudio-Choice">
          <input
            type="checkbox"
            checked={live}
            onChange={event => {
              setLive(event.target.checked);
              query.refresh();
            }}
          />
          <span>{trans.__('Live')}</span>
        </label>
        {data && (
          <span className="smstudio-mod-dim" role="status">
            {trans.__(
              'From CloudWatch, %1 a point.',
              duration(data.period_seconds)
            )}
          </span>
        )}
      </div>
      {query.loading && <Skeleton rows={6} />}
      {query.error &&
        (data ? (
          <StaleNote
            error={query.error}
            updated={query.updated}
            onRetry={query.refresh}
          />
        ) : (
          <ErrorBox error={query.error} onRetry={query.refresh} />
        ))}
      {data && charts.length === 0 && (
        <EmptyState title={trans.__('No metrics in this time')}>
          {trans.__(
            'CloudWatch has the first values some seconds after a request.'
          )}
        </EmptyState>
      )}
      {data && charts.length > 0 && (
        <>
          <Summary summary={summaryOf(data)} />
          <div className="smstudio-Multiples">
            {charts.map(chart => {
              const lines = chart.series
                .slice(0, 6)
                .map(series => {
                  const last = series.points[series.points.length - 1].value;
                  const scale = series.unit === 'Microseconds' ? 1000 : 1;
                  return `${[series.variant, series.statistic].filter(Boolean).join(' ')} ${metric(last / scale)} ${unitOf(chart)}`.trim();
                })
                .join('; ');
              return (
                <Chart
                  key={chart.id}
                  rendermime={props.rendermime}
                  spec={specOf(chart, data, titles[chart.id])}
                  label={trans.__(
                    'Chart of %1; last values: %2.',
                    titles[chart.id],
                    lines
                  )}
                />
              );
            })}
          </div>
        </>
      )}
    </div>
  );
}

function Summary(props: { summary: ISummary }): JSX.Element {
  const { trans, locale } = usePage();
  const { summary } = props;
  const errors = summary.clientErrors + summary.serverErrors;
  const ms = (value: number | null): string =>
    value === null ? '—' : trans.__('%1 ms', milliseconds(value));
  const numbers: [string, string, boolean?][] = [
    [trans.__('Invocations'), count(Math.round(summary.invocations), locale)],
    [
      trans.__('4XX errors'),
      count(Math.round(summary.clientErrors), locale),
      summary.clientErrors > 0
    ],
    [
      trans.__('5XX errors'),
      count(Math.round(summary.serverErrors), locale),
      summary.serverErrors > 0
    ],
    [
      trans.__('Error rate'),
      summary.invocations
        ? `${((100 * errors) / summary.invocations).toFixed(errors ? 2 : 0)} %`
        : '—',
      errors > 0
    ],
    [trans.__('Latency p50, last'), ms(summary.p50)],
    [trans.__('Latency p99, last'), ms(summary.p99)]
  ];
  return (
    <dl className="smstudio-Numbers">
      {numbers.map(([label, value, bad]) => (
        <div key={label} className={bad ? 'smstudio-mod-bad' : undefined}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Three digits that count. */
function milliseconds(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}

function chartTitles(trans: TranslationBundle): Record<ChartId, string> {
  return {
    invocations: trans.__('Invocations'),
    errors: trans.__('Errors'),
    'model-latency': trans.__('Model latency'),
    'overhead-latency': trans.__('Overhead latency'),
    'per-instance': trans.__('Invocations per instance'),
    cpu: trans.__('CPU utilisation'),
    memory: trans.__('Memory utilisation'),
    disk: trans.__('Disk utilisation'),
    gpu: trans.__('GPU utilisation'),
    'gpu-memory': trans.__('GPU memory utilisation'),
    backlog: trans.__('Waiting requests')
  };
}

function rangeName(minutes: number, trans: TranslationBundle): string {
  if (minutes < 60) {
    return trans.__('Last %1 minutes', minutes);
  }
  if (minutes === 60) {
    return trans.__('Last hour');
  }
  if (minutes < 1440) {
    return trans.__('Last %1 hours', minutes / 60);
  }
  return minutes === 1440
    ? trans.__('Last day')
    : trans.__('Last %1 days', minutes / 1440);
}
