import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { Snapshot, SnapshotView } from '../../api/generated';
import { usePage } from '../../shared/context';
import { DialogButtons } from '../../shared/dialogbuttons';
import { Copied, Facts } from '../../shared/facts';
import { Modal } from '../../shared/modal';
import { CopyDialog } from '../../shared/preview/copy';
import type { IFolder } from '../../shared/preview/copy';
import type { IPreviewTools } from '../../shared/preview/view';
import { NotebookView } from '../../shared/preview/view';
import { useQuery } from '../../shared/query';
import { ErrorBox, Skeleton, StaleBar } from '../../shared/states';
import { TimeText } from '../../shared/time';

/** The read-only preview of a snapshot. */
export default function SnapshotPage(props: {
  name: string;
  tools: IPreviewTools;
  /** Told once it is known. */
  onTitle: (title: string) => void;
  folder: () => IFolder;
  linkTo: (name: string) => string;
  open: (path: string) => Promise<void>;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { name } = props;
  const [dialog, setDialog] = useState<'copy' | 'details' | null>(null);
  const query = useQuery<SnapshotView>(
    `snapshot:${name}`,
    (source, signal) => source.api.call('describeSnapshot', { name, signal }),
    {
      // A snapshot never changes; it can only go.
      concerns: change => change.kind === 'Snapshot' && change.name === name,
      busy: () => false
    }
  );
  const { onTitle } = props;
  const { data, error } = query;
  const gone = error?.status === 404;
  const snapshot = data?.snapshot;
  const title = data?.snapshot.file_name;
  useEffect(() => {
    if (title) {
      onTitle(title);
    }
  }, [title]);
  return (
    <div className="smstudio-NotebookPreview">
      <header className="smstudio-NotebookPreview-bar">
        <strong>{trans.__('Read-only preview')}</strong>
        {snapshot && !gone && (
          <>
            <span className="smstudio-NotebookPreview-file" dir="auto">
              {snapshot.file_name}
            </span>
            <span className="smstudio-mod-dim">
              {trans.__('shared by %1', snapshot.user)} ·{' '}
              <TimeText value={snapshot.created} />
            </span>
          </>
        )}
        <span className="smstudio-NotebookPreview-buttons">
          <button
            className="jp-mod-styled jp-mod-accept"
            disabled={!data || gone}
            onClick={() => setDialog('copy')}
          >
            {trans.__('Create a Copy')}
          </button>
          <button
            className="jp-mod-styled jp-mod-reject"
            disabled={!data || gone}
            onClick={() => setDialog('details')}
          >
            {trans.__('Snapshot Details')}
          </button>
        </span>
      </header>
      {error && (!data || gone) && (
        <ErrorBox error={error} onRetry={query.refresh} />
      )}
      {data && !gone && <StaleBar query={query} />}
      {query.loading && (
        <div role="status" aria-label={trans.__('Loading')}>
          <Skeleton rows={12} />
        </div>
      )}
      {data && !gone && (
        <NotebookView
          notebook={data.notebook}
          label={trans.__('Cells of the notebook')}
          tools={props.tools}
        />
      )}
      {dialog === 'copy' && snapshot && (
        <CopyDialog
          fileName={snapshot.file_name}
          folder={props.folder()}
          onCopy={async (folder, file_name) => {
            const copy = await studio.api.call('copySnapshot', {
              name,
              body: { folder, file_name }
            });
            await props.open(copy.path);
          }}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === 'details' && snapshot && (
        <Details
          snapshot={snapshot}
          link={props.linkTo(name)}
          onClose={() => setDialog(null)}
        />
      )}
    </div>
  );
}

/** The dialog "Snapshot Details". */
function Details(props: {
  snapshot: Snapshot;
  link: string;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { snapshot, link, onClose } = props;
  const [error, setError] = useState<ApiFailure | null>(null);
  const [asking, setAsking] = useState(false);
  const { git } = snapshot;
  const remove = (): void => {
    studio.api
      .call('deleteSnapshot', { name: snapshot.name })
      .then(() => {
        onClose();
        studio.refresh();
      })
      .catch(reason => setError(ApiFailure.from(reason)));
  };
  return (
    <Modal title={trans.__('Snapshot Details')} wide onClose={onClose}>
      <Facts
        items={[
          [
            trans.__('Notebook'),
            <span key="n" dir="auto">
              {snapshot.file_name}
            </span>
          ],
          [trans.__('Shared by'), snapshot.user],
          [
            trans.__('Created'),
            <TimeText key="t" value={snapshot.created} both />
          ],
          [trans.__('Image and kernel'), snapshot.kernel],
          [trans.__('Instance type'), snapshot.instance_type],
          [
            trans.__('Output'),
            snapshot.include_output
              ? trans.__('Included')
              : trans.__('Not included')
          ],
          [trans.__('Cells'), String(snapshot.cells)],
          [trans.__('Link'), <Copied key="l" text={link} />],
          [trans.__('S3 location'), <Copied key="s" text={snapshot.s3_uri} />]
        ]}
      />
      {git && (
        <>
          <h3>{trans.__('Git repository')}</h3>
          <Facts
            items={[
              [
                trans.__('Clone'),
                git.url && <Copied key="c" text={`git clone ${git.url}`} />
              ],
              [trans.__('Branch'), git.branch],
              [
                trans.__('Commit'),
                git.commit && <Copied key="h" text={git.commit} />
              ],
              [trans.__('Path'), git.path],
              [
                trans.__('State'),
                git.changed
                  ? trans.__('The notebook differs from the commit')
                  : trans.__('The notebook is that of the commit')
              ]
            ]}
          />
        </>
      )}
      <DialogButtons error={error} onClose={onClose}>
        {snapshot.own && !asking && (
          <button
            type="button"
            className="jp-mod-styled jp-mod-warn"
            onClick={() => setAsking(true)}
          >
            {trans.__('Delete…')}
          </button>
        )}
        {asking && (
          <>
            <span role="alert">
              {trans.__('The link will lead nowhere; copies stay.')}
            </span>
            <button
              type="button"
              className="jp-mod-styled jp-mod-warn"
              onClick={remove}
            >
              {trans.__('Delete the snapshot')}
            </button>
          </>
        )}
      </DialogButtons>
    </Modal>
  );
}
