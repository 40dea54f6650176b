import type { JSX } from 'react';
import { Fragment, useState } from 'react';

import type {
  CapturedData,
  CapturedPart,
  CaptureRecord,
  Endpoint
} from '../../api/generated';
import { usePage } from '../../shared/context';
import { Facts } from '../../shared/facts';
import { bytes } from '../../shared/numbers';
import { useQuery } from '../../shared/query';
import { S3Uri } from '../../shared/s3uri';
import { EmptyState, ErrorBox, Skeleton, StaleNote } from '../../shared/states';
import { TimeText } from '../../shared/time';
import { AnswerView } from './answerview';

/** The tab "Data capture": where requests and answers are written, and the newest of them. */
export function Capture(props: {
  endpoint: Endpoint;
  /** Opens the form that changes it. */
  onChange: () => void;
}): JSX.Element {
  const { trans } = usePage();
  const { endpoint } = props;
  const { capture, name } = endpoint;
  const [variant, setVariant] = useState('');
  const query = useQuery<CapturedData>(
    `endpoint-capture:${name}:${variant}`,
    (studio, signal) =>
      studio.api.call('getCapturedData', {
        name,
        query: { variant: variant || null },
        signal
      }),
    {
      concerns: change => change.kind === 'Endpoint' && change.name === name,
      busy: () => capture.enabled
    }
  );
  const { data } = query;
  const change = (
    <button
      type="button"
      className="jp-mod-styled jp-mod-reject"
      disabled={!endpoint.can_update}
      onClick={props.onChange}
    >
      {capture.enabled
        ? trans.__('Change data capture…')
        : trans.__('Turn on data capture…')}
    </button>
  );
  return (
    <div className="smstudio-Profile">
      {capture.enabled || data?.prefix ? (
        <>
          <Facts
            items={[
              [
                trans.__('Data capture'),
                capture.enabled ? trans.__('On') : trans.__('Off')
              ],
              [
                trans.__('Sampling'),
                capture.sampling_percentage === null
                  ? null
                  : trans.__('%1 % of requests', capture.sampling_percentage)
              ],
              [trans.__('Captured'), capture.modes.join(', ')],
              [
                trans.__('Destination'),
                data?.prefix ? (
                  <S3Uri key="s3" uri={data.prefix} />
                ) : (
                  capture.destination_s3_uri
                )
              ]
            ]}
          />
          <div className="smstudio-Buttons smstudio-mod-start">{change}</div>
        </>
      ) : (
        !query.loading && (
          <EmptyState title={trans.__('Data capture is off')}>
            <p>
              {trans.__(
                'Data capture writes samples of requests and answers to S3, for monitoring and for training again.'
              )}
            </p>
            {change}
          </EmptyState>
        )
      )}
      {query.loading && <Skeleton rows={5} />}
      {query.error &&
        (data ? (
          <StaleNote
            error={query.error}
            updated={query.updated}
            onRetry={query.refresh}
          />
        ) : (
          <ErrorBox error={query.error} onRetry={query.refresh} />
        ))}
      {data?.prefix && (
        <Captured
          data={data}
          variant={variant}
          onVariant={setVariant}
          enabled={capture.enabled}
        />
      )}
    </div>
  );
}

