import type { Running, UsageHistory } from '../../../api/generated';
import { latest, merged, REST, REST_OF_HISTORY } from '../parts';

const part = (change: Partial<Running>): Running =>
  ({
    instances: [],
    apps: [],
    endpoints: [],
    jobs: [],
    notebook_instances: [],
    costs: 0,
    hourly: 0,
    unpriced: [],
    refused: [],
    ...change
  }) as unknown as Running;

describe('parts of what runs', () => {
  it('are one list again, with the sums of all', () => {
    const job = { kind: 'TrainingJob', name: 'a' };
    const endpoint = { kind: 'Endpoint', name: 'b' };
    const whole = merged(
      part({
        costs: 1,
        hourly: 0.5,
        unpriced: ['ml.b'],
        refused: ['apps: no']
      }),
      [
        part({ jobs: [job] as Running['jobs'], costs: 2 }),
        part({
          endpoints: [endpoint] as Running['endpoints'],
          hourly: 0.25,
          unpriced: ['ml.b', 'ml.a'],
          refused: ['endpoints: no']
        })
      ]
    );
    expect(whole.jobs).toEqual([job]);
    expect(whole.endpoints).toEqual([endpoint]);
    expect([whole.costs, whole.hourly]).toEqual([3, 0.75]);
    expect(whole.unpriced).toEqual(['ml.a', 'ml.b']);
    expect(whole.refused).toEqual(['apps: no', 'endpoints: no']);
  });

  it('are each asked for once', () => {
    expect(new Set(REST).size).toBe(REST.length);
    expect(new Set(REST_OF_HISTORY).size).toBe(REST_OF_HISTORY.length);
    expect(REST).not.toContain('apps');
    expect(REST_OF_HISTORY).not.toContain('apps');
  });

  it('show the newer history with all that could not be read', () => {
    const first = { cost: 1, missing: ['apps: no'] } as UsageHistory;
    const rest = { cost: 2, missing: ['endpoints: no'] } as UsageHistory;
    expect(latest(first, null, false)).toEqual(first);
    const missing = ['apps: no', 'endpoints: no'];
    expect(latest(first, rest, true)).toEqual({ cost: 2, missing });
    expect(latest(first, rest, false)).toEqual({ cost: 1, missing });
  });
});
