import type { TranslationBundle } from '@jupyterlab/translation';
import {
  consoleIcon,
  kernelIcon,
  LabIcon,
  notebookIcon,
  terminalIcon
} from '@jupyterlab/ui-components';
import type { JSX, ReactNode } from 'react';

import type {
  Running,
  RunningApp,
  RunningKernel,
  RunningResource
} from '../../api/generated';
import { CommandIDs } from '../../commands';
import { duration } from '../../shared/clock';
import { usePage } from '../../shared/context';
import {
  autopilotIcon,
  endpointIcon,
  powerIcon,
  runningIcon,
  sagemakerIcon,
  trainingIcon,
  transformIcon,
  tuningIcon
} from '../../shared/icons';
import { StatusBadge } from '../../shared/status';
import { BeginText, useNow } from '../../shared/time';
import type { IUsages } from './live';
import { costNow, money, price, used } from './money';
import { holds } from './scopes';
import type { Shutter } from './shutdown';

/** What the rows of all sections need. */
export interface IRows {
  running: Running;
  usages: IUsages;
  shutter: Shutter;
  /** When `running` was told, in milliseconds since the epoch. */
  asOf: number;
}

/** One instance a row: type, size, time, cost, use. */
export function InstanceRows(props: IRows): JSX.Element {
  const { trans } = usePage();
  const { running, usages, shutter, asOf } = props;
  const owners = new Set(running.instances.map(each => each.owner));
  return (
    <List>
      {running.instances.map(each => (
        <Row
          key={each.name}
          icon={runningIcon}
          title={each.instance_type}
          tip={trans.__('Instance of %1', each.owner)}
          detail={
            owners.size > 1
              ? `${each.description} · ${each.owner}`
              : each.description
          }
          use={used(
            usages.instances.get(each.name) ??
              // before the engine has told whose it is
              usages.instances.get(`/${each.instance_type}`),
            trans.__('CPU')
          )}
          shut={trans.__('Shut down %1', each.instance_type)}
          onShut={
            each.apps.some(app =>
              running.apps.some(found => found.name === app && holds(found))
            )
              ? () => void shutter.instance(running, each.name)
              : undefined
          }
        >
          <Since
            started={each.started}
            seconds={each.seconds}
            cost={each.cost}
            hourly={each.hourly}
            asOf={asOf}
          />
        </Row>
      ))}
    </List>
  );
}

/** One app a row; a failed one says why. */
export function AppRows(props: IRows & { apps: RunningApp[] }): JSX.Element {
  const { trans, commands } = usePage();
  const { running, shutter, asOf } = props;
  return (
    <List>
      {props.apps.map(app => (
        <Row
          key={`${app.owner}/${app.name}`}
          icon={sagemakerIcon}
          title={app.title}
          tip={app.name}
          detail={app.instance_type}
          shut={trans.__('Shut down the app %1', app.title)}
          onShut={
            holds(app) ? () => void shutter.app(running, app.name) : undefined
          }
        >
          <span className="smstudio-Running-facts">
            {app.status !== 'InService' && (
              <StatusBadge status={app.status} detail={app.failure_reason} />
            )}
            {holds(app) && <Lasting seconds={app.seconds} asOf={asOf} />}
            {app.script_logs && (
              <button
                className="smstudio-Link"
                title={trans.__('Output of the start-up script')}
                onClick={() =>
                  void commands.execute(CommandIDs.viewScriptLogs, {
                    stream: app.script_logs
                  })
                }
              >
                {app.status === 'Failed'
                  ? trans.__('View script logs')
                  : trans.__('View logs')}
              </button>
            )}
          </span>
          {app.failure_reason && (
            <span className="smstudio-Running-reason">
              {app.failure_reason}
            </span>
          )}
        </Row>
      ))}
    </List>
  );
}

