import type { ISmStudio } from '../tokens';
import type { IQuery } from './query';
import { useQuery } from './query';

/** Whether a job in a state still works. */
export function isRunning(status: string): boolean {
  return ['InProgress', 'Stopping'].includes(status);
}

/** Reads one job and keeps it true. */
export function useJob<T extends { status: string }>(
  /** Its kind, as changes name it. */
  kind: string,
  name: string,
  load: (studio: ISmStudio, signal: AbortSignal) => Promise<T>
): IQuery<T> {
  return useQuery<T>(`${kind}:${name}`, load, {
    concerns: change => change.kind === kind && change.name === name,
    busy: job => isRunning(job.status)
  });
}
