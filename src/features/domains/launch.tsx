import type { JSX } from 'react';
import { useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { Domain, PresignedUrl } from '../../api/generated';
import { usePage } from '../../shared/context';
import { DialogButtons, unplaced } from '../../shared/dialogbuttons';
import { Copied } from '../../shared/facts';
import { NumberField } from '../../shared/fields';
import { Modal } from '../../shared/modal';

/** Seconds within which an address can be opened: fewest, most. */
const ADDRESS = [5, 300] as const;
/** Minutes that the user stays signed in: fewest, most. */
const SESSION = [30, 720] as const;

/** Makes an address that opens Studio once as a user, and opens or shows it. */
export function Launch(props: {
  domain: Domain;
  user: string;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { domain, user } = props;
  const [seconds, setSeconds] = useState<number>(ADDRESS[1]);
  const [minutes, setMinutes] = useState<number>(SESSION[1]);
  const [made, setMade] = useState<PresignedUrl | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  const ready = within(seconds, ADDRESS) && within(minutes, SESSION);
  const wrong = (field: string): string | undefined =>
    error?.fields.find(each => each.field === field)?.message;
  const make = (): Promise<PresignedUrl | null> => {
    setError(null);
    return studio.api
      .call('presignDomain', {
        name: domain.id,
        body: {
          user,
          expires_in_seconds: seconds,
          session_seconds: Math.round(minutes * 60)
        }
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
      <NumberField
        name="expires_in_seconds"
        label={trans.__('Seconds until it expires')}
        help={trans.__('From %1 to %2.', ...ADDRESS)}
        error={wrong('expires_in_seconds')}
        min={ADDRESS[0]}
        max={ADDRESS[1]}
        value={seconds}
        onChange={setSeconds}
      />
      <NumberField
        name="session_seconds"
        label={trans.__('Minutes that the user stays signed in')}
        help={trans.__('From %1 to %2.', ...SESSION)}
        error={wrong('session_seconds')}
        min={SESSION[0]}
        max={SESSION[1]}
        value={minutes}
        onChange={setMinutes}
      />
      {made && (
        <p role="status">
          <Copied text={made.url} />
        </p>
      )}
      <DialogButtons
        label={trans.__('Open Studio')}
        leave={trans.__('Close')}
        autoFocus
        disabled={!ready}
        error={unplaced(error)}
        onClose={props.onClose}
        onAccept={() =>
          void make().then(url => {
            if (url) {
              window.open(url.url, '_blank', 'noopener,noreferrer');
              props.onClose();
            }
          })
        }
      >
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject"
          disabled={!ready}
          onClick={() => void make().then(setMade)}
        >
          {trans.__('Create address')}
        </button>
      </DialogButtons>
    </Modal>
  );
}

function within(
  value: number,
  [least, most]: readonly [number, number]
): boolean {
  return value >= least && value <= most;
}
