import { Notification } from '@jupyterlab/apputils';
import type { JSX } from 'react';
import { useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { PriceList } from '../../api/generated';
import { usePage, useStatus } from '../../shared/context';
import { useQuery } from '../../shared/query';
import { PendingPage, StaleBar } from '../../shared/states';
import { price } from './money';
import { useNames } from './names';

/** The price list in use, with its source and date, and a newer one on request. */
export function Prices(): JSX.Element {
  const { studio, trans, locale } = usePage();
  const status = useStatus();
  const names = useNames();
  const [fetching, setFetching] = useState(false);
  const region = status?.target.region ?? '';
  const query = useQuery<PriceList>(
    'prices',
    async (_, signal) => studio.api.call('getPrices', { query: {}, signal }),
    { concerns: change => change.kind === 'Running', busy: () => false }
  );
  const list = query.data;
  if (!list) {
    return <PendingPage query={query} rows={6} />;
  }
  const local = status?.target.kind !== 'aws';
  const update = async (): Promise<void> => {
    setFetching(true);
    try {
      await studio.api.call('fetchPrices', { body: {} });
      query.refresh();
    } catch (reason) {
      Notification.error(ApiFailure.from(reason).message);
    } finally {
      setFetching(false);
    }
  };
  return (
    <>
      <StaleBar query={query} />
      <p className="smstudio-Usage-text">
        {trans.__(
          'On-demand prices in USD an hour of %1, from %2, as of %3.',
          list.source.region,
          list.source.source,
          list.source.date
        )}{' '}
        {!list.source.exact &&
          trans.__(
            'The prices of %1 are not known here: those of %2 stand in for them, and it may cost more or less.',
            region,
            list.source.region
          )}
      </p>
      <div className="smstudio-Usage-tools">
        <button
          className="jp-mod-styled jp-mod-reject"
          disabled={local || fetching}
          onClick={() => void update()}
        >
          {fetching
            ? trans.__('Fetching…')
            : trans.__('Fetch the newest prices from AWS')}
        </button>
        {local && (
          <span className="smstudio-mod-dim">
            {trans.__(
              'Needs the credentials of an AWS profile: choose one in the target switch first. What was fetched is kept.'
            )}
          </span>
        )}
      </div>
      <table>
        <thead>
          <tr>
            <th scope="col">{trans.__('Instance type')}</th>
            {Object.entries(names).map(([kind, name]) => (
              <th key={kind} scope="col" className="smstudio-mod-numeric">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {list.rows.map(row => (
            <tr key={row.instance_type}>
              <td>{row.instance_type}</td>
              {Object.keys(names).map(kind => (
                <td key={kind} className="smstudio-mod-numeric">
                  {price(row.prices[kind] ?? null, locale)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
