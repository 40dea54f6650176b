import type { JSX } from 'react';
import { useEffect, useRef, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { ImageBuild } from '../../api/generated';
import { usePage } from '../../shared/context';
import { ErrorBox } from '../../shared/states';

/** Between two looks at the log, in milliseconds; the first ones come faster. */
const PAUSES = [200, 200, 300, 300, 500];
const PAUSE = 1000;

/** Builds an image, showing its log; can be cancelled and tried again. */
export function BuildProgress(props: {
  image: string;
  name: string;
  onBuilt: () => void;
  /** Back to where the image was chosen; the build has ended. */
  onBack: () => void;
  /** The dialog goes, the build goes on. */
  onHide: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { image, onBuilt, onBack } = props;
  const [attempt, setAttempt] = useState(0);
  const [build, setBuild] = useState<ImageBuild | null>(null);
  const [log, setLog] = useState('');
  const [error, setError] = useState<ApiFailure | null>(null);
  const [cancelling, setCancelling] = useState(false);
  const [seconds, setSeconds] = useState(0);
  const pre = useRef<HTMLPreElement>(null);
  const done = useRef(onBuilt);
  done.current = onBuilt;

  useEffect(() => {
    let ended = false;
    let timer = 0;
    let after = 0;
    let looks = 0;
    const began = Date.now();
    setLog('');
    setError(null);
    const take = (answer: ImageBuild): void => {
      if (ended) {
        return;
      }
      setBuild(answer);
      setLog(
        before => (after && answer.next < after ? '' : before) + answer.text
      );
      after = answer.next;
      setSeconds(Math.round((Date.now() - began) / 1000));
      if (answer.state === 'built') {
        done.current();
      } else if (answer.state === 'building') {
        timer = window.setTimeout(look, PAUSES[looks++] ?? PAUSE);
      }
    };
    const fail = (reason: unknown): void => {
      if (!ended) {
        setError(ApiFailure.from(reason));
      }
    };
    const look = (): void => {
      studio.api
        .call('getImageBuild', { name: image, query: { after } })
        .then(take)
        .catch(fail);
    };
    studio.api
      .call('startImageBuild', { name: image })
      .then(answer => take(answer))
      .catch(fail);
    return () => {
      ended = true;
      window.clearTimeout(timer);
    };
  }, [studio, image, attempt]);

  useEffect(() => {
    pre.current?.scrollTo({ top: pre.current.scrollHeight });
  }, [log]);

  const going = !error && (!build || build.state === 'building');
  const cancel = (): void => {
    setCancelling(true);
    studio.api
      .call('cancelImageBuild', { name: image })
      .then(onBack)
      .catch(reason => setError(ApiFailure.from(reason)))
      .finally(() => setCancelling(false));
  };
  return (
    <div className="smstudio-Build">
      <p role="status">
        {going
          ? trans.__('Building the image %1 (once): %2 s', props.name, seconds)
          : trans.__('The image %1 is not built.', props.name)}
      </p>
      {going && <progress aria-label={trans.__('Building')} />}
      {error && <ErrorBox error={error} />}
      {!going && build?.reason && (
        <div className="smstudio-Error" role="alert">
          <div className="smstudio-Error-message">{build.reason}</div>
        </div>
      )}
      <pre ref={pre} tabIndex={0} aria-label={trans.__('Log of the build')}>
        {log || '…'}
      </pre>
      <div className="smstudio-Buttons">
        {going ? (
          <>
            <button
              type="button"
              className="jp-mod-styled jp-mod-reject"
              onClick={props.onHide}
            >
              {trans.__('Continue in the background')}
            </button>
            <button
              type="button"
              className="jp-mod-styled jp-mod-warn"
              disabled={cancelling}
              onClick={cancel}
            >
              {cancelling ? trans.__('Stopping…') : trans.__('Stop building')}
            </button>
          </>
        ) : (
          <>
            <button
              type="button"
              className="jp-mod-styled jp-mod-reject"
              onClick={onBack}
            >
              {trans.__('Back')}
            </button>
            <button
              type="button"
              className="jp-mod-styled jp-mod-accept"
              onClick={() => setAttempt(attempt + 1)}
            >
              {trans.__('Try again')}
            </button>
          </>
        )}
      </div>
    </div>
  );
}
