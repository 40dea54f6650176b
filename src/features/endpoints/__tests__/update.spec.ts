import type { Endpoint } from '../../../api/generated';
import type { IUpdateForm } from '../update';
import {
  addedVariant,
  bodyOf,
  changesOf,
  emptyForm,
  problemsOf
} from '../update';

const variant = {
  shadow: false,
  model_name: 'model',
  instance_type: 'ml.m5.large',
  current_instances: 1,
  desired_instances: 1,
  current_weight: 1,
  desired_weight: 1,
  status: null,
  serverless: false,
  memory_mb: null,
  max_concurrency: null,
  multi_model: false,
  direct: false,
  containers: []
};

const ENDPOINT = {
  name: 'shop',
  variants: [
    { ...variant, name: 'blue' },
    { ...variant, name: 'green' },
    { ...variant, name: 'dark', shadow: true }
  ],
  capture: {
    enabled: false,
    status: null,
    sampling_percentage: null,
    destination_s3_uri: null,
    modes: []
  }
} as unknown as Endpoint;

function form(change: (form: IUpdateForm) => void): IUpdateForm {
  const made = emptyForm(ENDPOINT);
  change(made);
  return made;
}

test('the form opens as the endpoint is, and an unchanged one is not sent', () => {
  const opened = emptyForm(ENDPOINT);
  expect(opened.variants.map(each => each.name)).toEqual(['blue', 'green']);
  expect(changesOf(opened, ENDPOINT)).toEqual([]);
  expect(problemsOf(opened, ENDPOINT)).toEqual({ variants: 'nothing' });
});

test('only what was changed is sent', () => {
  const changed = form(each => {
    each.variants[0].instances = '3';
    each.variants[1].remove = true;
    each.variants.push({ ...addedVariant(each), model: 'other' });
  });
  expect(problemsOf(changed, ENDPOINT)).toEqual({});
  expect(bodyOf(changed, ENDPOINT)).toEqual({
    variants: [
      { name: 'blue', instance_count: 3 },
      { name: 'green', remove: true },
      {
        name: 'variant-3',
        new: true,
        model_name: 'other',
        instance_type: 'ml.m5.large',
        instance_count: 1,
        weight: 1
      }
    ],
    capture: null,
    policy: {
      kind: 'ALL_AT_ONCE',
      wait_seconds: 0,
      alarms: [],
      termination_wait_seconds: 0
    }
  });
});

test('a configuration that is there goes without changes', () => {
  const changed = form(each => {
    each.source = 'config';
    each.variants[0].instances = '3';
  });
  expect(problemsOf(changed, ENDPOINT)).toEqual({ config_name: 'required' });
  changed.config = ' other ';
  changed.retain = true;
  changed.kind = 'ROLLING';
  changed.size = '50';
  changed.wait = '60';
  changed.timeout = '700';
  expect(bodyOf(changed, ENDPOINT)).toEqual({
    config_name: 'other',
    retain: true,
    policy: {
      kind: 'ROLLING',
      size: 50,
      size_kind: 'CAPACITY_PERCENT',
      wait_seconds: 60,
      timeout_seconds: 700,
      alarms: []
    }
  });
});

test.each<[string, (form: IUpdateForm) => void, object]>([
  [
    'a canary of 60 percent',
    each => {
      each.kind = 'CANARY';
      each.size = '60';
    },
    { 'policy.size': 'range' }
  ],
  [
    'a canary of 60 instances',
    each => {
      each.kind = 'CANARY';
      each.size = '60';
      each.sizeKind = 'INSTANCE_COUNT';
    },
    {}
  ],
  [
    'words as time',
    each => (each.wait = 'long'),
    { 'policy.wait_seconds': 'number' }
  ],
  [
    'no time',
    each => (each.terminationWait = ''),
    { 'policy.termination_wait_seconds': 'number' }
  ],
  [
    'a weight below zero',
    each => (each.variants[0].weight = '-1'),
    { variants: 'numbers' }
  ],
  ['no model', each => (each.variants[0].model = ' '), { variants: 'model' }],
  [
    'half an instance',
    each => (each.variants[0].instances = '1.5'),
    { variants: 'numbers' }
  ],
  [
    'no sampling',
    each => (each.sampling = ''),
    { 'capture.sampling_percentage': 'number' }
  ]
])('%s is said before anything is sent', (_, change, expected) => {
  const changed = form(each => {
    each.capture = 'on';
    change(each);
  });
  expect(problemsOf(changed, ENDPOINT)).toEqual(expected);
});

test('data capture is sent when it is turned on or off', () => {
  const on = form(each => {
    each.capture = 'on';
    each.captureOutput = false;
    each.destination = '';
  });
  expect(bodyOf(on, ENDPOINT).capture).toEqual({
    enabled: true,
    sampling_percentage: 100,
    destination_s3_uri: null,
    input: true,
    output: false
  });
  const off = form(each => (each.capture = 'off'));
  expect(problemsOf(off, ENDPOINT)).toEqual({});
  expect(bodyOf(off, ENDPOINT).capture).toEqual({ enabled: false });
});
