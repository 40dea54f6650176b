import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { StartupScriptText } from '../../api/generated';
import { usePage } from '../../shared/context';
import { DialogButtons } from '../../shared/dialogbuttons';
import { Modal } from '../../shared/modal';
import { ErrorBox, Skeleton } from '../../shared/states';

/** The text of a start-up script. */
export function ScriptView(props: {
  name: string;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { name } = props;
  const [script, setScript] = useState<StartupScriptText | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  useEffect(() => {
    studio.api
      .call('readStartupScript', { name })
      .then(setScript)
      .catch(reason => setError(ApiFailure.from(reason)));
  }, [studio, name]);
  return (
    <Modal
      wide
      title={trans.__('Start-up script %1', name)}
      onClose={props.onClose}
    >
      {error && <ErrorBox error={error} />}
      {!error && !script && <Skeleton rows={4} />}
      {script && (
        <div className="smstudio-Code">
          <pre tabIndex={0}>{script.content}</pre>
        </div>
      )}
      <DialogButtons autoFocus onClose={props.onClose} />
    </Modal>
  );
}
