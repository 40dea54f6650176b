import type { FormEvent, JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { Endpoint, Invocation } from '../../api/generated';
import { usePage } from '../../shared/context';
import { Field } from '../../shared/form';
import { ErrorBox } from '../../shared/states';
import { StatusBadge } from '../../shared/status';
import { TimeText } from '../../shared/time';
import { exampleRow, jobsBehind } from './example';

const TYPES = ['text/csv', 'application/json', 'application/jsonlines'];

/** The panel "Test inference". */
export function TestInference(props: { endpoint: Endpoint }): JSX.Element {
  const { studio, trans } = usePage();
  const { endpoint } = props;
  const [body, setBody] = useState('');
  const [contentType, setContentType] = useState(TYPES[0]);
  const [accept, setAccept] = useState('');
  const [variant, setVariant] = useState('');
  const [sending, setSending] = useState(false);
  const [result, setResult] = useState<Invocation | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  const example = useExample(endpoint);

  const send = (event: FormEvent): void => {
    event.preventDefault();
    setSending(true);
    setError(null);
    setResult(null);
    studio.api
      .call('invokeEndpoint', {
        name: endpoint.name,
        body: {
          body,
          content_type: contentType,
          accept: accept || null,
          target_variant: variant || null
        }
      })
      .then(setResult)
      .catch(reason => setError(ApiFailure.from(reason)))
      .finally(() => setSending(false));
  };
  return (
    <div className="smstudio-Inference">
      <form
        className="smstudio-Form"
        onSubmit={send}
        aria-label={trans.__('Test inference')}
      >
        <Field
          name="body"
          label={trans.__('Request')}
          required
          help={
            contentType === 'text/csv'
              ? trans.__(
                  'One line a row, without a header and without the target.'
                )
              : contentType === 'application/json'
                ? trans.__('The JSON document that the model expects.')
                : trans.__('One JSON document a line.')
          }
        >
          {control => (
            <textarea
              {...control}
              className="jp-mod-styled smstudio-Inference-body"
              rows={8}
              value={body}
              spellCheck={false}
              data-autofocus
              onChange={event => setBody(event.target.value)}
            />
          )}
        </Field>
        {example && (
          <button
            type="button"
            className="smstudio-Link"
            onClick={() => {
              setContentType('text/csv');
              setBody(example);
            }}
          >
            {trans.__('Use an example row')}
          </button>
        )}
        <div className="smstudio-Form-row">
          <Field name="content_type" label={trans.__('Content type')}>
            {control => (
              <select
                {...control}
                className="jp-mod-styled"
                value={contentType}
                onChange={event => setContentType(event.target.value)}
              >
                {TYPES.map(type => (
                  <option key={type}>{type}</option>
                ))}
              </select>
            )}
          </Field>
          <Field name="accept" label={trans.__('Accept')}>
            {control => (
              <select
                {...control}
                className="jp-mod-styled"
                value={accept}
                onChange={event => setAccept(event.target.value)}
              >
                <option value="">{trans.__("the model's choice")}</option>
                {TYPES.map(type => (
                  <option key={type}>{type}</option>
                ))}
              </select>
            )}
          </Field>
          {endpoint.variants.length > 1 && (
            <Field name="target_variant" label={trans.__('Variant')}>
              {control => (
                <select
                  {...control}
                  className="jp-mod-styled"
                  value={variant}
                  onChange={event => setVariant(event.target.value)}
                >
                  <option value="">{trans.__('by weight')}</option>
                  {endpoint.variants.map(each => (
                    <option key={each.name}>{each.name}</option>
                  ))}
                </select>
              )}
            </Field>
          )}
        </div>
        <div className="smstudio-Buttons">
          <button
            type="submit"
            className="jp-mod-styled jp-mod-accept"
            disabled={sending || !endpoint.can_invoke || !body.trim()}
          >
            {trans.__('Send Request')}
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
        {result && <Result result={result} />}
        {!error && !sending && !result && (
          <p className="smstudio-mod-dim">
            {trans.__('The answer of the endpoint appears here.')}
          </p>
        )}
      </section>
    </div>
  );
}

function Result(props: { result: Invocation }): JSX.Element {
  const { trans } = usePage();
  const { result } = props;
  const failed = result.status === 'Failed';
  return (
    <>
      <dl className="smstudio-Facts">
        <div className="smstudio-Facts-row">
          <dt>{trans.__('Status')}</dt>
          <dd>
            <StatusBadge
              status={result.status}
              detail={String(result.status_code)}
            />
          </dd>
        </div>
        <div className="smstudio-Facts-row">
          <dt>{trans.__('Execution Length (ms)')}</dt>
          <dd>{result.elapsed_ms.toFixed(1)}</dd>
        </div>
        <div className="smstudio-Facts-row">
          <dt>{trans.__('Request Time')}</dt>
          <dd>
            <TimeText value={result.request_time} />
          </dd>
        </div>
        <div className="smstudio-Facts-row">
          <dt>{trans.__('Result Time')}</dt>
          <dd>
            <TimeText value={result.result_time} />
          </dd>
        </div>
        {result.variant && (
          <div className="smstudio-Facts-row">
            <dt>{trans.__('Variant')}</dt>
            <dd>{result.variant}</dd>
          </div>
        )}
      </dl>
      {failed && (
        <details className="smstudio-Fold" open>
          <summary>{trans.__('Failure Reason')}</summary>
          <pre className="smstudio-Output">{result.failure_reason}</pre>
        </details>
      )}
      {result.body && (
        <pre
          className="smstudio-Output"
          aria-label={trans.__('Body of the answer')}
          tabIndex={0}
        >
          {result.body_is_base64
            ? trans.__('%1 (base64)', result.body)
            : pretty(result.body, result.content_type)}
        </pre>
      )}
    </>
  );
}

/** JSON with indents; everything else as it came. */
function pretty(text: string, type: string | null): string {
  if (type?.startsWith('application/json')) {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  }
  return text;
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
