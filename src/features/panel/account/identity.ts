import type { TranslationBundle } from '@jupyterlab/translation';

import type { Whoami } from '../../../api/generated';

/** Below this the end of credentials that nobody renews is worth a warning, in seconds. */
export const SOON = 15 * 60;

/** The part of an ARN that people know somebody by: `Scientist/ann` of an assumed role, `user/ann` of a user. */
export function shortName(arn: string): string {
  const resource = arn.split(':').slice(5).join(':');
  const role = resource.replace(/^assumed-role\//, '');
  return role.replace(/^AWSReservedSSO_(.+)_[0-9a-f]{16}\//, '$1/') || arn;
}

/** An account's number in groups of four, as AWS's console writes it. */
export function accountNumber(account: string): string {
  return account.replace(/^(\d{4})(\d{4})(\d{4})$/, '$1-$2-$3');
}

/** When somebody must do something for the credentials to go on, in milliseconds since the epoch; null: never. */
export function endsAt(found: Whoami): number | null {
  const credentials = found.credentials;
  if (!credentials) {
    return null;
  }
  const end = credentials.renews
    ? credentials.signed_in_until
    : credentials.expires_at;
  return end ? Date.parse(end) : null;
}

/** A time that is left, told coarsely: `12 min`, `3 h 5 min`, `4 d`. */
export function left(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 48) {
    return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  }
  return `${Math.floor(hours / 24)} d`;
}

/** What the ARN of a role looks like. */
export function roleArnForm(trans: TranslationBundle): string {
  return trans.__('Write the whole ARN: arn:aws:iam::111122223333:role/NAME');
}
