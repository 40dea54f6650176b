import type { FormEvent, JSX } from 'react';
import { useEffect, useRef, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type {
  AsyncInvocation,
  Endpoint,
  Invocation,
  InvokeEndpoint
} from '../../api/generated';
import { usePage } from '../../shared/context';
import { useDraft } from '../../shared/draft';
import { Field } from '../../shared/form';
import { bytes } from '../../shared/numbers';
import { ErrorBox } from '../../shared/states';
import { StatusBadge } from '../../shared/status';
import { InvocationCodeView } from './codeview';
import { exampleRow, jobsBehind } from './example';
import type { IRequest, ISent } from './history';
import {
  LARGEST_BODY,
  NO_REQUEST,
  readHistory,
  remember,
  writeHistory
} from './history';
import { HistoryView } from './historyview';
import { AsyncResultView, InvocationView } from './result';

const TYPES = [
  'text/csv',
  'application/json',
  'application/jsonlines',
  'text/libsvm',
  'application/x-recordio-protobuf',
  'application/x-image',
  'text/plain'
];

/** Bytes of a body that an endpoint takes. */
const MOST_BYTES = 6 * 1024 * 1024;

/** Letters and digits of every language need bytes of their own. */
const size = (request: IRequest): number =>
  request.body_is_base64
    ? Math.floor((request.body.length * 3) / 4)
    : new Blob([request.body]).size;

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
                (!asynchronous && size(request) > MOST_BYTES)
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

function RequestFields(props: {
  endpoint: Endpoint;
  request: IRequest;
  change: (part: Partial<IRequest>) => void;
}): JSX.Element {
  const { trans } = usePage();
  const { endpoint, request, change } = props;
  const example = useExample(endpoint);
  const file = useRef<HTMLInputElement>(null);
  const readFile = (chosen: File): void => {
    const reader = new FileReader();
    reader.onload = () => {
      const url = String(reader.result);
      change({
        body: url.slice(url.indexOf(',') + 1),
        body_is_base64: true,
        ...(chosen.type.startsWith('image/')
          ? { content_type: 'application/x-image' }
          : {})
      });
    };
    reader.readAsDataURL(chosen);
  };
  const length = size(request);
  const tooLarge = length > MOST_BYTES && endpoint.kind !== 'Asynchronous';
  return (
    <>
      <Field
        name="body"
        label={trans.__('Request')}
        required
        error={
          tooLarge
            ? trans.__(
                'The request is larger than 6 MiB, the most that an endpoint takes.'
              )
            : null
        }
        help={
          request.body_is_base64
            ? trans.__('A file of %1; it is sent as it is.', bytes(length))
            : request.content_type === 'text/csv'
              ? trans.__(
                  'One line a row, without a header and without the target.'
                )
              : request.content_type === 'application/json'
                ? trans.__('The JSON document that the model expects.')
                : request.content_type === 'application/jsonlines'
                  ? trans.__('One JSON document a line.')
                  : undefined
        }
      >
        {control => (
          <textarea
            {...control}
            className="jp-mod-styled smstudio-Inference-body"
            rows={8}
            // A whole file would make the browser slow.
            value={
              request.body_is_base64
                ? request.body.slice(0, 2000)
                : request.body
            }
            readOnly={request.body_is_base64}
            spellCheck={false}
            data-autofocus
            onChange={event => change({ body: event.target.value })}
          />
        )}
      </Field>
      <div className="smstudio-Links">
        {example && (
          <button
            type="button"
            className="smstudio-Link"
            onClick={() =>
              change({
                content_type: 'text/csv',
                body: example,
                body_is_base64: false
              })
            }
          >
            {trans.__('Use an example row')}
          </button>
        )}
        <button
          type="button"
          className="smstudio-Link"
          onClick={() => file.current?.click()}
        >
          {trans.__('Send a file…')}
        </button>
        {request.body_is_base64 && (
          <button
            type="button"
            className="smstudio-Link"
            onClick={() => change({ body: '', body_is_base64: false })}
          >
            {trans.__('Type a request')}
          </button>
        )}
        <input
          ref={file}
          type="file"
          hidden
          aria-label={trans.__('File to send')}
          onChange={event => {
            const chosen = event.target.files?.[0];
            if (chosen) {
              readFile(chosen);
            }
            event.target.value = '';
          }}
        />
      </div>
      <div className="smstudio-Form-row">
        <TypeField
          name="content_type"
          label={trans.__('Content type')}
          value={request.content_type}
          onChange={content_type => change({ content_type })}
        />
        <TypeField
          name="accept"
          label={trans.__('Accept')}
          value={request.accept}
          none={trans.__("the model's choice")}
          onChange={accept => change({ accept })}
        />
      </div>
      <Targets {...props} />
    </>
  );
}

/** Which variant, model or container is to answer, and what is told with the request. */
function Targets(props: {
  endpoint: Endpoint;
  request: IRequest;
  change: (part: Partial<IRequest>) => void;
}): JSX.Element {
  const { trans } = usePage();
  const { endpoint, request, change } = props;
  const variants = endpoint.variants.filter(each => !each.shadow);
  const containers = [
    ...new Set(
      variants
        .filter(each => each.direct)
        .flatMap(each => each.containers.map(container => container.hostname))
        .filter(hostname => hostname !== null)
    )
  ];
  const asynchronous = endpoint.kind === 'Asynchronous';
  const choice = (
    name: 'target_variant' | 'target_container',
    label: string,
    none: string,
    values: string[]
  ): JSX.Element => (
    <Field name={name} label={label}>
      {control => (
        <select
          {...control}
          className="jp-mod-styled"
          value={request[name]}
          onChange={event => change({ [name]: event.target.value })}
        >
          <option value="">{none}</option>
          {values.map(each => (
            <option key={each}>{each}</option>
          ))}
        </select>
      )}
    </Field>
  );
  const text = (
    name: 'target_model' | 'inference_id' | 'custom_attributes',
    label: string,
    help?: string
  ): JSX.Element => (
    <Field name={name} label={label} help={help}>
      {control => (
        <input
          {...control}
          type="text"
          className="jp-mod-styled"
          value={request[name]}
          spellCheck={false}
          onChange={event => change({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <>
      {!asynchronous && (
        <div className="smstudio-Form-row">
          {variants.length > 1 &&
            choice(
              'target_variant',
              trans.__('Variant'),
              trans.__('by weight'),
              variants.map(each => each.name)
            )}
          {containers.length > 0 &&
            choice(
              'target_container',
              trans.__('Container'),
              trans.__('choose one'),
              containers
            )}
          {variants.some(each => each.multi_model) &&
            text(
              'target_model',
              trans.__('Model'),
              trans.__('File below the model data, e.g. %1', 'model-1.tar.gz')
            )}
        </div>
      )}
      <details className="smstudio-Details">
        <summary>{trans.__('More')}</summary>
        <div className="smstudio-Form-row">
          {text(
            'inference_id',
            trans.__('Inference ID'),
            trans.__(
              'Stands in captured data, to join it with the truth later.'
            )
          )}
          {text('custom_attributes', trans.__('Custom attributes'))}
        </div>
      </details>
    </>
  );
}

function TypeField(props: {
  name: string;
  label: string;
  value: string;
  none?: string;
  onChange: (type: string) => void;
}): JSX.Element {
  const { trans } = usePage();
  const { value, none } = props;
  const known = TYPES.includes(value) || (none !== undefined && !value);
  const [own, setOwn] = useState(!known);
  return (
    <Field name={props.name} label={props.label}>
      {control =>
        own ? (
          <input
            {...control}
            type="text"
            className="jp-mod-styled"
            value={value}
            spellCheck={false}
            autoFocus={!value}
            onChange={event => props.onChange(event.target.value)}
            onBlur={() => setOwn(!!value && !TYPES.includes(value))}
          />
        ) : (
          <select
            {...control}
            className="jp-mod-styled"
            value={value}
            onChange={event => {
              if (event.target.value === 'other') {
                setOwn(true);
                props.onChange('');
              } else {
                props.onChange(event.target.value);
              }
            }}
          >
            {none !== undefined && <option value="">{none}</option>}
            {none === undefined && !value && <option value="" />}
            {!known && value && <option>{value}</option>}
            {TYPES.map(type => (
              <option key={type}>{type}</option>
            ))}
            <option value="other">{trans.__('other…')}</option>
          </select>
        )
      }
    </Field>
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

/** An example row, when the endpoint serves a model of an Autopilot job whose data can be read. */
function useExample(endpoint: Endpoint): string | null {
  const { studio } = usePage();
  const [example, setExample] = useState<string | null>(null);
  const jobs = jobsBehind(endpoint).join('\n');
  useEffect(() => {
    const controller = new AbortController();
    const find = async (): Promise<void> => {
      for (const name of jobs.split('\n').filter(Boolean)) {
        const job = await studio.api.call('describeAutoMLJob', {
          name,
          signal: controller.signal
        });
        const preview = await studio.api.call('previewData', {
          body: { source: job.inputs[0].s3_uri, sample_rows: 1 },
          signal: controller.signal
        });
        const row = exampleRow(preview, job.target);
        if (row && !controller.signal.aborted) {
          setExample(row);
          return;
        }
      }
    };
    // Only a convenience: without the job or its data there is no example.
    find().catch(() => undefined);
    return () => controller.abort();
  }, [studio, jobs]);
  return example;
}
