import type { FormEvent, JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type {
  AsyncInvocation,
  Endpoint,
  Invocation,
  InvokeEndpoint
} from '../../api/generated';
import { usePage } from '../../shared/context';
import { useDraft } from '../../shared/draft';
import { ErrorBox } from '../../shared/states';
import { StatusBadge } from '../../shared/status';
import { InvocationCodeView } from './codeview';
import type { IRequest, ISent } from './history';
import {
  LARGEST_BODY,
  NO_REQUEST,
  readHistory,
  remember,
  writeHistory
} from './history';
import { HistoryView } from './historyview';
import { MOST_BYTES, RequestFields, sizeOf } from './request';
import { AsyncResultView, InvocationView } from './result';

/** The tab "Test inference": a request, its answer, the requests before, and code that sends it. */
export function TestInference(props: { endpoint: Endpoint }): JSX.Element {
  const { studio, trans } = usePage();
  const { endpoint } = props;
  const [request, setRequest] = useDraft<IRequest>(
    `inference:${studio.targetKey}:${endpoint.name}`,
    () => NO_REQUEST
  );
  const [sending, setSending] = useState(false);
  const [result, setResult] = useState<Invocation | null>(null);
  const [queued, setQueued] = useState<AsyncInvocation | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  const [code, setCode] = useState(false);
  const history = useHistory(endpoint.name);
  const asynchronous = endpoint.kind === 'Asynchronous';

  const send = (event: FormEvent): void => {
    event.preventDefault();
    setSending(true);
    setError(null);
    setResult(null);
    setQueued(null);
    const body = bodyOf(request);
    const { name } = endpoint;
    const work = asynchronous
      ? studio.api
          .call('invokeEndpointAsync', { name, body })
          .then(answer => setQueued(answer))
      : studio.api.call('invokeEndpoint', { name, body }).then(answer => {
          setResult(answer);
          history.add(sentOf(request, answer));
        });
    work
      .catch(reason => setError(ApiFailure.from(reason)))
      .finally(() => setSending(false));
  };
  return (
    <>
      <div className="smstudio-Inference">
        <form
          className="smstudio-Form"
          onSubmit={send}
          aria-label={trans.__('Test inference')}
        >
          <RequestFields
            endpoint={endpoint}
            request={request}
            change={part => setRequest(before => ({ ...before, ...part }))}
          />
          <div className="smstudio-Buttons smstudio-mod-start">
            <button
              type="submit"
              className="jp-mod-styled jp-mod-accept"
              disabled={
                sending ||
                !endpoint.can_invoke ||
                !request.body.trim() ||
                (!asynchronous && sizeOf(request) > MOST_BYTES)
              }
            >
              {trans.__('Send Request')}
            </button>
            <button
              type="button"
              className="jp-mod-styled jp-mod-reject"
              aria-expanded={code}
              onClick={() => setCode(!code)}
            >
              {code ? trans.__('Hide the code') : trans.__('Show the code')}
            </button>
          </div>
          {!endpoint.can_invoke && (
            <p className="smstudio-mod-dim">
              {trans.__('Requests can be sent when the endpoint is InService.')}
            </p>
          )}
        </form>
        <section
          className="smstudio-Card"
          aria-label={trans.__('Inference output')}
          aria-live="polite"
        >
          <h2>{trans.__('Inference output')}</h2>
          {error && <ErrorBox error={error} />}
          {sending && (
            <div className="smstudio-Progress">
              <StatusBadge status="Pending" />
              <progress aria-label={trans.__('Waiting for the answer')} />
            </div>
          )}
          {result && <InvocationView result={result} />}
          {queued && (
            <AsyncResultView
              endpoint={endpoint.name}
              queued={queued}
              onAnswer={(status, answer) =>
                history.add({
                  ...sentOf(request, null),
                  status,
                  answer,
                  elapsed_ms: Math.max(
                    0,
                    Date.now() - Date.parse(queued.request_time)
                  )
                })
              }
            />
          )}
          {!error && !sending && !result && !queued && (
            <p className="smstudio-mod-dim">
              {trans.__('The answer of the endpoint appears here.')}
            </p>
          )}
        </section>
      </div>
      {code && (
        <InvocationCodeView
          endpoint={endpoint.name}
          request={bodyOf(request)}
        />
      )}
      <HistoryView
        history={history.items}
        onUse={setRequest}
        onClear={history.clear}
      />
    </>
  );
}

/** The requests that this browser sent to the endpoint. */
function useHistory(name: string): {
  items: ISent[];
  add: (sent: ISent) => void;
  clear: () => void;
} {
  const { studio } = usePage();
  const key = `smstudio-ext:requests:${studio.api.serverSettings.baseUrl}:${studio.targetKey}:${name}`;
  const [items, setItems] = useState<ISent[]>([]);
  useEffect(() => setItems(readHistory(storage(), key)), [key]);
  return {
    items,
    add: sent => {
      // Another tab may have added some.
      const next = remember(readHistory(storage(), key), sent);
      writeHistory(storage(), key, next);
      setItems(next);
    },
    clear: () => {
      writeHistory(storage(), key, []);
      setItems([]);
    }
  };
}

/** The browser's storage; none where it is switched off. */
function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

function bodyOf(request: IRequest): InvokeEndpoint {
  return {
    body: request.body,
    body_is_base64: request.body_is_base64,
    content_type: request.content_type || 'text/csv',
    accept: request.accept || null,
    target_variant: request.target_variant || null,
    target_model: request.target_model || null,
    target_container: request.target_container || null,
    inference_id: request.inference_id || null,
    custom_attributes: request.custom_attributes || null
  };
}

function sentOf(request: IRequest, answer: Invocation | null): ISent {
  return {
    id: `${Date.now()}-${Math.random().toString(36).slice(2, 8)}`,
    time: new Date().toISOString(),
    request,
    bodyKept: request.body.length <= LARGEST_BODY,
    status: answer?.status ?? 'Complete',
    code: answer?.status_code ?? 202,
    elapsed_ms: answer?.elapsed_ms ?? 0,
    variant: answer?.variant ?? null,
    answer: answer?.failure_reason ?? answer?.body ?? ''
  };
}
