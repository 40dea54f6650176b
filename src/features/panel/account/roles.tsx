import type { JSX } from 'react';
import { useEffect, useId, useState } from 'react';

import { ApiFailure } from '../../../api/client';
import type { ExecutionRoles, TargetInfo } from '../../../api/generated';
import { usePage } from '../../../shared/context';
import { DialogButtons, unplaced } from '../../../shared/dialogbuttons';
import { Field } from '../../../shared/form';
import { Modal } from '../../../shared/modal';
import { roleArnForm } from './identity';

const EXAMPLE = 'arn:aws:iam::111122223333:role/…';

/** Chooses the execution role that new jobs get. */
export function RoleChooser(props: {
  target: TargetInfo;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { target } = props;
  const list = useId();
  const [roles, setRoles] = useState<ExecutionRoles | null>(null);
  const [arn, setArn] = useState(target.role_arn ?? '');
  const [error, setError] = useState<ApiFailure | null>(null);
  useEffect(() => {
    studio.api
      .call('listExecutionRoles')
      .then(setRoles)
      .catch(reason => setError(ApiFailure.from(reason)));
  }, [studio]);
  const choose = (): void => {
    setError(null);
    studio
      .chooseTarget({
        kind: target.kind,
        profile: target.profile,
        region: target.region,
        role_arn: arn.trim() || null,
        read_only: target.read_only,
        assume: target.assume
      })
      .then(props.onClose)
      .catch(reason => setError(ApiFailure.from(reason)));
  };
  return (
    <Modal
      title={trans.__('Execution role of new jobs')}
      onClose={props.onClose}
    >
      <form
        onSubmit={event => {
          event.preventDefault();
          choose();
        }}
      >
        <Field
          name="role_arn"
          label={trans.__('Role ARN')}
          help={
            roles
              ? (roles.message ??
                trans._n(
                  'SageMaker may take %1 role of this account. Empty: the role that you work as.',
                  'SageMaker may take %1 roles of this account. Empty: the role that you work as.',
                  roles.items.length
                ))
              : trans.__('Asking IAM for roles that SageMaker may take…')
          }
          error={error?.fields.length ? roleArnForm(trans) : null}
        >
          {control => (
            <input
              {...control}
              type="text"
              className="jp-mod-styled"
              list={list}
              autoFocus
              placeholder={EXAMPLE}
              value={arn}
              onChange={event => {
                setError(null);
                setArn(event.target.value);
              }}
            />
          )}
        </Field>
        <datalist id={list}>
          {roles?.items.map(role => (
            <option key={role.arn} value={role.arn}>
              {role.name}
            </option>
          ))}
        </datalist>
        <DialogButtons
          label={trans.__('Choose')}
          error={unplaced(error)}
          onClose={props.onClose}
        />
      </form>
    </Modal>
  );
}
