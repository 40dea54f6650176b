import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { ApiFailure } from '../api/client';
import type { AssignComponents } from '../api/generated';
import type { ISmStudio } from '../tokens';
import { batches } from './selection';

/** Puts components into a trial, which is made when it is not there; answers what went wrong with some. */
export async function assignTo(
  studio: ISmStudio,
  where: Pick<AssignComponents, 'experiment' | 'trial'>,
  names: readonly string[],
  progress: (done: number) => void = () => undefined
): Promise<string[]> {
  const problems: string[] = [];
  let done = 0;
  for (const part of batches(names)) {
    const answer = await studio.api.call('assignComponents', {
      body: { ...where, names: part, create: done === 0 }
    });
    problems.push(
      ...answer.failed.map(each => `${each.name}: ${each.message}`)
    );
    done += part.length;
    progress(done);
  }
  return problems;
}

/** Takes components out of a trial; answers what went wrong with some. */
export async function removeFrom(
  studio: ISmStudio,
  trial: string,
  names: readonly string[]
): Promise<string[]> {
  const problems: string[] = [];
  for (const part of batches(names)) {
    const answer = await studio.api.call('removeComponents', {
      body: { names: part, trial }
    });
    problems.push(
      ...answer.failed.map(each => `${each.name}: ${each.message}`)
    );
  }
  return problems;
}

/** Says that components were assigned, with a way back. */
export function tellAssigned(
  studio: ISmStudio,
  trans: TranslationBundle,
  trial: string,
  names: readonly string[],
  problems: readonly string[]
): void {
  if (problems.length) {
    Notification.warning(
      trans.__(
        '%1 assigned; %2 not: %3',
        names.length - problems.length,
        problems.length,
        problems[0]
      )
    );
    return;
  }
  Notification.success(
    trans._n(
      '%1 trial component is in the trial %2 now.',
      '%1 trial components are in the trial %2 now.',
      names.length,
      trial
    ),
    {
      autoClose: 8000,
      actions: [
        {
          label: trans.__('Undo'),
          callback: () => {
            removeFrom(studio, trial, names)
              .catch(reason => {
                Notification.error(ApiFailure.from(reason).message);
              })
              .finally(() => studio.refresh());
          }
        }
      ]
    }
  );
}
