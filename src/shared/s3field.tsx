import type { JSX, ReactNode } from 'react';
import { useState } from 'react';

import { ApiFailure } from '../api/client';
import { usePage } from './context';
import { Field } from './form';
import type { IPickers } from './pickers';
import { S3Browser } from './s3browser';
import { ErrorBox } from './states';

const S3_PREFIX = 's3://';

/** A field for a place in S3: typed, browsed to, or where a file of the Jupyter server is sent. */
export function S3Field(props: {
  name: string;
  label: string;
  value: string;
  error: string | null;
  required?: boolean;
  optionalNote?: string;
  help?: ReactNode;
  /** None for places that are written to. */
  pickers: IPickers | null;
  onChange: (uri: string) => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { pickers, onChange } = props;
  const [browsing, setBrowsing] = useState(false);
  const [busy, setBusy] = useState<string | null>(null);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const upload = async (): Promise<void> => {
    setFailure(null);
    try {
      const path = await pickers?.data();
      if (path) {
        setBusy(trans.__('Uploading %1 to S3…', path));
        const sent = await studio.api.call('uploadData', { body: { path } });
        onChange(sent.s3_uri);
      }
    } catch (reason) {
      setFailure(ApiFailure.from(reason));
    } finally {
      setBusy(null);
    }
  };
  return (
    <>
      <Field
        name={props.name}
        label={props.label}
        required={props.required}
        optionalNote={props.optionalNote}
        error={props.error}
        help={props.help}
      >
        {control => (
          <div className="smstudio-Source">
            <input
              {...control}
              type="text"
              className="jp-mod-styled"
              value={props.value}
              placeholder={S3_PREFIX}
              spellCheck={false}
              onChange={event => onChange(event.target.value)}
            />
            <div className="smstudio-Source-ways">
              {pickers && (
                <button
                  type="button"
                  className="jp-mod-styled jp-mod-reject"
                  disabled={busy !== null}
                  onClick={() => void upload()}
                >
                  {trans.__('Upload a Jupyter file…')}
                </button>
              )}
              <button
                type="button"
                className="jp-mod-styled jp-mod-reject"
                aria-expanded={browsing}
                onClick={() => setBrowsing(!browsing)}
              >
                {trans.__('Browse S3')}
              </button>
            </div>
          </div>
        )}
      </Field>
      {busy && (
        <div className="smstudio-Progress" role="status">
          <span>{busy}</span>
          <progress aria-label={busy} />
        </div>
      )}
      {failure && <ErrorBox error={failure} />}
      {browsing && (
        <S3Browser
          onChoose={uri => {
            setBrowsing(false);
            onChange(uri);
          }}
          onCancel={() => setBrowsing(false)}
        />
      )}
    </>
  );
}
