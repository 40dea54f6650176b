import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, test } from '@jupyterlab/galata';

import { audit, onTop, openPanel, shoot } from './pages';

test.use({ viewport: { width: 1360, height: 900 }, autoGoto: true });

const KERNEL = 'Python 3 (Base Python)';

/** Seconds of work for two free cores; a busy machine may take its time. */
const PATIENCE = 480_000;

/** Asks the extension's REST API, as the pages do. */
async function api(
  page: IJupyterLabPageFixture,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  data?: object
): Promise<any> {
  const answer = await page.request.fetch(`/smstudio/api/${path}`, {
    method,
    data
  });
  expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true);
  return answer.json();
}

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

interface ICellState {
  source: string;
  type: string;
  count: number | null;
  text: string;
  error: string | null;
}

/** The cells of the notebook on top: what they say, and what came of them. */
function cells(page: IJupyterLabPageFixture): Promise<ICellState[]> {
  return page.evaluate(() => {
    const panel = window.jupyterapp.shell.currentWidget as any;
    return Array.from(panel.content.model.cells as Iterable<any>).map(cell => {
      const outputs = (cell.toJSON().outputs ?? []) as any[];
      const failed = outputs.find(each => each.output_type === 'error');
      return {
        source: cell.sharedModel.getSource() as string,
        type: cell.type as string,
        count: (cell.executionCount ?? null) as number | null,
        text: JSON.stringify(outputs.map(each => each.data ?? each.text ?? '')),
        error: failed ? `${failed.ename}: ${failed.evalue}` : null
      };
    });
  });
}

/** Selects a cell of the notebook on top and presses D twice, until it is gone. */
async function deleteCell(
  page: IJupyterLabPageFixture,
  index: number
): Promise<void> {
  const count = (await cells(page)).length;
  await expect(async () => {
    await page.evaluate(async at => {
      const panel = window.jupyterapp.shell.currentWidget as any;
      panel.content.deselectAll();
      panel.content.activeCellIndex = at;
      panel.content.mode = 'command';
      await panel.content.scrollToItem(at);
      panel.content.activate();
    }, index);
    if ((await cells(page)).length === count) {
      await page.keyboard.press('d');
      await page.keyboard.press('d');
    }
    expect(await cells(page)).toHaveLength(count - 1);
  }).toPass({ timeout: 120_000 });
}

/** Changes the text of the one cell that holds `marker`. */
async function editCell(
  page: IJupyterLabPageFixture,
  marker: string,
  from: RegExp,
  to: string
): Promise<void> {
  const found = await cells(page);
  const index = found.findIndex(
    each => each.type === 'code' && each.source.includes(marker)
  );
  expect(index, marker).toBeGreaterThan(-1);
  const source = found[index].source.replace(from, to);
  expect(source).not.toBe(found[index].source);
  await page.evaluate(
    ([at, text]) => {
      const panel = window.jupyterapp.shell.currentWidget as any;
      panel.content.model.cells.get(at).sharedModel.setSource(text);
    },
    [index, source] as const
  );
}

