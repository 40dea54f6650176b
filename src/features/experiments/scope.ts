import type { TranslationBundle } from '@jupyterlab/translation';

import type { ComponentScope } from '../../api/generated';
import { TrialScope } from '../../commands';

/** The scope that a page's name means; null when it means none. */
export function scopeOf(name: string): ComponentScope | null {
  if (name === TrialScope.all || name === TrialScope.unassigned) {
    return { kind: name, names: [] };
  }
  const colon = name.indexOf(':');
  const kind = name.slice(0, colon);
  const names = name
    .slice(colon + 1)
    .split(',')
    .filter(Boolean);
  return (kind === 'experiment' || kind === 'trial') && names.length
    ? { kind, names }
    : null;
}

/** A scope in words. */
export function scopeLabel(
  scope: ComponentScope,
  trans: TranslationBundle
): string {
  const names = (scope.names ?? []).join(', ');
  switch (scope.kind) {
    case 'unassigned':
      return trans.__('Unassigned trial components');
    case 'experiment':
      return trans.__('Experiment %1', names);
    case 'trial':
      return trans.__('Trial %1', names);
    default:
      return trans.__('All trial components');
  }
}
