import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { InvocationCode, InvokeEndpoint } from '../../api/generated';
import { CodeTabs } from '../../shared/code';
import { usePage } from '../../shared/context';
import { ErrorBox, Skeleton } from '../../shared/states';

/** How long typing must pause before the code is written again, in milliseconds. */
const PAUSE = 300;

// Names of products, the same in every language.
const LABELS: [keyof InvocationCode, string][] = [
  ['boto3', 'boto3'],
  ['sdk_v2', 'SageMaker SDK 2'],
  ['sdk_v3', 'SageMaker SDK 3'],
  ['curl', 'curl'],
  ['aws_cli', 'AWS CLI']
];

/** Code that sends the request of the form, kept up with it. */
export function InvocationCodeView(props: {
  endpoint: string;
  request: InvokeEndpoint;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { endpoint } = props;
  const [code, setCode] = useState<InvocationCode | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  const request = JSON.stringify(props.request);
  useEffect(() => {
    const controller = new AbortController();
    const timer = window.setTimeout(() => {
      studio.api
        .call('getInvocationCode', {
          name: endpoint,
          body: JSON.parse(request) as InvokeEndpoint,
          signal: controller.signal
        })
        .then(answer => {
          setCode(answer);
          setError(null);
        })
        .catch(reason => {
          if (!controller.signal.aborted) {
            setError(ApiFailure.from(reason));
          }
        });
    }, PAUSE);
    return () => {
      window.clearTimeout(timer);
      controller.abort();
    };
  }, [studio, endpoint, request]);
  return (
    <section
      className="smstudio-CodeSection"
      aria-label={trans.__('Code of the request')}
    >
      {error && <ErrorBox error={error} />}
      {code ? (
        <CodeTabs
          snippets={LABELS.map(([id, label]) => ({
            id,
            label,
            text: code[id]
          }))}
        />
      ) : (
        !error && <Skeleton rows={5} />
      )}
      <p className="smstudio-Field-help">
        {trans.__(
          'Credentials come from the environment; for the local engine, %1 prints them.',
          'smstudio engine env'
        )}
      </p>
    </section>
  );
}
