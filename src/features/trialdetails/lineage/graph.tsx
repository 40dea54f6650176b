import type { JSX } from 'react';
import { useId, useMemo, useState } from 'react';

import type {
  LineageGraph,
  LineageNode,
  LineageQuery
} from '../../../api/generated';
import { CommandIDs } from '../../../commands';
import { usePage } from '../../../shared/context';
import { Copied, Facts } from '../../../shared/facts';
import { useQuery } from '../../../shared/query';
import { S3Uri } from '../../../shared/s3uri';
import { EmptyState, ErrorBox, Skeleton } from '../../../shared/states';
import { TimeText } from '../../../shared/time';
import { Preview } from '../preview';
import { NODE, placed } from './layout';

/** What opens a node's page. */
const OPENERS: Record<string, string> = {
  TrialComponent: CommandIDs.openTrialDetails,
  TrainingJob: CommandIDs.openTrainingJob,
  TransformJob: CommandIDs.openTransformJob,
  Endpoint: CommandIDs.openEndpoint,
  Model: CommandIDs.openModel
};

/** Data, jobs, models and endpoints around one of them, each a link. */
export function Lineage(props: { arn: string }): JSX.Element {
  const { trans } = usePage();
  const { arn } = props;
  const [direction, setDirection] =
    useState<NonNullable<LineageQuery['direction']>>('Both');
  const query = useQuery<LineageGraph>(
    `lineage:${direction}:${arn}`,
    (studio, signal) =>
      studio.api.call('getLineage', { query: { arn, direction }, signal }),
    {
      concerns: change =>
        ['TrainingJob', 'Endpoint', 'TransformJob', 'ProcessingJob'].includes(
          change.kind
        ),
      busy: () => false
    }
  );
  return (
    <div className="smstudio-Lineage">
      <div className="smstudio-Tools">
        <label>
          {trans.__('Show')}{' '}
          <select
            className="jp-mod-styled"
            value={direction}
            onChange={event =>
              setDirection(event.target.value as typeof direction)
            }
          >
            <option value="Both">
              {trans.__('Where it comes from and where it went')}
            </option>
            <option value="Ascendants">
              {trans.__('Where it comes from')}
            </option>
            <option value="Descendants">{trans.__('Where it went')}</option>
          </select>
        </label>
        {query.data?.truncated && (
          <span className="smstudio-mod-dim" role="status">
            {trans.__('The nearest %1 entities.', query.data.nodes.length)}
          </span>
        )}
      </div>
      {query.loading && <Skeleton rows={5} />}
      {query.error && !query.data && (
        <ErrorBox error={query.error} onRetry={query.refresh} />
      )}
      {query.data &&
        (query.data.nodes.length ? (
          <Drawing graph={query.data} />
        ) : (
          <EmptyState title={trans.__('No lineage yet')} />
        ))}
    </div>
  );
}

function Drawing(props: { graph: LineageGraph }): JSX.Element {
  const { trans } = usePage();
  const { graph } = props;
  const layout = useMemo(() => placed(graph), [graph]);
  const [chosen, setChosen] = useState<string | null>(null);
  const arrow = useId();
  const node = graph.nodes.find(each => each.arn === chosen);
  return (
    <>
      <div className="smstudio-Lineage-scroll" tabIndex={0}>
        <div
          className="smstudio-Lineage-graph"
          role="group"
          aria-label={trans.__(
            'Lineage: %1 entities, %2 links.',
            graph.nodes.length,
            graph.edges.length
          )}
          style={{ width: layout.width, height: layout.height }}
        >
          <svg width={layout.width} height={layout.height} aria-hidden="true">
            <defs>
              <marker
                id={arrow}
                viewBox="0 0 8 8"
                refX="6"
                refY="4"
                markerWidth="7"
                markerHeight="7"
                orient="auto"
              >
                <path d="M0,0 L8,4 L0,8 z" />
              </marker>
            </defs>
            {layout.edges.map(({ edge, path }) => (
              <path
                key={`${edge.source} ${edge.target}`}
                d={path}
                markerEnd={`url(#${arrow})`}
                className={
                  chosen === edge.source || chosen === edge.target
                    ? 'smstudio-mod-chosen'
                    : undefined
                }
              >
                <title>{edge.type}</title>
              </path>
            ))}
          </svg>
          {layout.nodes.map(({ node: each, x, y }) => (
            <button
              key={each.arn}
              type="button"
              className={`smstudio-Lineage-node smstudio-mod-${each.kind} ${each.start ? 'smstudio-mod-start' : ''}`}
              style={{
                left: x,
                top: y,
                width: NODE.width,
                height: NODE.height
              }}
              aria-pressed={chosen === each.arn}
              title={each.source ?? each.name}
              onClick={() => setChosen(chosen === each.arn ? null : each.arn)}
            >
              <small>{each.type}</small>
              <span>{each.name}</span>
            </button>
          ))}
        </div>
      </div>
      {node && <NodeFacts key={node.arn} node={node} />}
    </>
  );
}

function NodeFacts(props: { node: LineageNode }): JSX.Element {
  const { trans, commands } = usePage();
  const { node } = props;
  const [preview, setPreview] = useState(false);
  const opener = node.opens ? OPENERS[node.opens] : undefined;
  const s3 = node.source?.startsWith('s3://');
  return (
    <section className="smstudio-Lineage-facts" aria-label={node.name}>
      <div className="smstudio-Header-line">
        <h2>{node.name}</h2>
        <span className="smstudio-Header-buttons">
          {opener && node.opens_name && (
            <button
              type="button"
              className="jp-mod-styled jp-mod-accept"
              onClick={() =>
                void commands.execute(opener, { name: node.opens_name ?? '' })
              }
            >
              {trans.__('Open')}
            </button>
          )}
          {s3 && (
            <button
              type="button"
              className="jp-mod-styled jp-mod-reject"
              aria-expanded={preview}
              onClick={() => setPreview(!preview)}
            >
              {preview ? trans.__('Hide preview') : trans.__('Preview')}
            </button>
          )}
        </span>
      </div>
      <Facts
        items={[
          [trans.__('Kind'), node.kind],
          [trans.__('Type'), node.type],
          [
            trans.__('Source'),
            node.source &&
              (s3 ? (
                <S3Uri key="source" uri={node.source} object />
              ) : (
                <Copied key="source" text={node.source} />
              ))
          ],
          [
            trans.__('Created on'),
            node.created && <TimeText key="created" value={node.created} both />
          ],
          [trans.__('ARN'), <Copied key="arn" text={node.arn} />]
        ]}
      />
      {preview && node.source && <Preview uri={node.source} />}
    </section>
  );
}
