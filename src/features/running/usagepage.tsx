import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { downloadIcon } from '@jupyterlab/ui-components';
import type { JSX } from 'react';
import { useMemo, useState } from 'react';

import type { UsageHistory, UsageRow } from '../../api/generated';
import { usePage, useStatus } from '../../shared/context';
import { useQuery } from '../../shared/query';
import {
  EmptyState,
  ErrorBox,
  PendingPage,
  StaleBar
} from '../../shared/states';
import { Tabs } from '../../shared/tabs';
import { IdleForm } from './idleform';
import { money, price } from './money';
import { useNames } from './names';
import { latest, REST_OF_HISTORY } from './parts';
import { Prices } from './prices';
import { UsageChart } from './usagechart';

const PERIODS = [1, 7, 30, 90, 366];

/** The main-area page "Usage and cost". */
export default function UsagePage(props: {
  rendermime: IRenderMimeRegistry;
}): JSX.Element {
  const { trans } = usePage();
  return (
    <div className="smstudio-Main smstudio-Usage">
      <header className="smstudio-Header">
        <div className="smstudio-Header-line">
          <h1>{trans.__('Usage and cost')}</h1>
        </div>
      </header>
      <Tabs
        label={trans.__('Usage and cost')}
        tabs={[
          {
            id: 'history',
            label: trans.__('History'),
            content: () => <History {...props} />
          },
          {
            id: 'rule',
            label: trans.__('How it is counted'),
            content: () => <Rule />
          },
          {
            id: 'prices',
            label: trans.__('Prices'),
            content: () => <Prices />
          },
          {
            id: 'idle',
            label: trans.__('Idle shutdown'),
            content: () => <IdleForm />
          }
        ]}
      />
    </div>
  );
}

function History(props: { rendermime: IRenderMimeRegistry }): JSX.Element {
  const { studio, trans } = usePage();
  const [days, setDays] = useState(30);
  const local = useStatus()?.target.kind !== 'aws';
  const timezone = useMemo(
    () => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
    []
  );
  const query = useQuery<UsageHistory>(
    `usage-history:${days}:${timezone}:${local}`,
    async (_, signal) =>
      studio.api.call('getUsageHistory', {
        query: local ? { days, timezone } : { days, timezone, part: 'apps' },
        signal
      }),
    { concerns: change => change.kind === 'App', busy: () => false }
  );
  // AWS is asked about each other part by itself, while what was noted before is shown already.
  const rest = useQuery<UsageHistory | null>(
    `usage-history-rest:${days}:${timezone}:${local}`,
    async (_, signal) => {
      let last: UsageHistory | null = null;
      const missing: string[] = [];
      for (const part of local ? [] : REST_OF_HISTORY) {
        last = await studio.api.call('getUsageHistory', {
          query: { days, timezone, part },
          signal
        });
        missing.push(...last.missing);
      }
      return last && { ...last, missing };
    },
    { concerns: change => change.kind === 'App', busy: () => false }
  );
  const history = useMemo(
    () =>
      query.data &&
      latest(
        query.data,
        rest.data,
        (rest.updated ?? 0) >= (query.updated ?? 0)
      ),
    [query.data, query.updated, rest.data, rest.updated]
  );
  return (
    <>
      <div className="smstudio-Usage-tools">
        <label>
          {trans.__('Period')}{' '}
          <select
            className="jp-mod-styled"
            value={days}
            onChange={event => setDays(Number(event.target.value))}
          >
            {PERIODS.map(period => (
              <option key={period} value={period}>
                {period === 1
                  ? trans.__('Today')
                  : trans.__('Last %1 days', period)}
              </option>
            ))}
          </select>
        </label>
        <span className="smstudio-mod-dim">{timezone}</span>
        <a
          className="smstudio-Link"
          href={studio.api.url('downloadUsageHistory', {
            query: { days, timezone }
          })}
          download
        >
          <downloadIcon.react tag="span" width="14px" />{' '}
          {trans.__('Export CSV')}
        </a>
      </div>
      {history && <StaleBar query={query} />}
      {rest.error && !query.error && (
        <ErrorBox error={rest.error} onRetry={rest.refresh} />
      )}
      {history ? (
        <>
          {!local && rest.loading && (
            <p className="smstudio-Usage-text smstudio-mod-dim" role="status">
              {trans.__('Asking AWS about endpoints and jobs…')}
            </p>
          )}
          <Days history={history} rendermime={props.rendermime} />
        </>
      ) : (
        <PendingPage query={query} rows={6} />
      )}
    </>
  );
}

