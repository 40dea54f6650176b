import type { JSX } from 'react';
import { useMemo, useState } from 'react';

import type {
  ComponentDetails,
  ComponentSet,
  TrialArtifact,
  TrialGraphs,
  TrialStage,
  TrialStages
} from '../../api/generated';
import { CommandIDs } from '../../commands';
import { usePage } from '../../shared/context';
import { metric } from '../../shared/numbers';
import { useQuery } from '../../shared/query';
import {
  EmptyState,
  ErrorBox,
  PendingPage,
  Skeleton,
  StaleBar
} from '../../shared/states';
import { StatusBadge, tone } from '../../shared/status';
import { Tabs } from '../../shared/tabs';
import { TimeText } from '../../shared/time';
import { Artifacts } from './artifacts';
import { concernsSet, useChartSource } from './charts/data';
import { Charts } from './charts/panel';
import { Graphs } from './graphs';
import { useGrowing } from './growing';
import { Lineage } from './lineage/graph';
import { Bias, Explainability } from './reports';
import { Debugger, Settings } from './settings';

/** Rows of a table that are found without a search. */
const FEW = 30;

/** Studio's "Describe Trial Component": its trial's stages on the left, what it holds in tabs. */
export function Describe(props: {
  page: string;
  name: string;
  addChart: boolean;
  onStage: (name: string) => void;
}): JSX.Element {
  const { trans } = usePage();
  const { name } = props;
  const concerns = concernsSet({ names: [name] });
  const query = useQuery<ComponentDetails>(
    `trial-details:${name}`,
    (studio, signal) =>
      studio.api.call('describeTrialDetails', { name, signal }),
    { concerns, busy: data => tone(data.status) === 'busy' }
  );
  const running = tone(query.data?.status ?? '') === 'busy';
  // Asked by themselves, so that neither of them holds up the page.
  const stages = useQuery<TrialStages>(
    `trial-stages:${name}`,
    (studio, signal) => studio.api.call('listTrialStages', { name, signal }),
    { concerns, busy: () => running }
  );
  const logged = useQuery<TrialGraphs>(
    `trial-graphs:${name}`,
    (studio, signal) => studio.api.call('listTrialGraphs', { name, signal }),
    { concerns, busy: () => running }
  );
  const component = query.data;
  if (!component) {
    return <PendingPage query={query} rows={6} />;
  }
  const graphs = logged.data?.graphs ?? [];
  const gone = query.error?.status === 404;
  return (
    <div className="smstudio-Main smstudio-TrialDetails smstudio-mod-stages">
      <Stages
        component={component}
        stages={stages.data?.stages ?? [component]}
        onStage={props.onStage}
      />
      <div className="smstudio-TrialDetails-main">
        <Header component={component} gone={gone} />
        {gone ? (
          <div className="smstudio-Note" role="status">
            {trans.__(
              'This trial component was deleted. The page shows what it held before.'
            )}
          </div>
        ) : (
          <StaleBar query={query} />
        )}
        <Tabs
          label={trans.__('Parts of the trial component')}
          tabs={[
            {
              id: 'charts',
              label: trans.__('Charts'),
              content: () => (
                <OneChart
                  page={props.page}
                  name={name}
                  graphs={graphs}
                  addChart={props.addChart}
                />
              )
            },
            {
              id: 'metrics',
              label: trans.__('Metrics'),
              content: () => <Metrics component={component} />
            },
            {
              id: 'parameters',
              label: trans.__('Parameters'),
              content: () => <Parameters component={component} />
            },
            {
              id: 'artifacts',
              label: trans.__('Artifacts'),
              content: () => <Artifacts component={component} graphs={logged} />
            },
            {
              id: 'settings',
              label: trans.__('AWS Settings'),
              content: () => <Settings component={component} />
            },
            {
              id: 'debugger',
              label: trans.__('Debugger'),
              content: () => <Debugger component={component} />
            },
            {
              id: 'explainability',
              label: trans.__('Explainability'),
              content: () => <Explainability component={component} />
            },
            {
              id: 'bias',
              label: trans.__('Bias report'),
              content: () => <Bias component={component} />
            },
            {
              id: 'lineage',
              label: trans.__('Lineage'),
              content: () => <Lineage arn={component.arn} />
            },
            {
              id: 'mappings',
              label: trans.__('Trial Mappings'),
              content: () => <Mappings component={component} />
            }
          ]}
        />
      </div>
    </div>
  );
}

