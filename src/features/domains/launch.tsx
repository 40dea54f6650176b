import type { JSX } from 'react';
import { useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { Domain, PresignedUrl } from '../../api/generated';
import { usePage } from '../../shared/context';
import { Copied } from '../../shared/facts';
import { Field } from '../../shared/form';
import { Modal } from '../../shared/modal';
import { ErrorBox } from '../../shared/states';

const SHORTEST = 5;
const LONGEST = 300;

/** Makes an address that opens Studio once as a user, and opens or shows it. */
export function Launch(props: {
  domain: Domain;
  user: string;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { domain, user } = props;
  const [seconds, setSeconds] = useState(LONGEST);
  const [made, setMade] = useState<PresignedUrl | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  const make = (): Promise<PresignedUrl | null> => {
    setError(null);
    return studio.api
      .call('presignDomain', {
        name: domain.id,
        body: { user, expires_in_seconds: seconds }
      })
      .catch(reason => {
        setError(ApiFailure.from(reason));
        return null;
      });
  };
  return (
    <Modal title={trans.__('Open Studio as %1', user)} onClose={props.onClose}>
      <p>
        {trans.__(
          'A presigned address signs the user in. It opens once, within its time.'
        )}
      </p>
      <Field
        name="expires_in_seconds"
        label={trans.__('Seconds until it expires')}
        help={trans.__('From %1 to %2.', SHORTEST, LONGEST)}
      >
        {control => (
          <input
            {...control}
            type="number"
            className="jp-mod-styled smstudio-mod-short"
            min={SHORTEST}
            max={LONGEST}
            value={seconds}
            onChange={event => setSeconds(Number(event.target.value))}
          />
        )}
      </Field>
      {made && (
        <p role="status">
          <Copied text={made.url} />
        </p>
      )}
      {error && <ErrorBox error={error} />}
      <div className="smstudio-Buttons">
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject"
          onClick={props.onClose}
        >
          {trans.__('Close')}
        </button>
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject"
          onClick={() => void make().then(setMade)}
        >
          {trans.__('Create address')}
        </button>
        <button
          type="button"
          className="jp-mod-styled jp-mod-accept"
          autoFocus
          onClick={() =>
            void make().then(url => {
              if (url) {
                window.open(url.url, '_blank', 'noopener,noreferrer');
                props.onClose();
              }
            })
          }
        >
          {trans.__('Open Studio')}
        </button>
      </div>
    </Modal>
  );
}