/** One kernel a row; opens its notebook. */
export function KernelRows(props: IRows): JSX.Element {
  const { trans, commands } = usePage();
  const { running, usages, shutter } = props;
  return (
    <List>
      {running.kernels.map(kernel => (
        <Row
          key={kernel.id}
          icon={ICONS[kernel.kind]}
          title={kernel.title}
          tip={kernel.path || kernel.id}
          detail={
            kernel.instance_type
              ? `${kernel.display_name} · ${kernel.instance_type}`
              : kernel.display_name
          }
          use={used(usages.kernels.get(kernel.id), trans.__('CPU'))}
          shut={trans.__('Shut down the kernel of %1', kernel.title)}
          onOpen={
            kernel.path
              ? () =>
                  void commands.execute('docmanager:open', {
                    path: kernel.path
                  })
              : undefined
          }
          onShut={() => void shutter.act({ scope: 'kernel', name: kernel.id })}
        >
          <span className="smstudio-Running-facts">
            <span>
              {kernel.connected
                ? (usages.states.get(kernel.id) ?? kernel.state)
                : trans.__('connecting again…')}
            </span>
            {kernel.started && <BeginText value={kernel.started} />}
            {kernel.gateway && (
              <span
                title={trans.__(
                  'This kernel runs on the gateway %1; nothing is metered here.',
                  kernel.gateway
                )}
              >
                {trans.__('gateway %1', kernel.gateway)}
              </span>
            )}
            {!kernel.app && !kernel.gateway && (
              <span title={trans.__('This kernel is of no SageMaker image.')}>
                {trans.__('no instance, no cost')}
              </span>
            )}
          </span>
        </Row>
      ))}
    </List>
  );
}

const ICONS: Record<RunningKernel['kind'], LabIcon> = {
  notebook: notebookIcon,
  console: consoleIcon,
  kernel: kernelIcon
};

/** One terminal a row. */
export function TerminalRows(props: IRows): JSX.Element {
  const { trans, commands } = usePage();
  const { running, shutter } = props;
  return (
    <List>
      {running.terminals.map(terminal => (
        <Row
          key={terminal.name}
          icon={terminalIcon}
          title={terminal.title}
          tip={terminal.title}
          detail={
            terminal.instance_type
              ? trans.__('Image terminal · %1', terminal.instance_type)
              : trans.__('System terminal · no cost')
          }
          shut={trans.__('Shut down %1', terminal.title)}
          onOpen={() =>
            void commands.execute('terminal:open', { name: terminal.name })
          }
          onShut={() =>
            void shutter.act({ scope: 'terminal', name: terminal.name })
          }
        />
      ))}
    </List>
  );
}

/** Endpoints, jobs and notebook instances: shown with their cost, stopped only each by its own. */
export function ResourceRows(props: IRows): JSX.Element {
  const { trans, commands } = usePage();
  const { running, shutter, asOf } = props;
  const stop = (each: RunningResource): void => {
    if (each.kind === 'Endpoint') {
      void shutter.resource(
        'endpoint',
        each.name,
        trans.__('Delete the endpoint?')
      );
    } else if (each.kind === 'NotebookInstance') {
      void shutter.resource(
        'notebook_instance',
        each.name,
        trans.__('Stop the notebook instance?')
      );
    } else {
      void shutter.resource(
        'job',
        `${each.kind}/${each.name}`,
        trans.__('Stop the job?')
      );
    }
  };
  return (
    <List>
      {[
        ...running.endpoints,
        ...running.notebook_instances,
        ...running.jobs
      ].map(each => {
        const page = PAGES[each.kind];
        return (
          <Row
            key={`${each.kind}/${each.name}`}
            icon={page?.icon ?? sagemakerIcon}
            title={each.name}
            tip={each.name}
            detail={each.instances || kindName(each.kind, trans)}
            shut={
              each.kind === 'Endpoint'
                ? trans.__('Delete %1', each.name)
                : trans.__('Stop %1', each.name)
            }
            onOpen={
              page && commands.hasCommand(page.command)
                ? () => void commands.execute(page.command, { name: each.name })
                : undefined
            }
            onShut={each.status === 'Stopping' ? undefined : () => stop(each)}
          >
            <span className="smstudio-Running-facts">
              <StatusBadge status={each.status} />
            </span>
            {each.started && (
              <Since
                started={each.started}
                seconds={each.seconds}
                cost={each.cost}
                hourly={each.hourly}
                asOf={asOf}
              />
            )}
          </Row>
        );
      })}
    </List>
  );
}

