import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, test } from '@jupyterlab/galata';

import { api, audit, onTop, openPanel, shoot } from './pages';

test.use({ viewport: { width: 1360, height: 900 } });

/** Trains a small model and deploys it, which makes a model; answers the model's and the endpoint's names. */
async function makeModel(
  page: IJupyterLabPageFixture,
  tmpPath: string
): Promise<{ model: string; endpoint: string }> {
  const rows = Array.from({ length: 200 }, (_, index) => {
    const label = index % 2;
    return `${label},${label * 10 + (index % 7)},${index % 5}`;
  });
  await page.contents.uploadContent(
    rows.join('\n'),
    'text',
    `${tmpPath}/rows.csv`
  );
  // Without the label, but with a number in front that names the row.
  const input = Array.from({ length: 30 }, (_, index) => {
    return `${1000 + index},${(index % 2) * 10 + 3},2`;
  });
  await page.contents.uploadContent(
    input.join('\n'),
    'text',
    `${tmpPath}/to-predict.csv`
  );
  await api(page, 'POST', 'engine/start');
  const sent = await api(page, 'POST', 'data/upload', {
    path: `${tmpPath}/rows.csv`
  });
  const stamp = Date.now();
  const [job, endpoint] = [`for-models-${stamp}`, `first-${stamp}`];
  await api(page, 'POST', 'training-jobs', {
    name: job,
    algorithm: 'xgboost',
    version: '1.7-1',
    hyperparameters: { num_round: '5', objective: 'binary:logistic' },
    channels: [{ name: 'train', s3_uri: sent.s3_uri, content_type: 'text/csv' }]
  });
  await expect
    .poll(async () => (await api(page, 'GET', `training-jobs/${job}`)).status, {
      timeout: 60_000
    })
    .toBe('Completed');
  const deployed = await api(page, 'POST', `training-jobs/${job}/deploy`, {
    endpoint_name: endpoint
  });
  return { model: deployed.model_name, endpoint };
}

