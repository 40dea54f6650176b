/** What differs between trial components; no React here. */
import type { ComponentDetails } from '../../api/generated';

export type Group = 'Summary' | 'Metrics' | 'Parameters' | 'Artifacts';

/** One row of the comparison. */
export interface IDifference {
  group: Group;
  name: string;
  values: (string | number | null)[];
  differs: boolean;
  /** Index of the lowest and of the highest value, where they are numbers that differ. */
  low: number | null;
  high: number | null;
}

/** All rows of the comparison of some components, in the order of groups and names. */
export function differences(
  components: readonly ComponentDetails[]
): IDifference[] {
  const rows: IDifference[] = [];
  const add = (
    group: Group,
    name: string,
    value: (component: ComponentDetails) => string | number | null | undefined
  ): void => {
    const values = components.map(each => value(each) ?? null);
    rows.push({ group, name, values, ...judged(values) });
  };
  add('Summary', 'Status', each => each.status);
  add('Summary', 'Type', each => each.type);
  add('Summary', 'Experiment', each =>
    each.mappings.map(mapping => mapping.experiment).join(', ')
  );
  add('Summary', 'Trial', each =>
    each.mappings.map(mapping => mapping.trial).join(', ')
  );
  add('Summary', 'Created by', each => each.created_by);
  add('Summary', 'Created on', each =>
    each.created ? each.created.slice(0, 19).replace('T', ' ') : null
  );
  add('Summary', 'Duration (s)', each =>
    each.started && each.ended
      ? Math.round((Date.parse(each.ended) - Date.parse(each.started)) / 100) /
        10
      : null
  );
  const metrics = byName(components, each => each.metrics);
  for (const name of namesOf(components, each => each.metrics)) {
    for (const statistic of ['last', 'min', 'max'] as const) {
      add(
        'Metrics',
        `${name}_${statistic}`,
        each => metrics.get(each)?.get(name)?.[statistic]
      );
    }
  }
  const parameters = byName(components, each => each.parameters);
  for (const name of namesOf(components, each => each.parameters)) {
    add('Parameters', name, each => parameters.get(each)?.get(name)?.value);
  }
  for (const side of ['inputs', 'outputs'] as const) {
    for (const name of namesOf(components, each => each[side])) {
      add(
        'Artifacts',
        name,
        each => each[side].find(artifact => artifact.name === name)?.uri
      );
    }
  }
  return rows;
}

/** What components have, by its name: they may have thousands of metrics. */
function byName<T extends { name: string }>(
  components: readonly ComponentDetails[],
  list: (component: ComponentDetails) => readonly T[]
): Map<ComponentDetails, Map<string, T>> {
  return new Map(
    components.map(each => [
      each,
      new Map(list(each).map(item => [item.name, item]))
    ])
  );
}

function namesOf(
  components: readonly ComponentDetails[],
  list: (component: ComponentDetails) => readonly { name: string }[]
): string[] {
  return [
    ...new Set(components.flatMap(each => list(each).map(item => item.name)))
  ].sort((a, b) => a.localeCompare(b));
}

function judged(
  values: readonly (string | number | null)[]
): Pick<IDifference, 'differs' | 'low' | 'high'> {
  const differs = values.some(value => value !== values[0]);
  const numbers = values.filter(value => typeof value === 'number');
  if (!differs || numbers.length < 2) {
    return { differs, low: null, high: null };
  }
  const least = numbers.reduce((a, b) => Math.min(a, b));
  const most = numbers.reduce((a, b) => Math.max(a, b));
  return least === most
    ? { differs, low: null, high: null }
    : { differs, low: values.indexOf(least), high: values.indexOf(most) };
}
