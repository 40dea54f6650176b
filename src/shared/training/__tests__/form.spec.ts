import type { TrainingOptions } from '../../../api/generated';
import {
  choiceOfAlgorithm,
  emptyForm,
  fieldsOf,
  fromRequest,
  furtherOf,
  imageOf,
  ownErrors,
  stampedName,
  toRequest,
  wasTouched,
  whole
} from '../form';

const options = {
  algorithms: [
    {
      name: 'absent',
      offered: false,
      versions: [],
      hyperparameters: [],
      channels: [],
      input_modes: ['File'],
      metrics: []
    },
    {
      name: 'trees',
      offered: true,
      versions: [{ version: '2', image: 'registry/trees:2' }],
      input_modes: ['File', 'Pipe'],
      metrics: [],
      channels: [
        { name: 'train', required: true, content_types: ['text/csv'] },
        { name: 'validation', required: false, content_types: ['text/csv'] }
      ],
      hyperparameters: [
        { name: 'rounds', kind: 'integer', required: true, default: '100' },
        { name: 'eta', kind: 'number' }
      ]
    },
    {
      name: 'lines',
      offered: true,
      versions: [{ version: '1', image: 'registry/lines:1' }],
      input_modes: ['File'],
      metrics: [],
      channels: [{ name: 'train', required: true, content_types: [] }],
      hyperparameters: [{ name: 'eta', kind: 'number' }]
    }
  ],
  frameworks: []
} as unknown as TrainingOptions;

test('the form opens with the first algorithm that is offered', () => {
  const form = emptyForm(options);
  expect([form.algorithm, form.version]).toEqual(['trees', '2']);
  expect(form.hyperparameters).toEqual([{ name: 'rounds', value: '100' }]);
  expect(form.channels.map(each => [each.name, each.content_type])).toEqual([
    ['train', 'text/csv']
  ]);
  expect(imageOf(form, options)).toBe('registry/trees:2');
});

test('another algorithm keeps what both know, and channels that are filled in', () => {
  const form = emptyForm(options);
  form.hyperparameters.push({ name: 'eta', value: '0.5' });
  form.input_mode = 'Pipe';
  const [, trees, lines] = options.algorithms;
  const change = choiceOfAlgorithm(form, lines, trees);
  expect(change.hyperparameters).toEqual([{ name: 'eta', value: '0.5' }]);
  expect(change.input_mode).toBe('File');
  form.channels[0].s3_uri = 's3://bucket/mine';
  expect(choiceOfAlgorithm(form, lines, trees).channels).toBe(form.channels);
});

test('a request survives the way through the form', () => {
  const form = {
    ...emptyForm(options),
    name: 'job',
    environment: [
      { name: 'A', value: '1' },
      { name: '', value: 'nothing' }
    ],
    spot: true,
    max_wait_seconds: '90000',
    further: '{"VpcConfig": {"Subnets": ["s"]}}'
  };
  form.channels[0].s3_uri = ' s3://bucket/x ';
  const request = toRequest(form);
  expect(request.environment).toEqual({ A: '1' });
  expect(request.channels?.[0].s3_uri).toBe('s3://bucket/x');
  expect(request.further).toEqual({ VpcConfig: { Subnets: ['s'] } });
  expect(toRequest(fromRequest(request, options))).toEqual(request);
});

test('a script of a clone keeps its archive', () => {
  const request = toRequest({
    ...emptyForm(options),
    source: 'script',
    framework: 'sklearn',
    script_path: 'old.py',
    script_s3_uri: 's3://bucket/sourcedir.tar.gz',
    entry_point: 'train.py'
  });
  expect(request.script).toEqual({
    path: null,
    s3_uri: 's3://bucket/sourcedir.tar.gz',
    entry_point: 'train.py'
  });
});

test('what is no number, no JSON or there twice is seen at once', () => {
  const form = {
    ...emptyForm(options),
    instance_count: 'two',
    volume_gb: '',
    max_runtime_seconds: '',
    further: '[1]',
    environment: [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' }
    ]
  };
  expect(ownErrors(form, 'number', 'json', 'twice')).toEqual({
    instance_count: 'number',
    volume_gb: 'number',
    further: 'json',
    environment: 'twice'
  });
  expect(furtherOf('')).toEqual({});
  expect(furtherOf('{')).toBeNull();
  expect([whole('12'), whole('1.5'), whole('')]).toEqual([12, null, null]);
});

test('errors show at fields that somebody was at', () => {
  const touched = new Set(
    fieldsOf({ script_path: 'x', channels: [], name: 'n' })
  );
  expect([...touched]).toEqual(['script.path', 'channels', 'name']);
  expect(wasTouched('channels.0.s3_uri', touched)).toBe(true);
  expect(wasTouched('script.entry_point', touched)).toBe(false);
  expect(wasTouched('namesake', touched)).toBe(false);
});

test('names carry the time', () => {
  expect(stampedName('training', new Date(2026, 10, 21, 7, 8, 9))).toBe(
    'training-1121-070809'
  );
});
