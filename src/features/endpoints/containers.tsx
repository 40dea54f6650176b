import type { JSX } from 'react';

import type { Variant } from '../../api/generated';
import { usePage } from '../../shared/context';
import { S3Uri } from '../../shared/s3uri';

/** Images, model data and environments of a variant's containers. */
export function Containers(props: { variant: Variant }): JSX.Element {
  const { trans } = usePage();
  const { containers, direct } = props.variant;
  if (!containers.length) {
    return (
      <p className="smstudio-mod-dim">
        {trans.__('The model was deleted; the endpoint keeps its own copy.')}
      </p>
    );
  }
  return (
    <ol className="smstudio-Containers">
      {containers.map((container, index) => (
        <li key={index}>
          <code title={container.image}>
            {container.image.split('/').pop()}
          </code>
          {container.hostname && (
            <span className="smstudio-mod-dim">
              {' '}
              {direct
                ? trans.__('asked as %1', container.hostname)
                : container.hostname}
            </span>
          )}
          {container.model_data_url && (
            <div>
              <S3Uri
                uri={container.model_data_url}
                object={container.mode !== 'MultiModel'}
              />
            </div>
          )}
          {Object.keys(container.environment).length > 0 && (
            <details className="smstudio-Details">
              <summary>{trans.__('Environment')}</summary>
              <pre className="smstudio-Output">
                {Object.entries(container.environment)
                  .map(([name, value]) => `${name}=${value}`)
                  .join('\n')}
              </pre>
            </details>
          )}
        </li>
      ))}
    </ol>
  );
}
