/** Links to snapshots of notebooks. */

/** Name of the member of Lab's address that holds a snapshot. */
export const MEMBER = 'smstudio-snapshot';

/** Matches addresses of Lab that lead to a snapshot. */
export const PATTERN = new RegExp(`[?&]${MEMBER}=`);

/** Where this server is. */
export interface IServer {
  /** With its slash at the end, e.g. `http://localhost:8888/`. */
  baseUrl: string;
  /** Of JupyterHub, e.g. `/hub/`; empty without one. */
  hubPrefix: string;
}

/**
 * The link to a snapshot.
 *
 * Under JupyterHub everybody has a server of their own; the hub then sends the receiver to theirs.
 */
export function linkTo(server: IServer, name: string): string {
  const member = `${MEMBER}=${encodeURIComponent(name)}`;
  if (server.hubPrefix) {
    const hub = new URL(server.hubPrefix.replace(/\/*$/, '/'), server.baseUrl);
    return `${hub.href}user-redirect/lab?${member}`;
  }
  return `${server.baseUrl.replace(/\/*$/, '/')}lab?${member}`;
}

/** The snapshot that an address leads to; null for none. */
export function snapshotOf(search: string): string | null {
  return new URLSearchParams(search).get(MEMBER) || null;
}

/** The same address without the snapshot, so that a reload does not open it again. */
export function withoutSnapshot(
  path: string,
  search: string,
  hash: string
): string {
  const members = new URLSearchParams(search);
  members.delete(MEMBER);
  const rest = members.toString();
  return `${path}${rest ? `?${rest}` : ''}${hash}`;
}
