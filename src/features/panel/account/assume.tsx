import type { JSX } from 'react';
import { useState } from 'react';

import { ApiFailure } from '../../../api/client';
import type { RoleToAssume, TargetInfo } from '../../../api/generated';
import { usePage } from '../../../shared/context';
import { DialogButtons, unplaced } from '../../../shared/dialogbuttons';
import { Field, focusFirstError } from '../../../shared/form';
import { Modal } from '../../../shared/modal';
import { CodeInput } from './code';
import { roleArnForm } from './identity';

const SHORTEST = 15;
const LONGEST = 720;

/** Works as a role that the profile's credentials may assume, and saves it as a profile when that is wanted. */
export function Assume(props: {
  target: TargetInfo;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { target } = props;
  const known = target.assume;
  const [form, setForm] = useState({
    role_arn: known?.role_arn ?? '',
    external_id: known?.external_id ?? '',
    mfa_serial: known?.mfa_serial ?? '',
    session_name: known?.session_name ?? '',
    minutes: known?.duration_seconds ? String(known.duration_seconds / 60) : '',
    profile: ''
  });
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiFailure | null>(null);
  const set =
    (name: keyof typeof form) =>
    (value: string): void => {
      setError(null);
      setForm(old => ({ ...old, [name]: value }));
    };
  const forms: Record<string, string> = {
    role_arn: roleArnForm(trans),
    external_id: trans.__('2 to 1224 letters, digits and + = , . @ : / -'),
    mfa_serial: trans.__('9 to 256 letters, digits and + = / : , . @ -'),
    session_name: trans.__('2 to 64 letters, digits and + = , . @ -'),
    name: trans.__('A name without brackets.')
  };
  const problem = (name: string): string | undefined => {
    const found = error?.fields.find(
      each => each.field.split('.').pop() === name
    );
    return found && (forms[name] ?? found.message);
  };
  const choose = async (assume: RoleToAssume | null): Promise<void> => {
    setBusy(true);
    setError(null);
    const common = {
      kind: target.kind,
      region: target.region,
      role_arn: target.role_arn,
      read_only: target.read_only
    };
    try {
      await studio.chooseTarget({
        ...common,
        profile: target.profile,
        assume,
        mfa_code: assume?.mfa_serial ? code : null
      });
      const name = form.profile.trim();
      if (assume && name) {
        await studio.api.call('saveProfile', {
          body: {
            name,
            assume,
            source_profile: target.profile,
            region: target.region
          }
        });
        // A role with an MFA code would want another code for the new profile at once.
        if (!assume.mfa_serial) {
          await studio.chooseTarget({ ...common, profile: name });
        }
      }
      studio.refresh();
      props.onClose();
    } catch (reason) {
      const failure = ApiFailure.from(reason);
      setError(failure);
      focusFirstError(
        document.querySelector('.smstudio-Modal[open]'),
        failure.fields.map(each =>
          each.field === 'name' ? 'profile' : each.field.split('.').pop()!
        )
      );
    } finally {
      setCode('');
      setBusy(false);
    }
  };
  const text = (
    name: keyof typeof form,
    label: string,
    help: string,
    placeholder?: string
  ): JSX.Element => (
    <Field
      name={name}
      label={label}
      help={help}
      error={problem(name === 'profile' ? 'name' : name)}
    >
      {control => (
        <input
          {...control}
          type="text"
          className="jp-mod-styled"
          autoFocus={name === 'role_arn'}
          placeholder={placeholder}
          value={form[name]}
          onChange={event => set(name)(event.target.value)}
        />
      )}
    </Field>
  );
  return (
    <Modal title={trans.__('Assume a role')} onClose={props.onClose}>
      <form
        onSubmit={event => {
          event.preventDefault();
          void choose({
            role_arn: form.role_arn.trim(),
            external_id: form.external_id.trim() || null,
            mfa_serial: form.mfa_serial.trim() || null,
            session_name: form.session_name.trim() || null,
            duration_seconds: form.minutes ? Number(form.minutes) * 60 : null
          });
        }}
      >
        {text(
          'role_arn',
          trans.__('Role ARN'),
          trans.__(
            'Taken with the credentials of %1.',
            target.profile ?? trans.__('the default chain')
          ),
          'arn:aws:iam::111122223333:role/…'
        )}
        <details open={!!(known?.external_id || known?.mfa_serial)}>
          <summary>{trans.__('External ID, MFA, session')}</summary>
          {text(
            'external_id',
            trans.__('External ID'),
            trans.__('When the role belongs to another company.')
          )}
          {text(
            'mfa_serial',
            trans.__('MFA device'),
            trans.__('Its serial number or ARN, when the role asks for a code.')
          )}
          {form.mfa_serial && (
            <Field
              name="mfa_code"
              label={trans.__('Code of the MFA device')}
              required
            >
              {control => (
                <CodeInput control={control} code={code} onChange={setCode} />
              )}
            </Field>
          )}
          {text(
            'session_name',
            trans.__('Session name'),
            trans.__('Stands in the logs of the account (CloudTrail).')
          )}
          <Field
            name="duration_seconds"
            label={trans.__('Minutes until the session ends')}
            help={trans.__(
              'From %1 to %2; empty: one hour. The role may allow less.',
              SHORTEST,
              LONGEST
            )}
            error={problem('duration_seconds')}
          >
            {control => (
              <input
                {...control}
                type="number"
                className="jp-mod-styled smstudio-mod-short"
                min={SHORTEST}
                max={LONGEST}
                value={form.minutes}
                onChange={event => set('minutes')(event.target.value)}
              />
            )}
          </Field>
        </details>
        {text(
          'profile',
          trans.__('Save as profile'),
          trans.__(
            'Adds it to the AWS configuration of this machine, so that notebooks and the command line have it, too. Empty: for these pages alone.'
          )
        )}
        <DialogButtons
          label={trans.__('Assume the role')}
          busy={busy}
          disabled={
            !form.role_arn.trim() || (!!form.mfa_serial && code.length !== 6)
          }
          error={unplaced(error)}
          onClose={props.onClose}
          aside={
            known && (
              <button
                type="button"
                className="jp-mod-styled jp-mod-reject smstudio-mod-first"
                disabled={busy}
                onClick={() => void choose(null)}
              >
                {trans.__('Leave the role')}
              </button>
            )
          }
        />
      </form>
    </Modal>
  );
}
