import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, test } from '@jupyterlab/galata';

import { candidateOf, cells, deleteCell, editCell } from './notebookcells';
import { api, audit, onTop, openPanel, shoot } from './pages';

test.use({ viewport: { width: 1360, height: 900 }, autoGoto: true });

const KERNEL = 'Python 3 (Base Python)';

/** Seconds of work for two free cores; a busy machine may take its time. */
const PATIENCE = 480_000;

/** Puts the training part of the churn data where the workshop does; answers the bucket, and a row without its label. */
async function prepareData(
  page: IJupyterLabPageFixture,
  folder: string
): Promise<{ bucket: string; row: string }> {
  await api(page, 'POST', 'engine/start');
  const sample = await api(page, 'POST', 'samples/churn', {});
  const answer = await page.request.get(
    `/smstudio/api/objects/download?uri=${encodeURIComponent(sample.s3_uri)}`
  );
  const [header, ...rows] = (await answer.text()).trim().split('\n');
  const train = rows.filter((_, index) => index % 5 !== 0);
  await page.contents.uploadContent(
    [header, ...train].join('\n'),
    'text',
    `${folder}/automl-train.csv`
  );
  await api(page, 'POST', 'data/upload', {
    path: `${folder}/automl-train.csv`,
    bucket: sample.bucket,
    key: 'automl-house-price/input/automl-train.csv'
  });
  return {
    bucket: sample.bucket,
    row: rows[0].slice(0, rows[0].lastIndexOf(','))
  };
}

