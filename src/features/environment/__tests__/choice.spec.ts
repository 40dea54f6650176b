import type {
  Environments,
  NotebookEnvironment,
  StudioImage,
  StudioInstanceType
} from '../../../api/generated';
import type { IChoice } from '../choice';
import {
  firstChoice,
  NO_SCRIPT,
  percent,
  shownScript,
  shownTypes,
  sortTypes,
  studioName,
  withImage
} from '../choice';

const image = (
  id: string,
  state: StudioImage['state'] = 'built',
  type = 'ml.t3.medium'
): StudioImage => ({
  id,
  name: id.toUpperCase(),
  description: '',
  custom: false,
  gpu: type.startsWith('ml.g'),
  packages: [],
  state,
  reason: null,
  kernels: [{ name: `python3-${id}`, display_name: 'Python 3' }],
  instance_type: type
});

const OFFER: Environments = {
  images: [image('a'), image('b'), image('g', 'built', 'ml.g4dn.xlarge')],
  default: {
    image: 'a',
    kernel: 'python3-a',
    instance_type: 'ml.t3.medium',
    startup_script: null
  },
  machine: { vcpu: 2, memory_gib: 8, gpu: 0 },
  notice: null
};

const type = (
  name: string,
  more: Partial<StudioInstanceType> = {}
): StudioInstanceType => ({
  name,
  vcpu: 2,
  memory_gib: 4,
  gpu: 0,
  price: 1,
  family: 'General purpose',
  fast_launch: false,
  lacks: [],
  text: '',
  ...more
});

describe('the first choice', () => {
  test('is what new notebooks get: Data Science, no choice of a script', () => {
    expect(firstChoice(OFFER, {}, null)).toEqual({
      image: 'a',
      kernel: 'python3-a',
      instanceType: 'ml.t3.medium',
      script: null
    });
  });

  test('is what the launcher chose', () => {
    const usual = {
      image: 'b',
      kernel: 'python3-b',
      instance_type: 'ml.m5.large',
      startup_script: NO_SCRIPT
    };
    expect(firstChoice(OFFER, usual, null)).toEqual({
      image: 'b',
      kernel: 'python3-b',
      instanceType: 'ml.m5.large',
      script: NO_SCRIPT
    });
  });

  test('is what the notebook has', () => {
    const now = {
      image: 'g',
      kernel: 'python3-g',
      instance_type: 'ml.g5.xlarge'
    } as NotebookEnvironment;
    const found = firstChoice(OFFER, { image: 'b' }, now);
    expect(found).toMatchObject({ image: 'g', instanceType: 'ml.g5.xlarge' });
  });

  test('is another image when the usual one cannot run here', () => {
    const images = [image('a'), image('b', 'unavailable')];
    const found = firstChoice({ ...OFFER, images }, { image: 'b' }, null);
    expect(found.image).toBe('a');
  });

  test('is a plain kernel when there are no images', () => {
    const found = firstChoice({ ...OFFER, images: [] }, {}, null);
    expect(found).toMatchObject({ image: null, instanceType: null });
  });
});

describe('the script that is shown', () => {
  const scripts = [
    { arn: 'arn:x/one', name: 'one', default: false },
    { arn: 'arn:x/two', name: 'two', default: true }
  ];

  test('is the default one until somebody chose', () => {
    expect(shownScript(null, scripts)).toBe('arn:x/two');
    expect(shownScript('arn:x/one', scripts)).toBe('arn:x/one');
    expect(shownScript('arn:x/gone', scripts)).toBe('arn:x/two');
  });

  test('is none when none is wanted, or none is the default', () => {
    expect(shownScript(NO_SCRIPT, scripts)).toBe(NO_SCRIPT);
    expect(shownScript(null, scripts.slice(0, 1))).toBe(NO_SCRIPT);
  });

  test('stays open while the scripts are not known', () => {
    expect(shownScript(null, null)).toBeNull();
  });
});

test('another image brings its default instance, unless one was chosen', () => {
  const choice: IChoice = {
    image: 'a',
    kernel: 'python3-a',
    instanceType: 'ml.t3.medium',
    script: null
  };
  const { images } = OFFER;
  expect(withImage(choice, images, 'g')).toMatchObject({
    kernel: 'python3-g',
    instanceType: 'ml.g4dn.xlarge'
  });
  const chosen = { ...choice, instanceType: 'ml.m5.large' };
  expect(withImage(chosen, images, 'g').instanceType).toBe('ml.m5.large');
  expect(withImage(choice, images, 'none')).toEqual(choice);
});

test('the table sorts by each column; unknown prices come last', () => {
  const rows = [
    type('ml.m5.4xlarge', { vcpu: 16, price: 0.9, lacks: ['vcpu'] }),
    type('ml.t3.medium', { price: null }),
    type('ml.m5.12xlarge', { vcpu: 48, price: 2.7, lacks: ['vcpu', 'memory'] })
  ];
  const names = (
    column: Parameters<typeof sortTypes>[1],
    descending = false
  ): string[] => sortTypes(rows, column, descending).map(each => each.name);
  expect(names(null)).toEqual(rows.map(each => each.name));
  expect(names('name')).toEqual([
    'ml.m5.4xlarge',
    'ml.m5.12xlarge',
    'ml.t3.medium'
  ]);
  expect(names('vcpu', true)[0]).toBe('ml.m5.12xlarge');
  expect(names('price')).toEqual([
    'ml.m5.4xlarge',
    'ml.m5.12xlarge',
    'ml.t3.medium'
  ]);
  expect(names('price', true)[2]).toBe('ml.t3.medium');
  expect(names('fits')[0]).toBe('ml.t3.medium');
});

test('"Fast launch only" keeps the chosen one', () => {
  const rows = [type('fast', { fast_launch: true }), type('x'), type('y')];
  expect(shownTypes(rows, true, 'y').map(each => each.name)).toEqual([
    'fast',
    'y'
  ]);
  expect(shownTypes(rows, false, null)).toHaveLength(3);
});

test('percentages have two digits, as in Studio', () => {
  expect(percent(2.806)).toBe('2.81%');
  expect(percent(null)).toBe('0.00%');
});

test('a notebook of the real Studio keeps region and account in its kernel’s name', () => {
  expect(
    studioName(
      'python3__SAGEMAKER_INTERNAL__arn:aws:sagemaker:us-west-2:236514542706:image/datascience-1.0',
      'python-3.6'
    )
  ).toBe(
    'python3__SAGEMAKER_INTERNAL__arn:aws:sagemaker:us-west-2:236514542706:image/python-3.6'
  );
  expect(
    studioName(
      'python3__SAGEMAKER_INTERNAL__arn:aws:sagemaker:us-east-1:1:environment/datascience',
      'x'
    )
  ).toBe('python3__SAGEMAKER_INTERNAL__arn:aws:sagemaker:us-east-1:1:image/x');
});
