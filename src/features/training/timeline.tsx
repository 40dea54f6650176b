import type { JSX } from 'react';

import type { TrainingJob, Transition } from '../../api/generated';
import { absoluteTime, duration } from '../../shared/clock';
import { usePage } from '../../shared/context';
import { tone } from '../../shared/status';
import { useNow } from '../../shared/time';

/** The states that a job went through: a bar in which each has the length of its time, and the same as a list. */
export function Timeline(props: { job: TrainingJob }): JSX.Element {
  const { trans, locale } = usePage();
  const { job } = props;
  const running = ['InProgress', 'Stopping'].includes(job.status);
  const now = useNow(1000, running);
  const steps = job.transitions;
  if (!steps.length) {
    return (
      <p className="smstudio-mod-dim">
        {trans.__('The target does not tell the states of this job.')}
      </p>
    );
  }
  const seconds = steps.map(step => lasted(step, running ? now : null));
  return (
    <>
      <div className="smstudio-Bar" aria-hidden="true">
        {steps.map((step, index) =>
          seconds[index] > 0 || index < steps.length - 1 ? (
            <div
              key={index}
              className={`smstudio-Bar-part smstudio-mod-${kindOf(step)}`}
              // Factors below 1 in sum would leave a part of the bar empty.
              style={{ flexGrow: Math.max(1, seconds[index] * 1000) }}
              title={`${step.status} · ${duration(seconds[index])}`}
            >
              <span>{step.status}</span>
            </div>
          ) : null
        )}
      </div>
      <ol className="smstudio-Timeline">
        {steps.map((step, index) => (
          <li
            key={index}
            className={step.ended ? 'smstudio-mod-done' : endClass(job, step)}
          >
            <span className="smstudio-Timeline-status">{step.status}</span>
            <span className="smstudio-mod-dim">
              <time dateTime={step.started}>
                {absoluteTime(Date.parse(step.started), locale)}
              </time>
              {seconds[index] > 0 && ` · ${precise(seconds[index])}`}
            </span>
            {step.message && <span>{step.message}</span>}
          </li>
        ))}
      </ol>
    </>
  );
}

/** Seconds that a state lasted, or lasts until `now`. */
export function lasted(
  step: Pick<Transition, 'started' | 'ended'>,
  now: number | null
): number {
  const end = step.ended ? Date.parse(step.ended) : now;
  return end === null
    ? 0
    : Math.max(0, (end - Date.parse(step.started)) / 1000);
}

/** Short times with a digit behind the point; others as everywhere. */
function precise(seconds: number): string {
  return seconds < 10 ? `${seconds.toFixed(1)} s` : duration(seconds);
}

function kindOf(step: Transition): string {
  switch (step.status) {
    case 'Training':
    case 'Completed':
      return 'work';
    case 'Failed':
    case 'MaxRuntimeExceeded':
    case 'MaxWaitTimeExceeded':
    case 'Interrupted':
      return 'bad';
    case 'Downloading':
    case 'DownloadingTrainingImage':
    case 'Uploading':
      return 'move';
    default:
      return 'wait';
  }
}

function endClass(job: TrainingJob, step: Transition): string {
  if (tone(job.status) === 'busy') {
    return 'smstudio-mod-active';
  }
  return step.status === 'Completed'
    ? 'smstudio-mod-done'
    : 'smstudio-mod-ended';
}
