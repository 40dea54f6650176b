/** Why a model has no report. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { CandidateDetails } from '../../api/generated';
import type { ISmStudio } from '../../tokens';

/** The reason that lies in what the experiment is about; null for one on a table, which is still to be reported on. */
export function whyNone(
  details: Pick<CandidateDetails, 'on_table'>,
  studio: Pick<ISmStudio, 'status'>,
  trans: TranslationBundle
): string | null {
  if (details.on_table) {
    return null;
  }
  return studio.status?.target.kind === 'local'
    ? trans.__(
        'The local engine writes reports about models of tables only. The metrics of this model are below.'
      )
    : trans.__('Autopilot wrote none for this model. Its metrics are below.');
}