const PAGES: Record<string, { command: string; icon: LabIcon } | undefined> = {
  Endpoint: { command: CommandIDs.openEndpoint, icon: endpointIcon },
  TrainingJob: { command: CommandIDs.openTrainingJob, icon: trainingIcon },
  HyperParameterTuningJob: {
    command: CommandIDs.openTuningJob,
    icon: tuningIcon
  },
  TransformJob: { command: CommandIDs.openTransformJob, icon: transformIcon },
  AutoMLJob: { command: CommandIDs.openExperiment, icon: autopilotIcon }
};

/** What people call a kind of resource. */
export function kindName(kind: string, trans: TranslationBundle): string {
  const names: Record<string, string> = {
    Endpoint: trans.__('Endpoint'),
    TrainingJob: trans.__('Training job'),
    ProcessingJob: trans.__('Processing job'),
    TransformJob: trans.__('Batch transform job'),
    HyperParameterTuningJob: trans.__('Tuning job'),
    AutoMLJob: trans.__('AutoML job'),
    NotebookInstance: trans.__('Notebook instance')
  };
  return names[kind] ?? kind;
}

/** When it began, how long it has run, what it has cost. */
function Since(props: {
  started: string;
  seconds: number;
  cost: number | null;
  hourly: number | null;
  asOf: number;
}): JSX.Element {
  const { trans, locale } = usePage();
  const now = useNow(1000);
  const more = Math.max(0, now - props.asOf) / 1000;
  return (
    <span className="smstudio-Running-facts">
      {props.started && <BeginText value={props.started} />}
      <span className="smstudio-Elapsed">{duration(props.seconds + more)}</span>
      <span
        className="smstudio-Running-cost"
        title={
          props.hourly === null
            ? trans.__('No price is known')
            : trans.__('%1 an hour', price(props.hourly, locale))
        }
      >
        {money(costNow(props.cost, props.hourly, more), locale)}
      </span>
    </span>
  );
}

function Lasting(props: { seconds: number; asOf: number }): JSX.Element {
  const now = useNow(1000);
  return (
    <span className="smstudio-Elapsed">
      {duration(props.seconds + Math.max(0, now - props.asOf) / 1000)}
    </span>
  );
}

function List(props: { children: ReactNode }): JSX.Element {
  return <ul className="smstudio-Running-list">{props.children}</ul>;
}

function Row(props: {
  icon: LabIcon;
  title: string;
  tip: string;
  detail: string;
  use?: string;
  shut: string;
  onOpen?: () => void;
  onShut?: () => void;
  children?: ReactNode;
}): JSX.Element {
  const { trans } = usePage();
  return (
    <li className="smstudio-Running-row">
      <props.icon.react tag="span" width="16px" />
      <div className="smstudio-Running-text">
        <div className="smstudio-Running-line">
          {props.onOpen ? (
            <button
              className="smstudio-Link smstudio-Running-name"
              title={props.tip}
              onClick={props.onOpen}
            >
              {props.title}
            </button>
          ) : (
            <span className="smstudio-Running-name" title={props.tip}>
              {props.title}
            </span>
          )}
          {props.use && (
            <span className="smstudio-Running-use">{props.use}</span>
          )}
        </div>
        <div className="smstudio-Running-detail">{props.detail}</div>
        {props.children}
      </div>
      {props.onShut && (
        <button
          className="smstudio-IconButton smstudio-Running-shut"
          title={trans.__('Shut Down')}
          aria-label={props.shut}
          onClick={props.onShut}
        >
          <powerIcon.react tag="span" width="16px" />
        </button>
      )}
    </li>
  );
}
