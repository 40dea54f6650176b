import { consoleIcon } from '@jupyterlab/ui-components';
import type { JSX } from 'react';
import { useEffect, useMemo, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type {
  NotebookLifecycleConfig,
  NotebookLifecycleConfigSummary
} from '../../api/generated';
import { RowData } from '../../commands';
import {
  arnColumn,
  createdColumn,
  modifiedColumn,
  nameColumn
} from '../../shared/columns';
import { usePage } from '../../shared/context';
import { DialogButtons } from '../../shared/dialogbuttons';
import { Field } from '../../shared/form';
import type { IColumn } from '../../shared/grid';
import { ListPage, withoutStatus } from '../../shared/listpage';
import { Modal } from '../../shared/modal';
import { Skeleton } from '../../shared/states';
import { Tabs } from '../../shared/tabs';
import { errorsOf, stampedName } from '../../shared/training/form';

const EXAMPLE = '#!/bin/bash\n\nset -e\n';

/** The main-area page "Lifecycle configurations". */
export default function LifecyclesPage(props: {
  /** The configuration that opens first. */
  first: string | null;
}): JSX.Element {
  const { trans } = usePage();
  const [open, setOpen] = useState<string | null>(props.first);
  const columns = useMemo<IColumn<NotebookLifecycleConfigSummary>[]>(
    () => [
      nameColumn(trans),
      createdColumn(trans),
      modifiedColumn(trans),
      arnColumn(trans)
    ],
    [trans]
  );
  return (
    <>
      <ListPage<NotebookLifecycleConfigSummary>
        id="notebook-lifecycles"
        title={trans.__('Lifecycle configurations')}
        icon={consoleIcon}
        kind={RowData.notebookLifecycle}
        statuses={[]}
        columns={columns}
        load={(studio, query, signal) =>
          studio.api.call('listNotebookLifecycleConfigs', {
            query: withoutStatus(query),
            signal
          })
        }
        open={setOpen}
        action={
          <button
            className="jp-mod-styled jp-mod-accept"
            onClick={() => setOpen('')}
          >
            {trans.__('Create configuration')}
          </button>
        }
        emptyTitle={trans.__('No lifecycle configurations')}
        emptyText={trans.__(
          'A lifecycle configuration holds shell scripts that run when a notebook instance is created or started.'
        )}
      />
      {open !== null && (
        <Editor name={open || null} onClose={() => setOpen(null)} />
      )}
    </>
  );
}

/** Writes a new configuration, or shows and changes one. */
function Editor(props: {
  name: string | null;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const [found, setFound] = useState<NotebookLifecycleConfig | null>(null);
  const [name, setName] = useState(
    props.name ?? stampedName('config', new Date())
  );
  const [scripts, setScripts] = useState({ on_create: '', on_start: EXAMPLE });
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [sending, setSending] = useState(false);
  const [sure, setSure] = useState(false);
  useEffect(() => {
    if (props.name) {
      studio.api
        .call('describeNotebookLifecycleConfig', { name: props.name })
        .then(config => {
          setFound(config);
          setScripts({
            on_create: config.on_create,
            on_start: config.on_start
          });
        })
        .catch(reason => setFailure(ApiFailure.from(reason)));
    }
  }, [studio, props.name]);
  const act = (work: Promise<unknown>): void => {
    setSending(true);
    setFailure(null);
    work
      .then(() => {
        studio.refresh();
        props.onClose();
      })
      .catch(reason => setFailure(ApiFailure.from(reason)))
      .finally(() => setSending(false));
  };
  const save = (): void => {
    const body = { name: name.trim(), ...scripts };
    act(
      props.name
        ? studio.api.call('updateNotebookLifecycleConfig', {
            name: props.name,
            body
          })
        : studio.api.call('createNotebookLifecycleConfig', { body })
    );
  };
  const errors = errorsOf(failure?.fields ?? []);
  const script = (
    field: 'on_create' | 'on_start',
    help: string
  ): JSX.Element => (
    <Field
      name={field}
      label={trans.__('Shell script')}
      error={errors[field] ?? null}
      help={help}
    >
      {control => (
        <textarea
          {...control}
          className="jp-mod-styled smstudio-Json"
          rows={14}
          value={scripts[field]}
          spellCheck={false}
          onChange={event =>
            setScripts({ ...scripts, [field]: event.target.value })
          }
        />
      )}
    </Field>
  );
  const used = found?.used_by ?? [];
  return (
    <Modal
      wide
      title={
        props.name
          ? trans.__('Lifecycle configuration %1', props.name)
          : trans.__('Create lifecycle configuration')
      }
      onClose={props.onClose}
    >
      {props.name && !found && !failure ? (
        <Skeleton rows={8} />
      ) : (
        <>
          {!props.name && (
            <Field
              name="name"
              label={trans.__('Name')}
              required
              error={errors.name ?? null}
            >
              {control => (
                <input
                  {...control}
                  type="text"
                  className="jp-mod-styled"
                  value={name}
                  autoFocus
                  spellCheck={false}
                  onChange={event => setName(event.target.value)}
                />
              )}
            </Field>
          )}
          <Tabs
            label={trans.__('Scripts')}
            tabs={[
              {
                id: 'start',
                label: trans.__('Start notebook'),
                content: () =>
                  script(
                    'on_start',
                    trans.__(
                      'Runs each time the instance starts, also after it was created; at most 5 minutes.'
                    )
                  )
              },
              {
                id: 'create',
                label: trans.__('Create notebook'),
                content: () =>
                  script(
                    'on_create',
                    trans.__(
                      'Runs once, when the instance is created; at most 5 minutes.'
                    )
                  )
              }
            ]}
          />
          {used.length > 0 && (
            <p className="smstudio-mod-dim">
              {trans.__('Used by: %1', used.join(', '))}
            </p>
          )}
          {sure && used.length > 0 && (
            <div className="smstudio-Note smstudio-mod-warning" role="alert">
              {trans.__(
                'Instances that use it fail at their next start. Press Delete once more.'
              )}
            </div>
          )}
        </>
      )}
      <DialogButtons
        label={props.name ? trans.__('Save') : trans.__('Create configuration')}
        busy={sending}
        disabled={!!props.name && !found}
        error={failure}
        onClose={props.onClose}
        onAccept={save}
      >
        {found && (
          <button
            type="button"
            className="jp-mod-styled jp-mod-warn"
            disabled={sending}
            onClick={() => {
              if (used.length && !sure) {
                setSure(true);
              } else {
                act(
                  studio.api.call('deleteNotebookLifecycleConfig', {
                    name: found.name
                  })
                );
              }
            }}
          >
            {trans.__('Delete')}
          </button>
        )}
      </DialogButtons>
    </Modal>
  );
}
