import type { JSX } from 'react';
import { useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { Model } from '../../api/generated';
import { usePage } from '../../shared/context';
import { DialogButtons } from '../../shared/dialogbuttons';
import { Modal } from '../../shared/modal';
import { useModelUsers } from './users';

/** So many users of the model are named; the page has them all. */
const NAMED = 5;

/** Asks before a model is deleted, and says what still uses it. */
export function DeleteModel(props: {
  model: Model;
  onClose: () => void;
  onDeleted: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { name } = props.model;
  const users = useModelUsers(name);
  const endpoints = users.endpoints.data?.names ?? [];
  const jobs = users.jobs.data?.names ?? [];
  const used = endpoints.length + jobs.length > 0;
  const looking = users.endpoints.loading || users.jobs.loading;
  const [sure, setSure] = useState(false);
  const [error, setError] = useState<ApiFailure | null>(null);
  const [sending, setSending] = useState(false);
  const some = (names: string[]): string =>
    names.length > NAMED
      ? trans.__(
          '%1 and %2 more',
          names.slice(0, NAMED).join(', '),
          names.length - NAMED
        )
      : names.join(', ');
  const remove = (): void => {
    setSending(true);
    setError(null);
    studio.api
      .call('deleteModel', { name })
      .then(() => {
        studio.refresh();
        props.onDeleted();
      })
      .catch(reason => {
        setError(ApiFailure.from(reason));
        setSending(false);
      });
  };
  return (
    <Modal title={trans.__('Delete model')} onClose={props.onClose}>
      <p>
        {trans.__(
          'The model "%1" is deleted; its artifact in S3 stays. This cannot be undone.',
          name
        )}
      </p>
      {looking && (
        <p className="smstudio-mod-dim" role="status">
          {trans.__('Looking for what uses it…')}
        </p>
      )}
      {used && (
        <div className="smstudio-Note smstudio-mod-warning" role="alert">
          <strong>{trans.__('The model is in use.')}</strong>
          {endpoints.length > 0 && (
            <p>
              {trans.__(
                'These endpoints serve it; to update, scale or restart them may fail: %1',
                some(endpoints)
              )}
            </p>
          )}
          {jobs.length > 0 && (
            <p>
              {trans.__(
                'These batch transform jobs run with it and may fail: %1',
                some(jobs)
              )}
            </p>
          )}
          <label className="smstudio-Choice">
            <input
              type="checkbox"
              checked={sure}
              onChange={event => setSure(event.target.checked)}
            />
            <span>{trans.__('Delete it all the same')}</span>
          </label>
        </div>
      )}
      <DialogButtons
        warn
        label={trans.__('Delete')}
        busyLabel={trans.__('Deleting…')}
        busy={sending}
        disabled={looking || (used && !sure)}
        error={error}
        onClose={props.onClose}
        onAccept={remove}
      />
    </Modal>
  );
}
