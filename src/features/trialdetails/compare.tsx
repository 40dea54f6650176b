import type { JSX } from 'react';
import { useMemo, useState } from 'react';

import type { Comparison } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { usePage } from '../../shared/context';
import { metric } from '../../shared/numbers';
import { useQuery } from '../../shared/query';
import { EmptyState, ErrorBox, Skeleton, StaleBar } from '../../shared/states';
import { concernsSet } from './charts/data';
import type { Group, IDifference } from './differences';
import { differences } from './differences';
import { useGrowing } from './growing';

/** Components that are compared side by side; more columns tell nobody anything. */
const MOST = 50;

/** The tab "Compare": a column for each component, at first only what differs. */
export function Compare(props: { names: readonly string[] }): JSX.Element {
  const { trans, commands } = usePage();
  const names = useMemo(() => props.names.slice(0, MOST), [props.names]);
  const [all, setAll] = useState(false);
  const [search, setSearch] = useState('');
  const query = useQuery<Comparison>(
    `compare:${names.join(',')}`,
    (studio, signal) =>
      studio.api.call('compareTrials', { body: { names: [...names] }, signal }),
    {
      concerns: concernsSet({ names: [...names] }),
      busy: data => data.components.some(each => each.status === 'InProgress')
    }
  );
  const rows = useMemo(
    () => differences(query.data?.components ?? []),
    [query.data]
  );
  if (!query.data) {
    return query.error ? (
      <ErrorBox error={query.error} onRetry={query.refresh} />
    ) : (
      <Skeleton rows={8} />
    );
  }
  const { components } = query.data;
  const wanted = search.trim().toLowerCase();
  const shown = rows.filter(
    row =>
      (all || row.differs) &&
      (!wanted || row.name.toLowerCase().includes(wanted))
  );
  return (
    <div className="smstudio-Compare">
      <StaleBar query={query} />
      <div className="smstudio-Tools">
        <label className="smstudio-Choice">
          <input
            type="checkbox"
            checked={!all}
            onChange={event => setAll(!event.target.checked)}
          />
          <span>{trans.__('Only what differs')}</span>
        </label>
        <input
          type="search"
          className="jp-mod-styled smstudio-Search"
          placeholder={trans.__('Search column name')}
          aria-label={trans.__('Search column name')}
          value={search}
          onChange={event => setSearch(event.target.value)}
        />
        <span className="smstudio-mod-dim" role="status">
          {trans.__('%1 of %2 rows', shown.length, rows.length)}
          {props.names.length > names.length &&
            ` · ${trans.__('the first %1 components', names.length)}`}
        </span>
      </div>
      {components.length < 2 ? (
        <EmptyState title={trans.__('Nothing to compare')}>
          {trans.__('Choose two or more trial components.')}
        </EmptyState>
      ) : shown.length === 0 ? (
        <EmptyState title={trans.__('No differences')}>
          {trans.__('The components are the same in everything shown here.')}
        </EmptyState>
      ) : (
        <div className="smstudio-Compare-scroll" tabIndex={0}>
          <table
            className="smstudio-Table smstudio-Compare-table"
            aria-label={trans.__('Comparison of trial components')}
          >
            <thead>
              <tr>
                <th scope="col">{trans.__('Column')}</th>
                {components.map(each => (
                  <th key={each.name} scope="col" title={each.name}>
                    <button
                      type="button"
                      className="smstudio-Link"
                      onClick={() =>
                        void commands.execute(CommandIDs.openTrialDetails, {
                          name: each.name
                        })
                      }
                    >
                      {each.display_name}
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
            {(['Summary', 'Metrics', 'Parameters', 'Artifacts'] as const).map(
              group => (
                <Rows
                  key={group}
                  group={group}
                  rows={shown.filter(row => row.group === group)}
                  span={components.length + 1}
                />
              )
            )}
          </table>
        </div>
      )}
    </div>
  );
}

function Rows(props: {
  group: Group;
  rows: IDifference[];
  span: number;
}): JSX.Element | null {
  const { trans } = usePage();
  const [drawn, more] = useGrowing(props.rows.length);
  const titles: Record<Group, string> = {
    Summary: trans.__('Summary'),
    Metrics: trans.__('Metrics'),
    Parameters: trans.__('Parameters'),
    Artifacts: trans.__('Artifacts')
  };
  if (!props.rows.length) {
    return null;
  }
  return (
    <tbody>
      <tr className="smstudio-Compare-group">
        <th scope="rowgroup" colSpan={props.span}>
          {titles[props.group]}
        </th>
      </tr>
      {props.rows.slice(0, drawn).map(row => (
        <tr key={row.name}>
          <th scope="row">
            <bdi>{row.name}</bdi>
          </th>
          {row.values.map((value, index) => (
            <td
              key={index}
              className={
                index === row.high
                  ? 'smstudio-mod-high'
                  : index === row.low
                    ? 'smstudio-mod-low'
                    : undefined
              }
              title={
                typeof value === 'number' && !Number.isInteger(value)
                  ? String(value)
                  : index === row.high
                    ? trans.__('Highest')
                    : index === row.low
                      ? trans.__('Lowest')
                      : undefined
              }
            >
              {value === null || value === ''
                ? '—'
                : typeof value !== 'number' || Number.isInteger(value)
                  ? String(value)
                  : row.group === 'Metrics'
                    ? metric(value)
                    : String(Number(value.toPrecision(6)))}
              {index === row.high && <span aria-hidden="true"> ▲</span>}
              {index === row.low && <span aria-hidden="true"> ▼</span>}
            </td>
          ))}
        </tr>
      ))}
      {more}
    </tbody>
  );
}
