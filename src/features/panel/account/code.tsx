import type { JSX } from 'react';
import { useState } from 'react';

import { ApiFailure } from '../../../api/client';
import type { TargetInfo } from '../../../api/generated';
import { usePage } from '../../../shared/context';
import { DialogButtons } from '../../../shared/dialogbuttons';
import { Field } from '../../../shared/form';
import { Modal } from '../../../shared/modal';

/** Asks for the code of the device that a role wants, and begins a new session with it. */
export function CodeDialog(props: {
  target: TargetInfo;
  serial: string;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { target } = props;
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiFailure | null>(null);
  const send = (): void => {
    setBusy(true);
    setError(null);
    studio
      .chooseTarget({
        kind: target.kind,
        profile: target.profile,
        region: target.region,
        role_arn: target.role_arn,
        read_only: target.read_only,
        assume: target.assume,
        mfa_code: code
      })
      .then(() => {
        studio.refresh();
        props.onClose();
      })
      .catch(reason => setError(ApiFailure.from(reason)))
      .finally(() => {
        setCode('');
        setBusy(false);
      });
  };
  return (
    <Modal title={trans.__('MFA code')} onClose={props.onClose}>
      <form
        onSubmit={event => {
          event.preventDefault();
          send();
        }}
      >
        <Field
          name="mfa_code"
          label={trans.__('Code of the MFA device')}
          help={props.serial}
          required
        >
          {control => (
            <CodeInput control={control} code={code} onChange={setCode} />
          )}
        </Field>
        <DialogButtons
          label={trans.__('Begin a session')}
          busy={busy}
          disabled={code.length !== 6}
          error={error}
          onClose={props.onClose}
        />
      </form>
    </Modal>
  );
}

/** Six digits. */
export function CodeInput(props: {
  control: object;
  code: string;
  onChange: (code: string) => void;
}): JSX.Element {
  return (
    <input
      {...props.control}
      type="text"
      className="jp-mod-styled smstudio-mod-short"
      inputMode="numeric"
      autoComplete="one-time-code"
      autoFocus
      maxLength={6}
      value={props.code}
      onChange={event => props.onChange(event.target.value.replace(/\D/g, ''))}
    />
  );
}