function Stages(props: {
  component: ComponentDetails;
  stages: readonly TrialStage[];
  onStage: (name: string) => void;
}): JSX.Element {
  const { trans } = usePage();
  const { stages, component } = props;
  return (
    <nav className="smstudio-Stages" aria-label={trans.__('Trial stages')}>
      <h2>{trans.__('Trial stages')}</h2>
      <ul>
        {stages.map(stage => (
          <li key={stage.name}>
            <button
              type="button"
              className="smstudio-Stages-stage"
              aria-current={stage.name === component.name ? 'true' : undefined}
              title={stage.name}
              onClick={() => props.onStage(stage.name)}
            >
              <span dir="auto">{stage.display_name}</span>
              <small>{stage.type}</small>
              <StatusBadge status={stage.status} />
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Header(props: {
  component: ComponentDetails;
  gone: boolean;
}): JSX.Element {
  const { trans, commands } = usePage();
  const { component } = props;
  const job = component.source_name;
  const running = component.status === 'InProgress' && !props.gone;
  const run = (command: string, name: string) => (): void =>
    void commands.execute(command, { name });
  const pages: Record<string, string> = {
    TrainingJob: CommandIDs.openTrainingJob,
    TransformJob: CommandIDs.openTransformJob
  };
  const open = component.source_kind ? pages[component.source_kind] : undefined;
  return (
    <header className="smstudio-Header">
      <div className="smstudio-Header-line">
        <h1 title={component.name}>
          {trans.__('TRIAL COMPONENT: %1', component.display_name)}
        </h1>
        <span role="status" aria-live="polite">
          {!props.gone && (
            <StatusBadge
              status={component.status}
              detail={component.status_message}
            />
          )}
        </span>
        <span className="smstudio-Header-buttons">
          {open && job && (
            <button
              type="button"
              className="jp-mod-styled jp-mod-reject"
              onClick={run(open, job)}
            >
              {trans.__('Open the job')}
            </button>
          )}
          {running && job && component.source_kind === 'TrainingJob' && (
            <button
              type="button"
              className="jp-mod-styled jp-mod-warn"
              onClick={run(CommandIDs.stopTrainingJob, job)}
            >
              {trans.__('Stop training job')}
            </button>
          )}
        </span>
      </div>
      <div className="smstudio-mod-dim">
        {component.type} · <TimeText value={component.created} both />
      </div>
      {component.status !== 'Completed' && component.status_message && (
        <div className="smstudio-TrialDetails-message">
          {component.status_message}
        </div>
      )}
    </header>
  );
}

function OneChart(props: {
  page: string;
  name: string;
  graphs: readonly TrialArtifact[];
  addChart: boolean;
}): JSX.Element {
  const { name, graphs } = props;
  const source = useMemo<ComponentSet>(() => ({ names: [name] }), [name]);
  const query = useChartSource(source);
  if (!query.data) {
    return query.error ? (
      <ErrorBox error={query.error} onRetry={query.refresh} />
    ) : (
      <Skeleton rows={4} />
    );
  }
  return (
    <Charts
      page={props.page}
      source={source}
      known={query.data}
      single
      addChart={props.addChart}
    >
      {graphs.length > 0 && <Graphs graphs={graphs} />}
    </Charts>
  );
}

function Metrics(props: { component: ComponentDetails }): JSX.Element {
  const { trans } = usePage();
  const { metrics } = props.component;
  const [typed, setTyped] = useState('');
  const found = useNamed(metrics, typed);
  const [shown, more] = useGrowing(found.length);
  if (!metrics.length) {
    return (
      <EmptyState title={trans.__('No metrics')}>
        {trans.__(
          'Jobs emit metrics by their metric definitions; code logs them with log_metric.'
        )}
      </EmptyState>
    );
  }
  const heads: [string, string][] = [
    ['min', trans.__('Min')],
    ['max', trans.__('Max')],
    ['avg', trans.__('Average')],
    ['stddev', trans.__('Std dev')],
    ['last', trans.__('Last')]
  ];
  return (
    <>
      <NameSearch
        all={metrics.length}
        found={found.length}
        typed={typed}
        onType={setTyped}
      />
      <table className="smstudio-Table" aria-label={trans.__('Metrics')}>
        <thead>
          <tr>
            <th scope="col">{trans.__('Metric')}</th>
            {heads.map(([id, label]) => (
              <th key={id} scope="col" className="smstudio-mod-numeric">
                {label}
              </th>
            ))}
            <th scope="col" className="smstudio-mod-numeric">
              {trans.__('Count')}
            </th>
            <th scope="col">{trans.__('Time')}</th>
          </tr>
        </thead>
        <tbody>
          {found.slice(0, shown).map(each => (
            <tr key={each.name}>
              <td>
                <bdi>{each.name}</bdi>
              </td>
              {[each.min, each.max, each.avg, each.stddev, each.last].map(
                (value, index) => (
                  <td
                    key={index}
                    className="smstudio-mod-numeric"
                    title={value === null ? undefined : String(value)}
                  >
                    {metric(value)}
                  </td>
                )
              )}
              <td className="smstudio-mod-numeric">{each.count}</td>
              <td>
                <TimeText value={each.time} />
              </td>
            </tr>
          ))}
          {more}
        </tbody>
      </table>
    </>
  );
}

function Parameters(props: { component: ComponentDetails }): JSX.Element {
  const { trans } = usePage();
  const { parameters } = props.component;
  const [typed, setTyped] = useState('');
  const found = useNamed(parameters, typed);
  const [shown, more] = useGrowing(found.length);
  if (!parameters.length) {
    return (
      <EmptyState title={trans.__('No parameters')}>
        {trans.__(
          'Hyperparameters and settings of the instances stand here; code logs its own with log_parameter.'
        )}
      </EmptyState>
    );
  }
  return (
    <>
      <NameSearch
        all={parameters.length}
        found={found.length}
        typed={typed}
        onType={setTyped}
      />
      <table className="smstudio-Table" aria-label={trans.__('Parameters')}>
        <thead>
          <tr>
            <th scope="col">{trans.__('Name')}</th>
            <th scope="col">{trans.__('Value')}</th>
          </tr>
        </thead>
        <tbody>
          {found.slice(0, shown).map(each => (
            <tr key={each.name}>
              <td>
                <bdi>{each.name}</bdi>
              </td>
              <td dir="auto">{String(each.value)}</td>
            </tr>
          ))}
          {more}
        </tbody>
      </table>
    </>
  );
}

/** Things whose name holds a text. */
function useNamed<T extends { name: string }>(
  all: readonly T[],
  typed: string
): readonly T[] {
  const text = typed.trim().toLowerCase();
  return useMemo(
    () =>
      text ? all.filter(each => each.name.toLowerCase().includes(text)) : all,
    [all, text]
  );
}

/** Finds a name among many; of few it would only be in the way. */
function NameSearch(props: {
  all: number;
  found: number;
  typed: string;
  onType: (text: string) => void;
}): JSX.Element | null {
  const { trans } = usePage();
  if (props.all <= FEW) {
    return null;
  }
  return (
    <div className="smstudio-Tools" role="search">
      <input
        type="search"
        className="jp-mod-styled smstudio-Search"
        placeholder={trans.__('Search by name')}
        aria-label={trans.__('Search by name')}
        value={props.typed}
        onChange={event => props.onType(event.target.value)}
      />
      <span className="smstudio-mod-dim" role="status">
        {trans.__('%1 of %2 rows', props.found, props.all)}
      </span>
    </div>
  );
}

function Mappings(props: { component: ComponentDetails }): JSX.Element {
  const { trans } = usePage();
  const { mappings } = props.component;
  if (!mappings.length) {
    return (
      <EmptyState title={trans.__('Unassigned')}>
        {trans.__(
          'The component is in no trial. Assign it from its menu in the list of trial components.'
        )}
      </EmptyState>
    );
  }
  return (
    <table className="smstudio-Table" aria-label={trans.__('Trial Mappings')}>
      <thead>
        <tr>
          <th scope="col">{trans.__('Experiment')}</th>
          <th scope="col">{trans.__('Trial')}</th>
        </tr>
      </thead>
      <tbody>
        {mappings.map(each => (
          <tr key={`${each.experiment}/${each.trial}`}>
            <td>{each.experiment}</td>
            <td>{each.trial}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
