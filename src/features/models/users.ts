import type { ModelUsers } from '../../api/generated';
import type { IQuery } from '../../shared/query';
import { useQuery } from '../../shared/query';

/** What uses a model now, as far as it is told. */
export interface IModelUsers {
  endpoints: IQuery<ModelUsers>;
  jobs: IQuery<ModelUsers>;
}

/**
 * Endpoints that serve a model, and batch transform jobs that run with it. The target is asked for them apart from the model,
 * as it must look through its endpoints and jobs.
 */
export function useModelUsers(name: string): IModelUsers {
  const endpoints = useQuery<ModelUsers>(
    `model-endpoints:${name}`,
    (studio, signal) => studio.api.call('listModelEndpoints', { name, signal }),
    { concerns: change => change.kind === 'Endpoint', busy: () => false }
  );
  const jobs = useQuery<ModelUsers>(
    `model-transform-jobs:${name}`,
    (studio, signal) =>
      studio.api.call('listModelTransformJobs', { name, signal }),
    {
      concerns: change => change.kind === 'TransformJob',
      busy: found => found.names.length > 0
    }
  );
  return { endpoints, jobs };
}
