/** Pages of artifacts, which nobody trusts; no React here. */

/** A page that may load nothing from elsewhere: an artifact must not call home. */
export function guarded(page: string): string {
  return `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:">${page}`;
}
