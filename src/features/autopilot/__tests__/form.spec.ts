import type { TranslationBundle } from '@jupyterlab/translation';

import type { DataPreview, Options } from '../../../api/generated';
import type { IExperimentForm } from '../form';
import { emptyForm, suggestName, toRequest, validate } from '../form';

const trans = {
  __: (text: string, ...values: unknown[]) =>
    text.replace(/%(\d)/g, (_, index) => String(values[Number(index) - 1]))
} as unknown as TranslationBundle;

const name = {
  min_length: 1,
  max_length: 32,
  pattern: '[a-zA-Z0-9](-*[a-zA-Z0-9]){0,31}'
};
const options = {
  limits: {
    automl_job_name: name,
    endpoint_name: {
      ...name,
      max_length: 63,
      pattern: '[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}'
    },
    role_arn: {
      min_length: 20,
      max_length: 2048,
      pattern: 'arn:aws[a-z\\-]*:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+'
    },
    max_candidates: { min: 1, max: 750, default: 50 },
    max_runtime_per_training_job_seconds: { min: 1, max: null, default: null },
    max_job_runtime_seconds: { min: 1, max: null, default: null },
    max_tags: 2
  }
} as unknown as Options;

const preview = {
  columns: [
    {
      name: 'State',
      kind: 'categorical',
      distinct: 51,
      missing: 0,
      examples: []
    },
    { name: 'Churn?', kind: 'boolean', distinct: 2, missing: 0, examples: [] },
    { name: 'One', kind: 'categorical', distinct: 1, missing: 0, examples: [] },
    { name: 'None', kind: 'empty', distinct: 0, missing: 9, examples: [] }
  ],
  rows_read: 9,
  row_count: 9,
  row_count_exact: true,
  compression: 'None',
  warnings: []
} as unknown as DataPreview;

const good: IExperimentForm = {
  ...emptyForm(),
  name: 'churn-1',
  input_s3_uri: 's3://bucket/churn.csv',
  target: 'Churn?'
};
const check = (change: Partial<IExperimentForm>) =>
  validate({ ...good, ...change }, options, preview, trans);

test('a complete form has no errors', () => {
  expect(check({})).toEqual({});
});

test('32 characters are the limit that AWS really has', () => {
  expect(check({ name: 'a'.repeat(32) })).toEqual({});
  expect(check({ name: 'a'.repeat(33) }).name).toContain('at most 32');
});

test.each(['-a', 'a-', 'a_b', 'a b', 'é'])('the name %p is refused', bad => {
  expect(check({ name: bad }).name).toBeDefined();
});

test.each(['http://x', 's3://', 's3://UPPER/x', 'bucket/key'])(
  'the input %p is refused',
  bad => {
    expect(check({ input_s3_uri: bad }).input_s3_uri).toBeDefined();
  }
);

test('a target that differs in case names the right one', () => {
  expect(check({ target: 'churn?' }).target).toContain('"Churn?"');
  expect(check({ target: 'Nope' }).target).toContain('no column "Nope"');
});

test('a target with one value or none is refused', () => {
  expect(check({ target: 'One' }).target).toContain('only one value');
  expect(check({ target: 'None' }).target).toContain('no values');
});

test('data that would fail may not be sent', () => {
  const bad = {
    ...preview,
    warnings: [
      { code: 'empty', severity: 'error', message: 'The file is empty.' }
    ]
  } as DataPreview;
  expect(validate(good, options, bad, trans).input_s3_uri).toBe(
    'The file is empty.'
  );
});

test.each([
  ['max_candidates', '0'],
  ['max_candidates', '751'],
  ['max_candidates', '1.5'],
  ['max_job_runtime_seconds', '-1'],
  ['validation_fraction', '0'],
  ['validation_fraction', '1']
] as const)('%s may not be %s', (field, value) => {
  expect(check({ [field]: value })[field]).toBeDefined();
});

test('tags need different keys and stay under the limit', () => {
  const tag = (key: string) => ({ key, value: '' });
  expect(check({ tags: [tag('')] }).tags).toBeDefined();
  expect(check({ tags: [tag('a'), tag('a')] }).tags).toBeDefined();
  expect(check({ tags: [tag('a'), tag('b'), tag('c')] }).tags).toBeDefined();
  expect(check({ tags: [tag('a'), tag('b')] })).toEqual({});
});

test('the request holds what was typed and nothing empty', () => {
  const request = toRequest(
    { ...good, objective: 'F1', max_candidates: '7', deploy: true },
    preview
  );
  // Auto takes no objective: both or neither.
  expect(request.objective).toBeNull();
  expect(request.max_candidates).toBe(7);
  expect(request.output_s3_uri).toBeNull();
  expect(request.max_job_runtime_seconds).toBeNull();
  expect(request.auto_deploy).toEqual({ endpoint_name: null });
  expect(
    toRequest({ ...good, complete: false, deploy: true }, preview).auto_deploy
  ).toBeUndefined();
});

test('suggested names are names that AWS accepts', () => {
  const now = new Date(2026, 10, 21, 9, 5, 7);
  const names = [
    's3://b/samples/churn.csv',
    's3://b/x/Bank Marketing (full, additional).csv.gz',
    's3://b/---.csv',
    's3://b/folder/'
  ].map(source => suggestName(source, now));
  expect(names[0]).toBe('churn-1121-090507');
  for (const each of names) {
    expect(check({ name: each }).name).toBeUndefined();
  }
});
