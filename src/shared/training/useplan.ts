import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { TrainingPlan } from '../../api/generated';
import { usePage } from '../context';
import type { ISmStudio } from '../../tokens';

/** How long typing must pause before the server checks the form, in milliseconds. */
const PAUSE = 400;

/** What the server says of a form while it is filled in; `current` when it speaks of what stands there now. */
export interface IPlanned {
  plan: TrainingPlan | null;
  error: ApiFailure | null;
  current: boolean;
}

/** Has the server check a form whenever its typing pauses. */
export function usePlan<R>(
  request: R,
  ask: (
    studio: ISmStudio,
    request: R,
    signal: AbortSignal
  ) => Promise<TrainingPlan>
): IPlanned {
  const { studio } = usePage();
  const key = JSON.stringify(request);
  const [state, setState] = useState<{
    key: string;
    plan: TrainingPlan | null;
    error: ApiFailure | null;
  }>({ key: '', plan: null, error: null });
  useEffect(() => {
    const controller = new AbortController();
    const timer = window.setTimeout(() => {
      ask(studio, JSON.parse(key) as R, controller.signal)
        .then(plan => {
          if (!controller.signal.aborted) {
            setState({ key, plan, error: null });
          }
        })
        .catch(reason => {
          if (!controller.signal.aborted) {
            setState(before => ({
              ...before,
              key,
              error: ApiFailure.from(reason)
            }));
          }
        });
    }, PAUSE);
    return () => {
      window.clearTimeout(timer);
      controller.abort();
    };
    // `ask` belongs to the form's kind, which does not change.
  }, [studio, key]);
  return { plan: state.plan, error: state.error, current: state.key === key };
}
