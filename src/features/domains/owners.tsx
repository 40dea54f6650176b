import type { JSX, ReactNode } from 'react';
import { useState } from 'react';

import { usePage } from '../../shared/context';
import type { IColumn } from '../../shared/grid';
import {
  actionsColumn,
  createdColumn,
  DeleteDialog,
  DeleteLink,
  nameColumn,
  statusColumn,
  TableTab
} from './tab';

interface IOwner {
  name: string;
  status: string;
  created: string | null;
}

/** A tab of what apps belong to, users or spaces: the table, a form for a new one, the question before one is deleted. */
export function OwnersTab<T extends IOwner>(props: {
  /** What is listed. */
  label: string;
  rows: T[];
  kind: string;
  /** Columns of their own, between the status and the time. */
  columns?: IColumn<T>[];
  /** What can be done with one besides deleting it. */
  actions?: (row: T) => ReactNode;
  onOpen?: (row: T) => void;
  /** Of the button that opens the form. */
  add: string;
  form: (close: () => void) => ReactNode;
  empty: { title: string; text: string };
  removal: {
    title: string;
    /** Names the link of one for screen readers. */
    label: (name: string) => string;
    /** What is asked before. */
    text: (name: string) => string;
    send: (name: string) => Promise<unknown>;
  };
  children?: ReactNode;
}): JSX.Element {
  const { trans } = usePage();
  const { removal } = props;
  const [adding, setAdding] = useState(false);
  const [gone, setGone] = useState<string | null>(null);
  const columns: IColumn<T>[] = [
    nameColumn(trans),
    statusColumn(trans),
    ...(props.columns ?? []),
    createdColumn(trans, 'medium'),
    actionsColumn(trans, row => (
      <>
        {props.actions?.(row)}
        <DeleteLink
          label={removal.label(row.name)}
          onClick={() => setGone(row.name)}
        />
      </>
    ))
  ];
  return (
    <TableTab<T>
      label={props.label}
      columns={columns}
      rows={props.rows}
      rowKey={row => row.name}
      kind={props.kind}
      onOpen={props.onOpen}
      add={{ label: props.add }}
      onAdd={() => setAdding(true)}
      empty={props.empty}
    >
      {adding && props.form(() => setAdding(false))}
      {gone && (
        <DeleteDialog
          title={removal.title}
          text={removal.text(gone)}
          onClose={() => setGone(null)}
          send={() => removal.send(gone)}
        />
      )}
      {props.children}
    </TableTab>
  );
}
