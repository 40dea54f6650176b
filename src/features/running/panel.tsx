import { closeIcon, refreshIcon } from '@jupyterlab/ui-components';
import type { JSX, ReactNode } from 'react';
import { useEffect, useId, useMemo, useState } from 'react';

import type { Running } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { usePage } from '../../shared/context';
import { ErrorBox, Skeleton, StaleBar } from '../../shared/states';
import type { IUsages } from './live';
import { useRunning, useUsages } from './live';
import { costNow, money, percent, price } from './money';
import {
  AppRows,
  InstanceRows,
  KernelRows,
  ResourceRows,
  TerminalRows
} from './rows';
import { Shutter } from './shutdown';

/** The sidebar "Running Terminals and Kernels". */
export default function RunningPanel(): JSX.Element {
  const { studio, trans } = usePage();
  const query = useRunning();
  const usages = useUsages(1);
  const running = query.data;
  return (
    <div className="smstudio-Panel smstudio-Running">
      <div className="smstudio-Panel-header">
        <h2>{trans.__('Running Terminals and Kernels')}</h2>
        <button
          className="smstudio-IconButton"
          title={trans.__('Refresh')}
          aria-label={trans.__('Refresh')}
          onClick={() => studio.refresh()}
        >
          <refreshIcon.react tag="span" width="16px" />
        </button>
      </div>
      {running && <StaleBar query={query} />}
      {running ? (
        <Contents
          running={running}
          complete={query.complete}
          asOf={query.updated ?? Date.now()}
          usages={usages}
        />
      ) : query.error ? (
        <ErrorBox error={query.error} onRetry={query.refresh} />
      ) : (
        <div role="status" aria-label={trans.__('Loading')}>
          <Skeleton rows={6} />
        </div>
      )}
    </div>
  );
}

function Contents(props: {
  running: Running;
  complete: boolean;
  asOf: number;
  usages: IUsages;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { running, usages, asOf } = props;
  const shutter = useMemo(() => new Shutter(studio, trans), [studio, trans]);
  const rows = { running, usages, shutter, asOf };
  const apps = running.apps.filter(app => app.app_type !== 'JupyterServer');
  return (
    <>
      <Summary running={running} asOf={asOf} usages={usages} />
      <div className="smstudio-Running-sections">
        <Section
          title={trans.__('Running instances')}
          count={running.instances.length}
          empty={trans.__(
            'No instance runs. The first notebook on an image starts one.'
          )}
          closeAll={() => void shutter.everything(running, 'instances')}
        >
          <InstanceRows {...rows} />
        </Section>
        <Section
          title={trans.__('Running apps')}
          count={apps.length}
          empty={trans.__('No image runs as an app.')}
          closeAll={
            running.instances.length
              ? () => void shutter.everything(running, 'apps')
              : undefined
          }
        >
          <AppRows {...rows} apps={apps} />
        </Section>
        <Section
          title={trans.__('Kernel sessions')}
          count={running.kernels.length}
          empty={trans.__('No kernel runs.')}
          closeAll={() =>
            void shutter.sessions(
              running.kernels.map(each => each.title),
              'kernels'
            )
          }
        >
          <KernelRows {...rows} />
        </Section>
        <Section
          title={trans.__('Terminal sessions')}
          count={running.terminals.length}
          empty={trans.__('No terminal is open.')}
          closeAll={() =>
            void shutter.sessions(
              running.terminals.map(each => each.title),
              'terminals'
            )
          }
        >
          <TerminalRows {...rows} />
        </Section>
        <Section
          title={trans.__('Endpoints and jobs')}
          count={
            running.endpoints.length +
            running.jobs.length +
            running.notebook_instances.length
          }
          note={trans.__('Not stopped by "Shut down all"; each by its own.')}
          empty={
            props.complete
              ? trans.__('No endpoint, job or notebook instance runs.')
              : trans.__('Loading…')
          }
        >
          <ResourceRows {...rows} />
        </Section>
      </div>
      {running.refused.map(text => (
        <p key={text} className="smstudio-Running-refused">
          {trans.__('Not listed: %1', text)}
        </p>
      ))}
    </>
  );
}

/** What it costs now, and the ways to more. */
function Summary(props: {
  running: Running;
  asOf: number;
  usages: IUsages;
}): JSX.Element {
  const { trans, locale, commands } = usePage();
  const { running, asOf, usages } = props;
  const now = useTick();
  const cost = costNow(running.costs, running.hourly, (now - asOf) / 1000);
  const { machine } = usages;
  return (
    <div className="smstudio-Running-summary">
      <div>
        <strong>{money(cost, locale)}</strong>{' '}
        <span className="smstudio-mod-dim">
          {trans.__('so far · %1 an hour', price(running.hourly, locale))}
        </span>
      </div>
      <div className="smstudio-mod-dim">
        {running.simulated
          ? trans.__('Simulated: what this would cost on AWS; nobody bills it.')
          : trans.__('Estimated from list prices; the bill of AWS decides.')}
        {running.unpriced.length > 0 &&
          ` ${trans.__('No price is known for %1.', running.unpriced.join(', '))}`}
      </div>
      {machine && (
        <div className="smstudio-mod-dim">
          {trans.__(
            'This machine: CPU %1 · memory %2',
            percent(machine.machine.cpu_percent),
            percent(machine.machine.memory_percent)
          )}
        </div>
      )}
      <div className="smstudio-Running-links">
        <button
          className="smstudio-Link"
          onClick={() => void commands.execute(CommandIDs.openUsage)}
        >
          {trans.__('Usage and cost…')}
        </button>
        <button
          className="smstudio-Link"
          onClick={() => void commands.execute(CommandIDs.shutEverythingDown)}
        >
          {trans.__('Shut everything down…')}
        </button>
      </div>
    </div>
  );
}

/** Milliseconds since the epoch, each second while the page is seen. */
function useTick(): number {
  const { visible } = usePage();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!visible) {
      return;
    }
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, [visible]);
  return now;
}

function Section(props: {
  title: string;
  count: number;
  empty: string;
  note?: string;
  closeAll?: () => void;
  children: ReactNode;
}): JSX.Element {
  const { trans } = usePage();
  const id = useId();
  const [open, setOpen] = useState(true);
  return (
    <section className="smstudio-Running-section" aria-labelledby={id}>
      <div className="smstudio-Running-head">
        <h3 id={id}>
          <button
            className="smstudio-Section-title"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            <span className="smstudio-Section-caret" aria-hidden="true">
              {open ? '▾' : '▸'}
            </span>
            {props.title}
            <span className="smstudio-mod-dim">{props.count}</span>
          </button>
        </h3>
        {props.closeAll && props.count > 0 && (
          <button
            className="smstudio-IconButton"
            title={trans.__('Shut down all')}
            aria-label={trans.__('Shut down all: %1', props.title)}
            onClick={props.closeAll}
          >
            <closeIcon.react tag="span" width="14px" />
          </button>
        )}
      </div>
      {open && props.note && props.count > 0 && (
        <p className="smstudio-Running-note">{props.note}</p>
      )}
      {open &&
        (props.count ? (
          props.children
        ) : (
          <p className="smstudio-Running-note">{props.empty}</p>
        ))}
    </section>
  );
}
