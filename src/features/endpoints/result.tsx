import type { JSX } from 'react';
import { useEffect, useRef, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type {
  AsyncInvocation,
  AsyncResult,
  Invocation
} from '../../api/generated';
import { usePage } from '../../shared/context';
import { Facts } from '../../shared/facts';
import { S3Uri } from '../../shared/s3uri';
import { ErrorBox } from '../../shared/states';
import { StatusBadge } from '../../shared/status';
import { TimeText } from '../../shared/time';
import { AnswerView } from './answerview';

/** How often the answer of an asynchronous endpoint is looked for, in milliseconds. */
const PACE = 1000;

/** How an invocation ended, what came back, how long it took. */
export function InvocationView(props: { result: Invocation }): JSX.Element {
  const { trans } = usePage();
  const { result } = props;
  return (
    <>
      <Facts
        items={[
          [
            trans.__('Status'),
            <StatusBadge
              key="status"
              status={result.status}
              detail={String(result.status_code)}
            />
          ],
          [trans.__('Execution Length (ms)'), result.elapsed_ms.toFixed(1)],
          [
            trans.__('Request Time'),
            <TimeText key="asked" value={result.request_time} />
          ],
          [
            trans.__('Result Time'),
            <TimeText key="answered" value={result.result_time} />
          ],
          [trans.__('Variant'), result.variant],
          [trans.__('Content type'), result.content_type],
          [trans.__('Custom attributes'), result.custom_attributes]
        ]}
      />
      {result.status === 'Failed' && (
        <Failure reason={result.failure_reason} code={result.status_code} />
      )}
      {result.body && !result.failure_reason?.includes(result.body) && (
        <AnswerView
          label={trans.__('Body of the answer')}
          body={result.body}
          isBase64={result.body_is_base64}
          contentType={result.content_type}
        />
      )}
    </>
  );
}

/** The answer of an asynchronous endpoint, waited for. */
export function AsyncResultView(props: {
  endpoint: string;
  queued: AsyncInvocation;
  onAnswer: (status: 'Complete' | 'Failed', answer: string) => void;
}): JSX.Element {
  const { studio, trans, visible } = usePage();
  const { queued, endpoint } = props;
  const [result, setResult] = useState<AsyncResult | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  const { onAnswer } = props;
  const told = useRef(onAnswer);
  told.current = onAnswer;
  const done = result !== null && result.status !== 'Pending';
  useEffect(() => {
    if (done || error || !visible) {
      return;
    }
    const controller = new AbortController();
    let timer = 0;
    const look = (): void => {
      studio.api
        .call('getAsyncResult', {
          name: endpoint,
          query: {
            output_s3_uri: queued.output_s3_uri,
            failure_s3_uri: queued.failure_s3_uri
          },
          signal: controller.signal
        })
        .then(answer => {
          setResult(answer);
          if (answer.status === 'Pending') {
            timer = window.setTimeout(look, PACE);
          } else {
            told.current(answer.status, answer.body);
          }
        })
        .catch(reason => {
          if (!controller.signal.aborted) {
            setError(ApiFailure.from(reason));
          }
        });
    };
    look();
    return () => {
      window.clearTimeout(timer);
      controller.abort();
    };
  }, [studio, endpoint, queued, done, error, visible]);
  return (
    <>
      <Facts
        items={[
          [
            trans.__('Status'),
            <StatusBadge key="status" status={result?.status ?? 'Pending'} />
          ],
          [
            trans.__('Request Time'),
            <TimeText key="asked" value={queued.request_time} />
          ],
          [
            trans.__('Result Time'),
            result?.result_time && (
              <TimeText key="answered" value={result.result_time} />
            )
          ],
          [
            trans.__('Request'),
            <S3Uri key="in" uri={queued.input_s3_uri} object />
          ],
          [
            trans.__('Answer'),
            <S3Uri key="out" uri={queued.output_s3_uri} object={done} />
          ]
        ]}
      />
      {error && <ErrorBox error={error} onRetry={() => setError(null)} />}
      {!done && !error && (
        <>
          <progress aria-label={trans.__('Waiting for the answer')} />
          {!queued.failure_s3_uri && (
            <p className="smstudio-mod-dim">
              {trans.__(
                'The endpoint has no S3FailurePath: if the request fails, only its log says so.'
              )}
            </p>
          )}
        </>
      )}
      {result?.status === 'Failed' && (
        <Failure reason={result.failure_reason} code={null} />
      )}
      {result?.status === 'Complete' && (
        <AnswerView
          label={trans.__('Body of the answer')}
          body={result.body}
          isBase64={result.body_is_base64}
          contentType={result.content_type}
        />
      )}
    </>
  );
}

function Failure(props: {
  reason: string | null;
  code: number | null;
}): JSX.Element {
  const { trans } = usePage();
  return (
    <details className="smstudio-Details" open>
      <summary>
        {trans.__('Failure Reason')}
        {props.code !== null && ` (${props.code})`}
      </summary>
      <pre className="smstudio-Output" tabIndex={0}>
        {props.reason}
      </pre>
    </details>
  );
}
