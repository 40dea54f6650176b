import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';
import type { JSX, MouseEvent } from 'react';
import { useLayoutEffect, useMemo, useRef, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { AutoMLNotebook } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { usePage } from '../../shared/context';
import { useQuery } from '../../shared/query';
import { ErrorBox, Skeleton } from '../../shared/states';
import type { ICell } from './cells';
import { cellsOf } from './cells';
import type { NotebookKind } from './places';
import { notebookName } from './places';

const MARKDOWN = 'text/markdown';

/** The read-only view of a notebook that Autopilot wrote, with the way to get a copy that may be changed. */
export default function NotebookPage(props: {
  job: string;
  kind: NotebookKind;
  rendermime: IRenderMimeRegistry;
  /** Copies the notebook to where the file browser is and opens the copy. */
  onImport: (notebook: AutoMLNotebook) => Promise<void>;
}): JSX.Element {
  const { trans } = usePage();
  const { job, kind } = props;
  const [importing, setImporting] = useState(false);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const query = useQuery<AutoMLNotebook>(
    `automl-notebook:${kind}:${job}`,
    (source, signal) =>
      source.api.call('readAutoMLNotebook', {
        name: job,
        parts: { kind },
        signal
      }),
    {
      // What is written once stays; only while there is none yet may the job bring one.
      concerns: change => change.kind === 'AutoMLJob' && change.name === job,
      busy: () => false
    }
  );
  const { data } = query;
  const cells = useMemo(() => (data ? cellsOf(data.notebook) : []), [data]);
  const copy = (): void => {
    if (!data) {
      return;
    }
    setImporting(true);
    setFailure(null);
    props
      .onImport(data)
      .catch(reason => setFailure(ApiFailure.from(reason)))
      .finally(() => setImporting(false));
  };
  return (
    <div className="smstudio-Notebook">
      <header className="smstudio-Notebook-bar">
        <strong>{trans.__('Read-only mode')}</strong>
        {data && (
          <span className="smstudio-mod-dim" title={data.s3_uri}>
            {data.file_name}
          </span>
        )}
        <button
          className="jp-mod-styled jp-mod-accept"
          disabled={!data || importing}
          title={trans.__(
            'Copies the notebook to the folder of the file browser and opens the copy'
          )}
          onClick={copy}
        >
          {importing ? trans.__('Importing…') : trans.__('Import notebook')}
        </button>
      </header>
      {failure && <ErrorBox error={failure} />}
      {query.error && !data && (
        <ErrorBox error={query.error} onRetry={query.refresh} />
      )}
      {query.loading && (
        <div role="status" aria-label={trans.__('Loading')}>
          <Skeleton rows={12} />
        </div>
      )}
      {data && <Cells job={job} cells={cells} rendermime={props.rendermime} />}
    </div>
  );
}

function Cells(props: {
  job: string;
  cells: ICell[];
  rendermime: IRenderMimeRegistry;
}): JSX.Element {
  const { commands, trans } = usePage();
  const host = useRef<HTMLElement>(null);
  const follow = (event: MouseEvent): void => {
    const link = (event.target as HTMLElement).closest('a');
    const address = link?.getAttribute('href');
    if (!address || !host.current) {
      return;
    }
    event.preventDefault();
    if (address.startsWith('#')) {
      findAnchor(host.current, address.slice(1))?.scrollIntoView();
    } else if (/^https?:/i.test(address)) {
      window.open(address, '_blank', 'noopener');
    } else if (/CandidateDefinition[^/]*\.ipynb$/.test(address)) {
      void commands.execute(CommandIDs.openAutopilotNotebook, {
        name: notebookName('candidate-definition', props.job)
      });
    } else if (/DataExploration[^/]*\.ipynb$/.test(address)) {
      void commands.execute(CommandIDs.openAutopilotNotebook, {
        name: notebookName('data-exploration', props.job)
      });
    }
  };
  return (
    <main
      ref={host}
      className="smstudio-Notebook-cells"
      aria-label={trans.__('Cells of the notebook')}
      tabIndex={0}
      onClick={follow}
    >
      {props.cells.map((cell, index) => (
        <Cell key={index} cell={cell} rendermime={props.rendermime} />
      ))}
    </main>
  );
}

function Cell(props: {
  cell: ICell;
  rendermime: IRenderMimeRegistry;
}): JSX.Element {
  const { cell, rendermime } = props;
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const node = host.current;
    if (!node) {
      return;
    }
    const renderer = rendermime.createRenderer(MARKDOWN);
    Widget.attach(renderer, node);
    renderer
      .renderModel(
        rendermime.createModel({ data: { [MARKDOWN]: cell.markdown } })
      )
      .catch(reason => {
        if (!renderer.isDisposed) {
          node.textContent = String(reason);
        }
      });
    return () => renderer.dispose();
  }, [cell, rendermime]);
  return (
    <div className={`smstudio-Notebook-cell smstudio-mod-${cell.kind}`}>
      {cell.kind === 'code' && (
        <span className="smstudio-Notebook-prompt" aria-hidden="true">
          [ ]:
        </span>
      )}
      <div ref={host} className="smstudio-Notebook-content" />
    </div>
  );
}

/** The heading or anchor of a fragment; Lab's renderer keeps the ids of headings in an attribute of its own. */
function findAnchor(root: HTMLElement, fragment: string): Element | null {
  const names = [fragment, decodeURIComponent(fragment)];
  return (
    Array.from(root.querySelectorAll('[id], [name], [data-jupyter-id]')).find(
      node =>
        ['id', 'name', 'data-jupyter-id'].some(attribute =>
          names.includes(node.getAttribute(attribute) ?? '')
        )
    ) ?? null
  );
}
