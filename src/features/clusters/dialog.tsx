import type { FormEvent, JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type {
  AttachCluster,
  Cluster,
  ClusterCell,
  Clusters
} from '../../api/generated';
import { usePage } from '../../shared/context';
import { DialogButtons } from '../../shared/dialogbuttons';
import { Field } from '../../shared/form';
import { Modal } from '../../shared/modal';
import { ErrorBox, Skeleton } from '../../shared/states';
import { TimeText } from '../../shared/time';

/** Names that are the same in every language. */
const LANGUAGES = { python: 'Python', scala: 'Scala' };
const ROLE = 'arn:aws:iam::123456789012:role/emr';

/** Lists the account's clusters, and writes the cell that connects to one. */
export default function ClusterDialog(props: {
  onClose: () => void;
  onCell: (cell: ClusterCell) => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const [found, setFound] = useState<Clusters | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  const load = (): void => {
    setError(null);
    setFound(null);
    studio
      .ready()
      .then(() => studio.api.call('listClusters'))
      .then(setFound)
      .catch(reason => setError(ApiFailure.from(reason)));
  };
  useEffect(load, [studio]);
  return (
    <Modal title={trans.__('Connect to cluster')} onClose={props.onClose} wide>
      {error && <ErrorBox error={error} onRetry={load} />}
      {!error && !found && <Skeleton rows={4} />}
      {found &&
        (found.offered && found.items.length > 0 ? (
          <Form {...props} found={found} />
        ) : (
          <Nothing found={found} onClose={props.onClose} onRetry={load} />
        ))}
    </Modal>
  );
}

function Nothing(props: {
  found: Clusters;
  onClose: () => void;
  onRetry: () => void;
}): JSX.Element {
  const { trans } = usePage();
  const { found } = props;
  return (
    <>
      {found.offered && (
        <p>
          {trans.__(
            'No EMR cluster runs or starts in %1, and there is no EMR Serverless application for Spark.',
            found.region ?? ''
          )}
        </p>
      )}
      {!found.offered && (
        <p>
          {trans.__(
            'EMR clusters belong to an AWS account: choose the target AWS to see yours. On this machine the image SparkAnalytics has Apache Spark, with the kernels PySpark and Python 3: choose it in Change environment.'
          )}
        </p>
      )}
      {found.offered && found.note && (
        <p className="smstudio-Field-help">{found.note}</p>
      )}
      <DialogButtons autoFocus onClose={props.onClose}>
        {found.offered && (
          <button
            type="button"
            className="jp-mod-styled jp-mod-reject"
            onClick={props.onRetry}
          >
            {trans.__('Try again')}
          </button>
        )}
      </DialogButtons>
    </>
  );
}

function Form(props: {
  found: Clusters;
  onClose: () => void;
  onCell: (cell: ClusterCell) => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { found } = props;
  const first = found.items.find(each => each.ready) ?? found.items[0];
  const [chosen, setChosen] = useState<Cluster>(first);
  const [form, setForm] = useState<
    Pick<AttachCluster, 'auth_type' | 'language' | 'install'> & { role: string }
  >({ auth_type: 'None', language: 'python', install: false, role: '' });
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [busy, setBusy] = useState(false);
  const serverless = chosen.kind === 'emr-serverless';
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    studio.api
      .call('writeClusterCell', {
        body: {
          kind: chosen.kind,
          id: chosen.id,
          auth_type: form.auth_type,
          language: form.language,
          execution_role_arn: form.role.trim() || null,
          install: form.install
        }
      })
      .then(props.onCell)
      .catch(reason => {
        setFailure(ApiFailure.from(reason));
        setBusy(false);
      });
  };
  return (
    <form onSubmit={submit}>
      <Rows found={found} chosen={chosen} onChoose={setChosen} />
      {found.note && <p className="smstudio-Field-help">{found.note}</p>}
      {!serverless && (
        <Field
          name="auth_type"
          label={trans.__('Credential type')}
          help={trans.__(
            'Which one the cluster asks for, its administrator says.'
          )}
        >
          {control => (
            <select
              {...control}
              className="jp-mod-styled"
              value={form.auth_type}
              onChange={event =>
                setForm({
                  ...form,
                  auth_type: event.target.value as AttachCluster['auth_type']
                })
              }
            >
              <option value="None">{trans.__('No credential')}</option>
              <option value="Basic_Access">
                {trans.__('Http basic authentication')}
              </option>
              <option value="Kerberos">{trans.__('Kerberos')}</option>
            </select>
          )}
        </Field>
      )}
      <Field name="language" label={trans.__('Language')}>
        {control => (
          <select
            {...control}
            className="jp-mod-styled"
            value={form.language}
            onChange={event =>
              setForm({
                ...form,
                language: event.target.value as AttachCluster['language']
              })
            }
          >
            <option value="python">{LANGUAGES.python}</option>
            <option value="scala">{LANGUAGES.scala}</option>
          </select>
        )}
      </Field>
      <Field
        name="execution_role_arn"
        label={trans.__('Execution role of its jobs (ARN)')}
        required={serverless}
        optionalNote={serverless ? undefined : trans.__('optional')}
      >
        {control => (
          <input
            {...control}
            type="text"
            className="jp-mod-styled"
            required={serverless}
            spellCheck={false}
            placeholder={ROLE}
            pattern="\s*arn:aws[a-z\-]*:iam::\d{12}:role\/[a-zA-Z0-9+=,.@_\/\-]+\s*"
            title={trans.__('ARN of a role')}
            value={form.role}
            onChange={event => setForm({ ...form, role: event.target.value })}
          />
        )}
      </Field>
      <label className="smstudio-Environment-toggle">
        <input
          type="checkbox"
          checked={form.install}
          onChange={event =>
            setForm({ ...form, install: event.target.checked })
          }
        />
        {trans.__(
          'Install sagemaker-studio-analytics-extension first, which has the magic'
        )}
      </label>
      <DialogButtons
        label={trans.__('Write the cell')}
        busy={busy}
        disabled={!chosen.ready}
        error={failure}
        onClose={props.onClose}
      />
    </form>
  );
}

function Rows(props: {
  found: Clusters;
  chosen: Cluster;
  onChoose: (cluster: Cluster) => void;
}): JSX.Element {
  const { trans } = usePage();
  const { found, chosen, onChoose } = props;
  return (
    <div className="smstudio-Cluster-list">
      <table aria-label={trans.__('Clusters in %1', found.region ?? '')}>
        <thead>
          <tr>
            <th scope="col">{trans.__('Name')}</th>
            <th scope="col">{trans.__('Id')}</th>
            <th scope="col">{trans.__('Kind')}</th>
            <th scope="col">{trans.__('Status')}</th>
            <th scope="col">{trans.__('Created')}</th>
          </tr>
        </thead>
        <tbody>
          {found.items.map(each => (
            <tr
              key={each.id}
              className={
                each.id === chosen.id ? 'smstudio-mod-chosen' : undefined
              }
            >
              <td>
                <label>
                  <input
                    type="radio"
                    name="smstudio-cluster"
                    checked={each.id === chosen.id}
                    disabled={!each.ready}
                    onChange={() => onChoose(each)}
                  />
                  {each.name}
                </label>
              </td>
              <td>{each.id}</td>
              <td>
                {each.kind === 'emr'
                  ? trans.__('EMR cluster')
                  : trans.__('EMR Serverless')}
              </td>
              <td>{each.status}</td>
              <td>{each.created && <TimeText value={each.created} short />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
