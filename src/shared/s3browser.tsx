import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../api/client';
import type { Bucket, ObjectPage } from '../api/generated';
import { usePage } from './context';
import { ErrorBox, Skeleton } from './states';
import { bytes } from './numbers';
import { TimeText } from './time';

/** Walks through buckets and folders to one object or one folder; without `onChoose` objects are downloaded. */
export function S3Browser(props: {
  onChoose?: (uri: string) => void;
  onCancel: () => void;
  /** Where to begin. */
  start?: { bucket: string; prefix: string };
}): JSX.Element {
  const { studio, trans } = usePage();
  const { onChoose } = props;
  const [buckets, setBuckets] = useState<Bucket[] | null>(null);
  const [place, setPlace] = useState<{ bucket: string; prefix: string } | null>(
    props.start ?? null
  );
  const [page, setPage] = useState<ObjectPage | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);

  useEffect(() => {
    studio.api
      .call('listBuckets')
      .then(answer => setBuckets(answer.items))
      .catch(reason => setError(ApiFailure.from(reason)));
  }, [studio]);

  const load = (token: string | null, before: ObjectPage | null): void => {
    if (!place) {
      return;
    }
    setError(null);
    studio.api
      .call('listObjects', {
        query: { ...place, max_results: 100, next_token: token }
      })
      .then(answer =>
        setPage(
          before
            ? {
                ...answer,
                prefixes: [...before.prefixes, ...answer.prefixes],
                objects: [...before.objects, ...answer.objects]
              }
            : answer
        )
      )
      .catch(reason => setError(ApiFailure.from(reason)));
  };
  useEffect(() => {
    setPage(null);
    load(null, null);
  }, [place]);

  const parts = place?.prefix.split('/').filter(Boolean) ?? [];
  return (
    <div
      className="smstudio-S3"
      role="group"
      aria-label={trans.__('Browse S3')}
    >
      <nav className="smstudio-S3-path" aria-label={trans.__('Folder')}>
        <button
          type="button"
          className="smstudio-Link"
          onClick={() => setPlace(null)}
        >
          {trans.__('Buckets')}
        </button>
        {place && (
          <>
            {' / '}
            <button
              type="button"
              className="smstudio-Link"
              onClick={() => setPlace({ bucket: place.bucket, prefix: '' })}
            >
              {place.bucket}
            </button>
          </>
        )}
        {place &&
          parts.map((part, index) => (
            <span key={index}>
              {' / '}
              <button
                type="button"
                className="smstudio-Link"
                onClick={() =>
                  setPlace({
                    bucket: place.bucket,
                    prefix: `${parts.slice(0, index + 1).join('/')}/`
                  })
                }
              >
                {part}
              </button>
            </span>
          ))}
      </nav>
      {error && <ErrorBox error={error} />}
      <ul className="smstudio-S3-list">
        {!place &&
          buckets?.map(bucket => (
            <li key={bucket.name}>
              <button
                type="button"
                onClick={() => setPlace({ bucket: bucket.name, prefix: '' })}
              >
                🪣 {bucket.name}
              </button>
            </li>
          ))}
        {!place && buckets?.length === 0 && (
          <li className="smstudio-mod-dim">{trans.__('No buckets yet.')}</li>
        )}
        {place &&
          page?.prefixes.map(prefix => (
            <li key={prefix}>
              <button
                type="button"
                onClick={() => setPlace({ bucket: place.bucket, prefix })}
              >
                📁 {prefix.slice(place.prefix.length)}
              </button>
            </li>
          ))}
        {place &&
          page?.objects.map(object => (
            <li key={object.key}>
              {onChoose ? (
                <button type="button" onClick={() => onChoose(object.s3_uri)}>
                  📄 {object.name}
                </button>
              ) : (
                <a
                  href={studio.api.url('downloadObject', {
                    query: { uri: object.s3_uri }
                  })}
                  title={trans.__('Download')}
                  download
                >
                  📄 {object.name}
                </a>
              )}
              <span className="smstudio-mod-dim">
                {bytes(object.size)} · <TimeText value={object.modified} />
              </span>
            </li>
          ))}
        {page && !page.prefixes.length && !page.objects.length && (
          <li className="smstudio-mod-dim">
            {trans.__('This folder is empty.')}
          </li>
        )}
        {((place && !page) || (!place && !buckets)) && !error && (
          <li>
            <Skeleton rows={3} />
          </li>
        )}
      </ul>
      <div className="smstudio-Buttons">
        {page?.next_token && (
          <button
            type="button"
            className="jp-mod-styled jp-mod-reject"
            onClick={() => load(page.next_token, page)}
          >
            {trans.__('Show more')}
          </button>
        )}
        {place?.prefix && onChoose && (
          <button
            type="button"
            className="jp-mod-styled jp-mod-reject"
            onClick={() => onChoose(`s3://${place.bucket}/${place.prefix}`)}
          >
            {trans.__('Choose this folder')}
          </button>
        )}
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject"
          onClick={props.onCancel}
        >
          {onChoose ? trans.__('Cancel') : trans.__('Close')}
        </button>
      </div>
    </div>
  );
}
