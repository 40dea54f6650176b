import type { Whoami } from '../../../../api/generated';
import { accountNumber, endsAt, left, shortName } from '../identity';

const ROLE = 'arn:aws:sts::111122223333:assumed-role';

describe('shortName', () => {
  it.each([
    [`${ROLE}/Scientist/ann`, 'Scientist/ann'],
    [
      `${ROLE}/AWSReservedSSO_DataScientist_0123456789abcdef/ann@example.com`,
      'DataScientist/ann@example.com'
    ],
    ['arn:aws:iam::111122223333:user/team/ann', 'user/team/ann'],
    ['arn:aws:iam::111122223333:root', 'root'],
    ['what is this', 'what is this']
  ])('of %s', (arn, name) => {
    expect(shortName(arn)).toBe(name);
  });
});

it('an account is written as the console does', () => {
  expect(accountNumber('111122223333')).toBe('1111-2222-3333');
  expect(accountNumber('12')).toBe('12');
});

it('what is left is told coarsely', () => {
  const minute = 60_000;
  expect(left(-5)).toBe('0 min');
  expect(left(59 * minute)).toBe('59 min');
  expect(left(60 * minute)).toBe('1 h');
  expect(left(185 * minute)).toBe('3 h 5 min');
  expect(left(90 * 24 * 60 * minute)).toBe('90 d');
});

describe('endsAt', () => {
  const whoami = (credentials: Whoami['credentials']): Whoami => ({
    identity: null,
    credentials,
    signs_in: false,
    mfa_serial: null,
    code: null,
    message: null,
    hint: null
  });
  const soon = '2026-11-21T12:00:00Z';
  const later = '2026-11-22T12:00:00Z';

  it('is the end of the sign-in when keys are renewed', () => {
    const found = whoami({
      method: 'sso',
      expires_at: soon,
      renews: true,
      signed_in_until: later
    });
    expect(endsAt(found)).toBe(Date.parse(later));
  });

  it('is the end of the keys when nobody renews them', () => {
    const found = whoami({
      method: 'assume-role',
      expires_at: soon,
      renews: false,
      signed_in_until: null
    });
    expect(endsAt(found)).toBe(Date.parse(soon));
  });

  it('is never for keys that last', () => {
    expect(endsAt(whoami(null))).toBeNull();
    const found = whoami({
      method: 'env',
      expires_at: null,
      renews: false,
      signed_in_until: null
    });
    expect(endsAt(found)).toBeNull();
  });
});