function Days(props: {
  history: UsageHistory;
  rendermime: IRenderMimeRegistry;
}): JSX.Element {
  const { trans, locale } = usePage();
  const { history } = props;
  const { prices } = history;
  if (!history.rows.length) {
    return (
      <EmptyState title={trans.__('Nothing was metered in this period.')}>
        {trans.__(
          'Time begins to count with the first notebook on an instance, the start of a job, or the creation of an endpoint.'
        )}
        <Missing history={history} />
      </EmptyState>
    );
  }
  return (
    <>
      <p className="smstudio-Usage-text">
        <strong>{money(history.cost, locale)}</strong>{' '}
        {history.target === 'local'
          ? trans.__('Simulated: what this would cost on AWS; nobody bills it.')
          : trans.__(
              'Estimated from list prices; the bill of AWS decides.'
            )}{' '}
        {trans.__('Prices of %1 from %2.', prices.region, prices.date)}
        {!prices.exact &&
          ` ${trans.__('The prices of your region are not known here; it may cost more or less.')}`}
        {history.unpriced.length > 0 &&
          ` ${trans.__('No price is known for %1.', history.unpriced.join(', '))}`}
      </p>
      <Missing history={history} />
      <UsageChart rows={history.rows} rendermime={props.rendermime} />
      <h2>{trans.__('By type')}</h2>
      <Table
        rows={history.totals.map(total => ({ ...total, day: '' }))}
        cost={history.cost}
      />
      <h2>{trans.__('By day')}</h2>
      <Table rows={history.rows} days cost={history.cost} />
    </>
  );
}

function Missing(props: { history: UsageHistory }): JSX.Element | null {
  const { trans } = usePage();
  const { missing } = props.history;
  return missing.length ? (
    <p className="smstudio-Usage-text smstudio-mod-dim">
      {trans.__('Not counted: %1', missing.join('; '))}
    </p>
  ) : null;
}

function Table(props: {
  rows: UsageRow[];
  days?: boolean;
  cost: number;
}): JSX.Element {
  const { trans, locale } = usePage();
  const names = useNames();
  const hours = new Intl.NumberFormat(undefined, {
    minimumFractionDigits: 2,
    maximumFractionDigits: 4
  });
  return (
    <table>
      <thead>
        <tr>
          {props.days && <th scope="col">{trans.__('Day')}</th>}
          <th scope="col">{trans.__('Used for')}</th>
          <th scope="col">{trans.__('Instance type')}</th>
          <th scope="col" className="smstudio-mod-numeric">
            {trans.__('Hours')}
          </th>
          <th scope="col" className="smstudio-mod-numeric">
            {trans.__('Price an hour')}
          </th>
          <th scope="col" className="smstudio-mod-numeric">
            {trans.__('Cost')}
          </th>
        </tr>
      </thead>
      <tbody>
        {props.rows.map(row => (
          <tr key={`${row.day}/${row.metered}/${row.instance_type}`}>
            {props.days && <td>{row.day}</td>}
            <td>{names[row.metered] ?? row.metered}</td>
            <td>{row.instance_type}</td>
            <td className="smstudio-mod-numeric">{hours.format(row.hours)}</td>
            <td className="smstudio-mod-numeric">
              {price(row.hourly, locale)}
            </td>
            <td className="smstudio-mod-numeric">{money(row.cost, locale)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <td colSpan={props.days ? 5 : 4}>{trans.__('Sum')}</td>
          <td className="smstudio-mod-numeric">{money(props.cost, locale)}</td>
        </tr>
      </tfoot>
    </table>
  );
}

/** The rule that people call a mystery, with the example of AWS's documentation. */
function Rule(): JSX.Element {
  const { trans } = usePage();
  return (
    <div className="smstudio-Usage-text">
      <p>
        {trans.__(
          'Studio itself costs nothing. Notebooks, consoles and image terminals run on instances, and each instance is metered by its type, from its first app until its last app is shut down.'
        )}
      </p>
      <ul>
        <li>
          {trans.__(
            'Notebooks with the same instance type share one instance, even with different images and kernels; it counts once.'
          )}
        </li>
        <li>
          {trans.__(
            'Stopping a kernel or closing a notebook does not end the instance. Shutting down its apps, or the instance, does.'
          )}
        </li>
        <li>
          {trans.__(
            'Changing the instance type of a notebook leaves the old instance running until it is shut down.'
          )}
        </li>
        <li>
          {trans.__(
            'System terminals, text files and kernels without a SageMaker image cost nothing. Jobs, endpoints and notebook instances are metered apart, each by its own instances.'
          )}
        </li>
      </ul>
      <h2>{trans.__('Example')}</h2>
      <p>
        {trans.__(
          'Notebook 1 opens on ml.t3.medium. An hour later notebook 2 opens on the same type. Another hour later notebook 3 opens and is changed to ml.m5.large at once. Another hour later all is shut down. Metered are 3 hours of ml.t3.medium and 1 hour of ml.m5.large, although the notebooks ran 3, 2 and 1 hours.'
        )}
      </p>
    </div>
  );
}
