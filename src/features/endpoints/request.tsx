import type { JSX } from 'react';
import { useEffect, useRef, useState } from 'react';

import type { Endpoint } from '../../api/generated';
import { usePage } from '../../shared/context';
import { Field } from '../../shared/form';
import { bytes } from '../../shared/numbers';
import { exampleRow, jobsBehind } from './example';
import type { IRequest } from './history';

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
export const MOST_BYTES = 6 * 1024 * 1024;

/** Bytes of a body. */
export const sizeOf = (request: IRequest): number =>
  request.body_is_base64
    ? Math.floor((request.body.length * 3) / 4)
    : new Blob([request.body]).size;

/** The fields of a request: its body, its types, who is to answer. */
export function RequestFields(props: {
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
  const length = sizeOf(request);
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
