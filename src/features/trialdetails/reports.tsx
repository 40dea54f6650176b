import type { JSX } from 'react';
import { useState } from 'react';

import type {
  BiasMetric,
  ComponentDetails,
  Explanation,
  TrialReports
} from '../../api/generated';
import { Chart } from '../../shared/chart';
import { usePage } from '../../shared/context';
import { metric } from '../../shared/numbers';
import type { IQuery } from '../../shared/query';
import { useQuery } from '../../shared/query';
import { S3Uri } from '../../shared/s3uri';
import { EmptyState, ErrorBox, Skeleton } from '../../shared/states';
import { useHost } from './host';
import { Preview } from './preview';

/** Bars that are drawn at first. */
const BARS = 20;

function useReports(component: ComponentDetails): IQuery<TrialReports> {
  return useQuery<TrialReports>(
    `trial-reports:${component.name}`,
    (studio, signal) =>
      studio.api.call('getTrialReports', { name: component.name, signal }),
    { concerns: () => false, busy: () => false }
  );
}

/** The tab "Explainability": SHAP values of the whole model, for each output. */
export function Explainability(props: {
  component: ComponentDetails;
}): JSX.Element {
  const { trans } = usePage();
  const query = useReports(props.component);
  if (!query.data) {
    return <Waiting query={query} />;
  }
  const { explanations, source, report } = query.data;
  if (!explanations.length) {
    return (
      <EmptyState title={trans.__('No explainability report')}>
        {trans.__(
          'Clarify and Autopilot write one as a processing job of the same trial.'
        )}
      </EmptyState>
    );
  }
  return (
    <div className="smstudio-Profile">
      <Source source={source} report={report} />
      {explanations.map(each => (
        <Explained
          key={`${each.method}/${each.label}`}
          explanation={each}
          several={explanations.length > 1}
        />
      ))}
    </div>
  );
}

function Explained(props: {
  explanation: Explanation;
  several: boolean;
}): JSX.Element {
  const { trans } = usePage();
  const { rendermime } = useHost();
  const { explanation } = props;
  const [all, setAll] = useState(false);
  const shown = all
    ? explanation.features
    : explanation.features.slice(0, BARS);
  return (
    <>
      {props.several && <h2>{explanation.label}</h2>}
      <Chart
        rendermime={rendermime}
        spec={
          {
            width: 'container',
            height: { step: 20 },
            data: { values: shown },
            mark: { type: 'bar', color: '#4c78a8' },
            encoding: {
              y: {
                field: 'feature',
                type: 'nominal',
                sort: null,
                title: null,
                axis: { labelLimit: 240 }
              },
              x: {
                field: 'value',
                type: 'quantitative',
                title: trans.__('Mean absolute SHAP value')
              },
              tooltip: [
                { field: 'feature', title: trans.__('Feature') },
                {
                  field: 'value',
                  title: trans.__('Mean absolute SHAP value'),
                  format: '.5~g'
                }
              ]
            }
          } as unknown as Record<string, never>
        }
        label={trans.__(
          'SHAP values of %1 features; the strongest is %2.',
          explanation.features.length,
          explanation.features[0]?.feature ?? '—'
        )}
      />
      {explanation.expected_value !== null && (
        <p className="smstudio-mod-dim">
          {trans.__(
            'Expected value without any feature: %1',
            metric(explanation.expected_value)
          )}
        </p>
      )}
      {shown.length < explanation.features.length && (
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject"
          onClick={() => setAll(true)}
        >
          {trans.__('Show all %1 features', explanation.features.length)}
        </button>
      )}
    </>
  );
}

/** The tab "Bias report": Clarify's metrics for each facet. */
export function Bias(props: { component: ComponentDetails }): JSX.Element {
  const { trans } = usePage();
  const query = useReports(props.component);
  if (!query.data) {
    return <Waiting query={query} />;
  }
  const { bias, source, report } = query.data;
  if (!bias.length) {
    return (
      <EmptyState title={trans.__('No bias report')}>
        {trans.__(
          'A Clarify processing job of the same trial measures bias of data and model.'
        )}
      </EmptyState>
    );
  }
  const stages = ['pre-training', 'post-training'] as const;
  const titles = {
    'pre-training': trans.__('Before training'),
    'post-training': trans.__('After training')
  };
  return (
    <div className="smstudio-Profile">
      <Source source={source} report={report} />
      {stages.map(stage => {
        const rows = bias.filter(each => each.stage === stage);
        return rows.length ? (
          <Measures key={stage} title={titles[stage]} rows={rows} />
        ) : null;
      })}
    </div>
  );
}

function Measures(props: {
  title: string;
  rows: readonly BiasMetric[];
}): JSX.Element {
  const { trans } = usePage();
  return (
    <>
      <h2>{props.title}</h2>
      <table className="smstudio-Table" aria-label={props.title}>
        <thead>
          <tr>
            <th scope="col">{trans.__('Facet')}</th>
            <th scope="col">{trans.__('Metric')}</th>
            <th scope="col">{trans.__('Description')}</th>
            <th scope="col" className="smstudio-mod-numeric">
              {trans.__('Value')}
            </th>
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row, index) => (
            <tr key={index}>
              <td>
                {row.facet}
                {row.threshold && ` (${row.threshold})`}
              </td>
              <td>{row.name}</td>
              <td>{row.error ?? row.description}</td>
              <td className="smstudio-mod-numeric">{metric(row.value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Source(props: {
  source: string | null;
  report: string | null;
}): JSX.Element {
  const { trans } = usePage();
  const [open, setOpen] = useState(false);
  return (
    <>
      <p>
        {props.source && <S3Uri uri={props.source} object />}{' '}
        {props.report && (
          <button
            type="button"
            className="smstudio-Link"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {open ? trans.__('Hide the report') : trans.__('Show the report')}
          </button>
        )}
      </p>
      {open && props.report && <Preview uri={props.report} />}
    </>
  );
}

function Waiting(props: { query: IQuery<TrialReports> }): JSX.Element {
  const { query } = props;
  return query.error ? (
    <ErrorBox error={query.error} onRetry={query.refresh} />
  ) : (
    <Skeleton rows={6} />
  );
}
