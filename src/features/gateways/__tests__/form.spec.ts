import type { GatewayOffer } from '../../../api/generated';
import { formOf, hasMore, requestOf, variablesOf, wrongLine } from '../form';

const HELD: GatewayOffer = {
  name: 'team',
  host: 'gateway.example.org:8888',
  url: 'https://gateway.example.org:8888',
  kernels: [],
  problem: null,
  warning: null,
  version: '3.3.0',
  sized: true,
  fixed: false,
  token: 'file',
  settings: {
    token_env: '',
    auth_scheme: 'Bearer',
    username: 'ada',
    ca_certs: '',
    client_cert: '',
    client_key: '',
    validate_cert: true,
    launch_timeout: 90,
    env: { KERNEL_NAMESPACE: 'ml-team', KERNEL_ARGS: 'a=b' }
  }
};

describe('form of a gateway', () => {
  it('says again what a gateway has, and keeps its token', () => {
    const form = formOf(HELD);
    expect(form.token).toBe('');
    expect(hasMore(form)).toBe(true);
    expect(requestOf(form, true)).toEqual({
      name: 'team',
      url: 'https://gateway.example.org:8888',
      token: null,
      keep_token: true,
      token_env: null,
      auth_scheme: 'Bearer',
      username: 'ada',
      ca_certs: null,
      client_cert: null,
      client_key: null,
      validate_cert: true,
      launch_timeout: 90,
      env: { KERNEL_NAMESPACE: 'ml-team', KERNEL_ARGS: 'a=b' }
    });
  });

  it('sends one kind of token only', () => {
    const form = { ...formOf(HELD), token: ' new ', variable: 'TEAM_TOKEN' };
    expect(requestOf(form, true)).toMatchObject({
      token: 'new',
      keep_token: false,
      token_env: null
    });
    expect(requestOf({ ...form, from: 'variable' }, true)).toMatchObject({
      token: null,
      keep_token: false,
      token_env: 'TEAM_TOKEN'
    });
    expect(requestOf({ ...form, from: 'none' }, true)).toMatchObject({
      token: null,
      keep_token: false,
      token_env: null
    });
  });

  it('begins without more than an address and a token', () => {
    const form = formOf(null);
    expect(hasMore(form)).toBe(false);
    expect(requestOf({ ...form, name: ' a ' }, false)).toMatchObject({
      name: 'a',
      keep_token: false,
      env: {}
    });
  });

  it('reads variables a line each', () => {
    expect(variablesOf('A=1\n\n B = two=2 \n')).toEqual({ A: '1', B: 'two=2' });
    expect(wrongLine('A=1\n\n')).toBeNull();
    expect(wrongLine('A=1\nB')).toBe('B');
    expect(wrongLine('=x')).toBe('=x');
  });
});
