import type { AutoMLJob, Candidate } from '../../../api/generated';
import { firstModelAfter, timeLeft, trialCounts } from '../live';

const START = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number): string =>
  new Date(START + seconds * 1000).toISOString();

const job = (limits: object): AutoMLJob =>
  ({
    created: at(0),
    limits,
    resolved_limits: {},
    pilot: false
  }) as unknown as AutoMLJob;

const candidate = (status: string, ended: number | null): Candidate =>
  ({
    status,
    created: at(10),
    ended: ended === null ? null : at(ended)
  }) as unknown as Candidate;

const four = [
  candidate('Completed', 12),
  candidate('Completed', 14),
  candidate('Failed', 18),
  candidate('InProgress', null)
];

test('trials are counted by state', () => {
  expect(trialCounts(job({ max_candidates: 9 }), four)).toEqual({
    done: 2,
    running: 1,
    stopped: 0,
    failed: 1,
    max: 9
  });
});

test('the pace so far says when the last trial ends', () => {
  // Three trials in nine seconds; six are to come.
  const left = timeLeft(job({ max_candidates: 9 }), four, START + 19_000);
  expect(left).toEqual({ limit: null, expected: 18 });
});

test('the limit of the job is never exceeded', () => {
  const limited = job({ max_candidates: 9, max_job_runtime_seconds: 25 });
  expect(timeLeft(limited, four, START + 19_000)).toEqual({
    limit: 6,
    expected: 6
  });
  expect(timeLeft(limited, four, START + 90_000).limit).toBe(0);
});

test('two trials tell no pace', () => {
  const left = timeLeft(
    job({ max_candidates: 9 }),
    four.slice(0, 2),
    START + 19_000
  );
  expect(left.expected).toBeNull();
});

test('the first model counts from the creation', () => {
  expect(firstModelAfter(job({}), four)).toBe(12);
  expect(firstModelAfter(job({}), four.slice(2))).toBeNull();
});
