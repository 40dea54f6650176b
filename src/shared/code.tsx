import { Clipboard } from '@jupyterlab/apputils';
import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../api/client';
import type { TrainingPlan } from '../api/generated';
import { usePage } from './context';
import { DialogButtons } from './dialogbuttons';
import { Modal } from './modal';
import { ErrorBox, Skeleton } from './states';
import { Tabs } from './tabs';

/** A piece of code with a name. */
export interface ISnippet {
  id: string;
  label: string;
  text: string;
}

/** Code in tabs, each with a button that copies it. */
export function CodeTabs(props: { snippets: ISnippet[] }): JSX.Element {
  const { trans } = usePage();
  const [copied, setCopied] = useState<string | null>(null);
  return (
    <Tabs
      label={trans.__('Code')}
      tabs={props.snippets.map(snippet => ({
        id: snippet.id,
        label: snippet.label,
        content: () => (
          <div className="smstudio-Code">
            <button
              type="button"
              className="jp-mod-styled jp-mod-reject"
              onClick={() => {
                Clipboard.copyToSystem(snippet.text);
                setCopied(snippet.id);
                window.setTimeout(() => setCopied(null), 1500);
              }}
            >
              {copied === snippet.id ? trans.__('Copied') : trans.__('Copy')}
            </button>
            <pre tabIndex={0}>{snippet.text}</pre>
          </div>
        )
      }))}
    />
  );
}

// Names of products, the same in every language.
const [BOTO3, SDK2, SDK3] = ['boto3', 'SageMaker SDK 2', 'SageMaker SDK 3'];

/** The three scripts of a plan. */
export function planSnippets(plan: TrainingPlan): ISnippet[] {
  return [
    { id: 'boto3', label: BOTO3, text: plan.boto3 },
    { id: 'sdk2', label: SDK2, text: plan.sdk_v2 },
    { id: 'sdk3', label: SDK3, text: plan.sdk_v3 }
  ];
}

/** A dialog with the code that does what a job does. */
export function CodeDialog(props: {
  load: () => Promise<TrainingPlan>;
  onClose: () => void;
}): JSX.Element {
  const { trans } = usePage();
  const [plan, setPlan] = useState<TrainingPlan | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  useEffect(() => {
    props
      .load()
      .then(setPlan)
      .catch(reason => setError(ApiFailure.from(reason)));
    // Read once, when the dialog opens.
  }, []);
  return (
    <Modal title={trans.__('Copy as code')} wide onClose={props.onClose}>
      {error ? (
        <ErrorBox error={error} />
      ) : plan ? (
        <CodeTabs snippets={planSnippets(plan)} />
      ) : (
        <Skeleton rows={8} />
      )}
      <DialogButtons onClose={props.onClose} />
    </Modal>
  );
}
