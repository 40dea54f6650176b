import type { FormEvent, JSX } from 'react';
import { useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { Candidate } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { usePage } from '../../shared/context';
import { DialogButtons } from '../../shared/dialogbuttons';
import { Field } from '../../shared/form';
import { Modal } from '../../shared/modal';
import { metric } from '../../shared/numbers';
import { ResponseKeys } from './deploycandidate';

/** Longest name of a model. */
const NAME_LIMIT = 63;

/** Makes a model of a candidate, then opens the form of a batch transform job with it. */
export function BatchForm(props: {
  job: string;
  candidate: Candidate;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans, commands } = usePage();
  const { job, candidate, onClose } = props;
  const [name, setName] = useState(() => suggested(job, new Date()));
  const [keys, setKeys] = useState<string[]>([]);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [sending, setSending] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setSending(true);
    setFailure(null);
    studio.api
      .call('createCandidateModel', {
        name: job,
        body: {
          name: name.trim(),
          candidate: candidate.name,
          response_keys: keys
        }
      })
      .then(async model => {
        studio.refresh();
        onClose();
        await commands.execute(CommandIDs.transformWithModel, {
          name: model.name
        });
      })
      .catch(reason => setFailure(ApiFailure.from(reason)))
      .finally(() => setSending(false));
  };
  return (
    <Modal title={trans.__('Make batch predictions')} onClose={onClose}>
      <form className="smstudio-Form" onSubmit={submit}>
        <p className="smstudio-Header-text">
          {candidate.name}
          {candidate.objective &&
            ` · ${candidate.objective.metric} = ${metric(candidate.objective.value)}`}
        </p>
        <Field
          name="name"
          label={trans.__('Model name')}
          required
          error={
            failure?.fields.find(each => each.field === 'name')?.message ?? null
          }
          help={trans.__(
            'A model of this name is made. The next page asks for the data, the output and the instances.'
          )}
        >
          {control => (
            <input
              {...control}
              type="text"
              className="jp-mod-styled"
              required
              autoFocus
              maxLength={NAME_LIMIT}
              value={name}
              spellCheck={false}
              onChange={event => setName(event.target.value)}
            />
          )}
        </Field>
        <ResponseKeys candidate={candidate} keys={keys} onChange={setKeys} />
        <DialogButtons
          label={trans.__('Continue')}
          busyLabel={trans.__('Creating…')}
          busy={sending}
          error={failure}
          onClose={onClose}
        />
      </form>
    </Modal>
  );
}

function suggested(job: string, now: Date): string {
  const pad = (value: number): string => String(value).padStart(2, '0');
  return `${job}-batch-${pad(now.getMonth() + 1)}${pad(now.getDate())}-${pad(now.getHours())}${pad(now.getMinutes())}${pad(now.getSeconds())}`;
}
