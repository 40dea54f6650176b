import type { TranslationBundle } from '@jupyterlab/translation';
import type { JSX, ReactNode } from 'react';

import { usePage } from '../../shared/context';
import type { IColumn, IGridProps } from '../../shared/grid';
import { Grid } from '../../shared/grid';
import type { IQuery } from '../../shared/query';
import { EmptyState, Skeleton, StaleBar } from '../../shared/states';
import { StatusBadge } from '../../shared/status';
import { TimeText } from '../../shared/time';
import { FormDialog } from '../../shared/formdialog';

/** A tab of the Domain page: a button that adds something, what there is, and dialogs (its children). */
export function TableTab<T>(
  props: Pick<
    IGridProps<T>,
    'columns' | 'rowKey' | 'kind' | 'data' | 'onOpen'
  > & {
    /** What is listed. */
    label: string;
    /** What comes from a query of its own; null while it loads. */
    rows: T[] | null;
    query?: IQuery<unknown>;
    add: { label: string; title?: string; disabled?: boolean };
    onAdd: () => void;
    /** What stands beside the button. */
    tools?: ReactNode;
    empty: { title: string; text: string };
    children?: ReactNode;
  }
): JSX.Element {
  const { label, rows, query, add, empty } = props;
  return (
    <div className="smstudio-Domain-tab">
      <div className="smstudio-Tools">
        <button
          className="jp-mod-styled jp-mod-accept"
          disabled={add.disabled}
          title={add.title}
          onClick={props.onAdd}
        >
          {add.label}
        </button>
        {props.tools}
      </div>
      {query && <StaleBar query={query} />}
      {!rows ? (
        !query?.error && <Skeleton rows={3} />
      ) : rows.length ? (
        <Grid<T>
          label={label}
          columns={props.columns}
          rows={rows}
          rowKey={props.rowKey}
          kind={props.kind}
          data={props.data}
          onOpen={props.onOpen}
          complete
        />
      ) : (
        <EmptyState title={empty.title}>{empty.text}</EmptyState>
      )}
      {props.children}
    </div>
  );
}

/** Asks before something is deleted, and shows why it cannot be. */
export function DeleteDialog(props: {
  title: string;
  text: string;
  send: () => Promise<unknown>;
  onClose: () => void;
}): JSX.Element {
  const { trans } = usePage();
  return (
    <FormDialog
      title={props.title}
      submit={trans.__('Delete')}
      warn
      onClose={props.onClose}
      send={props.send}
    >
      {() => <p>{props.text}</p>}
    </FormDialog>
  );
}

/** The column "Name". */
export function nameColumn<T extends { name: string }>(
  trans: TranslationBundle
): IColumn<T> {
  return {
    id: 'name',
    label: trans.__('Name'),
    render: row => <span title={row.name}>{row.name}</span>
  };
}

/** The column "Status". */
export function statusColumn<T extends { status: string }>(
  trans: TranslationBundle
): IColumn<T> {
  return {
    id: 'status',
    label: trans.__('Status'),
    slim: true,
    render: row => <StatusBadge status={row.status} />
  };
}

/** The column "Created". */
export function createdColumn<T extends { created: string | null }>(
  trans: TranslationBundle,
  from: IColumn<T>['from']
): IColumn<T> {
  return {
    id: 'created',
    label: trans.__('Created'),
    from,
    render: row => (row.created ? <TimeText value={row.created} /> : null)
  };
}

/** The column "Actions". */
export function actionsColumn<T>(
  trans: TranslationBundle,
  render: (row: T) => ReactNode
): IColumn<T> {
  return {
    id: 'actions',
    label: trans.__('Actions'),
    render: row => (
      <span className="smstudio-Domain-actions">{render(row)}</span>
    )
  };
}

/** The link that asks whether a row shall be deleted. */
export function DeleteLink(props: {
  /** Names the row for screen readers. */
  label: string;
  onClick: () => void;
}): JSX.Element {
  const { trans } = usePage();
  return (
    <button
      className="smstudio-Link"
      aria-label={props.label}
      onClick={props.onClick}
    >
      {trans.__('Delete…')}
    </button>
  );
}
