import { emptyForm, fromRequest, inputOf, ownErrors, toRequest } from '../form';

test('an empty form asks for a CSV, line by line, and leaves the rest to AWS', () => {
  const request = toRequest(emptyForm('job', 'model'));
  expect(request).toMatchObject({
    name: 'job',
    model_name: 'model',
    content_type: 'text/csv',
    split: 'Line',
    assemble: 'Line',
    output_s3_uri: null,
    strategy: null,
    max_payload_mb: null,
    instance_count: 1,
    join: false,
    further: {}
  });
});

test('a request comes back from the form that shows it', () => {
  const request = {
    ...toRequest(emptyForm('copy', 'model')),
    input_s3_uri: 's3://bucket/rows/',
    split: 'None' as const,
    content_type: null,
    max_payload_mb: 20,
    max_concurrent: 0,
    strategy: 'SingleRecord' as const,
    input_filter: '$[1:]',
    join: true,
    environment: { LEVEL: '3', EMPTY: '' },
    tags: [{ key: 'team', value: '' }],
    further: { DataCaptureConfig: { DestinationS3Uri: 's3://bucket/seen' } }
  };
  expect(toRequest(fromRequest(request))).toEqual(request);
});

test('text that is no number, no JSON or stands twice is an error', () => {
  const form = {
    ...emptyForm('job', 'model'),
    instance_count: '',
    max_payload_mb: '6.5',
    further: '[1]',
    environment: [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
      { name: '', value: '' }
    ]
  };
  expect(ownErrors(form, 'number', 'json', 'twice')).toEqual({
    instance_count: 'number',
    max_payload_mb: 'number',
    further: 'json',
    environment: 'twice'
  });
  expect(ownErrors(emptyForm('', ''), 'number', 'json', 'twice')).toEqual({});
});

test('models that need whole files get each file as one request', () => {
  const model = (image: string | null) =>
    ({ containers: [{ image }] }) as Parameters<typeof inputOf>[0];
  const registry = '683313688378.dkr.ecr.us-east-1.amazonaws.com';
  expect(
    inputOf(model(`${registry}/sagemaker-automl-forecasting:1.0-cpu-py3`))
  ).toEqual({ split: 'None' });
  expect(
    inputOf(
      model(`${registry}/sagemaker-automl-image-classification:1.0-cpu-py3`)
    )
  ).toEqual({ split: 'None', content_type: 'application/x-image' });
  expect(inputOf(model(`${registry}/sagemaker-xgboost:1.7-1`))).toEqual({});
  expect(inputOf(model(null))).toEqual({});
  expect(inputOf({ containers: [] })).toEqual({});
});
