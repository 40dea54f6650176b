import type { JSX } from 'react';
import { useEffect } from 'react';

import type { ExampleView } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { usePage } from '../../shared/context';
import type { IPreviewTools } from '../../shared/preview/view';
import { NotebookView } from '../../shared/preview/view';
import { useQuery } from '../../shared/query';
import { ErrorBox, Skeleton } from '../../shared/states';

/** The read-only preview of an example. */
export default function ExamplePage(props: {
  name: string;
  tools: IPreviewTools;
  /** Told once it is known. */
  onTitle: (title: string) => void;
}): JSX.Element {
  const { trans, commands } = usePage();
  const { name } = props;
  const query = useQuery<ExampleView>(
    `example:${name}`,
    (source, signal) => source.api.call('readExample', { name, signal }),
    { concerns: () => false, busy: () => false }
  );
  const { onTitle } = props;
  const { data } = query;
  const title = data?.example.title;
  useEffect(() => {
    if (title) {
      onTitle(title);
    }
  }, [title]);
  return (
    <div className="smstudio-NotebookPreview">
      <header className="smstudio-NotebookPreview-bar">
        <strong>{trans.__('Read-only preview')}</strong>
        <span className="smstudio-NotebookPreview-file">
          {data?.example.title ?? name}
        </span>
        {data && data.example.needs.length > 0 && (
          <span className="smstudio-mod-dim">
            {trans.__(
              'On this machine it needs: pip install "%1"',
              data.example.needs.join('" "')
            )}
          </span>
        )}
        <span className="smstudio-NotebookPreview-buttons">
          <button
            className="jp-mod-styled jp-mod-accept"
            disabled={!data}
            onClick={() =>
              void commands.execute(CommandIDs.useExample, { name })
            }
          >
            {trans.__('Create a Copy')}
          </button>
        </span>
      </header>
      {query.error && !data && (
        <ErrorBox error={query.error} onRetry={query.refresh} />
      )}
      {query.loading && (
        <div role="status" aria-label={trans.__('Loading')}>
          <Skeleton rows={12} />
        </div>
      )}
      {data && (
        <NotebookView
          notebook={data.notebook}
          label={trans.__('Cells of the notebook')}
          tools={props.tools}
        />
      )}
    </div>
  );
}
