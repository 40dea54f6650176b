import { downloadIcon } from '@jupyterlab/ui-components';
import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type {
  ObjectStart,
  TransformJob,
  TransformOutputObject
} from '../../api/generated';
import { usePage } from '../../shared/context';
import { useList } from '../../shared/list';
import { bytes } from '../../shared/numbers';
import { S3Uri } from '../../shared/s3uri';
import { EmptyState, ErrorBox, Skeleton, StaleNote } from '../../shared/states';
import { TimeText } from '../../shared/time';

/** A row of the list of outputs, as lists know rows. */
type Row = TransformOutputObject & { status: string };

/** The tab "Outputs": what the job wrote, and how each file begins. */
export function Outputs(props: {
  job: TransformJob;
  running: boolean;
}): JSX.Element {
  const { trans } = usePage();
  const { job, running } = props;
  const [chosen, setChosen] = useState<string | null>(null);
  const list = useList<Row>(`transform-outputs:${job.name}:${job.status}`, {
    // Files tell nobody that they were written; the job's state is in the key.
    kind: '',
    busy: () => running,
    load: async (studio, token, signal) => {
      const page = await studio.api.call('listTransformOutputs', {
        name: job.name,
        query: { next_token: token, max_results: 100 },
        signal
      });
      return {
        next_token: page.next_token,
        items: page.items.map(each => ({ ...each, status: '' }))
      };
    }
  });
  const shown = list.rows.find(each => each.name === chosen) ?? list.rows[0];
  return (
    <div className="smstudio-Profile">
      <p className="smstudio-Header-text">
        {job.output_s3_uri && <S3Uri uri={job.output_s3_uri} />}
      </p>
      {list.error && list.rows.length > 0 && (
        <StaleNote
          error={list.error}
          updated={list.updated}
          onRetry={list.refresh}
        />
      )}
      {list.loading ? (
        <Skeleton rows={3} />
      ) : list.error && !list.rows.length ? (
        <ErrorBox error={list.error} onRetry={list.refresh} />
      ) : !list.rows.length && list.complete ? (
        <EmptyState
          title={
            running
              ? trans.__('The job has not written a file yet.')
              : trans.__('The job has written nothing.')
          }
        />
      ) : (
        <>
          <div className="smstudio-Outputs">
            <table className="smstudio-Table" aria-label={trans.__('Outputs')}>
              <thead>
                <tr>
                  <th scope="col">{trans.__('File')}</th>
                  <th scope="col">{trans.__('Size')}</th>
                  <th scope="col">{trans.__('Written')}</th>
                </tr>
              </thead>
              <tbody>
                {list.rows.map(each => (
                  <OutputRow
                    key={each.s3_uri}
                    output={each}
                    shown={each === shown}
                    onShow={() => setChosen(each.name)}
                  />
                ))}
              </tbody>
            </table>
            {!list.complete && (
              <button
                className="jp-mod-styled jp-mod-reject"
                onClick={list.loadMore}
              >
                {trans.__('Show more')}
              </button>
            )}
          </div>
          {shown && <Start key={shown.s3_uri + shown.modified} file={shown} />}
        </>
      )}
    </div>
  );
}

function OutputRow(props: {
  output: TransformOutputObject;
  shown: boolean;
  onShow: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { output } = props;
  return (
    <tr aria-selected={props.shown}>
      <td>
        <button
          className="smstudio-Link"
          aria-pressed={props.shown}
          title={trans.__('Show how this file begins')}
          onClick={props.onShow}
        >
          {output.name}
        </button>{' '}
        <a
          className="smstudio-IconButton"
          title={trans.__('Download')}
          aria-label={trans.__('Download %1', output.s3_uri)}
          href={studio.api.url('downloadObject', {
            query: { uri: output.s3_uri }
          })}
          download
        >
          <downloadIcon.react tag="span" width="14px" />
        </a>
      </td>
      <td>{bytes(output.size)}</td>
      <td>
        <TimeText value={output.modified} />
      </td>
    </tr>
  );
}

function Start(props: { file: TransformOutputObject }): JSX.Element {
  const { studio, trans } = usePage();
  const { file } = props;
  const [start, setStart] = useState<ObjectStart | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  useEffect(() => {
    const controller = new AbortController();
    studio.api
      .call('peekObject', {
        query: { uri: file.s3_uri },
        signal: controller.signal
      })
      .then(setStart)
      .catch(reason => {
        if (!controller.signal.aborted) {
          setError(ApiFailure.from(reason));
        }
      });
    return () => controller.abort();
  }, [studio, file.s3_uri]);
  const heading = trans.__('How %1 begins', file.name);
  return (
    <section aria-label={heading}>
      <h2>{heading}</h2>
      {error ? (
        <ErrorBox error={error} />
      ) : !start ? (
        <Skeleton rows={4} />
      ) : start.text === null ? (
        <p className="smstudio-mod-dim">
          {trans.__('The file is no text; download it to look into it.')}
        </p>
      ) : (
        <>
          <pre className="smstudio-Preview" tabIndex={0}>
            {start.text || ' '}
          </pre>
          {!start.whole && (
            <p className="smstudio-mod-dim">
              {trans.__('The file goes on; it has %1.', bytes(start.size))}
            </p>
          )}
        </>
      )}
    </section>
  );
}
