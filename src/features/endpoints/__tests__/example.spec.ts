import type { DataPreview, Endpoint } from '../../../api/generated';
import { exampleRow, jobsBehind } from '../example';

const endpoint = (...urls: string[]): Endpoint =>
  ({
    variants: [
      {
        containers: urls.map(model_data_url => ({
          image: '',
          model_data_url,
          environment: {}
        }))
      }
    ]
  }) as unknown as Endpoint;

test('the job is read from where Autopilot keeps its artifacts', () => {
  expect(
    jobsBehind(
      endpoint(
        's3://b/out/churn-1/data-processor-models/churn-1-dpp0/output/model.tar.gz',
        's3://b/out/churn-1/tuning/churn-1-dpp0-xgb/x/output/model.tar.gz'
      )
    )
  ).toEqual(['churn-1']);
  expect(jobsBehind(endpoint('s3://b/mine/model.tar.gz'))).toEqual([]);
});

test('the example leaves the target out and quotes what must be', () => {
  const preview = {
    columns: [{ name: 'a' }, { name: 'y' }, { name: 'b' }],
    rows: [['1, 2', 'yes', 'say "hi"']]
  } as unknown as DataPreview;
  expect(exampleRow(preview, 'y')).toBe('"1, 2","say ""hi"""');
  expect(exampleRow({ ...preview, rows: [] }, 'y')).toBeNull();
});
