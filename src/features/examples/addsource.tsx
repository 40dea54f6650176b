import type { FormEvent, JSX } from 'react';
import { useState } from 'react';

import { ApiFailure } from '../../api/client';
import { usePage } from '../../shared/context';
import { DialogButtons, unplaced } from '../../shared/dialogbuttons';
import { Field } from '../../shared/form';
import { Modal } from '../../shared/modal';

/** The repository that notebook instances had copies of. */
const EXAMPLE = 'https://github.com/aws/amazon-sagemaker-examples.git';

/** The dialog that adds a Git repository or an S3 folder to the gallery. */
export function AddSource(props: {
  onAdded: () => void;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const [address, setAddress] = useState('');
  const [branch, setBranch] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiFailure | null>(null);
  const wrong = (field: string): string | undefined =>
    error?.fields.find(each => each.field === field)?.message;
  const isBucket = address.trim().startsWith('s3://');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    studio.api
      .call('addExampleSource', {
        body: {
          address: address.trim(),
          branch: isBucket ? null : branch.trim() || null
        }
      })
      .then(props.onAdded)
      .catch(reason => {
        setError(ApiFailure.from(reason));
        setBusy(false);
      });
  };
  return (
    <Modal title={trans.__('Add example notebooks')} onClose={props.onClose}>
      <form className="smstudio-Form" onSubmit={submit}>
        <Field
          name="address"
          label={trans.__('Git repository or S3 location')}
          help={trans.__(
            'Only the list of notebooks is fetched now; each one when you look at it. Notebooks of others are shown without running anything.'
          )}
          error={wrong('address')}
          required
        >
          {control => (
            <input
              {...control}
              className="jp-mod-styled"
              value={address}
              autoFocus
              placeholder={EXAMPLE}
              onChange={event => setAddress(event.target.value)}
            />
          )}
        </Field>
        {!isBucket && (
          <Field
            name="branch"
            label={trans.__('Branch or tag')}
            help={trans.__('Empty for the repository’s default branch.')}
            error={wrong('branch')}
          >
            {control => (
              <input
                {...control}
                className="jp-mod-styled"
                value={branch}
                onChange={event => setBranch(event.target.value)}
              />
            )}
          </Field>
        )}
        <DialogButtons
          label={trans.__('Add')}
          busyLabel={trans.__('Reading…')}
          busy={busy}
          disabled={!address.trim()}
          error={unplaced(error)}
          onClose={props.onClose}
        />
      </form>
    </Modal>
  );
}
