import type { TranslationBundle } from '@jupyterlab/translation';
import type { JSX } from 'react';

import type { ComponentDetails, TrialSettings } from '../../api/generated';
import { usePage } from '../../shared/context';
import { Copied, Facts } from '../../shared/facts';
import type { IQuery } from '../../shared/query';
import { useQuery } from '../../shared/query';
import { S3Uri } from '../../shared/s3uri';
import { EmptyState, ErrorBox, Skeleton } from '../../shared/states';
import { StatusBadge } from '../../shared/status';
import { TimeText } from '../../shared/time';

function useSettings(component: ComponentDetails): IQuery<TrialSettings> {
  return useQuery<TrialSettings>(
    `trial-settings:${component.name}`,
    (studio, signal) =>
      studio.api.call('getTrialSettings', { name: component.name, signal }),
    {
      concerns: change => change.name === component.source_name,
      busy: data => data.can_stop
    }
  );
}

/** The tab "AWS Settings": what the job behind the component was given and what it took. */
export function Settings(props: { component: ComponentDetails }): JSX.Element {
  const { trans } = usePage();
  const { component } = props;
  const query = useSettings(component);
  const labels = labelsOf(trans);
  return (
    <div className="smstudio-Profile">
      <h2>{trans.__('Trial component')}</h2>
      <Facts
        items={[
          [trans.__('Name'), <Copied key="name" text={component.name} />],
          [
            trans.__('ARN'),
            component.arn && <Copied key="arn" text={component.arn} />
          ],
          [trans.__('Created by'), component.created_by],
          [
            trans.__('Created on'),
            component.created && (
              <TimeText key="created" value={component.created} both />
            )
          ],
          [
            trans.__('Last modified'),
            component.modified && (
              <TimeText key="modified" value={component.modified} both />
            )
          ],
          [
            trans.__('Source'),
            component.source_arn && (
              <Copied key="source" text={component.source_arn} />
            )
          ]
        ]}
      />
      <h2>{trans.__('Job')}</h2>
      {query.loading && <Skeleton rows={6} />}
      {query.error && !query.data && (
        <ErrorBox error={query.error} onRetry={query.refresh} />
      )}
      {query.data?.missing && (
        <EmptyState title={trans.__('No job')}>
          {component.source_arn
            ? trans.__('The job behind the component was deleted.')
            : trans.__('Code made this component, no job.')}
        </EmptyState>
      )}
      {query.data && !query.data.missing && (
        <Facts
          items={query.data.facts.map(({ id, value }) => [
            labels[id] ?? id,
            shown(id, value)
          ])}
        />
      )}
    </div>
  );
}

function shown(id: string, value: string): JSX.Element | string {
  if (value.startsWith('s3://')) {
    return <S3Uri uri={value} object={value.endsWith('.tar.gz')} />;
  }
  if (['Created', 'Started', 'Ended'].includes(id)) {
    return <TimeText value={value} both />;
  }
  return id === 'ARN' || id === 'Image' || id === 'Role' ? (
    <Copied text={value} />
  ) : (
    value
  );
}

/** The server's names of settings in the page's language. */
function labelsOf(trans: TranslationBundle): Record<string, string> {
  return {
    'Job name': trans.__('Job name'),
    ARN: trans.__('ARN'),
    Status: trans.__('Status'),
    'Secondary status': trans.__('Secondary status'),
    'Failure reason': trans.__('Failure reason'),
    Created: trans.__('Created'),
    Started: trans.__('Started'),
    Ended: trans.__('Ended'),
    'Training time (s)': trans.__('Training time (s)'),
    'Billable time (s)': trans.__('Billable time (s)'),
    'Instance type': trans.__('Instance type'),
    'Instance count': trans.__('Instance count'),
    'Volume size (GB)': trans.__('Volume size (GB)'),
    Image: trans.__('Image'),
    'Entry point': trans.__('Entry point'),
    Role: trans.__('Role'),
    Model: trans.__('Model'),
    Output: trans.__('Output'),
    'Longest run (s)': trans.__('Longest run (s)'),
    'Spot training': trans.__('Spot training'),
    'Network isolation': trans.__('Network isolation'),
    Subnets: trans.__('Subnets'),
    'Tuning job': trans.__('Tuning job'),
    'Autopilot job': trans.__('Autopilot job')
  };
}

/** The tab "Debugger": how the rules judged the job. */
export function Debugger(props: { component: ComponentDetails }): JSX.Element {
  const { trans } = usePage();
  const query = useSettings(props.component);
  if (!query.data) {
    return query.error ? (
      <ErrorBox error={query.error} onRetry={query.refresh} />
    ) : (
      <Skeleton rows={4} />
    );
  }
  const { rules } = query.data;
  if (!rules.length) {
    return (
      <EmptyState title={trans.__('No Debugger rules')}>
        {trans.__(
          'A training job that is created with DebugRuleConfigurations shows here what its rules found.'
        )}
      </EmptyState>
    );
  }
  return (
    <table className="smstudio-Table" aria-label={trans.__('Debugger rules')}>
      <thead>
        <tr>
          <th scope="col">{trans.__('Rule')}</th>
          <th scope="col">{trans.__('Status')}</th>
          <th scope="col">{trans.__('Details')}</th>
          <th scope="col">{trans.__('Time')}</th>
        </tr>
      </thead>
      <tbody>
        {rules.map(rule => (
          <tr key={rule.name}>
            <td>{rule.name}</td>
            <td>
              <StatusBadge status={rule.status} />
            </td>
            <td>{rule.details || '—'}</td>
            <td>
              <TimeText value={rule.time} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
