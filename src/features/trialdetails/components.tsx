import type { JSX } from 'react';
import { useMemo } from 'react';

import type { ChartComponent } from '../../api/generated';
import { CommandIDs, RowData } from '../../commands';
import { usePage } from '../../shared/context';
import type { IColumn } from '../../shared/grid';
import { Grid } from '../../shared/grid';
import { StatusBadge } from '../../shared/status';
import { TimeText } from '../../shared/time';
import type { Brushed } from './charts/brush';
import { coloursOf } from './charts/encodings';

/** Components of the page: an eye shows or hides one in the charts, a brush in a chart filters them. */
export function Components(props: {
  components: readonly ChartComponent[];
  total: number;
  hidden: ReadonlySet<string>;
  brushed: Brushed;
  onHide: (hidden: ReadonlySet<string>) => void;
}): JSX.Element {
  const { trans, commands } = usePage();
  const { components, hidden, brushed, onHide } = props;
  const colours = useMemo(() => {
    const names = components.map(each => each.name);
    const found = coloursOf(names);
    return new Map(names.map((name, index) => [name, found[index]]));
  }, [components]);
  const rows = useMemo(
    () =>
      brushed
        ? components.filter(each => brushed.has(each.name))
        : [...components],
    [components, brushed]
  );
  const toggle = (name: string): void => {
    const next = new Set(hidden);
    if (!next.delete(name)) {
      next.add(name);
    }
    onHide(next);
  };
  const columns: IColumn<ChartComponent>[] = [
    {
      id: 'eye',
      label: '',
      title: trans.__('Shown in the charts'),
      render: row => (
        <button
          type="button"
          className="smstudio-Eye"
          aria-pressed={!hidden.has(row.name)}
          aria-label={trans.__('Show %1 in the charts', row.name)}
          title={
            hidden.has(row.name)
              ? trans.__('Show in the charts')
              : trans.__('Hide in the charts')
          }
          onClick={event => {
            event.stopPropagation();
            toggle(row.name);
          }}
        >
          <Eye open={!hidden.has(row.name)} />
          <span
            className="smstudio-Eye-colour"
            style={{ background: colours.get(row.name) }}
          />
        </button>
      )
    },
    {
      id: 'status',
      label: trans.__('Status'),
      render: row => <StatusBadge status={row.status} />
    },
    {
      id: 'experiment',
      label: trans.__('Experiment'),
      render: row => row.experiment ?? <Dash />
    },
    {
      id: 'trial',
      label: trans.__('Trial'),
      render: row => row.trial ?? <Dash />
    },
    {
      id: 'name',
      label: trans.__('Trial component'),
      render: row => <span title={row.name}>{row.display_name}</span>
    },
    { id: 'type', label: trans.__('Type'), render: row => row.type },
    {
      id: 'created',
      label: trans.__('Created on'),
      render: row => <TimeText value={row.created} />
    }
  ];
  const shown = components.length - hidden.size;
  return (
    <div className="smstudio-Components">
      <div className="smstudio-Tools">
        <span className="smstudio-mod-dim" role="status">
          {trans.__(
            '%1 rows selected. Select rows to toggle chart visibility.',
            shown
          )}
          {props.total > components.length &&
            ` ${trans.__('The newest %1 of %2 components.', components.length, props.total)}`}
        </span>
        {brushed && (
          <span role="status">
            {trans.__('%1 chosen in a chart', brushed.size)}{' '}
            <button
              type="button"
              className="smstudio-Link"
              disabled={!brushed.size}
              onClick={() =>
                onHide(
                  new Set(
                    components
                      .map(each => each.name)
                      .filter(name => !brushed.has(name))
                  )
                )
              }
            >
              {trans.__('Show only these')}
            </button>
          </span>
        )}
        {hidden.size > 0 && (
          <button
            type="button"
            className="smstudio-Link"
            onClick={() => onHide(new Set())}
          >
            {trans.__('Show all')}
          </button>
        )}
      </div>
      <Grid<ChartComponent>
        label={trans.__('Trial components of the charts')}
        columns={columns}
        rows={rows}
        rowKey={row => row.name}
        kind={RowData.trialComponent}
        rowClass={row => (hidden.has(row.name) ? 'smstudio-mod-dim' : '')}
        onOpen={row =>
          void commands.execute(CommandIDs.openTrialDetails, {
            name: row.name
          })
        }
        complete
      />
    </div>
  );
}

function Dash(): JSX.Element {
  return <span className="smstudio-mod-dim">—</span>;
}

function Eye(props: { open: boolean }): JSX.Element {
  return (
    <svg
      viewBox="0 0 16 16"
      width="14"
      height="14"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.3"
    >
      <path d="M1 8s2.6-4.6 7-4.6S15 8 15 8s-2.6 4.6-7 4.6S1 8 1 8z" />
      <circle cx="8" cy="8" r="2" fill={props.open ? 'currentColor' : 'none'} />
      {!props.open && <path d="M2.5 13.5l11-11" />}
    </svg>
  );
}
