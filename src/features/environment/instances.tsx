import type { JSX, KeyboardEvent } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type {
  StudioInstanceType,
  StudioInstanceTypes
} from '../../api/generated';
import { usePage } from '../../shared/context';
import { DialogButtons } from '../../shared/dialogbuttons';
import { Modal } from '../../shared/modal';
import { ErrorBox, Skeleton } from '../../shared/states';
import type { InstanceColumn } from './choice';
import { shownTypes, sortTypes } from './choice';
import { InstanceHelp } from './instancehelp';

/** The dialog behind the toolbar's `2 vCPU + 4 GiB`. */
export function SelectInstance(props: {
  /** The instance type of now. */
  now: string | null;
  onClose: () => void;
  onSelect: (type: string) => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const [types, setTypes] = useState<StudioInstanceTypes | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  const [fastOnly, setFastOnly] = useState(true);
  const [chosen, setChosen] = useState(props.now);
  const load = (): void => {
    setError(null);
    studio.api
      .call('listStudioInstanceTypes')
      .then(setTypes)
      .catch(reason => setError(ApiFailure.from(reason)));
  };
  useEffect(load, [studio]);
  return (
    <Modal wide title={trans.__('Select instance')} onClose={props.onClose}>
      {error && <ErrorBox error={error} onRetry={load} />}
      {!error && !types && <Skeleton rows={6} />}
      {types && (
        <form
          onSubmit={event => {
            event.preventDefault();
            if (chosen) {
              props.onSelect(chosen);
            }
          }}
        >
          <label className="smstudio-Environment-toggle">
            <input
              type="checkbox"
              role="switch"
              checked={fastOnly}
              onChange={event => setFastOnly(event.target.checked)}
            />
            {trans.__('Fast launch only')}
          </label>
          <TypeTable
            types={types}
            rows={shownTypes(types.items, fastOnly, chosen)}
            chosen={chosen}
            onChoose={setChosen}
          />
          <p className="smstudio-Field-help" aria-live="polite">
            <InstanceHelp types={types} name={chosen} />
          </p>
          <div className="smstudio-Environment-warnings" role="note">
            <p>
              {trans.__(
                'A new kernel is started: variables and everything else that is not saved is lost, and packages that you installed for the old kernel only must be installed again.'
              )}
            </p>
            <p>
              {trans.__(
                'The old instance goes on running and counting until all of its apps are shut down (Running Terminals and Kernels).'
              )}
            </p>
          </div>
          <DialogButtons
            label={trans.__('Save and continue')}
            disabled={!chosen || chosen === props.now}
            onClose={props.onClose}
          />
        </form>
      )}
    </Modal>
  );
}

/** The table; each column sorts, the rows are one group of radio buttons. */
function TypeTable(props: {
  types: StudioInstanceTypes;
  rows: StudioInstanceType[];
  chosen: string | null;
  onChoose: (name: string) => void;
}): JSX.Element {
  const { trans, locale } = usePage();
  const [column, setColumn] = useState<InstanceColumn | null>(null);
  const [descending, setDescending] = useState(false);
  const number = new Intl.NumberFormat(locale);
  const columns: [InstanceColumn, string][] = [
    ['name', trans.__('Instance type')],
    ['vcpu', trans.__('vCPU')],
    ['memory_gib', trans.__('Memory (GiB)')],
    ['gpu', trans.__('GPU')],
    ['price', trans.__('Price (USD an hour)')],
    ['fits', trans.__('This machine')]
  ];
  const sort = (next: InstanceColumn): void => {
    setDescending(column === next && !descending);
    setColumn(next);
  };
  const rows = sortTypes(props.rows, column, descending);
  const keep = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') {
      // In a header Enter sorts; it must not send the form.
      event.stopPropagation();
    }
  };
  return (
    <div className="smstudio-Environment-types" tabIndex={-1}>
      <table aria-label={trans.__('Instance types')}>
        <thead>
          <tr>
            {columns.map(([id, label]) => (
              <th
                key={id}
                scope="col"
                aria-sort={
                  column !== id
                    ? 'none'
                    : descending
                      ? 'descending'
                      : 'ascending'
                }
              >
                <button type="button" onClick={() => sort(id)} onKeyDown={keep}>
                  {label}
                  <span aria-hidden="true">
                    {column === id ? (descending ? ' ▾' : ' ▴') : ''}
                  </span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr
              key={row.name}
              data-type={row.name}
              className={row.name === props.chosen ? 'jp-mod-selected' : ''}
              onClick={() => props.onChoose(row.name)}
            >
              <th scope="row">
                <label>
                  <input
                    type="radio"
                    name="smstudio-instance-type"
                    checked={row.name === props.chosen}
                    autoFocus={row.name === props.chosen}
                    onChange={() => props.onChoose(row.name)}
                  />
                  {row.name}
                  {row.fast_launch && (
                    <span className="smstudio-Environment-fast">
                      {trans.__('Fast launch')}
                    </span>
                  )}
                </label>
              </th>
              <td>{number.format(row.vcpu)}</td>
              <td>{number.format(row.memory_gib)}</td>
              <td>{number.format(row.gpu)}</td>
              <td>{row.price === null ? '–' : row.price.toFixed(3)}</td>
              <td>
                {row.lacks.length === 0
                  ? trans.__('Fits')
                  : trans.__('Too small')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="smstudio-Field-help">
        {trans.__(
          'Prices: %1, %2, list of %3.',
          new URL(props.types.prices.source, 'https://aws.amazon.com').host,
          props.types.prices.region,
          props.types.prices.date
        )}{' '}
        {!props.types.prices.exact &&
          trans.__('Prices of your own region are not known here.')}
      </p>
    </div>
  );
}
