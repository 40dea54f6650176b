/** Looks into the data of an experiment while its form is filled in. */
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { DataPreview } from '../../api/generated';
import { usePage } from '../../shared/context';
import type { IExperimentForm } from './form';

/** How long typing must pause before the data is looked into, in milliseconds. */
const PAUSE = 600;

/** What a look into the data told. */
export interface IPreviewState {
  data: DataPreview | null;
  loading: boolean;
  error: ApiFailure | null;
}

const NO_PREVIEW: IPreviewState = { data: null, loading: false, error: null };

/** Looks into the data once the typing pauses. */
export function usePreview(
  uri: string,
  type: IExperimentForm['data_type']
): IPreviewState {
  const { studio } = usePage();
  const [state, setState] = useState<IPreviewState>(NO_PREVIEW);
  useEffect(() => {
    const source = uri.trim();
    if (!/^s3:\/\/[^/]+\/.+/.test(source)) {
      setState(NO_PREVIEW);
      return;
    }
    setState({ data: null, loading: true, error: null });
    const controller = new AbortController();
    const timer = window.setTimeout(() => {
      studio.api
        .call('previewData', {
          body: { source, data_type: type },
          signal: controller.signal
        })
        .then(data => {
          if (!controller.signal.aborted) {
            setState({ data, loading: false, error: null });
          }
        })
        .catch(reason => {
          if (!controller.signal.aborted) {
            setState({
              data: null,
              loading: false,
              error: ApiFailure.from(reason)
            });
          }
        });
    }, PAUSE);
    return () => {
      window.clearTimeout(timer);
      controller.abort();
    };
  }, [studio, uri, type]);
  return state;
}
