import type { JSX } from 'react';
import { useState } from 'react';

import type { ArtifactPreview } from '../../api/generated';
import { usePage } from '../../shared/context';
import { Facts } from '../../shared/facts';
import { bytes } from '../../shared/numbers';
import { useQuery } from '../../shared/query';
import { EmptyState, ErrorBox, Skeleton } from '../../shared/states';
import { Graph, graphOf } from './graphs';
import { guarded } from './guarded';

/** How an artifact looks. What it holds never runs: pages are shown where scripts cannot. */
export function Preview(props: { uri: string }): JSX.Element {
  const { uri } = props;
  const [inner, setInner] = useState<string | null>(null);
  const { trans } = usePage();
  const shown = inner ?? uri;
  const query = useQuery<ArtifactPreview>(
    `artifact:${shown}`,
    (studio, signal) =>
      studio.api.call('previewArtifact', { query: { uri: shown }, signal }),
    { concerns: () => false, busy: () => false }
  );
  return (
    <div className="smstudio-ArtifactPreview">
      {inner && (
        <button
          type="button"
          className="smstudio-Link"
          onClick={() => setInner(null)}
        >
          {trans.__('Back to the folder')}
        </button>
      )}
      {query.error && !query.data && (
        <ErrorBox error={query.error} onRetry={query.refresh} />
      )}
      {query.loading && <Skeleton rows={4} />}
      {query.data && <Shown preview={query.data} onOpen={setInner} />}
    </div>
  );
}

function Shown(props: {
  preview: ArtifactPreview;
  onOpen: (uri: string) => void;
}): JSX.Element {
  const { trans } = usePage();
  const { preview } = props;
  return (
    <>
      <div className="smstudio-mod-dim">
        {preview.size !== null && bytes(preview.size)}
        {preview.note && ` · ${preview.note}`}
      </div>
      <Content preview={preview} onOpen={props.onOpen} />
      {preview.kind === 'none' && <EmptyState title={trans.__('No preview')} />}
    </>
  );
}

function Content(props: {
  preview: ArtifactPreview;
  onOpen: (uri: string) => void;
}): JSX.Element | null {
  const { trans } = usePage();
  const { preview } = props;
  const graph =
    preview.kind === 'json' && preview.text ? graphOf(preview.text) : null;
  if (graph) {
    return <Graph graph={graph} />;
  }
  switch (preview.kind) {
    case 'table':
      return (
        <div className="smstudio-Preview" tabIndex={0}>
          <table aria-label={trans.__('First rows')}>
            <thead>
              <tr>
                {preview.columns.map((name, index) => (
                  <th key={index} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {preview.rows.map((row, index) => (
                <tr key={index}>
                  {row.map((cell, column) => (
                    <td key={column}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
    case 'json':
    case 'text':
      return (
        <pre className="smstudio-Preview" tabIndex={0}>
          {preview.text}
        </pre>
      );
    case 'html':
      return (
        <iframe
          className="smstudio-ArtifactPreview-page"
          title={trans.__('Preview of %1', preview.uri)}
          // Neither scripts nor forms nor the page's own origin.
          sandbox=""
          srcDoc={guarded(preview.text ?? '')}
        />
      );
    case 'image':
      return (
        <img
          className="smstudio-ArtifactPreview-image"
          src={preview.image ?? ''}
          alt={preview.uri}
        />
      );
    case 'folder':
    case 'archive':
      return <Files {...props} />;
    default:
      return null;
  }
}

function Files(props: {
  preview: ArtifactPreview;
  onOpen: (uri: string) => void;
}): JSX.Element {
  const { trans } = usePage();
  const { preview } = props;
  return (
    <>
      {preview.models.map(model => (
        <section key={model.file} className="smstudio-ArtifactPreview-model">
          <h3>{[model.algorithm, model.kind].filter(Boolean).join(' · ')}</h3>
          <Facts
            items={[
              [trans.__('File'), model.file],
              ...Object.entries(model.facts)
            ]}
          />
          {model.warning && (
            <p className="smstudio-mod-warn">{model.warning}</p>
          )}
          {model.load.length > 0 && (
            <pre className="smstudio-Preview" tabIndex={0}>
              {model.load.join('\n')}
            </pre>
          )}
        </section>
      ))}
      <table className="smstudio-Table" aria-label={trans.__('Files')}>
        <thead>
          <tr>
            <th scope="col">{trans.__('Name')}</th>
            <th scope="col" className="smstudio-mod-numeric">
              {trans.__('Size')}
            </th>
          </tr>
        </thead>
        <tbody>
          {preview.files.map(file => (
            <tr key={file.name}>
              <td>
                {file.uri ? (
                  <button
                    type="button"
                    className="smstudio-Link"
                    onClick={() => props.onOpen(file.uri as string)}
                  >
                    {file.name}
                  </button>
                ) : (
                  file.name
                )}
              </td>
              <td className="smstudio-mod-numeric">{bytes(file.size)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