/** Name of the candidate that a cell selects. */
function candidateOf(cell: ICellState): string | null {
  if (!cell.source.includes('automl_interactive_runner.select_candidate(')) {
    return null;
  }
  const names = [...cell.source.matchAll(/["']name["']: ?["']([^"']+)["']/g)];
  return names.map(each => each[1]).join('-');
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

/** Rows of which each problem type can be learned. */
function tables(): Record<string, string> {
  const rows = Array.from({ length: 700 }, (_, index) => {
    const left = (index * 37) % 101;
    const right = (index * 53) % 89;
    const colour = ['red', 'green', 'blue'][index % 3];
    const sum = left + right * 2;
    const size = sum > 190 ? 'large' : sum > 110 ? 'medium' : 'small';
    return [left, right, colour, sum > 130 ? 'yes' : 'no', size, sum * 1.5];
  });
  const table = (column: number): string =>
    [
      'left,right,colour,answer',
      ...rows.map(row => [...row.slice(0, 3), row[column]].join(','))
    ].join('\n');
  return {
    BinaryClassification: table(3),
    MulticlassClassification: table(4),
    Regression: table(5)
  };
}

test('three problem types finish from the form without code', async ({
  page,
  tmpPath
}) => {
  test.setTimeout(PATIENCE);
  await api(page, 'POST', 'engine/start');
  const panel = await openPanel(page);
  const created: Record<string, string> = {};
  for (const [type, text] of Object.entries(tables())) {
    const file = `${tmpPath}/${type}.csv`;
    await page.contents.uploadContent(text, 'text', file);
    const sent = await api(page, 'POST', 'data/upload', { path: file });
    await panel.getByRole('button', { name: 'Create Experiment' }).click();
    const form = page.getByRole('form', {
      name: 'Create Amazon SageMaker Autopilot Experiment'
    });
    const name = `${type.slice(0, 5).toLowerCase()}-${Date.now() % 1_000_000}`;
    created[type] = name;
    await form.getByLabel('Experiment Name').fill(name);
    await form
      .getByLabel('S3 location of input data', { exact: true })
      .fill(sent.s3_uri);
    await form
      .getByRole('radio', { name: 'Predict answer', exact: true })
      .check();
    await form.getByLabel('Data type of colour').selectOption('Categorical');
    await form.getByText('Advanced settings – Optional').click();
    await form.getByLabel('Max candidates').fill('2');
    // On a busy machine the experiment ends with the best model so far.
    await form.getByLabel('Max job runtime (seconds)').fill('90');
    await form.getByRole('button', { name: 'Create Experiment' }).click();
    await expect(
      page.getByRole('heading', { name: `EXPERIMENT: ${name}` })
    ).toBeVisible();
  }
  for (const [type, name] of Object.entries(created)) {
    await page.getByRole('tab', { name, exact: true }).first().click();
    const job = onTop(page);
    await expect(job.getByText('The experiment is completed.')).toBeVisible({
      timeout: 150_000
    });
    await job.getByRole('tab', { name: 'Job profile' }).click();
    await expect(job.getByText(`Auto (resolved: ${type})`)).toBeVisible();
    await expect(job.getByText(/feature-specification\.json/)).toBeVisible();
    await job.getByRole('tab', { name: 'Trials' }).click();
    await expect(
      job.getByRole('grid', { name: 'Trials' }).getByText('★ Best')
    ).toBeVisible();
  }

  // The page of the best model: what it learned, how good it is, its files.
  const job = onTop(page);
  await page
    .getByRole('tab', { name: created.MulticlassClassification, exact: true })
    .first()
    .click();
  await job.getByRole('button', { name: 'View model details' }).click();
  await expect(
    job.getByRole('img', { name: /Bars of 3 features/ })
  ).toBeVisible();
  await expect(job.getByLabel('Class')).toBeVisible();
  await shoot(page, 'autopilot-explainability');
  await audit(page);
  await job.getByRole('tab', { name: 'Performance' }).click();
  await expect(
    job.getByRole('region', { name: 'Confusion matrix' })
  ).toContainText('medium');
  await expect(
    job.getByRole('img', { name: 'Chart: Receiver operating characteristic' })
  ).toBeVisible();
  const report = await page.request.get(
    (await job
      .getByRole('link', { name: 'Download Performance Report (PDF)' })
      .getAttribute('href')) ?? ''
  );
  expect((await report.body()).subarray(0, 5).toString()).toBe('%PDF-');
  await shoot(page, 'autopilot-performance');
  await audit(page);
  await job.getByRole('tab', { name: 'Artifacts' }).click();
  await expect(job.getByRole('region', { name: 'Outputs' })).toContainText(
    'model.tar.gz'
  );
  await audit(page);
  await job.getByRole('tab', { name: 'Network' }).click();
  await expect(
    job.getByText('Network isolation', { exact: true })
  ).toBeVisible();

  // Batch predictions: a model is made, then the transform form takes it.
  await job.getByRole('button', { name: 'Make batch predictions' }).click();
  const dialog = page.getByRole('dialog', { name: 'Make batch predictions' });
  const model = await dialog.getByLabel('Model name').inputValue();
  await dialog.getByLabel('probability its probability').check();
  await shoot(page, 'autopilot-batch');
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await expect(
    page
      .getByRole('form', { name: 'Create batch transform job' })
      .getByLabel('Model', { exact: true })
  ).toHaveValue(model);

  // Run again with changes; compare two experiments.
  await page
    .getByRole('tab', { name: created.BinaryClassification, exact: true })
    .first()
    .click();
  await job.getByRole('button', { name: 'Run again with changes' }).click();
  const again = page.getByRole('form', {
    name: `Run ${created.BinaryClassification} again with changes`
  });
  await expect(again.getByLabel('Target attribute name')).toHaveValue('answer');
  await again.getByText('Advanced settings – Optional').click();
  await expect(again.getByLabel('Max candidates')).toHaveValue('2');
  await expect(again.getByLabel('Feature specification file')).toHaveValue(
    /feature-specification\.json$/
  );
  await audit(page);
  await page
    .getByRole('tab', { name: created.BinaryClassification, exact: true })
    .first()
    .click();
  await job.getByRole('button', { name: 'Compare with…' }).click();
  await job
    .getByLabel('Add an experiment')
    .selectOption(created.MulticlassClassification);
  const comparison = job.getByRole('table', { name: 'Comparison' });
  for (const type of ['BinaryClassification', 'MulticlassClassification']) {
    await expect(
      comparison.getByRole('cell', { name: type, exact: true })
    ).toBeVisible();
  }
  await shoot(page, 'autopilot-compare');
  await audit(page);
});
