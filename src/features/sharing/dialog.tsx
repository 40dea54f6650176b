import { Clipboard } from '@jupyterlab/apputils';
import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { SharingOptions, Snapshot } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { usePage } from '../../shared/context';
import { DialogButtons } from '../../shared/dialogbuttons';
import { Check } from '../../shared/form';
import { Modal } from '../../shared/modal';
import { Skeleton } from '../../shared/states';

/** The dialog "Create shareable snapshot". */
export default function ShareDialog(props: {
  /** Of the notebook, below the server's root. */
  path: string;
  /** Saves the notebook when it has changes, so that the snapshot is what is on the screen. */
  save: () => Promise<void>;
  linkTo: (name: string) => string;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans, commands } = usePage();
  const { path, onClose } = props;
  const [options, setOptions] = useState<SharingOptions | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  const [git, setGit] = useState(false);
  const [output, setOutput] = useState(false);
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState<Snapshot | null>(null);
  const ask = (): void => {
    setError(null);
    studio
      .ready()
      .then(() => studio.api.call('getSharingOptions', { query: { path } }))
      .then(setOptions)
      .catch(reason => setError(ApiFailure.from(reason)));
  };
  // Once, when the dialog opens.
  useEffect(ask, []);
  const create = (): void => {
    setBusy(true);
    setError(null);
    props
      .save()
      .then(() =>
        studio.api.call('createSnapshot', {
          body: { path, include_git: git, include_output: output }
        })
      )
      .then(setMade)
      .catch(reason => setError(ApiFailure.from(reason)))
      .finally(() => setBusy(false));
  };
  return (
    <Modal title={trans.__('Create shareable snapshot')} onClose={onClose}>
      {made ? (
        <Link link={props.linkTo(made.name)} snapshot={made} />
      ) : options ? (
        <Choices
          options={options}
          git={git}
          output={output}
          onGit={setGit}
          onOutput={setOutput}
        />
      ) : (
        !error && (
          <div role="status" aria-label={trans.__('Loading')}>
            <Skeleton rows={3} />
          </div>
        )
      )}
      <DialogButtons
        label={made ? undefined : trans.__('Create')}
        busyLabel={trans.__('Creating…')}
        busy={busy}
        disabled={!options?.enabled}
        error={error}
        onRetry={options ? undefined : ask}
        onClose={onClose}
        onAccept={create}
        aside={
          <button
            type="button"
            className="smstudio-Link smstudio-mod-first"
            onClick={() => {
              onClose();
              void commands.execute(CommandIDs.listSnapshots);
            }}
          >
            {trans.__('My snapshots')}
          </button>
        }
      />
    </Modal>
  );
}

function Choices(props: {
  options: SharingOptions;
  git: boolean;
  output: boolean;
  onGit: (chosen: boolean) => void;
  onOutput: (chosen: boolean) => void;
}): JSX.Element {
  const { trans } = usePage();
  const { options } = props;
  if (!options.enabled) {
    return (
      <div className="smstudio-Error" role="alert">
        <div className="smstudio-Error-message">{options.reason}</div>
        <div className="smstudio-Error-hint">{options.hint}</div>
      </div>
    );
  }
  const { git } = options;
  return (
    <>
      <p>
        {trans.__(
          'A snapshot is a read-only copy of the notebook as it is now. Whoever can sign in to this server can open it by its link.'
        )}
      </p>
      <Check
        checked={props.git}
        disabled={!git}
        label={trans.__('Include Git repo information')}
        help={
          git
            ? git.url
              ? trans.__('Receivers see how to clone %1.', git.url)
              : trans.__(
                  'Receivers see branch and commit; the repository has no remote to clone from.'
                )
            : trans.__('The notebook is not in a Git repository.')
        }
        onChange={props.onGit}
      />
      <Check
        checked={props.output}
        disabled={!options.output_allowed}
        label={trans.__('Include output')}
        help={
          options.output_allowed
            ? trans.__('Outputs of the cells, which may show data.')
            : trans.__("The domain's settings disable cell output sharing.")
        }
        onChange={props.onOutput}
      />
    </>
  );
}

function Link(props: { link: string; snapshot: Snapshot }): JSX.Element {
  const { trans } = usePage();
  const { link } = props;
  const [copied, setCopied] = useState(false);
  return (
    <>
      <p role="status">
        {trans.__('The snapshot of %1 was created.', props.snapshot.file_name)}
      </p>
      <div className="smstudio-ShareLink">
        <input
          className="jp-mod-styled"
          readOnly
          value={link}
          aria-label={trans.__('Link to the snapshot')}
          onFocus={event => event.target.select()}
        />
        <button
          type="button"
          className="jp-mod-styled jp-mod-accept"
          onClick={() => {
            Clipboard.copyToSystem(link);
            setCopied(true);
          }}
        >
          {copied ? trans.__('Copied') : trans.__('Copy link')}
        </button>
      </div>
      <p className="smstudio-mod-dim">
        {trans.__(
          'Later changes of the notebook do not show in it; create a new snapshot to share them.'
        )}
      </p>
    </>
  );
}
