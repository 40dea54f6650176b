import type { JSX } from 'react';

type Tone = 'good' | 'busy' | 'bad' | 'quiet';

const TONES: Record<string, Tone> = {
  CREATED: 'good',
  CREATE_FAILED: 'bad',
  Complete: 'good',
  Completed: 'good',
  Created: 'good',
  InService: 'good',
  Succeeded: 'good',
  Deleted: 'quiet',
  Failed: 'bad',
  OutOfService: 'bad',
  UpdateRollbackFailed: 'bad',
  Stopped: 'quiet'
};

const MARKS: Record<Tone, string> = {
  good: '✓',
  busy: '',
  bad: '!',
  quiet: '■'
};

/** How a status looks; whatever is not final is busy. */
export function tone(status: string): Tone {
  return TONES[status] ?? 'busy';
}

/** A status in AWS's words, with a mark that does not rest on colour alone. */
export function StatusBadge(props: {
  status: string;
  detail?: string | null;
}): JSX.Element {
  const kind = tone(props.status);
  return (
    <span
      className={`smstudio-Status smstudio-mod-${kind}`}
      title={props.detail || props.status}
    >
      <span className="smstudio-Status-mark" aria-hidden="true">
        {MARKS[kind]}
      </span>
      <span className="smstudio-Status-text">{props.status}</span>
    </span>
  );
}
