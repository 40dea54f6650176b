import type { JSX } from 'react';

import { usePage } from '../../shared/context';
import type { IKnownColumn } from './columns';
import { labelOf } from './columns';

/** Most parameters that the list offers; a column's own menu groups by any. */
const OFFERED = 200;

/** Chooses by what the rows are put into groups. */
export function GroupSelect(props: {
  known: readonly IKnownColumn[];
  value: string | null;
  onChange: (id: string | null) => void;
}): JSX.Element {
  const { trans } = usePage();
  const parameters = props.known
    .filter(each => each.category === 'Parameters' && each.here)
    .slice(0, OFFERED);
  const fixed = [
    { id: 'Parents.ExperimentName', label: trans.__('Experiment') },
    { id: 'Parents.TrialName', label: trans.__('Trial') },
    { id: 'Source.SourceType', label: trans.__('Type') },
    { id: 'Status.PrimaryStatus', label: trans.__('Status') }
  ];
  const listed =
    props.value === null ||
    [...fixed, ...parameters].some(each => each.id === props.value);
  return (
    <select
      className="jp-mod-styled"
      aria-label={trans.__('Group by')}
      value={props.value ?? ''}
      onChange={event => props.onChange(event.target.value || null)}
    >
      <option value="">{trans.__('No groups')}</option>
      {fixed.map(each => (
        <option key={each.id} value={each.id}>
          {trans.__('Group by %1', each.label)}
        </option>
      ))}
      {!listed && props.value && (
        <option value={props.value}>
          {trans.__(
            'Group by %1',
            labelOf(props.value, new Map(props.known.map(e => [e.id, e])))
          )}
        </option>
      )}
      {parameters.length > 0 && (
        <optgroup label={trans.__('Parameters')}>
          {parameters.map(each => (
            <option key={each.id} value={each.id}>
              {trans.__('Group by %1', each.label)}
            </option>
          ))}
        </optgroup>
      )}
    </select>
  );
}
