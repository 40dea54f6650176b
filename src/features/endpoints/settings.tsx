import type { JSX } from 'react';
import { useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { Endpoint, EndpointTags } from '../../api/generated';
import { usePage } from '../../shared/context';
import { Facts } from '../../shared/facts';
import { CopyButton, S3Uri } from '../../shared/s3uri';
import { useQuery } from '../../shared/query';
import { ErrorBox, Skeleton } from '../../shared/states';
import type { ITag } from '../../shared/tags';
import { Tags } from '../../shared/tags';
import { TimeText } from '../../shared/time';
import { Containers } from './containers';

/** The tab "AWS settings": what the endpoint is, its configuration, its tags. */
export function Settings(props: { endpoint: Endpoint }): JSX.Element {
  const { trans } = usePage();
  const { endpoint } = props;
  const kinds: Record<Endpoint['kind'], string> = {
    RealTime: trans.__('Real-time'),
    Serverless: trans.__('Serverless'),
    Asynchronous: trans.__('Asynchronous')
  };
  return (
    <div className="smstudio-Profile">
      <Facts
        items={[
          [trans.__('Name'), endpoint.name],
          [trans.__('ARN'), <Copied key="arn" text={endpoint.arn} />],
          [trans.__('Status'), endpoint.status],
          [trans.__('Type'), kinds[endpoint.kind]],
          [
            trans.__('Creation time'),
            <TimeText key="created" value={endpoint.created} both />
          ],
          [
            trans.__('Last modified'),
            <TimeText key="modified" value={endpoint.modified} both />
          ],
          [trans.__('URL'), <Copied key="url" text={endpoint.url} />],
          [
            trans.__('Answers'),
            endpoint.async_output && (
              <S3Uri key="answers" uri={endpoint.async_output} />
            )
          ],
          [
            trans.__('Data capture'),
            endpoint.data_capture ? trans.__('On') : trans.__('Off')
          ],
          [trans.__('Log group'), <code key="log">{endpoint.log_group}</code>]
        ]}
      />
      <h2>{trans.__('Tags')}</h2>
      <TagsOf endpoint={endpoint} />
      <h2>{trans.__('Containers')}</h2>
      {endpoint.variants.map(variant => (
        <div key={`${variant.name}-${variant.shadow}`}>
          <h3>{variant.name}</h3>
          <Containers variant={variant} />
        </div>
      ))}
      <h2>{trans.__('Endpoint configuration')}</h2>
      <Facts
        items={[
          [trans.__('Name'), endpoint.config_name],
          [
            trans.__('ARN'),
            endpoint.config_arn && (
              <Copied key="arn" text={endpoint.config_arn} />
            )
          ]
        ]}
      />
      {Object.keys(endpoint.config).length > 0 ? (
        <details className="smstudio-Details">
          <summary>{trans.__('As DescribeEndpointConfig tells it')}</summary>
          <pre className="smstudio-Output" tabIndex={0}>
            {JSON.stringify(endpoint.config, null, 2)}
          </pre>
        </details>
      ) : (
        <p className="smstudio-mod-dim">
          {trans.__(
            'The configuration was deleted; the endpoint goes on with what it has.'
          )}
        </p>
      )}
    </div>
  );
}

function Copied(props: { text: string }): JSX.Element {
  const { trans } = usePage();
  return (
    <span className="smstudio-S3Uri">
      <code>{props.text}</code>
      <CopyButton text={props.text} label={trans.__('Copy')} />
    </span>
  );
}

function TagsOf(props: { endpoint: Endpoint }): JSX.Element {
  const { name } = props.endpoint;
  const query = useQuery<EndpointTags>(
    `endpoint-tags:${name}`,
    (studio, signal) => studio.api.call('getEndpointTags', { name, signal }),
    { concerns: () => false, busy: () => false }
  );
  if (query.error) {
    return <ErrorBox error={query.error} onRetry={query.refresh} />;
  }
  return query.data ? (
    <TagsForm
      key={JSON.stringify(query.data.tags)}
      name={name}
      present={query.data.tags}
      refresh={query.refresh}
    />
  ) : (
    <Skeleton rows={1} />
  );
}

function TagsForm(props: {
  name: string;
  present: EndpointTags['tags'];
  refresh: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { name, present } = props;
  const [tags, setTags] = useState<ITag[]>(present.map(tagOf));
  const [error, setError] = useState<ApiFailure | null>(null);
  const [sending, setSending] = useState(false);
  const changed = JSON.stringify(tags) !== JSON.stringify(present.map(tagOf));
  const save = (): void => {
    setSending(true);
    setError(null);
    studio.api
      .call('setEndpointTags', { name, body: { tags } })
      .then(() => props.refresh())
      .catch(reason => setError(ApiFailure.from(reason)))
      .finally(() => setSending(false));
  };
  return (
    <>
      <Tags
        tags={tags}
        onChange={setTags}
        error={
          error?.fields.find(field => field.field === 'tags')?.message ?? null
        }
      />
      {error && !error.fields.length && <ErrorBox error={error} />}
      {changed && (
        <div className="smstudio-Buttons smstudio-mod-start">
          <button
            type="button"
            className="jp-mod-styled jp-mod-accept"
            disabled={sending}
            onClick={save}
          >
            {trans.__('Save tags')}
          </button>
          <button
            type="button"
            className="jp-mod-styled jp-mod-reject"
            onClick={() => setTags(present.map(tagOf))}
          >
            {trans.__('Reset')}
          </button>
        </div>
      )}
    </>
  );
}

function tagOf(tag: { key: string; value?: string }): ITag {
  return { key: tag.key, value: tag.value ?? '' };
}
