import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { Sample } from '../../api/generated';
import { usePage } from '../../shared/context';
import { ErrorBox } from '../../shared/states';
import type { IControl } from '../../shared/form';
import { S3Browser } from '../../shared/s3browser';

/** How an S3 address begins. */
export const S3_PREFIX = 's3://';

/** What a chosen source tells the form. */
export interface IChosenSource {
  s3_uri: string;
  target?: string;
  problem_type?: string;
  objective?: string;
}

/** S3 address of the input, with ways to get one: a Jupyter file, the S3 browser, sample data. */
export function SourceInput(props: {
  control: IControl;
  value: string;
  pickFile: (() => Promise<string | null>) | null;
  onType: (uri: string) => void;
  onChoose: (source: IChosenSource) => void;
  /** Looks into a Jupyter file before it is sent; answers false when the user should not send it. */
  inspect: (path: string) => Promise<boolean>;
}): JSX.Element {
  const { studio, trans } = usePage();
  const [busy, setBusy] = useState<string | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  const [samples, setSamples] = useState<Sample[]>([]);
  const [browsing, setBrowsing] = useState(false);

  useEffect(() => {
    studio.api
      .call('listSamples')
      .then(answer => setSamples(answer.items))
      .catch(() => setSamples([]));
  }, [studio]);

  const run = async (
    text: string,
    action: () => Promise<void>
  ): Promise<void> => {
    setError(null);
    setBusy(text);
    try {
      await action();
    } catch (reason) {
      setError(ApiFailure.from(reason));
    } finally {
      setBusy(null);
    }
  };
  const upload = async (): Promise<void> => {
    const path = await props.pickFile?.();
    if (!path) {
      return;
    }
    await run(trans.__('Looking into %1…', path), async () => {
      if (!(await props.inspect(path))) {
        return;
      }
      setBusy(trans.__('Uploading %1 to S3…', path));
      const answer = await studio.api.call('uploadData', { body: { path } });
      props.onChoose({ s3_uri: answer.s3_uri });
    });
  };
  const useSample = (name: string): void => {
    void run(trans.__('Putting the sample data into S3…'), async () => {
      const answer = await studio.api.call('putSample', { name, body: {} });
      props.onChoose(answer);
    });
  };
  return (
    <div className="smstudio-Source">
      <input
        {...props.control}
        type="text"
        className="jp-mod-styled"
        value={props.value}
        placeholder={S3_PREFIX}
        spellCheck={false}
        onChange={event => props.onType(event.target.value)}
      />
      <div className="smstudio-Source-ways">
        {props.pickFile && (
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
        {samples.length > 0 && (
          <select
            className="jp-mod-styled"
            aria-label={trans.__('Use sample data')}
            value=""
            disabled={busy !== null}
            onChange={event => useSample(event.target.value)}
          >
            <option value="" disabled>
              {trans.__('Use sample data')}
            </option>
            {samples.map(sample => (
              <option
                key={sample.name}
                value={sample.name}
                title={sample.description}
              >
                {trans.__('%1 (%2 rows)', sample.title, sample.rows)}
              </option>
            ))}
          </select>
        )}
      </div>
      {busy && (
        <div className="smstudio-Progress" role="status">
          <span>{busy}</span>
          <progress aria-label={busy} />
        </div>
      )}
      {error && <ErrorBox error={error} />}
      {browsing && (
        <S3Browser
          onChoose={uri => {
            setBrowsing(false);
            props.onChoose({ s3_uri: uri });
          }}
          onCancel={() => setBrowsing(false)}
        />
      )}
    </div>
  );
}
