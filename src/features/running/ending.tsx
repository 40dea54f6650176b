import type { TranslationBundle } from '@jupyterlab/translation';
import type { JSX } from 'react';
import { useMemo, useState } from 'react';

import type { Running, Shutdown, ShutdownItem } from '../../api/generated';
import { usePage } from '../../shared/context';
import { EmptyState, PendingPage, StaleBar } from '../../shared/states';
import { useRunning } from './live';
import { price } from './money';
import { kindName } from './rows';
import { Shutter } from './shutdown';

interface IPart {
  id: string;
  label: string;
  names: string[];
  /** What is asked of the server for it. */
  requests: Shutdown[];
  hourly: number;
}

/** The main-area page "Shut everything down": one list, one button, and what came of it. */
export default function EndingPage(): JSX.Element {
  const { studio, trans, locale } = usePage();
  const query = useRunning();
  const shutter = useMemo(() => new Shutter(studio, trans), [studio, trans]);
  const [left, setLeft] = useState<Set<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState<ShutdownItem[]>([]);
  const running = query.data;
  if (!running || !query.complete) {
    return <PendingPage query={query} rows={6} />;
  }
  const parts = partsOf(running, trans);
  const chosen = parts.filter(part => !left.has(part.id));
  const act = async (): Promise<void> => {
    setBusy(true);
    const items: ShutdownItem[] = [];
    for (const request of chosen.flatMap(part => part.requests)) {
      const result = await shutter.act(request);
      items.push(...(result?.items ?? []));
      setDone([...items]);
    }
    setBusy(false);
  };
  const failed = done.filter(item => item.error);
  return (
    <div className="smstudio-Main smstudio-Usage">
      <header className="smstudio-Header">
        <div className="smstudio-Header-line">
          <h1>{trans.__('Shut everything down')}</h1>
        </div>
        <p className="smstudio-Header-text">
          {trans.__(
            'At the end of a workshop: everything that runs, and with it all cost. Notebooks, models, results and data stay.'
          )}
        </p>
      </header>
      <StaleBar query={query} />
      {parts.length ? (
        <>
          <p>
            {trans.__(
              'Cost of what runs: %1 an hour',
              price(running.hourly, locale)
            )}
          </p>
          <ul className="smstudio-Ending-list">
            {parts.map(part => (
              <li key={part.id}>
                <label>
                  <input
                    type="checkbox"
                    checked={!left.has(part.id)}
                    disabled={busy}
                    onChange={event => {
                      const next = new Set(left);
                      if (event.target.checked) {
                        next.delete(part.id);
                      } else {
                        next.add(part.id);
                      }
                      setLeft(next);
                    }}
                  />
                  <span>
                    {part.label} ({part.names.length})
                    {part.hourly > 0 &&
                      ` · ${trans.__('%1 an hour', price(part.hourly, locale))}`}
                    <span className="smstudio-mod-dim">
                      {' '}
                      {part.names.join(', ')}
                    </span>
                  </span>
                </label>
              </li>
            ))}
          </ul>
          <div>
            <button
              className="jp-mod-styled jp-mod-warn"
              disabled={busy || !chosen.length}
              onClick={() => void act()}
            >
              {busy
                ? trans.__('Shutting down…')
                : trans.__('Shut everything down')}
            </button>
          </div>
        </>
      ) : (
        <EmptyState title={trans.__('Nothing runs, nothing costs.')}>
          {trans.__('You can close this tab.')}
        </EmptyState>
      )}
      {running.refused.map(text => (
        <p key={text} className="smstudio-mod-dim">
          {trans.__('Not listed: %1', text)}
        </p>
      ))}
      <div role="status" aria-live="polite">
        {done.length > 0 && (
          <p>
            {trans._n(
              '%1 thing was shut down.',
              '%1 things were shut down.',
              done.length - failed.length
            )}
          </p>
        )}
        {failed.length > 0 && (
          <ul>
            {failed.map(item => (
              <li key={`${item.kind}/${item.name}`}>
                {trans.__('%1 still runs: %2', item.name, item.error)}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

/** The parts of which everything that runs consists, those that cost first; empty parts are left out. */
function partsOf(running: Running, trans: TranslationBundle): IPart[] {
  const hourly = (rows: { hourly: number | null }[]): number =>
    rows.reduce((sum, row) => sum + (row.hourly ?? 0), 0);
  const onInstances = new Set(running.instances.flatMap(each => each.kernels));
  const kernels = running.kernels.filter(each => !onInstances.has(each.id));
  // Parents first: stopping them stops the jobs that they made.
  const jobs = running.jobs.filter(each => each.status !== 'Stopping');
  const parts: IPart[] = [
    {
      id: 'instances',
      label: trans.__(
        'Instances, with their apps, kernels and image terminals'
      ),
      names: running.instances.map(each => each.instance_type),
      requests: [{ scope: 'instances' }],
      hourly: hourly(running.instances)
    },
    {
      id: 'endpoints',
      label: trans.__('Endpoints'),
      names: running.endpoints.map(each => each.name),
      requests: running.endpoints.map(each => ({
        scope: 'endpoint',
        name: each.name
      })),
      hourly: hourly(running.endpoints)
    },
    {
      id: 'notebook_instances',
      label: trans.__('Notebook instances'),
      names: running.notebook_instances.map(each => each.name),
      requests: running.notebook_instances.map(each => ({
        scope: 'notebook_instance',
        name: each.name
      })),
      hourly: hourly(running.notebook_instances)
    },
    {
      id: 'jobs',
      label: trans.__('Jobs'),
      names: jobs.map(each => `${kindName(each.kind, trans)} ${each.name}`),
      requests: jobs.map(each => ({
        scope: 'job',
        name: `${each.kind}/${each.name}`
      })),
      hourly: hourly(jobs)
    },
    {
      id: 'kernels',
      label: trans.__('Other kernels'),
      names: kernels.map(each => each.title),
      requests: [{ scope: 'kernels' }],
      hourly: 0
    },
    {
      id: 'terminals',
      label: trans.__('Terminals'),
      names: running.terminals.map(each => each.title),
      requests: [{ scope: 'terminals' }],
      hourly: 0
    }
  ];
  return parts.filter(part => part.names.length > 0);
}
