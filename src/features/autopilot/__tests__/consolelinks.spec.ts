import { CommandIDs } from '../../../commands';
import { consolePage } from '../consolelinks';

const HOME =
  'https://us-east-1.console.aws.amazon.com/sagemaker/home?region=us-east-1';

test.each([
  [`${HOME}#/endpoints`, CommandIDs.showPanel, null],
  [`${HOME}#/endpoints/a-1`, CommandIDs.openEndpoint, 'a-1'],
  [`${HOME}#/hyper-tuning-jobs/t`, CommandIDs.openTuningJob, 't'],
  [`${HOME}#/jobs/j%2D1`, CommandIDs.openTrainingJob, 'j-1']
])('%s opens a page here', (address, command, name) => {
  expect(consolePage(address)).toEqual({ command, name });
});

test.each([
  'https://example.com/sagemaker/home#/endpoints',
  'https://console.aws.amazon.com/s3/home#/endpoints',
  `${HOME}#/notebooks`,
  '#/endpoints',
  ''
])('%p stays what it is', address => {
  expect(consolePage(address)).toBeNull();
});
