import type { FormEvent, JSX } from 'react';
import { useEffect, useId, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { ExperimentEntry } from '../../api/generated';
import { assignTo, tellAssigned } from '../../shared/assigning';
import { usePage } from '../../shared/context';
import { DialogButtons } from '../../shared/dialogbuttons';
import { Modal } from '../../shared/modal';
import { ErrorBox } from '../../shared/states';

/** What AWS allows as a name. */
const NAME = '[a-zA-Z0-9](-*[a-zA-Z0-9]){0,119}';

/** The dialog "Assign to experiment". */
export function AssignDialog(props: {
  names: readonly string[];
  /** Chosen already, e.g. by dropping on it. */
  experiment?: string;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const id = useId();
  const [experiments, setExperiments] = useState<ExperimentEntry[]>([]);
  const [trials, setTrials] = useState<ExperimentEntry[]>([]);
  const [experiment, setExperiment] = useState(props.experiment ?? '');
  const [trial, setTrial] = useState('');
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [done, setDone] = useState<number | null>(null);
  useEffect(() => {
    studio.api
      .call('browseExperiments', { body: { max_results: 100 } })
      .then(page => setExperiments(page.items))
      .catch(() => setExperiments([])); // the name can still be typed
  }, [studio]);
  const known = experiments.some(each => each.name === experiment);
  useEffect(() => {
    setTrials([]);
    if (!known) {
      return;
    }
    let gone = false;
    studio.api
      .call('browseExperiments', { body: { experiment, max_results: 100 } })
      .then(page => {
        if (!gone) {
          setTrials(page.items);
          setTrial(old => old || (page.items[0]?.name ?? ''));
        }
      })
      .catch(() => setTrials([]));
    return () => {
      gone = true;
    };
  }, [studio, experiment, known]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setFailure(null);
    setDone(0);
    assignTo(studio, { experiment, trial }, props.names, setDone)
      .then(problems => {
        studio.refresh();
        props.onClose();
        tellAssigned(studio, trans, trial, props.names, problems);
      })
      .catch(reason => {
        setFailure(ApiFailure.from(reason));
        setDone(null);
      });
  };
  return (
    <Modal title={trans.__('Assign to experiment')} onClose={props.onClose}>
      <form className="smstudio-Form" onSubmit={submit}>
        <p>
          {trans._n(
            '%1 trial component is put into a trial.',
            '%1 trial components are put into a trial.',
            props.names.length
          )}
        </p>
        <div className="smstudio-Field">
          <label htmlFor={`${id}-experiment`}>{trans.__('Experiment')}</label>
          <input
            id={`${id}-experiment`}
            type="text"
            className="jp-mod-styled"
            list={`${id}-experiments`}
            required
            autoFocus={!props.experiment}
            maxLength={120}
            pattern={NAME}
            value={experiment}
            onChange={event => {
              setExperiment(event.target.value);
              setTrial('');
            }}
          />
          <datalist id={`${id}-experiments`}>
            {experiments.map(each => (
              <option key={each.name} value={each.name} />
            ))}
          </datalist>
          <div className="smstudio-Field-help">
            {experiment && !known
              ? trans.__('A new experiment is made.')
              : trans.__('Choose one, or type the name of a new one.')}
          </div>
        </div>
        <div className="smstudio-Field">
          <label htmlFor={`${id}-trial`}>{trans.__('Trial')}</label>
          <input
            id={`${id}-trial`}
            type="text"
            className="jp-mod-styled"
            list={`${id}-trials`}
            required
            autoFocus={!!props.experiment}
            maxLength={120}
            pattern={NAME}
            value={trial}
            onChange={event => setTrial(event.target.value)}
          />
          <datalist id={`${id}-trials`}>
            {trials.map(each => (
              <option key={each.name} value={each.name} />
            ))}
          </datalist>
          <div className="smstudio-Field-help">
            {trial && !trials.some(each => each.name === trial)
              ? trans.__('A new trial is made.')
              : trans.__(
                  'At most 120 letters, digits and hyphens (-); it begins and ends with a letter or digit.'
                )}
          </div>
        </div>
        {failure && <ErrorBox error={failure} />}
        {done !== null && (
          <progress
            aria-label={trans.__('Assigning')}
            max={props.names.length}
            value={done}
          />
        )}
        <DialogButtons
          label={trans.__('Assign')}
          busy={done !== null}
          onClose={props.onClose}
        />
      </form>
    </Modal>
  );
}