test('a model predicts a file, is deployed and deleted', async ({
  page,
  tmpPath
}) => {
  const { model, endpoint } = await makeModel(page, tmpPath);
  await page.filebrowser.openDirectory(tmpPath);
  const panel = await openPanel(page);

  // The panel has the model; its page says what it is and who uses it.
  await panel.getByRole('button', { name: 'Models', exact: true }).click();
  const row = panel.locator(
    `.smstudio-Grid-row[data-kind="Model"][data-name="${model}"]`
  );
  await row.dblclick();
  const modelPage = onTop(page);
  await expect(
    modelPage.getByRole('heading', { name: `MODEL: ${model}` })
  ).toBeVisible();
  await expect(modelPage.getByText('sagemaker-xgboost:1.7-1')).toBeVisible();
  await expect(
    modelPage.getByRole('button', { name: endpoint, exact: true })
  ).toBeVisible();
  await shoot(page, 'model');
  await audit(page);

  // Batch transform: the row's number stays out of the model and comes back beside the prediction.
  await modelPage
    .getByRole('button', { name: 'Create batch transform job' })
    .click();
  const form = page.getByRole('form', { name: 'Create batch transform job' });
  await expect(form.getByLabel('Model', { exact: true })).toHaveValue(model);
  const name = await form.getByLabel('Job name').inputValue();
  await form.getByRole('button', { name: 'Upload a Jupyter file…' }).click();
  const files = page.locator('.jp-Dialog');
  await files.getByText('to-predict.csv', { exact: true }).click();
  await files.locator('button.jp-mod-accept').click();
  await expect(form.getByLabel('S3 location', { exact: true })).toHaveValue(
    /^s3:\/\/.*\/to-predict\.csv$/
  );
  const filter = form.getByLabel('Input filter');
  await filter.fill('[1:]');
  await expect(form.getByText('must begin with $')).toBeVisible();
  await filter.fill('$[1:]');
  await form.getByLabel('Join each input row').check();
  await form.getByLabel('Output filter').fill('$[0,-1]');
  await expect(form.getByText('must begin with $')).toBeHidden();
  await form.getByRole('button', { name: 'Copy as code' }).click();
  await expect(form.getByText('create_transform_job(')).toBeVisible();
  await audit(page);
  await form.getByRole('button', { name: 'Hide the code' }).click();
  await shoot(page, 'create-transform');
  await form
    .getByRole('button', { name: 'Create batch transform job' })
    .click();
  const job = onTop(page);
  await expect(
    job.getByRole('heading', { name: `BATCH TRANSFORM JOB: ${name}` })
  ).toBeVisible();
  await expect(
    job.getByText('Completed', { exact: true }).first()
  ).toBeVisible();
  await shoot(page, 'transform-overview');
  await audit(page);
  await job.getByRole('tab', { name: 'Outputs' }).click();
  await expect(
    job.getByRole('table', { name: 'Outputs' }).getByText('to-predict.csv.out')
  ).toBeVisible();
  const begins = job.getByRole('region', {
    name: 'How to-predict.csv.out begins'
  });
  await expect(begins.locator('pre')).toHaveText(/^1000,0\.\d+\n1001,0\.\d+\n/);
  const download = await page.request.get(
    (await job
      .getByRole('table', { name: 'Outputs' })
      .getByRole('link')
      .getAttribute('href')) ?? ''
  );
  expect((await download.text()).trim().split('\n')).toHaveLength(30);
  await shoot(page, 'transform-outputs');
  await audit(page);
  await job.getByRole('tab', { name: 'Logs' }).click();
  await expect(job.getByRole('log')).toBeVisible();
  await job.getByRole('button', { name: 'Clone' }).click();
  const copy = page.getByRole('form', {
    name: `Create batch transform job like ${name}`
  });
  await expect(copy.getByLabel('Output filter')).toHaveValue('$[0,-1]');
  await page.menu.clickMenuItem('SageMaker>Batch Transform Jobs');
  await expect(
    onTop(page).locator(`.smstudio-Grid-row[data-name="${name}"]`)
  ).toHaveAttribute('data-status', 'Completed');
  await shoot(page, 'transform-list');

  // Deploy the model once more, then delete it, which warns of what still serves it.
  await page.menu.clickMenuItem('SageMaker>Models');
  const list = onTop(page);
  await list.locator(`.smstudio-Grid-row[data-name="${model}"]`).dblclick();
  await modelPage.getByRole('button', { name: 'Deploy model' }).click();
  const dialog = page.getByRole('dialog', { name: 'Deploy model' });
  const second = `second-${Date.now()}`;
  await dialog.getByLabel('Endpoint name').fill(second);
  await dialog.getByRole('button', { name: 'Deploy model' }).click();
  await expect(
    page.getByRole('heading', { name: `ENDPOINT: ${second}` })
  ).toBeVisible();
  await expect(
    onTop(page).getByText('InService', { exact: true }).first()
  ).toBeVisible();
  await row.click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Delete…' }).click();
  const warning = page.getByRole('dialog', { name: 'Delete model' });
  await expect(warning.getByText('The model is in use.')).toBeVisible();
  await expect(
    warning.getByText(new RegExp(`${second}.*${endpoint}`))
  ).toBeVisible();
  const remove = warning.getByRole('button', { name: 'Delete', exact: true });
  await expect(remove).toBeDisabled();
  await warning.getByLabel('Delete it all the same').check();
  await shoot(page, 'delete-model');
  await audit(page);
  await remove.click();
  await expect(
    page.getByText(`The model "${model}" does not exist any more.`)
  ).toBeVisible();
  await expect(row).toHaveCount(0);
  for (const each of [endpoint, second]) {
    await api(page, 'DELETE', `endpoints/${each}?config=true&models=false`);
  }
});
