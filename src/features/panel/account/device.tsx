import type { JSX } from 'react';
import { useEffect, useRef, useState } from 'react';

import { ApiFailure } from '../../../api/client';
import type { SignIn, StartSignIn } from '../../../api/generated';
import { usePage } from '../../../shared/context';
import { Copied } from '../../../shared/facts';
import { useNow } from '../../../shared/time';
import { left } from './identity';

const LOOK = 1000;

/** One signing in, followed until it ends. */
export interface IDevice {
  signIn: SignIn | null;
  error: ApiFailure | null;
  starting: boolean;
  start: (request: StartSignIn) => void;
  /** Ends it; the server asks no more. */
  cancel: () => void;
}

/** Begins a signing in, and looks how far it is until it ends or the dialog closes. */
export function useDevice(): IDevice {
  const { studio } = usePage();
  const [signIn, setSignIn] = useState<SignIn | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  const [starting, setStarting] = useState(false);
  const latest = useRef<SignIn | null>(null);
  latest.current = signIn;
  const closed = useRef(false);
  const cancel = (): void => {
    const found = latest.current;
    if (found?.status === 'Waiting') {
      // Nobody waits for the answer; the code expires anyway.
      studio.api
        .call('cancelSignIn', { name: found.id })
        .catch(() => undefined);
    }
  };
  useEffect(() => {
    closed.current = false;
    return () => {
      closed.current = true;
      cancel();
    };
  }, []);
  const id = signIn?.status === 'Waiting' ? signIn.id : null;
  useEffect(() => {
    if (!id) {
      return;
    }
    const timer = window.setInterval(() => {
      studio.api
        .call('describeSignIn', { name: id })
        .then(setSignIn)
        .catch(reason => setError(ApiFailure.from(reason)));
    }, LOOK);
    return () => window.clearInterval(timer);
  }, [studio, id]);
  const start = (request: StartSignIn): void => {
    cancel();
    setError(null);
    setSignIn(null);
    setStarting(true);
    studio.api
      .call('startSignIn', { body: request })
      .then(found => {
        latest.current = found;
        if (closed.current) {
          cancel();
        } else {
          setSignIn(found);
        }
      })
      .catch(reason => setError(ApiFailure.from(reason)))
      .finally(() => setStarting(false));
  };
  return { signIn, error, starting, start, cancel };
}

/** The code and the address, while somebody confirms it; then how it ended. */
export function DeviceView(props: {
  signIn: SignIn;
  onAgain: () => void;
}): JSX.Element {
  const { trans } = usePage();
  const { signIn } = props;
  const now = useNow(1000, signIn.status === 'Waiting');
  if (signIn.status === 'SignedIn') {
    return <p role="status">{trans.__('You are signed in.')}</p>;
  }
  if (signIn.status !== 'Waiting') {
    return (
      <div className="smstudio-Error" role="alert">
        <div className="smstudio-Error-message">
          {signIn.status === 'Expired'
            ? trans.__('The code has expired before somebody confirmed it.')
            : signIn.status === 'Denied'
              ? trans.__('The request was refused in the browser.')
              : signIn.status === 'Cancelled'
                ? trans.__('Signing in was cancelled.')
                : signIn.message}
        </div>
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject"
          onClick={props.onAgain}
        >
          {trans.__('Try again')}
        </button>
      </div>
    );
  }
  return (
    <div className="smstudio-Device">
      <p>
        {trans.__(
          'Open the address, check that it shows this code, and allow the access.'
        )}
      </p>
      <output className="smstudio-Device-code">{signIn.user_code}</output>
      <a
        className="smstudio-Device-open"
        href={signIn.verification_uri_complete}
        target="_blank"
        rel="noopener noreferrer"
      >
        {trans.__('Open the sign-in page')}
      </a>
      <Copied text={signIn.verification_uri_complete} />
      <p className="smstudio-mod-dim" role="status">
        {trans.__('Waiting for you to allow it…')}{' '}
        {trans.__(
          'The code is good for %1.',
          left(Date.parse(signIn.expires_at) - now)
        )}
      </p>
      <progress aria-label={trans.__('Waiting for you to allow it…')} />
    </div>
  );
}