function Captured(props: {
  data: CapturedData;
  variant: string;
  onVariant: (variant: string) => void;
  enabled: boolean;
}): JSX.Element {
  const { trans } = usePage();
  const { data } = props;
  return (
    <>
      <h2>{trans.__('Newest records')}</h2>
      {data.variants.length > 1 && (
        <div className="smstudio-Tools">
          <label>
            {trans.__('Variant')}{' '}
            <select
              className="jp-mod-styled"
              value={props.variant}
              onChange={event => props.onVariant(event.target.value)}
            >
              <option value="">{trans.__('all')}</option>
              {data.variants.map(each => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
        </div>
      )}
      {data.records.length ? (
        <Records records={data.records} />
      ) : (
        <p className="smstudio-mod-dim">
          {props.enabled
            ? trans.__(
                'Nothing was captured yet; records come some seconds after a request.'
              )
            : trans.__('Nothing was captured.')}
        </p>
      )}
      {data.unread > 0 && (
        <p className="smstudio-mod-dim">
          {trans.__(
            '%1 lines in the files are no records and are left out.',
            data.unread
          )}
        </p>
      )}
      {data.files.length > 0 && (
        <>
          <h2>{trans.__('Newest files')}</h2>
          <div className="smstudio-Scroll">
            <table
              className="smstudio-Table"
              aria-label={trans.__('Newest files')}
            >
              <thead>
                <tr>
                  <th scope="col">{trans.__('File')}</th>
                  <th scope="col" className="smstudio-mod-numeric">
                    {trans.__('Size')}
                  </th>
                  <th scope="col">{trans.__('Last modified')}</th>
                </tr>
              </thead>
              <tbody>
                {data.files.map(file => (
                  <tr key={file.s3_uri}>
                    <td>
                      <S3Uri uri={file.s3_uri} object />
                    </td>
                    <td className="smstudio-mod-numeric">{bytes(file.size)}</td>
                    <td>
                      <TimeText value={file.modified} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </>
  );
}

function Records(props: { records: CaptureRecord[] }): JSX.Element {
  const { trans } = usePage();
  const [open, setOpen] = useState<string | null>(null);
  return (
    <div className="smstudio-Scroll">
      <table
        className="smstudio-Table smstudio-Records"
        aria-label={trans.__('Newest records')}
      >
        <thead>
          <tr>
            <th scope="col">{trans.__('Time')}</th>
            <th scope="col">{trans.__('Variant')}</th>
            <th scope="col">{trans.__('Request')}</th>
            <th scope="col">{trans.__('Answer')}</th>
          </tr>
        </thead>
        <tbody>
          {props.records.map(record => (
            <Fragment key={record.event_id}>
              <tr>
                <td>
                  <button
                    type="button"
                    className="smstudio-Link"
                    aria-expanded={open === record.event_id}
                    onClick={() =>
                      setOpen(open === record.event_id ? null : record.event_id)
                    }
                  >
                    <TimeText value={record.time} />
                  </button>
                </td>
                <td>{record.variant}</td>
                <td>
                  <Snippet part={record.input} />
                </td>
                <td>
                  <Snippet part={record.output} />
                </td>
              </tr>
              {open === record.event_id && (
                <tr>
                  <td colSpan={4}>
                    <Record record={record} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Record(props: { record: CaptureRecord }): JSX.Element {
  const { trans } = usePage();
  const { record } = props;
  const part = (label: string, each: CapturedPart | null): JSX.Element => (
    <>
      <h3>
        {label}{' '}
        <span className="smstudio-mod-dim">{each?.content_type ?? ''}</span>
      </h3>
      {each ? (
        <AnswerView
          label={label}
          body={each.data}
          isBase64={each.is_base64}
          contentType={each.truncated ? null : each.content_type}
        />
      ) : (
        <p className="smstudio-mod-dim">{trans.__('Not captured.')}</p>
      )}
      {each?.truncated && (
        <p className="smstudio-mod-dim">
          {trans.__('Cut off here; the file has all of it.')}
        </p>
      )}
    </>
  );
  return (
    <div className="smstudio-Record">
      {part(trans.__('Request'), record.input)}
      {part(trans.__('Answer'), record.output)}
      <Facts
        items={[
          [trans.__('Event ID'), record.event_id],
          [trans.__('Inference ID'), record.inference_id],
          [trans.__('Custom attributes'), record.custom_attributes],
          [trans.__('File'), <S3Uri key="file" uri={record.file} object />]
        ]}
      />
    </div>
  );
}

function Snippet(props: { part: CapturedPart | null }): JSX.Element {
  const text = props.part?.data.trim() ?? '';
  return text ? (
    <code className="smstudio-Snippet">{text.slice(0, 160)}</code>
  ) : (
    <span className="smstudio-mod-dim">—</span>
  );
}
