import type { AddGateway, GatewayOffer } from '../../api/generated';

/** Where a gateway's token comes from. */
export type TokenFrom = 'none' | 'file' | 'variable';

/** What is typed. */
export interface IGatewayForm {
  name: string;
  url: string;
  from: TokenFrom;
  /** Empty keeps the token that is there. */
  token: string;
  variable: string;
  scheme: string;
  username: string;
  authorities: string;
  certificate: string;
  key: string;
  checked: boolean;
  seconds: number;
  /** NAME=VALUE, one a line. */
  variables: string;
}

/** First word of the Authorization header, unless somebody says another. */
export const SCHEME = 'token';
const SECONDS = 60;

/** The form of a new gateway, or of one that is there. */
export function formOf(gateway: GatewayOffer | null): IGatewayForm {
  const settings = gateway?.settings;
  return {
    name: gateway?.name ?? '',
    url: gateway?.url ?? '',
    from: gateway?.token ?? 'file',
    token: '',
    variable: settings?.token_env ?? '',
    scheme: settings?.auth_scheme ?? SCHEME,
    username: settings?.username ?? '',
    authorities: settings?.ca_certs ?? '',
    certificate: settings?.client_cert ?? '',
    key: settings?.client_key ?? '',
    checked: settings?.validate_cert ?? true,
    seconds: settings?.launch_timeout ?? SECONDS,
    variables: Object.entries(settings?.env ?? {})
      .map(([name, value]) => `${name}=${value}`)
      .join('\n')
  };
}

/**
 * What the server is asked.
 *
 * @param held - the gateway has a token that it may keep
 */
export function requestOf(form: IGatewayForm, held: boolean): AddGateway {
  const typed = form.from === 'file' ? form.token.trim() : '';
  return {
    name: form.name.trim(),
    url: form.url.trim(),
    token: typed || null,
    keep_token: held && form.from === 'file' && !typed,
    token_env: (form.from === 'variable' && form.variable.trim()) || null,
    auth_scheme: form.scheme.trim() || SCHEME,
    username: form.username.trim() || null,
    ca_certs: form.authorities.trim() || null,
    client_cert: form.certificate.trim() || null,
    client_key: form.key.trim() || null,
    validate_cert: form.checked,
    launch_timeout: form.seconds,
    env: variablesOf(form.variables)
  };
}

/** NAME=VALUE, one a line, as a table; lines without a name are left out, see `wrongLine`. */
export function variablesOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) {
      found[line.slice(0, at).trim()] = line.slice(at + 1).trim();
    }
  }
  return found;
}

/** The first line that is no NAME=VALUE; null for none. */
export function wrongLine(text: string): string | null {
  return (
    text
      .split('\n')
      .find(line => line.trim() && !/^\s*[A-Za-z_]\w*\s*=/.test(line)) ?? null
  );
}

/** Whether more than the address and the token was set: then the form shows it. */
export function hasMore(form: IGatewayForm): boolean {
  return (
    !form.checked ||
    form.seconds !== SECONDS ||
    form.scheme !== SCHEME ||
    [
      form.username,
      form.authorities,
      form.certificate,
      form.key,
      form.variables
    ].some(Boolean)
  );
}
