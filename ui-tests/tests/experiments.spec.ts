import { expect, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { execFileSync } from 'child_process';
import * as path from 'path';

import { audit, onTop, openPanel, shoot } from './pages';

test.use({ viewport: { width: 1440, height: 900 } });

const ROOT = path.join(__dirname, '..', '..');
const RUNS = 30;

/** Runs of an experiment, written with boto3 as a user's notebook would; every third is in no trial. */
const FILL = `
import os, sys, time, boto3
name = sys.argv[1]
sagemaker, metrics = boto3.client("sagemaker"), boto3.client("sagemaker-metrics")
sagemaker.create_experiment(ExperimentName=name)
sagemaker.create_trial(TrialName=name + "-first", ExperimentName=name)
for number in range(${RUNS}):
    run = f"{name}-run-{number:02d}"
    sagemaker.create_trial_component(
        TrialComponentName=run,
        Status={"PrimaryStatus": "Completed"},
        Parameters={
            "eta": {"NumberValue": number / 100},
            "note": {"StringValue": "<b onmouseover=alert(1)>bold</b>"},
        },
    )
    metrics.batch_put_metrics(
        TrialComponentName=run,
        MetricData=[{"MetricName": "validation:f1", "Timestamp": int(time.time()), "Step": 0, "Value": 1 - number / 100}],
    )
    if number % 3:
        sagemaker.associate_trial_component(TrialComponentName=run, TrialName=name + "-first")
`;

async function fill(page: IJupyterLabPageFixture): Promise<string> {
  const started = await page.request.fetch('/smstudio/api/engine/start', {
    method: 'POST'
  });
  expect(started.ok()).toBe(true);
  const data = path.join(process.env.SMSTUDIO_TEST_HOME ?? '', 'engine');
  const run = (...args: string[]): string =>
    execFileSync('python', args, { cwd: ROOT, env, encoding: 'utf-8' });
  const env: NodeJS.ProcessEnv = { ...process.env };
  const told = JSON.parse(
    run(
      '-m',
      'smstudio_ext.cli',
      'engine',
      'env',
      '--data',
      data,
      '--format',
      'json'
    )
  );
  Object.assign(env, told);
  const name = `walk-${Date.now() % 1_000_000}`;
  run('-c', FILL, name);
  return name;
}

test('browse, list, filter, group, assign and delete', async ({ page }) => {
  const name = await fill(page);
  const panel = await openPanel(page);
  const experiments = panel.getByRole('grid', { name: 'EXPERIMENTS' });
  const entry = experiments.locator(`tr[data-name="${name}"]`);
  await expect(entry).toBeVisible();

  // Down the hierarchy and up again by the breadcrumb.
  await entry.dblclick();
  await panel.locator(`tr[data-name="${name}-first"]`).dblclick();
  await expect(
    panel.locator('tr[data-kind="TrialComponent"]').first()
  ).toBeVisible();
  await panel.getByRole('button', { name: 'All experiments' }).click();

  await entry.click({ button: 'right' });
  await page
    .getByRole('menuitem', { name: 'Open in trial component list' })
    .click();
  const list = onTop(page);
  const table = list.getByRole('grid', { name: 'Trial components' });
  const rows = table.locator('tr[data-kind="TrialComponent"]');
  const inside = (RUNS * 2) / 3;
  await expect(list.getByText(`${inside} rows`)).toBeVisible();
  await list.getByRole('button', { name: /^validation:f1/ }).click();
  await expect(rows.first()).toHaveAttribute('data-name', `${name}-run-01`);
  await audit(page);

  // A filter by a parameter, as Studio's dialog has it.
  await list.getByRole('button', { name: 'Add a filter' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a filter' });
  await dialog.getByPlaceholder('Search column name').fill('eta');
  await page.keyboard.press('Enter');
  await dialog.getByLabel('Condition').selectOption('GreaterThan');
  await dialog.getByRole('textbox', { name: 'Number' }).fill('0.24');
  await dialog.getByRole('button', { name: 'Apply' }).click();
  await expect(rows).toHaveCount(4);
  await rows.first().click();
  await rows.nth(3).click({ modifiers: ['Shift'] });
  await expect(list.getByText('4 rows selected')).toBeVisible();
  await list.getByRole('button', { name: /Remove the filter/ }).click();
  await expect(list.getByText(`${inside} rows`)).toBeVisible();

  // Columns, and HTML that stays text.
  await list.getByRole('button', { name: 'TABLE PROPERTIES' }).click();
  const pane = list.getByRole('complementary', { name: 'TABLE PROPERTIES' });
  await pane.getByLabel('Created on').uncheck();
  await expect(table.locator('th[data-column="CreationTime"]')).toHaveCount(0);
  await pane.getByLabel('Statistic of validation:f1').selectOption('Max');
  await audit(page);
  await list.getByRole('button', { name: 'TABLE PROPERTIES' }).click();
  await expect(table.getByText('<b onmouseover').first()).toBeAttached();

  await list.getByLabel('Group by').selectOption('Parents.TrialName');
  const group = table.locator('.smstudio-Leaderboard-group');
  await expect(group).toContainText(`${name}-first`);
  await group.click();
  await expect(rows.first()).toBeVisible();
  await list.getByLabel('Group by').selectOption('');

  // A file of what the table shows.
  const download = page.waitForEvent('download');
  await list.getByLabel('Export').selectOption('csv');
  expect((await download).suggestedFilename()).toBe('trial-components.csv');
});

test('assign unassigned components and delete an experiment', async ({
  page
}) => {
  const name = await fill(page);
  const panel = await openPanel(page);
  await panel.getByText('Unassigned trial components').first().dblclick();
  const loose = panel.locator(
    `tr[data-kind="TrialComponent"][data-name^="${name}"]`
  );
  await expect(loose.first()).toBeVisible();
  await loose.first().click();
  await loose.nth(1).click({ modifiers: ['Shift'] });
  await expect(panel.getByText('2 rows selected')).toBeVisible();
  await loose.first().click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Assign to experiment…' }).click();
  const assign = page.getByRole('dialog', { name: 'Assign to experiment' });
  await assign.getByLabel('Experiment').fill(name);
  await assign.getByLabel('Trial').fill(`${name}-second`);
  await expect(assign.getByText('A new trial is made.')).toBeVisible();
  await shoot(page, 'assign-to-experiment');
  await assign.getByRole('button', { name: 'Assign' }).click();
  await expect(assign).toHaveCount(0);

  await panel.getByRole('button', { name: 'All experiments' }).click();
  const entry = panel.locator(
    `tr[data-kind="Experiment"][data-name="${name}"]`
  );
  await entry.dblclick();
  await expect(panel.locator(`tr[data-name="${name}-second"]`)).toBeVisible();
  await panel.getByRole('button', { name: 'All experiments' }).click();
  await entry.click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Delete…' }).click();
  const remove = page.getByRole('dialog', { name: 'Delete' });
  await expect(remove.getByText('Trials (2)')).toBeVisible();
  await expect(
    remove.getByText(`Trial components (${(RUNS * 2) / 3 + 2})`)
  ).toBeVisible();
  await shoot(page, 'delete-experiment');
  await remove.getByRole('button', { name: 'Delete' }).click();
  await expect(remove).toHaveCount(0);
  await expect(entry).toHaveCount(0);
});
