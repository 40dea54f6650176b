import { expect, test } from '@jupyterlab/galata';

import { audit, openPanel, shoot } from './pages';

/** Few candidates keep the walk short; nothing else is made easier for it. */
const CANDIDATES = '4';

test.use({ viewport: { width: 1360, height: 860 }, autoGoto: true });

test('create, tune, deploy, predict, delete', async ({ page }) => {
  const panel = await openPanel(page);

  // The engine starts by itself; other tests may have left experiments.
  const empty = panel.getByText('No experiments yet');
  await expect(
    empty
      .or(panel.locator('.smstudio-Grid-row[data-kind="AutoMLJob"]').first())
      .first()
  ).toBeVisible();
  if (await empty.isVisible()) {
    await shoot(page, 'panel-empty');
  }
  await panel.getByRole('button', { name: 'Create Experiment' }).click();

  const form = page.getByRole('form', {
    name: 'Create Amazon SageMaker Autopilot Experiment'
  });
  await form.getByLabel('Use sample data').selectOption('churn');
  await expect(
    form.getByRole('table', { name: 'Columns of the data' })
  ).toBeVisible();
  await expect(form.getByText('3,333 rows · 21 columns')).toBeVisible();
  await expect(form.getByLabel('Target attribute name')).toHaveValue('Churn?');
  await expect(form.getByLabel('Objective metric')).toHaveValue('F1');
  await shoot(page, 'create-experiment');
  await audit(page);

  const name = await form.getByLabel('Experiment Name').inputValue();
  // The leaderboard of tuned candidates; Auto would ensemble data of this size.
  await form
    .getByRole('radio', { name: 'Hyperparameter optimization (HPO)' })
    .check();
  await form.getByText('Advanced settings – Optional').click();
  await form.getByLabel('Max candidates').fill(CANDIDATES);
  await form.getByRole('button', { name: 'Create Experiment' }).click();

  await expect(
    page.getByRole('heading', { name: `EXPERIMENT: ${name}` })
  ).toBeVisible();
  const stages = page.getByRole('list', { name: 'Stages' });
  await expect(stages.getByRole('listitem')).toContainText([
    'Analyzing Data',
    'Feature Engineering',
    'Model Tuning',
    'Completed'
  ]);
  // The job's row is in the panel without a refresh.
  const job = panel.locator(
    `.smstudio-Grid-row[data-kind="AutoMLJob"][data-name="${name}"]`
  );
  await expect(job).toBeVisible();

  const trials = page.getByRole('grid', { name: 'Trials' });
  await expect(trials.getByText('★ Best')).toBeVisible({ timeout: 120_000 });
  await shoot(page, 'tuning');

  await expect(page.getByText('The experiment is completed.')).toBeVisible({
    timeout: 150_000
  });
  const rows = trials.locator('.smstudio-Grid-row');
  await expect(rows).toHaveCount(Number(CANDIDATES));
  await expect(rows.first()).toContainText('★ Best');
  await expect(
    trials.getByRole('columnheader', { name: /Objective: F1/ })
  ).toHaveAttribute('aria-sort', 'descending');
  await expect(job).toHaveAttribute('data-status', 'Completed');
  await expect(
    page.locator('.smstudio-Chart svg, .smstudio-Chart canvas')
  ).toBeVisible();
  await shoot(page, 'leaderboard');
  await audit(page);

  await page.getByRole('tab', { name: 'Job profile' }).click();
  await expect(page.getByText('BinaryClassification').first()).toBeVisible();
  await page.getByRole('tab', { name: 'Trials' }).click();

  // Layout restore: the page comes back after a reload.
  // Galata would wait for the launcher, which is not on top any more.
  await page.reload({ waitForIsReady: false });
  await expect(
    page.getByRole('heading', { name: `EXPERIMENT: ${name}` })
  ).toBeVisible();

  await page.getByRole('button', { name: 'Deploy model' }).click();
  const dialog = page.getByRole('dialog', { name: 'Deploy model' });
  const endpoint = await dialog.getByLabel('Endpoint name').inputValue();
  await shoot(page, 'deploy');
  await dialog.getByRole('button', { name: 'Deploy model' }).click();

  const header = page.locator('.smstudio-Header:visible');
  await expect(
    page.getByRole('heading', { name: `ENDPOINT: ${endpoint}` })
  ).toBeVisible();
  await expect(header.getByText('InService', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Use an example row' }).click();
  await page.getByRole('button', { name: 'Send Request' }).click();
  const output = page.getByRole('region', { name: 'Inference output' });
  await expect(output.getByText('Complete', { exact: true })).toBeVisible();
  await expect(output.getByLabel('Body of the answer')).toHaveText(
    /^(True|False)\.\s*$/
  );
  await shoot(page, 'endpoint');
  await audit(page);

  await header.getByRole('button', { name: 'Delete…' }).click();
  const warning = page.getByRole('dialog', { name: 'Delete endpoint' });
  await expect(
    warning.getByText(`Endpoint ${endpoint}`, { exact: true })
  ).toBeVisible();
  await shoot(page, 'delete-endpoint');
  await warning.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText('does not exist any more')).toBeVisible();
  await expect(
    page
      .locator('#smstudio-panel')
      .locator(
        `.smstudio-Grid-row[data-kind="Endpoint"][data-name="${endpoint}"]`
      )
  ).toHaveCount(0);
});
