import type { TranslationBundle } from '@jupyterlab/translation';
import { useMemo } from 'react';

import { RowData } from '../../commands';
import { usePage } from '../../shared/context';
import type { ISearchable } from '../../shared/filters/model';
import type { IColumn } from '../../shared/grid';
import { StatusBadge } from '../../shared/status';
import { TimeText } from '../../shared/time';
import type { IEntry, Level } from './entries';

/** The columns of a level. */
export function useColumns(
  level: Level,
  unassigned: number | null
): IColumn<IEntry>[] {
  const { trans } = usePage();
  return useMemo<IColumn<IEntry>[]>(
    () => [
      {
        id: 'name',
        label: trans.__('Name'),
        sortable: true,
        render: row =>
          row.kind === RowData.unassigned ? (
            <em>
              {row.label}
              {unassigned !== null && ` (${unassigned})`}
            </em>
          ) : (
            <span
              title={
                row.label === row.name ? row.name : `${row.label}\n${row.name}`
              }
              dir="auto"
            >
              {row.label}
            </span>
          )
      },
      {
        id: 'modified',
        label: trans.__('Last Modified'),
        sortable: true,
        render: row =>
          row.modified ? <TimeText value={row.modified} short /> : null
      },
      ...(level === 'components'
        ? [
            {
              id: 'status',
              label: trans.__('Status'),
              slim: true,
              render: (row: IEntry) =>
                row.status ? <StatusBadge status={row.status} /> : null
            }
          ]
        : []),
      {
        id: 'type',
        label: trans.__('Type'),
        from: 'wide',
        render: row => row.type
      },
      {
        id: 'created',
        label: trans.__('Created'),
        sortable: true,
        from: 'wide',
        render: row =>
          row.created ? <TimeText value={row.created} short /> : null
      }
    ],
    [trans, level, unassigned]
  );
}

/** What a level can be searched by, beside the name. */
export function searchablesOf(
  level: Level,
  trans: TranslationBundle
): ISearchable[] {
  const found: ISearchable[] = [
    { id: 'DisplayName', label: trans.__('Display name'), kind: 'text' },
    { id: 'CreationTime', label: trans.__('Created on'), kind: 'date' },
    { id: 'LastModifiedTime', label: trans.__('Last modified'), kind: 'date' },
    {
      id: 'CreatedBy.UserProfileName',
      label: trans.__('Created by'),
      kind: 'text'
    },
    { id: 'Tags', label: trans.__('Tag'), kind: 'tag' }
  ];
  if (level === 'components') {
    found.push(
      {
        id: 'Source.SourceType',
        label: trans.__('Type'),
        kind: 'discrete',
        values: [
          { value: 'SageMakerTrainingJob', label: trans.__('Training job') },
          { value: 'SageMakerTransformJob', label: trans.__('Transform job') },
          {
            value: 'SageMakerProcessingJob',
            label: trans.__('Processing job')
          },
          { value: '', label: trans.__('Others') }
        ]
      },
      {
        id: 'Status.PrimaryStatus',
        label: trans.__('Status'),
        kind: 'discrete',
        values: [
          'InProgress',
          'Completed',
          'Failed',
          'Stopping',
          'Stopped'
        ].map(value => ({ value, label: value }))
      }
    );
  }
  return found;
}
