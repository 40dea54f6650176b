import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import type { Model, ModelContainer, ModelUsers } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { usePage } from '../../shared/context';
import { DeployForm } from '../../shared/deploy';
import { Copied, Facts, Pairs } from '../../shared/facts';
import { HeaderLine } from '../../shared/header';
import { useQuery } from '../../shared/query';
import { S3Uri } from '../../shared/s3uri';
import {
  EmptyState,
  ErrorBox,
  PendingPage,
  StaleBar
} from '../../shared/states';
import { TimeText } from '../../shared/time';
import { DeleteModel } from './delete';
import type { ModelDialog, Requests } from './requests';
import { useModelUsers } from './users';

/** The page of one model. */
export default function ModelPage(props: {
  name: string;
  requests: Requests;
  onClose: () => void;
}): JSX.Element {
  const { trans } = usePage();
  const { name, requests, onClose } = props;
  const [open, setOpen] = useState<ModelDialog | null>(null);
  const [gone, setGone] = useState(false);
  const query = useQuery<Model>(
    `model:${name}`,
    (studio, signal) => studio.api.call('describeModel', { name, signal }),
    {
      concerns: change => change.kind === 'Model' && change.name === name,
      busy: () => false
    }
  );
  useEffect(() => {
    const look = (_: unknown, asked: string): void => {
      if (asked === name) {
        setOpen(requests.take(name));
      }
    };
    setOpen(requests.take(name));
    requests.asked.connect(look);
    return () => {
      requests.asked.disconnect(look);
    };
  }, [requests, name]);
  const model = query.data;
  if (gone || query.error?.status === 404) {
    return (
      <div className="smstudio-Main">
        <EmptyState
          title={trans.__('The model "%1" does not exist any more.', name)}
        >
          <button className="jp-mod-styled jp-mod-reject" onClick={onClose}>
            {trans.__('Close this page')}
          </button>
        </EmptyState>
      </div>
    );
  }
  if (query.loading || !model) {
    return <PendingPage query={query} rows={6} />;
  }
  return (
    <div className="smstudio-Main">
      <Header model={model} refresh={query.refresh} onOpen={setOpen} />
      <StaleBar query={query} />
      <Body model={model} />
      {open === 'deploy' && (
        <Deploy model={model} onClose={() => setOpen(null)} />
      )}
      {open === 'delete' && (
        <DeleteModel
          model={model}
          onClose={() => setOpen(null)}
          onDeleted={() => setGone(true)}
        />
      )}
    </div>
  );
}

function Header(props: {
  model: Model;
  refresh: () => void;
  onOpen: (dialog: ModelDialog) => void;
}): JSX.Element {
  const { trans, commands } = usePage();
  const { name } = props.model;
  return (
    <header className="smstudio-Header">
      <HeaderLine title={trans.__('MODEL: %1', name)} refresh={props.refresh}>
        <button
          className="jp-mod-styled jp-mod-accept"
          onClick={() => props.onOpen('deploy')}
        >
          {trans.__('Deploy model')}
        </button>
        <button
          className="jp-mod-styled jp-mod-reject"
          title={trans.__('Predict every row of files in S3 with this model')}
          onClick={() =>
            void commands.execute(CommandIDs.transformWithModel, { name })
          }
        >
          {trans.__('Create batch transform job')}
        </button>
        <button
          className="jp-mod-styled jp-mod-warn"
          onClick={() => props.onOpen('delete')}
        >
          {trans.__('Delete…')}
        </button>
      </HeaderLine>
    </header>
  );
}

function Deploy(props: { model: Model; onClose: () => void }): JSX.Element {
  const { studio, trans } = usePage();
  const { name } = props.model;
  return (
    <DeployForm
      job={name}
      onClose={props.onClose}
      send={form => studio.api.call('deployModel', { name, body: form })}
    >
      <p className="smstudio-Header-text">
        {trans.__('An endpoint for the model "%1".', name)}
      </p>
    </DeployForm>
  );
}

function Body(props: { model: Model }): JSX.Element {
  const { trans } = usePage();
  const { model } = props;
  const many = model.containers.length > 1;
  return (
    <div className="smstudio-Profile">
      <Facts
        items={[
          [
            trans.__('Creation time'),
            <TimeText key="created" value={model.created} both />
          ],
          [trans.__('ARN'), <Copied key="arn" text={model.arn} />],
          [
            trans.__('IAM role'),
            model.role_arn && <Copied key="role" text={model.role_arn} />
          ],
          [
            trans.__('Network isolation'),
            model.network_isolation ? trans.__('Yes') : trans.__('No')
          ],
          [
            trans.__('Containers run'),
            !many
              ? null
              : model.execution === 'Direct'
                ? trans.__('each on request')
                : trans.__('one after the other')
          ]
        ]}
      />
      <Users name={model.name} />
      {model.containers.map((container, index) => (
        <Container
          key={index}
          container={container}
          title={
            many
              ? trans.__(
                  'Container %1 of %2',
                  index + 1,
                  model.containers.length
                )
              : trans.__('Container')
          }
        />
      ))}
    </div>
  );
}

/** What uses the model. */
function Users(props: { name: string }): JSX.Element {
  const { trans, commands } = usePage();
  const { name } = props;
  const { endpoints, jobs } = useModelUsers(name);
  const links = (
    users: ModelUsers | null,
    command: string
  ): JSX.Element | null =>
    users?.names.length ? (
      <span className="smstudio-Links">
        {users.names.map(each => (
          <button
            key={each}
            className="smstudio-Link"
            onClick={() => void commands.execute(command, { name: each })}
          >
            {each}
          </button>
        ))}
      </span>
    ) : null;
  const served = links(endpoints.data, CommandIDs.openEndpoint);
  const used = links(jobs.data, CommandIDs.openTransformJob);
  return (
    <>
      <h2>{trans.__('In use')}</h2>
      {served || used ? (
        <Facts
          items={[
            [trans.__('Endpoints'), served],
            [trans.__('Running batch transform jobs'), used]
          ]}
        />
      ) : endpoints.loading || jobs.loading ? (
        <p className="smstudio-mod-dim" role="status">
          {trans.__('Loading…')}
        </p>
      ) : (
        endpoints.data &&
        jobs.data && (
          <p className="smstudio-mod-dim">
            {trans.__('No endpoint serves this model.')}
          </p>
        )
      )}
      {[endpoints, jobs].map(
        (query, index) =>
          query.error && (
            <ErrorBox key={index} error={query.error} onRetry={query.refresh} />
          )
      )}
    </>
  );
}

function Container(props: {
  container: ModelContainer;
  title: string;
}): JSX.Element {
  const { trans } = usePage();
  const { container, title } = props;
  const several = container.mode === 'MultiModel';
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <Facts
        items={[
          [trans.__('Name'), container.hostname],
          [
            trans.__('Image'),
            container.image && <Copied key="image" text={container.image} />
          ],
          [
            several ? trans.__('Models below') : trans.__('Model artifact'),
            container.model_data_url && (
              <S3Uri
                key="artifact"
                uri={container.model_data_url}
                object={!several && !container.model_data_url.endsWith('/')}
              />
            )
          ],
          [trans.__('Mode'), several ? trans.__('Many models') : null],
          [trans.__('Model package'), container.model_package]
        ]}
      />
      <Pairs
        title={trans.__('Environment variables')}
        pairs={container.environment}
        empty={trans.__('None')}
      />
    </section>
  );
}
