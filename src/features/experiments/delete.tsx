import { Notification } from '@jupyterlab/apputils';
import type { JSX } from 'react';
import { useEffect, useRef, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { DeletePlan, DeleteThings } from '../../api/generated';
import { usePage } from '../../shared/context';
import { DialogButtons } from '../../shared/dialogbuttons';
import { Modal } from '../../shared/modal';
import { batches } from '../../shared/selection';
import { ErrorBox, Skeleton } from '../../shared/states';

/** The dialog that lists what a deletion takes with it, then deletes. */
export function DeleteDialog(props: {
  kind: DeleteThings['kind'];
  names: readonly string[];
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { kind, names } = props;
  const [components, setComponents] = useState(true);
  const [plan, setPlan] = useState<DeletePlan | null>(null);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [deleted, setDeleted] = useState<number | null>(null);
  const stopped = useRef(false);
  useEffect(() => {
    const controller = new AbortController();
    setPlan(null);
    readPlan(
      part =>
        studio.api.call('planDeletion', {
          body: { kind, names: part, components },
          signal: controller.signal
        }),
      names
    )
      .then(setPlan)
      .catch(reason => {
        if (!controller.signal.aborted) {
          setFailure(ApiFailure.from(reason));
        }
      });
    return () => controller.abort();
  }, [studio, kind, names, components]);
  const all = plan
    ? plan.experiments.length + plan.trial_count + plan.component_count
    : 0;
  const run = async (): Promise<void> => {
    setFailure(null);
    setDeleted(0);
    let gone = 0;
    for (const part of batches(names)) {
      let finished = false;
      while (!finished && !stopped.current) {
        const answer = await studio.api.call('deleteThings', {
          body: { kind, names: part, components }
        });
        gone += answer.deleted;
        setDeleted(gone);
        finished = answer.finished;
        if (answer.failed.length) {
          const first = answer.failed[0];
          throw new Error(`${first.name}: ${first.message}`);
        }
      }
    }
  };
  const start = (): void => {
    run()
      .then(() => {
        props.onClose();
        if (!stopped.current) {
          Notification.success(trans.__('Deleted.'), { autoClose: 3000 });
        }
      })
      .catch(reason => {
        setFailure(ApiFailure.from(reason));
        setDeleted(null);
      })
      .finally(() => studio.refresh());
  };
  return (
    <Modal title={trans.__('Delete')} onClose={props.onClose}>
      {!plan && !failure && (
        <div role="status" aria-label={trans.__('Loading')}>
          <Skeleton rows={4} />
        </div>
      )}
      {plan && (
        <>
          <p>{trans.__('This is deleted and cannot be brought back:')}</p>
          <ul className="smstudio-Deletion">
            <Names
              title={trans.__('Experiments')}
              names={plan.experiments}
              total={plan.experiments.length}
            />
            <Names
              title={trans.__('Trials')}
              names={plan.trials}
              total={plan.trial_count}
            />
            <Names
              title={trans.__('Trial components')}
              names={plan.components}
              total={plan.component_count}
            />
          </ul>
          {plan.kept_count > 0 && (
            <>
              <p>
                {trans.__('This stays, because other trials have it, too:')}
              </p>
              <ul className="smstudio-Deletion">
                <Names
                  title={trans.__('Trial components')}
                  names={plan.kept}
                  total={plan.kept_count}
                />
              </ul>
            </>
          )}
          {plan.running.length > 0 && (
            <div className="smstudio-Note smstudio-mod-warning">
              {trans.__(
                'Jobs of these components still run and go on: %1',
                plan.running.join(', ')
              )}
            </div>
          )}
          <p className="smstudio-mod-dim">
            {trans.__(
              'Jobs, models, endpoints and files in S3 stay as they are.'
            )}
          </p>
        </>
      )}
      {kind !== 'TrialComponent' && (
        <label className="smstudio-Deletion-choice">
          <input
            type="checkbox"
            checked={components}
            disabled={deleted !== null}
            onChange={event => setComponents(event.target.checked)}
          />{' '}
          {trans.__(
            'Delete the trial components, too; otherwise they become unassigned'
          )}
        </label>
      )}
      {failure && <ErrorBox error={failure} />}
      {deleted !== null && (
        <progress
          aria-label={trans.__('Deleting')}
          max={Math.max(all, 1)}
          value={deleted}
        />
      )}
      <DialogButtons
        warn
        label={trans.__('Delete')}
        busy={deleted !== null}
        disabled={!plan}
        onClose={() => {
          stopped.current = true;
          props.onClose();
        }}
        onAccept={start}
      />
    </Modal>
  );
}

function Names(props: {
  title: string;
  names: string[];
  total: number;
}): JSX.Element | null {
  const { trans } = usePage();
  if (!props.total) {
    return null;
  }
  const more = props.total - props.names.length;
  return (
    <li>
      <strong>
        {props.title} ({props.total})
      </strong>
      <div className="smstudio-Deletion-names" tabIndex={0} dir="auto">
        {props.names.join('\n')}
        {more > 0 && `\n${trans.__('and %1 more', more)}`}
      </div>
    </li>
  );
}

/** The plan of all names; each request carries a part of them. */
async function readPlan(
  ask: (names: string[]) => Promise<DeletePlan>,
  names: readonly string[]
): Promise<DeletePlan> {
  const [first, ...rest] = batches(names);
  const plan = await ask(first);
  for (const part of rest) {
    const next = await ask(part);
    plan.experiments.push(...next.experiments);
    plan.trial_count += next.trial_count;
    plan.component_count += next.component_count;
    plan.kept_count += next.kept_count;
    plan.running.push(...next.running);
  }
  return plan;
}
