import { Clipboard } from '@jupyterlab/apputils';
import { copyIcon, downloadIcon, folderIcon } from '@jupyterlab/ui-components';
import type { JSX } from 'react';
import { useState } from 'react';

import { usePage } from './context';
import { Modal } from './modal';
import { S3Browser } from './s3browser';

/** An S3 address with what one does with it: copy it, look around it, keep a copy of the object. */
export function S3Uri(props: {
  uri: string;
  /** It is one object that can be kept. */
  object?: boolean;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { uri } = props;
  const [browsing, setBrowsing] = useState(false);
  const place = placeOf(uri);
  return (
    <span className="smstudio-S3Uri">
      <code>{uri}</code>
      <CopyButton text={uri} label={trans.__('Copy the S3 URI')} />
      {place && (
        <button
          type="button"
          className="smstudio-IconButton"
          title={trans.__('Browse S3 here')}
          aria-label={trans.__('Browse S3 at %1', uri)}
          onClick={() => setBrowsing(true)}
        >
          <folderIcon.react tag="span" width="14px" />
        </button>
      )}
      {props.object && place && (
        <a
          className="smstudio-IconButton"
          title={trans.__('Download')}
          aria-label={trans.__('Download %1', uri)}
          href={studio.api.url('downloadObject', { query: { uri } })}
          download
        >
          <downloadIcon.react tag="span" width="14px" />
        </a>
      )}
      {browsing && place && (
        <Modal
          title={trans.__('Browse S3')}
          wide
          onClose={() => setBrowsing(false)}
        >
          <S3Browser start={place} onCancel={() => setBrowsing(false)} />
        </Modal>
      )}
    </span>
  );
}

/** Copies a text and says that it did. */
export function CopyButton(props: {
  text: string;
  label: string;
}): JSX.Element {
  const { trans } = usePage();
  const [done, setDone] = useState(false);
  return (
    <button
      type="button"
      className="smstudio-IconButton"
      title={done ? trans.__('Copied') : props.label}
      aria-label={done ? trans.__('Copied') : props.label}
      onClick={() => {
        Clipboard.copyToSystem(props.text);
        setDone(true);
        window.setTimeout(() => setDone(false), 1500);
      }}
    >
      {done ? '✓' : <copyIcon.react tag="span" width="14px" />}
    </button>
  );
}

/** Bucket and folder of an S3 address. */
function placeOf(uri: string): { bucket: string; prefix: string } | null {
  const match = /^s3:\/\/([^/]+)\/?(.*)$/.exec(uri);
  if (!match) {
    return null;
  }
  const [, bucket, key] = match;
  return { bucket, prefix: key.slice(0, key.lastIndexOf('/') + 1) };
}
