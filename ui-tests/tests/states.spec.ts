import { expect, test } from '@jupyterlab/galata';

import { audit, openPanel, shoot } from './pages';

test.use({ viewport: { width: 1360, height: 860 } });

test('the form says what is wrong and where', async ({ page }) => {
  const panel = await openPanel(page);
  await panel.getByRole('button', { name: 'Create Experiment' }).click();
  const form = page.getByRole('form', {
    name: 'Create Amazon SageMaker Autopilot Experiment'
  });
  const name = form.getByLabel('Experiment Name');
  await name.fill('a'.repeat(33));
  await expect(form.getByText(/33 characters; .* at most 32/)).toBeVisible();
  await form.getByRole('button', { name: 'Create Experiment' }).click();
  await expect(name).toBeFocused();
  await expect(form.getByText('This field is required.').first()).toBeVisible();

  await name.fill('no-such-data');
  await form
    .getByLabel('S3 location of input data')
    .fill('s3://no-such-bucket-here/data.csv');
  await expect(form.locator('.smstudio-Error')).toBeVisible();
  await shoot(page, 'form-errors');
  await audit(page);
});

test('a Jupyter file is uploaded and its target chosen from the preview', async ({
  page,
  tmpPath
}) => {
  const header = 'size,colour,price?';
  const lines = Array.from(
    { length: 30 },
    (_, index) => `${index},${index % 2 ? 'red' : 'blue'},${index % 3}`
  );
  await page.contents.uploadContent(
    [header, ...lines].join('\n'),
    'text',
    `${tmpPath}/tiny.csv`
  );
  await page.filebrowser.openDirectory(tmpPath);
  const panel = await openPanel(page);
  await panel.getByRole('button', { name: 'Create Experiment' }).click();
  await page.getByRole('button', { name: 'Upload a Jupyter file…' }).click();
  const dialog = page.locator('.jp-Dialog');
  await dialog.getByText('tiny.csv').click();
  await dialog.locator('button.jp-mod-accept').click();
  await expect(page.getByLabel('S3 location of input data')).toHaveValue(
    /^s3:\/\/.*tiny\.csv$/
  );
  const table = page.getByRole('table', { name: 'Columns of the data' });
  await table.getByRole('radio', { name: 'Predict price?' }).check();
  await expect(page.getByLabel('Target attribute name')).toHaveValue('price?');
  // Fewer than 500 rows: a warning, not an error.
  await expect(page.locator('.smstudio-Note')).toContainText('500');
});

test('dark theme and a narrow sidebar', async ({ page }) => {
  await page.theme.setDarkTheme();
  const panel = await openPanel(page);
  await expect(
    panel.getByRole('button', { name: 'Create Experiment' })
  ).toBeVisible();
  await page.sidebar.setWidth(220, 'left');
  const box = await panel.boundingBox();
  const inside = await panel.evaluate(
    node => node.scrollWidth <= node.clientWidth + 1
  );
  expect(box?.width).toBeLessThan(260);
  expect(inside).toBe(true);
  await shoot(page, 'panel-narrow-dark');
  await page.menu.clickMenuItem('SageMaker>Create Autopilot Experiment');
  await expect(page.getByLabel('Experiment Name')).toBeVisible();
  await shoot(page, 'create-experiment-dark');
});

test('the engine can be stopped and started from the status bar', async ({
  page
}) => {
  const panel = await openPanel(page);
  const item = page.getByTitle(/^SageMaker target:/);
  await expect(item).toContainText('running');
  await item.click();
  await page.getByRole('menuitem', { name: 'Stop the Local Engine' }).click();
  await page.getByRole('button', { name: 'Stop the engine' }).click();
  await expect(item).toContainText('stopped');
  await expect(panel.getByText('The local engine is stopped.')).toBeVisible();
  await shoot(page, 'engine-stopped');
  await panel.getByRole('button', { name: 'Start the engine' }).click();
  await expect(item).toContainText('running');
  await expect(
    panel.getByRole('button', { name: 'Create Experiment' })
  ).toBeVisible();
});
