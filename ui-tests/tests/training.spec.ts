import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { audit, onTop, openPanel, shoot } from './pages';

test.use({ viewport: { width: 1360, height: 900 } });

/** A table with a first column that the others tell, without a header, as XGBoost wants it. */
function table(rows: number, start: number): string {
  let seed = start;
  const random = (): number => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  return Array.from({ length: rows }, () => {
    const [a, b, c] = [random(), random(), random()];
    const label = a + b + 0.4 * random() > 1.2 ? 1 : 0;
    return [label, a.toFixed(4), b.toFixed(4), c.toFixed(4)].join(',');
  }).join('\n');
}

// A walk that failed halfway leaves nothing that slows the next one down.
test.afterEach(async ({ page }) => {
  for (const kind of ['training-jobs', 'tuning-jobs']) {
    const answer = await page.request.get(
      `/smstudio/api/${kind}?status=InProgress`
    );
    for (const { name } of (await answer.json()).items ?? []) {
      await page.request.post(`/smstudio/api/${kind}/${name}/stop`);
    }
  }
});

async function fillForm(
  page: IJupyterLabPageFixture,
  tmpPath: string
): Promise<Locator> {
  for (const [name, rows, seed] of [
    ['numbers', 400, 7],
    ['other-numbers', 200, 11]
  ] as const) {
    await page.contents.uploadContent(
      table(rows, seed),
      'text',
      `${tmpPath}/${name}.csv`
    );
  }
  await page.filebrowser.openDirectory(tmpPath);
  await openPanel(page);
  await page.menu.clickMenuItem('SageMaker>Create Training Job');
  const form = page.getByRole('form', { name: 'Create training job' });
  await expect(form.getByLabel('Job name')).toHaveValue(/^training-/);
  await form
    .getByLabel('objective', { exact: true })
    .selectOption('binary:logistic');
  await form.getByLabel('eval_metric', { exact: true }).fill('auc,logloss');
  await form.getByRole('button', { name: 'Add channel "validation"' }).click();
  for (const [index, name] of ['numbers', 'other-numbers'].entries()) {
    await form
      .getByRole('button', { name: 'Upload a Jupyter file…' })
      .nth(index)
      .click();
    const dialog = page.locator('.jp-Dialog');
    await dialog.getByText(`${name}.csv`, { exact: true }).click();
    await dialog.locator('button.jp-mod-accept').click();
    await expect(
      form.getByLabel('S3 location', { exact: true }).nth(index)
    ).toHaveValue(new RegExp(`^s3://.*/${name}\\.csv$`));
  }
  return form;
}

test('create, watch, clone and stop a training job', async ({
  page,
  tmpPath
}) => {
  const form = await fillForm(page, tmpPath);
  const name = await form.getByLabel('Job name').inputValue();

  // What AWS or the algorithm would refuse is said before anything is sent.
  const rounds = form.getByLabel('num_round – required');
  await rounds.fill('many');
  await expect(form.getByText('must be a whole number')).toBeVisible();
  await shoot(page, 'create-training-errors');
  await rounds.fill('60');
  await expect(form.getByText('must be a whole number')).toBeHidden();
  await form.getByRole('button', { name: 'Copy as code' }).click();
  await expect(form.getByText('sagemaker.create_training_job(')).toBeVisible();
  await form.getByRole('tab', { name: 'SageMaker SDK 2' }).click();
  await expect(form.getByText('estimator.fit(')).toBeVisible();
  await audit(page);
  await form.getByRole('button', { name: 'Hide the code' }).click();
  await form.getByLabel('Job name').scrollIntoViewIfNeeded();
  await shoot(page, 'create-training');
  await form.getByRole('button', { name: 'Create training job' }).click();

  const job = onTop(page);
  await expect(
    job.getByRole('heading', { name: `TRAINING JOB: ${name}` })
  ).toBeVisible();
  await expect(
    job.getByText('Completed', { exact: true }).first()
  ).toBeVisible();
  await shoot(page, 'training-overview');
  await audit(page);
  await job.getByRole('tab', { name: 'Metrics' }).click();
  await expect(
    job.getByRole('img', { name: /Chart of auc: 120 values/ })
  ).toBeVisible();
  await expect(
    job.locator('.smstudio-Chart svg, .smstudio-Chart canvas').first()
  ).toBeVisible();
  await shoot(page, 'training-metrics');
  await audit(page);

  // A longer one of the same kind, whose log is followed and which is stopped.
  await job.getByRole('button', { name: 'Clone' }).click();
  const copy = page.getByRole('form', {
    name: `Create training job like ${name}`
  });
  await expect(copy.getByLabel('num_round – required')).toHaveValue('60');
  await copy.getByLabel('num_round – required').fill('500000');
  // Rounds that take their time: the log of a quick one grows faster than a busy machine reads it.
  await copy.getByText(/Show all \d+ hyperparameters/).click();
  await copy.getByLabel('num_parallel_tree', { exact: true }).fill('300');
  const second = await copy.getByLabel('Job name').inputValue();
  await copy.getByRole('button', { name: 'Create training job' }).click();
  const running = onTop(page);
  await expect(
    running.getByRole('heading', { name: `TRAINING JOB: ${second}` })
  ).toBeVisible();
  await running.getByRole('tab', { name: 'Logs' }).click();
  const log = running.getByRole('log');
  await expect(log.getByText(/validation-auc/).first()).toBeVisible();
  // It follows what is written until somebody scrolls up.
  const seen = running.getByText(/^\d+ lines$/);
  const before = await seen.textContent();
  await expect(running.getByLabel('Follow')).toBeChecked();
  await expect(seen).not.toHaveText(before ?? '');
  await log.hover();
  await page.mouse.wheel(0, -200);
  await expect(running.getByLabel('Follow')).not.toBeChecked();
  await running.getByLabel('Follow').check();
  await running.getByLabel('Search the log').fill('auc [3]');
  await expect(running.getByText(/^\d+ of \d+ lines$/)).toBeVisible();
  await expect(log.locator('mark').first()).toBeVisible();
  const href = await running
    .getByRole('link', { name: 'Download the whole log' })
    .getAttribute('href');
  const download = await page.request.get(href ?? '');
  expect(download.headers()['content-disposition']).toContain('attachment');
  expect(await download.text()).toContain('validation-auc');
  await shoot(page, 'training-logs');
  await audit(page);
  // The charts are drawn while the job runs.
  await running.getByRole('tab', { name: 'Metrics' }).click();
  await expect(
    running.getByRole('img', { name: /Chart of auc: [\d,]+ values/ })
  ).toBeVisible();
  await expect(running.getByText('InProgress', { exact: true })).toBeVisible();
  await running.getByRole('button', { name: 'Stop training job' }).click();
  await page
    .locator('.jp-Dialog')
    .getByRole('button', { name: 'Stop training job' })
    .click();
  await expect(
    running.getByText('Stopped', { exact: true }).first()
  ).toBeVisible();

  // The list has both; a filter leaves one.
  await page.menu.clickMenuItem('SageMaker>Training Jobs');
  const list = onTop(page);
  const rows = list.locator('.smstudio-Grid-row');
  await expect(rows.filter({ hasText: name })).toHaveCount(2);
  await shoot(page, 'training-list');
  await list.getByLabel('Status').selectOption('Stopped');
  await expect(rows).toHaveCount(1);
  await audit(page);
});