test('a pilot, its notebooks, the edited candidate notebook, an endpoint', async ({
  page,
  tmpPath
}) => {
  test.setTimeout(PATIENCE);
  const { bucket, row } = await prepareData(page, tmpPath);
  await page.filebrowser.openDirectory(tmpPath);
  const panel = await openPanel(page);
  const prefix = `s3://${bucket}/automl-house-price`;
  const name = `autopilot-hol-${Date.now() % 1_000_000}`;

  // Step 2: the form.
  await panel.getByRole('button', { name: 'Create Experiment' }).click();
  const form = page.getByRole('form', {
    name: 'Create Amazon SageMaker Autopilot Experiment'
  });
  await form.getByLabel('Experiment Name').fill(name);
  await form
    .getByLabel('S3 location of input data', { exact: true })
    .fill(`${prefix}/input/automl-train.csv`);
  await form.getByLabel('Target attribute name').fill('Churn?');
  await form.getByLabel('S3 location for output data').fill(`${prefix}/output`);
  await form
    .getByLabel('Select the machine learning problem type')
    .selectOption('Binary classification');
  await form.getByLabel('Objective metric').selectOption('F1');
  await form
    .getByLabel(
      'No, run a pilot to create a notebook with candidate definitions'
    )
    .check();
  await expect(
    form.getByRole('table', { name: 'Columns of the data' })
  ).toBeVisible();
  await form.getByRole('button', { name: 'Create Experiment' }).click();

  // The job page: two stages, then the two notebooks.
  const job = onTop(page);
  await expect(
    job.getByRole('heading', { name: `EXPERIMENT: ${name}` })
  ).toBeVisible();
  await expect(
    job.getByRole('list', { name: 'Stages' }).getByRole('listitem')
  ).toHaveText([/Analyzing Data/, /Candidate Definitions Generated/]);
  const candidates = job.getByRole('button', {
    name: 'Open candidate generation notebook'
  });
  const exploration = job.getByRole('button', {
    name: 'Open data exploration notebook'
  });
  await expect(exploration).toBeVisible();
  await expect(candidates).toBeVisible();
  await expect(
    job.getByText("You don't have any trials running.")
  ).toBeVisible();
  await shoot(page, 'autopilot-pilot');
  await audit(page);

  // Step 3: look into the data exploration notebook.
  await exploration.click();
  const viewer = onTop(page);
  await expect(viewer.getByText('Read-only mode')).toBeVisible();
  await expect(
    viewer.getByText(/may treat numerical features as/).first()
  ).toBeVisible();
  await shoot(page, 'autopilot-exploration');
  await audit(page);

  // The candidate notebook: a copy of it opens, and asks for a kernel.
  await page.getByRole('tab', { name, exact: true }).first().click();
  await candidates.click();
  await expect(
    viewer.getByRole('heading', {
      name: /Amazon SageMaker Autopilot Candidate Definition Notebook/
    })
  ).toBeVisible();
  await shoot(page, 'autopilot-candidates');
  await audit(page);
  await viewer.getByRole('button', { name: 'Import notebook' }).click();
  const chooser = page.getByRole('dialog', { name: 'Select Kernel' });
  await expect(chooser).toBeVisible();
  await chooser
    .locator('[data-field="kernel"] select')
    .selectOption({ label: KERNEL });
  await chooser.getByRole('button', { name: 'Select', exact: true }).click();
  await expect(
    page.locator('.jp-NotebookPanel-toolbar:visible').getByText(KERNEL)
  ).toBeVisible();
  expect(
    await page.contents.fileExists(
      `${tmpPath}/SageMakerAutopilotCandidateDefinitionNotebook.ipynb`
    )
  ).toBe(true);

  // Two candidates stay: the first of XGBoost and the first of the linear learner.
  const all = (await cells(page)).map(candidateOf);
  const kept = ['xgboost', 'linear-learner'].map(algorithm =>
    all.find(each => each?.endsWith(`-${algorithm}`))
  );
  expect(kept.every(Boolean), String(all)).toBe(true);
  for (let index = all.length - 1; index >= 0; index--) {
    if (all[index] && !kept.includes(all[index]!)) {
      await deleteCell(page, index);
    }
  }
  expect(
    (await cells(page)).map(candidateOf).filter(each => each !== null)
  ).toHaveLength(2);
  await editCell(
    page,
    'HyperparameterTuner.create(',
    /max_parallel_jobs=\d+,(\s+)max_jobs=250/,
    'max_parallel_jobs=4,$1max_jobs=8'
  );
  await page.menu.clickMenuItem('Run>Run All Cells');
  await expect
    .poll(
      async () => {
        const found = (await cells(page)).filter(each => each.type === 'code');
        const failed = found.find(each => each.error);
        return (
          failed?.error ??
          `${found.filter(each => each.count !== null).length}/${found.length}`
        );
      },
      { timeout: 180_000 }
    )
    .toMatch(/^(\d+)\/\1$|Error/);
  const ran = await cells(page);
  expect(ran.filter(each => each.error)).toEqual([]);
  const shown = ran.find(each =>
    each.source.includes('display_candidates()')
  )!.text;
  for (const candidate of kept) {
    expect(shown).toContain(candidate);
  }
  expect(shown).not.toContain('dpp9');
  await shoot(page, 'autopilot-notebook-run');

  // Step 4: the eight tuned jobs among the unassigned trial components, and two charts over them.
  await panel
    .getByText('Unassigned trial components')
    .first()
    .click({ button: 'right' });
  await page
    .getByRole('menuitem', { name: 'Open in trial component list' })
    .click();
  const tuned = onTop(page).locator(
    '.smstudio-Grid-row[data-kind="TrialComponent"][data-name$="-aws-training-job"]:not([data-name*="-dpp"])'
  );
  await expect(tuned).toHaveCount(8);
  await tuned.first().click();
  await tuned.last().click({ modifiers: ['Shift'] });
  await tuned.first().click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Open in trial details' }).click();
  const details = onTop(page);
  const properties = details.getByRole('complementary', {
    name: 'Chart properties'
  });
  const choose = (label: string, option: string): Promise<string[]> =>
    properties
      .getByLabel(label, { exact: true })
      .selectOption({ label: option });
  await details.getByRole('button', { name: 'Add chart' }).click();
  await properties.getByLabel('Summary statistics').check();
  await properties.getByLabel('Scatter plot').check();
  const metrics = await properties
    .getByLabel('X-axis', { exact: true })
    .locator('option')
    .allTextContents();
  const f1 = metrics.find(each => /^validation:.*f1.*_min$/.test(each));
  expect(f1, metrics.join()).toBeDefined();
  await choose('X-axis', f1!);
  await choose('Y-axis', 'ObjectiveMetric_max');
  await choose('Color', 'trialComponentName');
  const scatter = details.getByRole('region', {
    name: `ObjectiveMetric_max v/s ${f1}`,
    exact: true
  });
  await expect(scatter.locator('canvas, svg').first()).toBeVisible();
  await details.getByRole('button', { name: 'Add chart' }).click();
  await properties.getByLabel('Time series').check();
  await properties.getByLabel('Histogram').check();
  await choose('X-axis dimension', 'Time');
  await choose('X-axis aggregation', '1-minute');
  await choose('X-axis', 'ObjectiveMetric_max');
  await expect(
    details
      .getByRole('region', {
        name: 'ObjectiveMetric_max with 1-minute aggregation',
        exact: true
      })
      .locator('canvas, svg')
      .first()
  ).toBeVisible();
  await shoot(page, 'autopilot-charts');

  // The link to the console leads to the panel; the endpoint is in service and predicts.
  await page
    .getByRole('tab', {
      name: 'SageMakerAutopilotCandidateDefinitionNotebook.ipynb'
    })
    .first()
    .click();
  await page
    .locator('.jp-Notebook:visible')
    .getByRole('link', { name: 'endpoint console page' })
    .click();
  const endpoint = panel
    .locator('.smstudio-Grid-row[data-kind="Endpoint"]')
    .filter({ hasText: 'AutoML-autopilot-' });
  await expect(endpoint).toHaveAttribute('data-status', 'InService');
  await endpoint.dblclick();
  await expect(
    page.getByRole('heading', { name: /ENDPOINT: AutoML-autopilot-/ })
  ).toBeVisible();
  await onTop(page).getByLabel('Request', { exact: true }).fill(row);
  await page.getByRole('button', { name: 'Send Request' }).click();
  const output = page.getByRole('region', { name: 'Inference output' });
  await expect(output.getByLabel('Body of the answer')).toHaveText(
    /^(True|False)\.\s*$/
  );
  const deployed = await endpoint.getAttribute('data-name');
  await api(page, 'DELETE', `endpoints/${deployed}?config=true&models=true`);
});
