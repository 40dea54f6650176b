import { expect, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { api, audit, onTop, openPanel, shoot } from './pages';

test.use({ viewport: { width: 1440, height: 940 } });

const TRIALS = 8;

/** Two thirds of the label are in the columns. */
function table(rows: number): string {
  let seed = 7;
  const random = (): number => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  return Array.from({ length: rows }, () => {
    const [a, b] = [random(), random()];
    const label = a + b + 0.4 * random() > 1.2 ? 1 : 0;
    return [label, a.toFixed(4), b.toFixed(4)].join(',');
  }).join('\n');
}

/** A tuning job of eight XGBoost trials without an experiment; returns its name when it is done. */
async function tune(
  page: IJupyterLabPageFixture,
  tmpPath: string
): Promise<string> {
  await page.contents.uploadContent(table(300), 'text', `${tmpPath}/t.csv`);
  await api(page, 'POST', 'engine/start');
  const sent = await api<{ s3_uri: string }>(page, 'POST', 'data/upload', {
    path: `${tmpPath}/t.csv`
  });
  const name = `charts-${Date.now() % 1_000_000}`;
  await api(page, 'POST', 'tuning-jobs', {
    name,
    strategy: 'Random',
    objective: 'validation:f1',
    direction: 'Maximize',
    max_jobs: TRIALS,
    max_parallel: 4,
    random_seed: 1,
    ranges: [
      {
        name: 'eta',
        kind: 'Continuous',
        min: '0.01',
        max: '0.5',
        scaling: 'Logarithmic'
      },
      { name: 'max_depth', kind: 'Integer', min: '1', max: '6' }
    ],
    training: {
      algorithm: 'xgboost',
      version: '1.7-1',
      hyperparameters: {
        num_round: '12',
        objective: 'binary:logistic',
        eval_metric: 'f1'
      },
      channels: ['train', 'validation'].map(channel => ({
        name: channel,
        s3_uri: sent.s3_uri,
        content_type: 'text/csv'
      }))
    }
  });
  await expect
    .poll(
      async () =>
        (
          await api<{ counters: { completed: number } }>(
            page,
            'GET',
            `tuning-jobs/${name}`
          )
        ).counters.completed,
      { timeout: 120_000 }
    )
    .toBe(TRIALS);
  return name;
}

/** The open chart, when it has drawn rows. */
function chart(page: IJupyterLabPageFixture, title: string): Locator {
  return onTop(page).getByRole('region', { name: title, exact: true });
}

async function marks(tile: Locator): Promise<number> {
  return Number(await tile.locator('.smstudio-Plot').getAttribute('data-rows'));
}

test('seed 002 step 4: charts over the trials of a tuning job', async ({
  page,
  tmpPath
}) => {
  const name = await tune(page, tmpPath);
  const panel = await openPanel(page);
  await panel
    .getByText('Unassigned trial components')
    .first()
    .click({ button: 'right' });
  await page
    .getByRole('menuitem', { name: 'Open in trial component list' })
    .click();
  const list = onTop(page);
  const rows = list.locator(
    `.smstudio-Grid-row[data-kind="TrialComponent"][data-name^="${name}"]`
  );
  await expect(rows).toHaveCount(TRIALS);
  await rows.first().click();
  await rows.last().click({ modifiers: ['Shift'] });
  await rows.nth(3).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Open in trial details' }).click();
  const details = onTop(page);
  await expect(
    details.getByRole('heading', { name: 'TRIAL COMPONENTS' })
  ).toBeVisible();
  await expect(
    details.getByText(
      `${TRIALS} rows selected. Select rows to toggle chart visibility.`
    )
  ).toBeVisible();

  await details.getByRole('button', { name: 'Add chart' }).click();
  const properties = details.getByRole('complementary', {
    name: 'Chart properties'
  });
  await properties.getByLabel('Summary statistics').check();
  await properties.getByLabel('Scatter plot').check();
  const choose = (label: string, option: string): Promise<string[]> =>
    properties
      .getByLabel(label, { exact: true })
      .selectOption({ label: option });
  await choose('X-axis', 'validation:f1_min');
  await choose('Y-axis', 'ObjectiveMetric_max');
  await choose('Color', 'trialComponentName');
  const scatter = chart(page, 'ObjectiveMetric_max v/s validation:f1_min');
  await expect(scatter.locator('canvas, svg').first()).toBeVisible();
  expect(await marks(scatter)).toBe(TRIALS);

  await details.getByRole('button', { name: 'Add chart' }).click();
  await properties.getByLabel('Time series').check();
  await properties.getByLabel('Histogram').check();
  await choose('X-axis dimension', 'Time');
  await choose('X-axis aggregation', '1-minute');
  await choose('X-axis', 'ObjectiveMetric_max');
  const histogram = chart(
    page,
    'ObjectiveMetric_max with 1-minute aggregation'
  );
  await expect(histogram.locator('canvas, svg').first()).toBeVisible();
  expect(await marks(histogram)).toBeGreaterThanOrEqual(TRIALS);
  await expect(details.getByText('2 CHARTS')).toBeVisible();
  await audit(page);
  await shoot(page, 'trial-details-charts');

  // An eye hides its component in every chart.
  await details
    .getByRole('button', { name: /^Show .* in the charts$/ })
    .first()
    .click();
  await expect(scatter.locator(`[data-rows="${TRIALS - 1}"]`)).toBeVisible();
  await details.getByRole('button', { name: 'Show all' }).click();
  await expect(scatter.locator(`[data-rows="${TRIALS}"]`)).toBeVisible();

  // A brush filters the table.
  const plot = (await scatter.locator('.smstudio-Plot canvas').boundingBox())!;
  await page.mouse.move(plot.x + 70, plot.y + 12);
  await page.mouse.down();
  await page.mouse.move(plot.x + 300, plot.y + 250, { steps: 8 });
  await page.mouse.up();
  await expect(details.getByText(/\d chosen in a chart/)).toBeVisible();

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    (async () => {
      await scatter.getByRole('button', { name: /^Export/ }).click();
      await page.getByRole('menuitem', { name: 'SVG picture' }).click();
    })()
  ]);
  expect(download.suggestedFilename()).toMatch(/ObjectiveMetric_max.*\.svg$/);

  await details.getByRole('tab', { name: 'Compare' }).click();
  const comparison = details.getByRole('table', {
    name: 'Comparison of trial components'
  });
  await expect(
    comparison.getByRole('rowheader', { name: 'max_depth' })
  ).toBeVisible();
  await expect(
    comparison.getByRole('rowheader', { name: 'num_round' })
  ).toHaveCount(0);
  await audit(page);
});

