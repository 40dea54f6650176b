import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { Bucket, ObjectPage } from '../../api/generated';
import { usePage } from '../../shared/context';
import { ErrorBox, Skeleton } from '../../shared/states';
import { bytes } from '../../shared/numbers';
import { TimeText } from '../../shared/time';

/** Walks through buckets and folders to one object or one folder. */
export function S3Browser(props: {
  onChoose: (uri: string) => void;
  onCancel: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const [buckets, setBuckets] = useState<Bucket[] | null>(null);
  const [place, setPlace] = useState<{ bucket: string; prefix: string } | null>(
    null
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
              <button
                type="button"
                onClick={() => props.onChoose(object.s3_uri)}
              >
                📄 {object.name}
              </button>
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
        {place?.prefix && (
          <button
            type="button"
            className="jp-mod-styled jp-mod-reject"
            onClick={() =>
              props.onChoose(`s3://${place.bucket}/${place.prefix}`)
            }
          >
            {trans.__('Choose this folder')}
          </button>
        )}
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject"
          onClick={props.onCancel}
        >
          {trans.__('Cancel')}
        </button>
      </div>
    </div>
  );
}
