import { refreshIcon } from '@jupyterlab/ui-components';
import type { JSX } from 'react';
import { useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { GatewayOffer, Gateways } from '../../api/generated';
import { RowData } from '../../commands';
import { usePage } from '../../shared/context';
import { FormDialog } from '../../shared/formdialog';
import type { IColumn } from '../../shared/grid';
import { Grid } from '../../shared/grid';
import { useQuery } from '../../shared/query';
import {
  EmptyState,
  ErrorBox,
  PendingPage,
  StaleBar
} from '../../shared/states';
import { GatewayDialog } from './dialog';
import { Outcome } from './outcome';

/** The page "Jupyter gateways": what is set up, what it offers now, and forms to change it. */
export default function GatewaysPage(props: {
  /** Kernels came or went. */
  onKernels: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const [editing, setEditing] = useState<GatewayOffer | 'new' | null>(null);
  const [gone, setGone] = useState<string | null>(null);
  const [asked, setAsked] = useState<GatewayOffer | ApiFailure | null>(null);
  const list = useQuery<Gateways>(
    'gateways',
    (page, signal) => page.api.call('listGateways', { signal }),
    { concerns: () => false, busy: () => false }
  );
  const test = (name: string): void => {
    setAsked(null);
    studio.api
      .call('describeGateway', { name })
      .then(setAsked)
      .catch(reason => setAsked(ApiFailure.from(reason)))
      .finally(list.refresh);
  };
  const columns = useColumns(test, setEditing, setGone);
  if (!list.data) {
    return <PendingPage query={list} rows={4} />;
  }
  const { items, broken } = list.data;
  const add = (
    <button
      className="jp-mod-styled jp-mod-accept"
      onClick={() => setEditing('new')}
    >
      {trans.__('Add gateway')}
    </button>
  );
  return (
    <div className="smstudio-Main">
      <header className="smstudio-Header">
        <div className="smstudio-Header-line">
          <button
            className="smstudio-IconButton"
            title={trans.__('Refresh')}
            aria-label={trans.__('Refresh')}
            onClick={list.refresh}
          >
            <refreshIcon.react tag="span" width="16px" />
          </button>
          <h1>{trans.__('Jupyter gateways')}</h1>
          {items.length > 0 && (
            <span className="smstudio-Header-buttons">{add}</span>
          )}
        </div>
        <p className="smstudio-Field-help">
          {trans.__(
            'Servers whose kernels notebooks can choose in Change environment, beside the images of this machine: Jupyter Enterprise Gateway, Kernel Gateway, or another Jupyter server.'
          )}
        </p>
      </header>
      <StaleBar query={list} />
      {asked instanceof ApiFailure ? (
        <ErrorBox error={asked} />
      ) : (
        asked && <Outcome gateway={asked} />
      )}
      {items.map(
        each =>
          (each.problem ?? each.warning) && (
            <div
              key={each.name}
              className="smstudio-Note smstudio-mod-warning"
              role="status"
            >
              {each.name}: {each.problem ?? each.warning}
            </div>
          )
      )}
      {broken.map(each => (
        <div
          key={each.name}
          className="smstudio-Note smstudio-mod-warning"
          role="alert"
        >
          {each.problem}{' '}
          <button
            className="smstudio-Link"
            aria-label={trans.__('Remove the gateway %1', each.name)}
            onClick={() => setGone(each.name)}
          >
            {trans.__('Remove…')}
          </button>
        </div>
      ))}
      {items.length ? (
        <Grid<GatewayOffer>
          label={trans.__('Jupyter gateways')}
          columns={columns}
          rows={items}
          rowKey={row => row.name}
          kind={RowData.gateway}
          onOpen={row => !row.fixed && setEditing(row)}
          complete
        />
      ) : (
        <EmptyState title={trans.__('No gateways')}>
          <p>
            {trans.__(
              'A gateway runs kernels elsewhere: on a cluster, or on another machine.'
            )}
          </p>
          {add}
        </EmptyState>
      )}
      {editing && (
        <GatewayDialog
          gateway={editing === 'new' ? null : editing}
          onSaved={() => {
            setAsked(null);
            props.onKernels();
          }}
          onClose={() => setEditing(null)}
        />
      )}
      {gone && (
        <FormDialog
          title={trans.__('Remove the gateway %1', gone)}
          submit={trans.__('Remove')}
          warn
          send={async () => {
            await studio.api.call('removeGateway', { name: gone });
            setAsked(null);
            props.onKernels();
          }}
          onClose={() => setGone(null)}
        >
          {() => (
            <p>
              {trans.__(
                'It is forgotten here, with its token. Kernels that run there go on.'
              )}
            </p>
          )}
        </FormDialog>
      )}
    </div>
  );
}

/** Columns of the table. */
function useColumns(
  test: (name: string) => void,
  edit: (gateway: GatewayOffer) => void,
  remove: (name: string) => void
): IColumn<GatewayOffer>[] {
  const { trans } = usePage();
  const tokens = {
    none: trans.__('none'),
    file: trans.__('set'),
    variable: trans.__('from a variable')
  };
  return [
    {
      id: 'name',
      label: trans.__('Name'),
      render: row => <span title={row.name}>{row.name}</span>
    },
    {
      id: 'state',
      label: trans.__('State'),
      render: row => (
        <span
          className={`smstudio-Status smstudio-mod-${row.problem ? 'bad' : 'good'}`}
          title={row.problem ?? row.warning ?? undefined}
        >
          <span className="smstudio-Status-mark" aria-hidden="true">
            {row.problem ? '!' : '✓'}
          </span>
          <span className="smstudio-Status-text">
            {row.problem ? trans.__('not available') : trans.__('answers')}
          </span>
        </span>
      )
    },
    {
      id: 'address',
      label: trans.__('Address'),
      render: row => <span title={row.url}>{row.url}</span>
    },
    {
      id: 'kernels',
      label: trans.__('Kernels'),
      numeric: true,
      render: row => (
        <span title={row.kernels.map(each => each.display_name).join(', ')}>
          {row.kernels.length}
        </span>
      )
    },
    {
      id: 'server',
      label: trans.__('Server'),
      render: row => row.version ?? ''
    },
    {
      id: 'token',
      label: trans.__('Token'),
      render: row => tokens[row.token]
    },
    {
      id: 'actions',
      label: trans.__('Actions'),
      render: row => (
        <span className="smstudio-Domain-actions">
          <button
            className="smstudio-Link"
            aria-label={trans.__('Test the gateway %1', row.name)}
            onClick={() => test(row.name)}
          >
            {trans.__('Test')}
          </button>
          {row.fixed ? (
            <span
              className="smstudio-mod-dim"
              title={trans.__(
                'The administrator of the Jupyter server set it up; it cannot be changed here.'
              )}
            >
              {trans.__('of this server')}
            </span>
          ) : (
            <>
              <button
                className="smstudio-Link"
                aria-label={trans.__('Change the gateway %1', row.name)}
                onClick={() => edit(row)}
              >
                {trans.__('Change…')}
              </button>
              <button
                className="smstudio-Link"
                aria-label={trans.__('Remove the gateway %1', row.name)}
                onClick={() => remove(row.name)}
              >
                {trans.__('Remove…')}
              </button>
            </>
          )}
        </span>
      )
    }
  ];
}
