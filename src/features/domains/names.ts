import type {
  AppRow,
  Domain,
  ScriptPlace,
  ScriptRow
} from '../../api/generated';

/** A lifecycle configuration with where it is attached; null until that is told. */
export type ListedScript = ScriptRow & { attached: ScriptPlace[] | null };

/** The place of an app as the REST API names it. */
export interface IAppPlace {
  owner_kind: AppRow['owner_kind'];
  owner: string;
  type: 'JupyterServer' | 'KernelGateway' | 'JupyterLab' | 'CodeEditor';
  name: string;
}

/** Which app a row is. */
export function placeOf(app: AppRow): IAppPlace {
  return {
    owner_kind: app.owner_kind,
    owner: app.owner,
    type: app.type as IAppPlace['type'],
    name: app.name
  };
}

/** Tells the rows of apps apart, also of those that had one name after the other. */
export function keyOf(app: AppRow): string {
  return [app.owner_kind, app.owner, app.type, app.name, app.created].join('/');
}

/** Apps that are there; ended ones only when asked for. */
export function shownApps(apps: readonly AppRow[], ended: boolean): AppRow[] {
  return apps.filter(app => ended || app.status !== 'Deleted');
}

/** What still has to go before a domain can: the first kind that is there, in the order in which things go. */
export function firstToGo(
  domain: Domain,
  apps: readonly AppRow[]
): 'apps' | 'members' | null {
  if (shownApps(apps, false).length) {
    return 'apps';
  }
  return domain.profiles.length || domain.spaces.length ? 'members' : null;
}

/** A name for a new app that no app of the owner has. */
export function freeName(base: string, taken: readonly string[]): string {
  const plain = base.replace(/[^a-zA-Z0-9]+/g, '-').replace(/^-+|-+$/g, '');
  for (let number = 1; ; number++) {
    const name = `${plain.slice(0, 58)}-${number}`;
    if (!taken.includes(name)) {
      return name;
    }
  }
}

/** Comma separated words of a field, without empty ones. */
export function words(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .map(word => word.trim())
    .filter(Boolean);
}
