import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { JSX } from 'react';
import { useMemo } from 'react';

import type {
  CandidateDetails,
  ConfusionMatrix,
  Curve,
  Performance
} from '../../api/generated';
import { Chart } from '../../shared/chart';
import { usePage } from '../../shared/context';
import { count, metric } from '../../shared/numbers';
import { useQuery } from '../../shared/query';
import { EmptyState, ErrorBox, Skeleton } from '../../shared/states';
import {
  curveGroups,
  curveSpec,
  seriesOf,
  shade,
  withConstants
} from './curves';
import { ReportFiles } from './details';
import { whyNone } from './reports';

/** Problems of which the local engine counts the classes in the training job. */
const CLASSES = new Set(['TextClassification', 'ImageClassification']);

/** The tab "Performance": statistics, confusion matrix and curves of the best model. */
export function PerformanceTab(props: {
  details: CandidateDetails;
  rendermime: IRenderMimeRegistry;
}): JSX.Element {
  const { trans, locale, studio } = usePage();
  const { candidate, job, problem_type: problem } = props.details;
  const query = useQuery<Performance>(
    `performance:${job}:${candidate.name}:${candidate.insights_s3_uri}`,
    (source, signal) =>
      source.api.call('getPerformance', {
        name: job,
        parts: { candidate: candidate.name },
        signal
      }),
    { concerns: () => false, busy: () => false }
  );
  const report = query.data;
  const groups = useMemo(() => curveGroups(report?.curves ?? []), [report]);
  if (!report) {
    return query.error ? (
      <ErrorBox error={query.error} onRetry={query.refresh} />
    ) : (
      <Skeleton rows={8} />
    );
  }
  if (!report.statistics.length && !report.curves.length) {
    return (
      <>
        <EmptyState title={trans.__('No performance report')}>
          {trans.__(
            'Autopilot reports on the best model, once the trials have ended.'
          )}
        </EmptyState>
        <ReportFiles files={report.files} />
      </>
    );
  }
  const statistics = withConstants(report.statistics);
  const compared = statistics.some(each => each.constant !== null);
  const deviating = statistics.some(each => each.standard_deviation !== null);
  const tested = report.files.filter(each => each.kind === 'backtest');
  const why = candidate.insights_s3_uri
    ? null
    : whyNone(props.details, studio, trans);
  const counted =
    why && studio.status?.target.kind === 'local' && CLASSES.has(problem ?? '');
  return (
    <div className="smstudio-Model">
      {why && <div className="smstudio-Note smstudio-mod-info">{why}</div>}
      <div className="smstudio-Header-line">
        <h2>{trans.__('Metric statistics')}</h2>
        <span className="smstudio-Header-buttons">
          {report.files
            .filter(
              file => file.kind === 'report' && /\.(pdf|json)$/i.test(file.name)
            )
            .map(file => (
              <a
                key={file.s3_uri}
                className="smstudio-Link"
                href={studio.api.url('downloadObject', {
                  query: { uri: file.s3_uri }
                })}
                download
              >
                {trans.__(
                  'Download Performance Report (%1)',
                  (file.name.split('.').pop() ?? '').toUpperCase()
                )}
              </a>
            ))}
        </span>
      </div>
      {report.rows !== null && (
        <p className="smstudio-mod-dim">
          {trans.__('Measured on %1 rows.', count(report.rows, locale))}
        </p>
      )}
      <table
        className="smstudio-Table smstudio-Plain"
        aria-label={trans.__('Metric statistics')}
      >
        <thead>
          <tr>
            <th scope="col">{trans.__('Metric')}</th>
            <th scope="col" className="smstudio-mod-numeric">
              {trans.__('Value')}
            </th>
            {deviating && (
              <th scope="col" className="smstudio-mod-numeric">
                {trans.__('Standard deviation')}
              </th>
            )}
            {compared && (
              <th
                scope="col"
                className="smstudio-mod-numeric"
                title={trans.__(
                  'What a model reaches that always answers the same'
                )}
              >
                {trans.__('Best constant model')}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {statistics.map(each => (
            <tr key={each.name}>
              <th scope="row">{each.name}</th>
              <td className="smstudio-mod-numeric">{metric(each.value)}</td>
              {deviating && (
                <td className="smstudio-mod-numeric">
                  {metric(each.standard_deviation)}
                </td>
              )}
              {compared && (
                <td className="smstudio-mod-numeric">
                  {metric(each.constant)}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {report.confusion && <Confusion matrix={report.confusion} />}
      {counted && (
        <p className="smstudio-mod-dim">
          {trans.__(
            'The confusion matrix, with precision and recall of each class, is in the log of the training job (up to 20 classes) and in evaluation.json of output.tar.gz beside the model.'
          )}
        </p>
      )}
      {tested.length > 0 && (
        <>
          <h2>{trans.__('Back-test')}</h2>
          <p className="smstudio-mod-dim">
            {trans.__(
              'Actual values beside quantiles forecast without having seen them, of the first series. All are in the files below.'
            )}
          </p>
        </>
      )}
      <div className="smstudio-Curves">
        {groups.map(group => (
          <CurveChart
            key={group[0].id}
            curves={group}
            rendermime={props.rendermime}
          />
        ))}
      </div>
      <ReportFiles title={trans.__('Files of the back-test')} files={tested} />
    </div>
  );
}

function CurveChart(props: {
  curves: Curve[];
  rendermime: IRenderMimeRegistry;
}): JSX.Element {
  const { trans } = usePage();
  const { curves } = props;
  const titles: Record<string, string> = {
    receiver_operating_characteristic_curve: trans.__(
      'Receiver operating characteristic'
    ),
    precision_recall_curve: trans.__('Precision and recall'),
    gain_curve: trans.__('Gain'),
    lift_curve: trans.__('Lift')
  };
  const { id } = curves[0];
  const title = titles[id] ?? seriesOf(id) ?? readable(id);
  return (
    <figure className="smstudio-Curve">
      <figcaption>{title}</figcaption>
      <Chart
        rendermime={props.rendermime}
        spec={curveSpec(curves)}
        label={trans.__('Chart: %1', title)}
      />
    </figure>
  );
}

/** "actual_vs_predicted" as a title. */
function readable(id: string): string {
  const text = id.replace(/_/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function Confusion(props: { matrix: ConfusionMatrix }): JSX.Element {
  const { trans, locale } = usePage();
  const { labels, counts } = props.matrix;
  return (
    <section aria-label={trans.__('Confusion matrix')}>
      <h2>{trans.__('Confusion matrix')}</h2>
      <div className="smstudio-Confusion">
        <table>
          <caption className="smstudio-mod-dim">
            {trans.__(
              'Rows: actual class. Columns: predicted class. Share of the row in brackets.'
            )}
          </caption>
          <thead>
            <tr>
              <th scope="col">{trans.__('Actual')}</th>
              {labels.map(label => (
                <th key={label} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {labels.map((label, row) => {
              const total = counts[row].reduce((sum, each) => sum + each, 0);
              return (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  {counts[row].map((value, column) => {
                    const share = total ? value / total : 0;
                    return (
                      <td
                        key={labels[column]}
                        style={{ background: shade(share, row === column) }}
                      >
                        {count(value, locale)}{' '}
                        <span>({Math.round(share * 100)}%)</span>
                      </td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
