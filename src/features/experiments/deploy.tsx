import type { JSX } from 'react';

import { usePage } from '../../shared/context';
import { DeployForm } from '../../shared/deploy';

/** The form "Deploy model" for the model of a component's training job. */
export function DeployComponent(props: {
  job: string;
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { job } = props;
  return (
    <DeployForm
      job={job}
      onClose={props.onClose}
      send={form =>
        studio.api.call('deployTrainingJob', { name: job, body: form })
      }
    >
      <p>{trans.__('The model of the training job %1 is deployed.', job)}</p>
    </DeployForm>
  );
}
