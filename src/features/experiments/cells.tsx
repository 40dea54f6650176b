import type { TranslationBundle } from '@jupyterlab/translation';
import type { JSX } from 'react';

import type { ComponentGroup, ComponentRow } from '../../api/generated';
import { usePage } from '../../shared/context';
import { metric } from '../../shared/numbers';
import { StatusBadge } from '../../shared/status';
import { TimeText } from '../../shared/time';
import type { IKnownColumn } from './columns';
import { labelOf, shownOf } from './columns';
import type { Cell } from './rows';

/** What a cell shows; texts are texts, whatever they hold. */
export function CellText(props: {
  row: ComponentRow;
  path: string;
  cell: Cell | undefined;
}): JSX.Element {
  const { trans } = usePage();
  const { row, path, cell } = props;
  switch (path) {
    case 'Status.PrimaryStatus':
      return row.status ? (
        <StatusBadge status={row.status} detail={row.status_message} />
      ) : (
        <Nothing />
      );
    case 'TrialComponentName':
      return <Text value={row.name} />;
    case 'DisplayName':
      return <Text value={row.display_name} />;
    case 'Source.SourceType':
      return <Text value={typeLabels(trans)[row.type]} />;
    case 'Parents.ExperimentName':
      return <Text value={row.experiments.join(', ')} />;
    case 'Parents.TrialName':
      return <Text value={row.trials.join(', ')} />;
    case 'CreatedBy.UserProfileName':
      return <Text value={row.created_by ?? ''} />;
    case 'CreationTime':
      return <TimeText value={row.created} short />;
    case 'LastModifiedTime':
      return <TimeText value={row.modified} short />;
  }
  if (cell === undefined) {
    return <span className="smstudio-Leaderboard-wait" />;
  }
  if (typeof cell === 'number') {
    const exact = String(cell);
    return (
      <span title={exact}>
        {path.startsWith('Metrics.') && !path.endsWith('.Count')
          ? metric(cell)
          : short(cell)}
      </span>
    );
  }
  return <Text value={cell === null ? '' : String(cell)} />;
}

/** The types in the language of the page. */
export function typeLabels(
  trans: TranslationBundle
): Record<ComponentRow['type'], string> {
  return {
    'Training job': trans.__('Training job'),
    'Transform job': trans.__('Transform job'),
    'Processing job': trans.__('Processing job'),
    Others: trans.__('Others')
  };
}

function Text(props: { value: string }): JSX.Element {
  return props.value ? (
    <span title={props.value} dir="auto">
      {props.value}
    </span>
  ) : (
    <Nothing />
  );
}

function Nothing(): JSX.Element {
  return <span className="smstudio-mod-dim">—</span>;
}

/** Six digits tell neighbours apart; whole numbers stay whole. */
export function short(value: number): string {
  return Number.isInteger(value)
    ? String(value)
    : String(Number(value.toPrecision(6)));
}

/** A group's metrics as "name lowest … highest". */
export function groupSummary(
  group: ComponentGroup,
  paths: readonly string[],
  known: ReadonlyMap<string, IKnownColumn>
): { name: string; range: string }[] {
  return group.metrics.flatMap((each, at) => {
    const path = paths[at];
    if (!path || each.lowest === null || each.highest === null) {
      return [];
    }
    const low = metric(each.lowest);
    const high = metric(each.highest);
    return [
      {
        name: labelOf(shownOf(path).id, known),
        range: low === high ? low : `${low} … ${high}`
      }
    ];
  });
}
