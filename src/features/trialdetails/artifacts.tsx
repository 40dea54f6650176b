import type { JSX } from 'react';
import { Fragment, useState } from 'react';

import type {
  ComponentDetails,
  TrialArtifact,
  TrialGraphs
} from '../../api/generated';
import { usePage } from '../../shared/context';
import type { IQuery } from '../../shared/query';
import { S3Uri } from '../../shared/s3uri';
import { EmptyState, ErrorBox } from '../../shared/states';
import { Preview } from './preview';

/** The tab "Artifacts": inputs and outputs, each with a look into it. */
export function Artifacts(props: {
  component: ComponentDetails;
  graphs: IQuery<TrialGraphs>;
}): JSX.Element {
  const { trans } = usePage();
  const { component } = props;
  const graphs = props.graphs.data?.graphs ?? [];
  const { error } = props.graphs;
  if (
    !component.inputs.length &&
    !component.outputs.length &&
    !graphs.length &&
    !error
  ) {
    return (
      <EmptyState title={trans.__('No artifacts')}>
        {trans.__(
          'Input data and models of jobs stand here; code logs its own with log_artifact and log_file.'
        )}
      </EmptyState>
    );
  }
  return (
    <div className="smstudio-Profile">
      <List title={trans.__('Input artifacts')} artifacts={component.inputs} />
      <List
        title={trans.__('Output artifacts')}
        artifacts={component.outputs}
      />
      <List title={trans.__('Graphs')} artifacts={graphs} />
      {error && <ErrorBox error={error} onRetry={props.graphs.refresh} />}
    </div>
  );
}

function List(props: {
  title: string;
  artifacts: readonly TrialArtifact[];
}): JSX.Element | null {
  const { trans } = usePage();
  const [open, setOpen] = useState<string | null>(null);
  if (!props.artifacts.length) {
    return null;
  }
  return (
    <>
      <h2>{props.title}</h2>
      <table className="smstudio-Table" aria-label={props.title}>
        <thead>
          <tr>
            <th scope="col">{trans.__('Name')}</th>
            <th scope="col">{trans.__('Media type')}</th>
            <th scope="col">{trans.__('Location')}</th>
            <th scope="col">{trans.__('Preview')}</th>
          </tr>
        </thead>
        <tbody>
          {props.artifacts.map(each => {
            const key = `${each.name} ${each.uri}`;
            const s3 = each.uri.startsWith('s3://');
            return (
              <Fragment key={key}>
                <tr>
                  <td>{each.name}</td>
                  <td>{each.graph ?? each.media_type ?? '—'}</td>
                  <td>
                    {s3 ? (
                      <S3Uri uri={each.uri} object={!each.uri.endsWith('/')} />
                    ) : (
                      <code>{each.uri}</code>
                    )}
                  </td>
                  <td>
                    {s3 && (
                      <button
                        type="button"
                        className="smstudio-Link"
                        aria-expanded={open === key}
                        aria-label={trans.__('Preview of %1', each.name)}
                        onClick={() => setOpen(open === key ? null : key)}
                      >
                        {open === key ? trans.__('Hide') : trans.__('Show')}
                      </button>
                    )}
                  </td>
                </tr>
                {open === key && (
                  <tr>
                    <td colSpan={4}>
                      <Preview key={each.uri} uri={each.uri} />
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </>
  );
}
