import type { JSX } from 'react';

import type { ArtifactPreview, TrialArtifact } from '../../api/generated';
import { usePage } from '../../shared/context';
import { Chart } from '../../shared/chart';
import { useQuery } from '../../shared/query';
import { ErrorBox, Skeleton } from '../../shared/states';
import type { IGraph } from './graphspecs';
import { graphOf, graphSpec } from './graphspecs';
import { useHost } from './host';

export { graphOf } from './graphspecs';

/** Graphs that the SDK logged: confusion matrices, ROC and precision-recall curves. */
export function Graphs(props: {
  graphs: readonly TrialArtifact[];
}): JSX.Element {
  const { trans } = usePage();
  return (
    <div
      className="smstudio-ChartTiles"
      aria-label={trans.__('Graphs of the component')}
    >
      {props.graphs.map(graph => (
        <section
          key={graph.uri}
          className="smstudio-ChartTile"
          aria-label={graph.name}
        >
          <LoggedGraph uri={graph.uri} />
        </section>
      ))}
    </div>
  );
}

function LoggedGraph(props: { uri: string }): JSX.Element {
  const { uri } = props;
  const { trans } = usePage();
  const query = useQuery<ArtifactPreview>(
    `artifact:${uri}`,
    (studio, signal) =>
      studio.api.call('previewArtifact', { query: { uri }, signal }),
    { concerns: () => false, busy: () => false }
  );
  if (!query.data) {
    return query.error ? (
      <ErrorBox error={query.error} onRetry={query.refresh} />
    ) : (
      <Skeleton rows={4} />
    );
  }
  const graph = query.data.text ? graphOf(query.data.text) : null;
  return graph ? (
    <Graph graph={graph} />
  ) : (
    <p className="smstudio-mod-dim">
      {query.data.note ?? trans.__('The file holds no graph of the SDK.')}
    </p>
  );
}

/** One graph of the SDK. */
export function Graph(props: { graph: IGraph }): JSX.Element {
  const { trans } = usePage();
  const { rendermime } = useHost();
  const { graph } = props;
  return (
    <Chart
      rendermime={rendermime}
      spec={
        graphSpec(graph, {
          truth: trans.__('True label'),
          predicted: trans.__('Predicted label'),
          share: trans.__('Share of the true label'),
          count: trans.__('Count of Records'),
          falsePositive: trans.__('False positive rate'),
          truePositive: trans.__('True positive rate'),
          precision: trans.__('Precision'),
          recall: trans.__('Recall')
        }) as Record<string, never>
      }
      label={graph.title || graph.type}
    />
  );
}
