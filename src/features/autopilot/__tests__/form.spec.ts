import type { TranslationBundle } from '@jupyterlab/translation';

import type { DataPreview, Options } from '../../../api/generated';
import { validate } from '../checks';
import type { IExperimentForm } from '../form';
import { emptyForm, fromRequest, suggestName, toRequest } from '../form';

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
  expect(check({ split: 'ratio', [field]: value })[field]).toBeDefined();
});

test('the split asks for what it needs', () => {
  expect(check({ split: 'ratio' }).validation_fraction).toBeDefined();
  expect(check({ split: 'set' }).validation_s3_uri).toBeDefined();
  expect(check({ split: 'set', validation_s3_uri: 'file.csv' })).toHaveProperty(
    'validation_s3_uri'
  );
  expect(check({ split: 'auto', validation_fraction: '7' })).toEqual({});
  const request = toRequest(
    { ...good, split: 'auto', validation_fraction: '0.4' },
    preview
  );
  expect(request.validation_fraction).toBeNull();
});

test('columns that are left out make a list of the others', () => {
  expect(toRequest(good, preview).feature_names).toEqual([]);
  const form: IExperimentForm = {
    ...good,
    unused: ['None', 'Churn?'],
    feature_types: { State: 'text', None: 'text', 'Churn?': 'numeric' }
  };
  const request = toRequest(form, preview);
  expect(request.feature_names).toEqual(['State', 'One']);
  expect(request.feature_types).toEqual({ State: 'text' });
  const none = { unused: ['State', 'One', 'None'] };
  expect(check(none).feature_names).toBeDefined();
  const specified = toRequest(
    { ...form, feature_specification_s3_uri: 's3://bucket/spec.json' },
    preview
  );
  expect(specified.feature_names).toBeUndefined();
});

test('a pilot needs a mode that has candidate definitions', () => {
  expect(check({ complete: false, mode: 'ENSEMBLING' }).mode).toBeDefined();
  expect(check({ complete: false })).toEqual({});
});

test('subnets and security groups come together', () => {
  expect(check({ subnets: 'subnet-1' }).security_group_ids).toBeDefined();
  expect(check({ security_group_ids: 'sg-1' }).subnets).toBeDefined();
  const request = toRequest(
    { ...good, subnets: 'subnet-1, subnet-2 ,', security_group_ids: 'sg-1' },
    null
  );
  expect(request.subnets).toEqual(['subnet-1', 'subnet-2']);
});

test('a form that shows a request sends the same request', () => {
  const form: IExperimentForm = {
    ...good,
    mode: 'ENSEMBLING',
    algorithms: ['catboost'],
    split: 'set',
    validation_s3_uri: 's3://bucket/valid.csv',
    sample_weight: 'One',
    max_candidates: '7',
    subnets: 'subnet-1',
    security_group_ids: 'sg-1',
    tags: [{ key: 'a', value: 'b' }],
    deploy: true,
    endpoint_name: 'here'
  };
  const request = toRequest(form, null);
  expect(toRequest(fromRequest(request), null)).toEqual(request);
});

test('Parquet is sent as such', () => {
  const parquet = { ...preview, format: 'parquet' } as DataPreview;
  expect(toRequest(good, parquet).content_type).toContain('parquet');
  expect(toRequest(good, preview).content_type).toBeUndefined();
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
