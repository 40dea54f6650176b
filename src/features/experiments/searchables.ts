import type { TranslationBundle } from '@jupyterlab/translation';

import type { ISearchable } from '../../shared/filters/model';
import { typeLabels } from './cells';
import type { IKnownColumn } from './columns';
import { isMetric, STATISTICS } from './columns';
import { categoryLabel } from './properties';

const STATUSES = ['InProgress', 'Completed', 'Failed', 'Stopping', 'Stopped'];

/** What the table can be searched by: Studio's summary columns, tags, and every metric, parameter and artifact. */
export function searchables(
  known: readonly IKnownColumn[],
  trans: TranslationBundle
): ISearchable[] {
  const group = categoryLabel('Summary', trans);
  const types = typeLabels(trans);
  return [
    ...summary(trans, group, types),
    ...known.flatMap((column): ISearchable[] => {
      const heading = categoryLabel(column.category, trans);
      if (isMetric(column.id)) {
        return STATISTICS.map(statistic => ({
          id: `${column.id}.${statistic}`,
          label:
            statistic === 'Last'
              ? column.label
              : `${column.label} ${statistic}`,
          kind: 'number',
          group: heading
        }));
      }
      if (column.category === 'Summary' || column.category === 'Tags') {
        return [];
      }
      return [
        {
          id: column.id,
          label: column.label,
          kind: column.numeric ? 'number' : 'text',
          group: heading
        }
      ];
    })
  ];
}

function summary(
  trans: TranslationBundle,
  group: string,
  types: ReturnType<typeof typeLabels>
): ISearchable[] {
  return [
    {
      id: 'TrialComponentName',
      label: trans.__('Trial component'),
      kind: 'text',
      group
    },
    { id: 'DisplayName', label: trans.__('Display name'), kind: 'text', group },
    {
      id: 'Source.SourceType',
      label: trans.__('Type'),
      kind: 'discrete',
      group,
      values: [
        { value: 'SageMakerTrainingJob', label: types['Training job'] },
        { value: 'SageMakerTransformJob', label: types['Transform job'] },
        { value: 'SageMakerProcessingJob', label: types['Processing job'] },
        { value: '', label: types.Others }
      ]
    },
    {
      id: 'Status.PrimaryStatus',
      label: trans.__('Status'),
      kind: 'discrete',
      group,
      values: STATUSES.map(value => ({ value, label: value }))
    },
    {
      id: 'Parents.ExperimentName',
      label: trans.__('Experiment'),
      kind: 'text',
      group
    },
    {
      id: 'Parents.TrialName',
      label: trans.__('Trial'),
      kind: 'text',
      group
    },
    { id: 'Tags', label: trans.__('Tag'), kind: 'tag', group },
    { id: 'CreationTime', label: trans.__('Created on'), kind: 'date', group },
    {
      id: 'LastModifiedTime',
      label: trans.__('Last modified'),
      kind: 'date',
      group
    },
    {
      id: 'CreatedBy.UserProfileName',
      label: trans.__('Created by'),
      kind: 'text',
      group
    }
  ];
}
