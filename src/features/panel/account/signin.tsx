import type { JSX } from 'react';
import { useEffect } from 'react';

import { usePage } from '../../../shared/context';
import { Modal } from '../../../shared/modal';
import { ErrorBox } from '../../../shared/states';
import { DeviceView, useDevice } from './device';

/** Signs in to IAM Identity Center for a profile. */
export function SignInDialog(props: {
  profile: string | null;
  onClose: () => void;
}): JSX.Element {
  const { trans } = usePage();
  const { signIn, error, starting, start } = useDevice();
  const begin = (): void => start({ profile: props.profile });
  useEffect(begin, [props.profile]);
  const done = signIn?.status === 'SignedIn';
  return (
    <Modal
      title={trans.__(
        'Sign in to AWS: %1',
        props.profile ?? trans.__('default')
      )}
      onClose={props.onClose}
    >
      {starting && <p role="status">{trans.__('Asking AWS for a code…')}</p>}
      {error && <ErrorBox error={error} onRetry={begin} />}
      {signIn && <DeviceView signIn={signIn} onAgain={begin} />}
      <div className="smstudio-Buttons">
        <button
          type="button"
          className={`jp-mod-styled ${done ? 'jp-mod-accept' : 'jp-mod-reject'}`}
          onClick={props.onClose}
        >
          {done ? trans.__('Close') : trans.__('Cancel')}
        </button>
      </div>
    </Modal>
  );
}
