import type { JSX } from 'react';
import { useState } from 'react';

import type { Candidate } from '../../api/generated';
import { usePage } from '../../shared/context';
import { DeployForm } from '../../shared/deploy';
import { metric } from '../../shared/numbers';

/** What AWS answers when no key is chosen. */
const DEFAULT_KEY = 'predicted_label';

/** The form "Deploy model" for a candidate. */
export function DeployCandidate(props: {
  job: string;
  candidate: Candidate | null;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { job, candidate, onClose } = props;
  const [keys, setKeys] = useState<string[]>([]);
  return (
    <DeployForm
      job={job}
      onClose={onClose}
      send={
        candidate &&
        (form =>
          studio.api.call('deployCandidate', {
            name: job,
            body: { candidate: candidate.name, response_keys: keys, ...form }
          }))
      }
    >
      {candidate ? (
        <>
          <p className="smstudio-Header-text">
            {candidate.is_best && `${trans.__('★ Best')} `}
            {candidate.name}
            {candidate.objective &&
              ` · ${candidate.objective.metric} = ${metric(candidate.objective.value)}`}
          </p>
          <ResponseKeys candidate={candidate} keys={keys} onChange={setKeys} />
        </>
      ) : (
        <p>{trans.__('There is no candidate to deploy yet.')}</p>
      )}
    </DeployForm>
  );
}

/** What predictions hold, where the model can answer more than one thing. */
export function ResponseKeys(props: {
  candidate: Candidate;
  keys: string[];
  onChange: (keys: string[]) => void;
}): JSX.Element | null {
  const { trans } = usePage();
  const { candidate, keys } = props;
  const offered = candidate.response_keys;
  if (offered.length < 2) {
    return null;
  }
  const chosen = keys.length ? keys : [DEFAULT_KEY];
  const help: Record<string, string> = {
    predicted_label: trans.__('the predicted class'),
    probability: trans.__('its probability'),
    labels: trans.__('all classes'),
    probabilities: trans.__('the probabilities of all classes')
  };
  return (
    <fieldset className="smstudio-Choices">
      <legend>{trans.__('Predictions hold')}</legend>
      {offered.map(key => (
        <label key={key} className="smstudio-Choice">
          <input
            type="checkbox"
            checked={chosen.includes(key)}
            onChange={event => {
              const wanted = event.target.checked
                ? [...chosen, key]
                : chosen.filter(each => each !== key);
              // In the model's own order, and never nothing.
              props.onChange(offered.filter(each => wanted.includes(each)));
            }}
          />
          <span>
            <code>{key}</code>{' '}
            <span className="smstudio-mod-dim">{help[key]}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