test('a tuning job finds the best trial', async ({ page, tmpPath }) => {
  const training = await fillForm(page, tmpPath);
  await training.getByLabel('num_round – required').fill('20');
  // The typed form outlives a reload.
  const typed = await training.getByLabel('Job name').inputValue();
  await expect
    .poll(() => page.evaluate(() => Object.values(sessionStorage).join(' ')))
    .toMatch(/"num_round","value":"20"/);
  await page.reload({ waitForIsReady: false });
  await expect(training.getByLabel('Job name')).toHaveValue(typed);
  await training.getByRole('button', { name: 'Tune' }).click();

  const form = page.getByRole('form', { name: 'Create tuning job' });
  await expect(form.getByLabel('Objective metric')).toHaveValue(
    'validation:auc'
  );
  await form.getByLabel('Training jobs at most').fill('6');
  await form.getByLabel('Minimum of row 1').fill('0.7');
  await form.getByLabel('Maximum of row 1').fill('0.2');
  await expect(
    form.getByText('the minimum is greater than the maximum')
  ).toBeVisible();
  await form.getByLabel('Minimum of row 1').fill('0.1');
  await expect(
    form.getByText('the minimum is greater than the maximum')
  ).toBeHidden();
  await shoot(page, 'create-tuning');
  await audit(page);
  const name = await form.getByLabel('Tuning job name').inputValue();
  await form.getByRole('button', { name: 'Create tuning job' }).click();

  const job = onTop(page);
  await expect(
    job.getByRole('heading', { name: `TUNING JOB: ${name}` })
  ).toBeVisible();
  await expect(job.getByText('The tuning job is completed.')).toBeVisible();
  await expect(job.getByText('6 of 6 trials started')).toBeVisible();
  const trials = job.getByRole('grid', { name: 'Trials' });
  await expect(trials.locator('.smstudio-Grid-row')).toHaveCount(6);
  await expect(trials.getByText('★ Best')).toBeVisible();
  await expect(trials.getByRole('columnheader', { name: 'eta' })).toBeVisible();
  await trials.getByRole('button', { name: 'eta' }).click();
  await expect(
    trials.getByRole('columnheader', { name: 'eta' })
  ).toHaveAttribute('aria-sort', 'ascending');
  await shoot(page, 'tuning-trials');
  await job.getByRole('tab', { name: 'Charts' }).click();
  await expect(
    job.getByRole('img', { name: /Scatter of eta against validation:auc/ })
  ).toBeVisible();
  await expect(
    job.locator('.smstudio-Chart svg, .smstudio-Chart canvas').first()
  ).toBeVisible();
  await shoot(page, 'tuning-charts');
  await audit(page);
});
