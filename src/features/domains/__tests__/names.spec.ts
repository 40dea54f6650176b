import type { AppRow, Domain } from '../../../api/generated';
import {
  firstToGo,
  freeName,
  keyOf,
  placeOf,
  shownApps,
  words
} from '../names';

const app = (change: Partial<AppRow> = {}): AppRow => ({
  type: 'KernelGateway',
  name: 'one',
  status: 'InService',
  owner_kind: 'UserProfile',
  owner: 'ada',
  created: '2026-01-01T00:00:00Z',
  instance_type: 'ml.t3.medium',
  image: null,
  script: null,
  log_stream: null,
  ...change
});

const domain = (change: Partial<Domain>): Domain =>
  ({ profiles: [], spaces: [], ...change }) as unknown as Domain;

describe('names of the Domain page', () => {
  it('hides ended apps until they are asked for', () => {
    const found = [app(), app({ status: 'Deleted' })];
    expect(shownApps(found, false)).toHaveLength(1);
    expect(shownApps(found, true)).toHaveLength(2);
  });

  it('tells two lives of one name apart', () => {
    const again = app({ created: '2026-01-02T00:00:00Z' });
    expect(keyOf(app())).not.toBe(keyOf(again));
    expect(placeOf(app())).toEqual(placeOf(again));
  });

  it('says what has to go first', () => {
    const profiles = [{ name: 'ada' }] as unknown as Domain['profiles'];
    expect(firstToGo(domain({ profiles }), [app()])).toBe('apps');
    expect(firstToGo(domain({ profiles }), [])).toBe('members');
    expect(firstToGo(domain({}), [app({ status: 'Deleted' })])).toBeNull();
  });

  it('suggests names that are free and allowed', () => {
    expect(freeName('kernelgateway', ['kernelgateway-1'])).toBe(
      'kernelgateway-2'
    );
    expect(freeName('-a_b.c-', [])).toBe('a-b-c-1');
    expect(freeName('x'.repeat(80), []).length).toBeLessThanOrEqual(63);
  });

  it('reads lists that are typed with commas or blanks', () => {
    expect(words(' subnet-1, subnet-2\nsubnet-3,, ')).toEqual([
      'subnet-1',
      'subnet-2',
      'subnet-3'
    ]);
  });
});
