import { expect, test } from '@jupyterlab/galata';

import { api, audit, onTop, openPanel, shoot } from './pages';

test.use({ viewport: { width: 1360, height: 900 }, autoGoto: true });

/** Seconds of work for two free cores; a busy machine may take its time. */
const PATIENCE = 480_000;

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