test('describe a trial component, look into its model and its lineage', async ({
  page,
  tmpPath
}) => {
  const name = await tune(page, tmpPath);
  const trials = await api<{ items: { name: string }[] }>(
    page,
    'GET',
    `tuning-jobs/${name}/trials`
  );
  const job = trials.items[0].name;
  await page.evaluate(component => {
    void window.jupyterapp.commands.execute('smstudio-ext:open-trial-details', {
      name: component
    });
  }, `${job}-aws-training-job`);
  const details = onTop(page);
  const tab = (label: string): Promise<void> =>
    details.getByRole('tab', { name: label, exact: true }).click();
  await tab('Metrics');
  await expect(
    details.getByRole('cell', { name: 'validation:f1', exact: true })
  ).toBeVisible();
  await audit(page);
  await tab('Parameters');
  await expect(
    details.getByRole('cell', { name: 'SageMaker.InstanceType' })
  ).toBeVisible();
  await tab('AWS Settings');
  await expect(details.getByText('Billable time (s)')).toBeVisible();
  await tab('Artifacts');
  await details
    .getByRole('table', { name: 'Output artifacts' })
    .getByRole('button', { name: /^Preview of SageMaker.ModelArtifact/ })
    .click();
  await expect(details.getByText('xgboost-model').first()).toBeVisible();
  await audit(page);
  await shoot(page, 'trial-component-artifacts');
  await tab('Lineage');
  const graph = details.getByRole('group', { name: /^Lineage:/ });
  await graph.getByRole('button', { name: /model\.tar\.gz/ }).click();
  await expect(
    details.getByRole('region', { name: 'model.tar.gz' })
  ).toBeVisible();
  await audit(page);
  await shoot(page, 'trial-component-lineage');
  for (const empty of ['Debugger', 'Explainability', 'Bias report']) {
    await tab(empty);
    await expect(details.locator('.smstudio-Empty')).toBeVisible();
  }
  await tab('Trial Mappings');
  await expect(details.getByText('Unassigned')).toBeVisible();
});
