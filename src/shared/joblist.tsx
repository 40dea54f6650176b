import type { ComponentProps, JSX } from 'react';

import { usePage } from './context';
import type { IRow } from './listpage';
import { ListPage } from './listpage';

const STATUSES = ['InProgress', 'Completed', 'Failed', 'Stopping', 'Stopped'];

/** A main-area page that lists jobs of one kind. */
export function JobListPage<T extends IRow>(
  props: Omit<
    ComponentProps<typeof ListPage<T>>,
    'statuses' | 'open' | 'action' | 'emptyText'
  > & {
    /** Command that opens a job. */
    open: string;
    /** Command that opens the form of a new one, and what it is called here. */
    create: string;
    createLabel: string;
    emptyText: string;
  }
): JSX.Element {
  const { commands } = usePage();
  const button = (
    <button
      className="jp-mod-styled jp-mod-accept"
      onClick={() => void commands.execute(props.create)}
    >
      {props.createLabel}
    </button>
  );
  return (
    <ListPage<T>
      {...props}
      statuses={STATUSES}
      open={name => void commands.execute(props.open, { name })}
      action={button}
      emptyText={
        <>
          <p>{props.emptyText}</p>
          {button}
        </>
      }
    />
  );
}
