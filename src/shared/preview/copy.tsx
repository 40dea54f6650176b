import type { FormEvent, JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import { usePage } from '../context';
import { DialogButtons } from '../dialogbuttons';
import { Field } from '../form';
import { Modal } from '../modal';
import { copyName } from './document';

/** Where copies go: the folder of the file browser. */
export interface IFolder {
  /** Path below the server's root; empty for the root. */
  path: string;
  /** Names that are taken there. */
  names: () => Promise<string[]>;
}

/** The dialog that asks for a copy's name. */
export function CopyDialog(props: {
  fileName: string;
  folder: IFolder;
  /** Makes the copy and opens it. */
  onCopy: (folder: string, fileName: string) => Promise<void>;
  onClose: () => void;
}): JSX.Element {
  const { trans } = usePage();
  const { fileName, folder, onCopy, onClose } = props;
  // Nothing is asked before the suggestion is there: a name that is typed must stay.
  const [name, setName] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiFailure | null>(null);
  useEffect(() => {
    let live = true;
    void folder
      .names()
      // The server says when a name is taken.
      .catch((): string[] => [])
      .then(names => {
        if (live) {
          setName(copyName(fileName, each => names.includes(each)));
        }
      });
    return () => {
      live = false;
    };
    // Once, when the dialog opens.
  }, []);
  if (name === null) {
    return <></>;
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    onCopy(folder.path, name)
      .then(onClose)
      .catch(reason => {
        setError(ApiFailure.from(reason));
        setBusy(false);
      });
  };
  const wrong = error?.fields.find(each => each.field === 'file_name');
  return (
    <Modal title={trans.__('Create a Copy')} onClose={onClose}>
      <form className="smstudio-Form" onSubmit={submit}>
        <Field
          name="file_name"
          label={trans.__('Name of the copy')}
          help={
            folder.path
              ? trans.__('It goes into the folder %1.', folder.path)
              : trans.__('It goes into the top folder of this server.')
          }
          error={wrong?.message}
          required
        >
          {control => (
            <input
              {...control}
              className="jp-mod-styled"
              value={name}
              autoFocus
              onChange={event => setName(event.target.value)}
            />
          )}
        </Field>
        <DialogButtons
          label={trans.__('Create Copy')}
          busyLabel={trans.__('Copying…')}
          busy={busy}
          disabled={!name.trim()}
          error={wrong ? null : error}
          onClose={onClose}
        />
      </form>
    </Modal>
  );
}
