import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { JSX } from 'react';
import { useState } from 'react';

import type {
  CandidateDetails,
  Explainability,
  LabelImpacts
} from '../../api/generated';
import { Chart } from '../../shared/chart';
import { usePage } from '../../shared/context';
import { Pairs } from '../../shared/facts';
import { metric } from '../../shared/numbers';
import { useQuery } from '../../shared/query';
import { EmptyState, ErrorBox, Skeleton } from '../../shared/states';
import { ReportFiles } from './details';
import { whyNone } from './reports';

/** Features in the chart; the table holds all. */
const SHOWN = 20;

/** The tab "Explainability": which features move the predictions, then metrics and hyperparameters. */
export function ExplainabilityTab(props: {
  details: CandidateDetails;
  rendermime: IRenderMimeRegistry;
}): JSX.Element {
  const { trans, studio } = usePage();
  const { details } = props;
  const { candidate, job } = details;
  const query = useQuery<Explainability>(
    `explainability:${job}:${candidate.name}:${candidate.explainability_s3_uri}`,
    (source, signal) =>
      source.api.call('getExplainability', {
        name: job,
        parts: { candidate: candidate.name },
        signal
      }),
    { concerns: () => false, busy: () => false }
  );
  const report = query.data;
  return (
    <div className="smstudio-Model">
      {query.error && <ErrorBox error={query.error} onRetry={query.refresh} />}
      {query.loading && <Skeleton rows={6} />}
      {report &&
        (report.labels.length ? (
          <Impacts
            labels={report.labels}
            method={report.method}
            rendermime={props.rendermime}
          />
        ) : (
          <EmptyState title={trans.__('No explainability report')}>
            {whyNone(details, studio, trans) ??
              trans.__(
                'Autopilot explains the best model, once the trials have ended.'
              )}
          </EmptyState>
        ))}
      <Metrics details={details} />
      <Pairs
        title={trans.__('Hyperparameters')}
        pairs={details.hyperparameters}
        empty={trans.__('none')}
      />
      {report && <ReportFiles files={report.files} />}
    </div>
  );
}

function Impacts(props: {
  labels: LabelImpacts[];
  method: string | null;
  rendermime: IRenderMimeRegistry;
}): JSX.Element {
  const { trans } = usePage();
  const { labels, method } = props;
  const [index, setIndex] = useState(0);
  const label = labels[Math.min(index, labels.length - 1)];
  const shown = label.impacts.slice(0, SHOWN);
  return (
    <section aria-label={trans.__('Impact of features')}>
      <div className="smstudio-Header-line">
        <h2>{trans.__('Impact of features on predictions')}</h2>
        {labels.length > 1 && (
          <label className="smstudio-Inline">
            {trans.__('Class')}
            <select
              className="jp-mod-styled"
              value={index}
              onChange={event => setIndex(Number(event.target.value))}
            >
              {labels.map((each, at) => (
                <option key={each.label} value={at}>
                  {each.label}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <p className="smstudio-mod-dim">
        {trans.__('Mean absolute SHAP value (%1).', method ?? '')}{' '}
        {trans.__(
          'The longer the bar, the more the feature moves predictions.'
        )}
      </p>
      <Chart
        rendermime={props.rendermime}
        label={trans.__(
          'Bars of %1 features; the greatest impact has %2.',
          shown.length,
          shown[0]?.feature ?? '—'
        )}
        spec={{
          width: 'container',
          height: { step: 18 },
          data: { values: shown.map(each => ({ ...each })) },
          mark: { type: 'bar', color: '#f37626' },
          encoding: {
            y: {
              field: 'feature',
              type: 'nominal',
              sort: null,
              title: null,
              axis: { labelLimit: 200 }
            },
            x: {
              field: 'value',
              type: 'quantitative',
              title: trans.__('Mean |SHAP value|')
            },
            tooltip: [
              { field: 'feature', type: 'nominal', title: trans.__('Feature') },
              {
                field: 'value',
                type: 'quantitative',
                title: trans.__('Mean |SHAP value|'),
                format: '.5f'
              }
            ]
          }
        }}
      />
      {label.impacts.length > SHOWN && (
        <details className="smstudio-Fold">
          <summary>{trans.__('All %1 features', label.impacts.length)}</summary>
          <table
            className="smstudio-Table smstudio-Plain"
            aria-label={trans.__('Impact of features')}
          >
            <tbody>
              {label.impacts.map(each => (
                <tr key={each.feature}>
                  <th scope="row">{each.feature}</th>
                  <td className="smstudio-mod-numeric">{metric(each.value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </section>
  );
}

/** Every metric of the candidate, by the data it was measured on. */
function Metrics(props: { details: CandidateDetails }): JSX.Element | null {
  const { trans } = usePage();
  const { metrics } = props.details.candidate;
  const names = [...new Set(metrics.map(each => each.name))];
  const sets = [...new Set(metrics.map(each => each.set ?? ''))];
  if (!names.length) {
    return null;
  }
  return (
    <section aria-label={trans.__('Metrics')}>
      <h2>{trans.__('Metrics')}</h2>
      <table className="smstudio-Table smstudio-Plain">
        <thead>
          <tr>
            <th scope="col">{trans.__('Metric')}</th>
            {sets.map(set => (
              <th key={set} scope="col" className="smstudio-mod-numeric">
                {set || trans.__('Value')}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map(name => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {sets.map(set => (
                <td key={set} className="smstudio-mod-numeric">
                  {metric(
                    metrics.find(
                      each => each.name === name && (each.set ?? '') === set
                    )?.value
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
