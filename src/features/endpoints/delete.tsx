import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { Deletion, Endpoint } from '../../api/generated';
import { usePage } from '../../shared/context';
import { DialogButtons } from '../../shared/dialogbuttons';
import { Modal } from '../../shared/modal';
import { Skeleton } from '../../shared/states';

/** Asks before an endpoint is deleted, and says what goes with it. */
export function DeleteForm(props: {
  endpoint: Endpoint;
  onClose: () => void;
  onDeleted: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { name } = props.endpoint;
  const [all, setAll] = useState(true);
  const [plan, setPlan] = useState<Deletion | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  const [sending, setSending] = useState(false);
  useEffect(() => {
    setPlan(null);
    setError(null);
    studio.api
      .call('deleteEndpoint', {
        name,
        query: { config: all, models: all, dry_run: true }
      })
      .then(setPlan)
      .catch(reason => setError(ApiFailure.from(reason)));
  }, [studio, name, all]);
  const remove = (): void => {
    setSending(true);
    setError(null);
    studio.api
      .call('deleteEndpoint', {
        name,
        query: { config: all, models: all, dry_run: false }
      })
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
    <Modal title={trans.__('Delete endpoint')} onClose={props.onClose}>
      <p>
        {trans.__(
          'Programs that call the endpoint "%1" will fail from now on. This cannot be undone.',
          name
        )}
      </p>
      <label className="smstudio-Choice">
        <input
          type="checkbox"
          checked={all}
          onChange={event => setAll(event.target.checked)}
        />
        <span>
          {trans.__('Also delete its endpoint configuration and models')}
          <span className="smstudio-Field-help">
            {trans.__('Model files in S3 and the experiment stay.')}
          </span>
        </span>
      </label>
      {plan ? (
        <ul className="smstudio-Plan" aria-label={trans.__('What is deleted')}>
          <li>{trans.__('Endpoint %1', plan.endpoint)}</li>
          {plan.config && (
            <li>{trans.__('Endpoint configuration %1', plan.config)}</li>
          )}
          {plan.models.map(model => (
            <li key={model}>{trans.__('Model %1', model)}</li>
          ))}
          {plan.kept.map(text => (
            <li key={text} className="smstudio-mod-dim">
              {trans.__('Stays: %1', text)}
            </li>
          ))}
        </ul>
      ) : (
        !error && <Skeleton rows={2} />
      )}
      <DialogButtons
        warn
        label={trans.__('Delete')}
        busyLabel={trans.__('Deleting…')}
        busy={sending}
        error={error}
        onClose={props.onClose}
        onAccept={remove}
      />
    </Modal>
  );
}
