import { expect, test } from '@jupyterlab/galata';

import { shoot } from './pages';

test.use({ viewport: { width: 1360, height: 860 }, autoGoto: true });

const CELL = `import boto3, sagemaker
from sagemaker import get_execution_role
from sagemaker.predictor import csv_serializer
print(get_execution_role(), boto3.session.Session().region_name, sagemaker.s3_input.__name__)`;

test('the Data Science kernel is in the launcher and runs an old import', async ({
  page
}) => {
  const notebooks = page
    .locator('.jp-Launcher-section')
    .filter({ has: page.getByRole('heading', { name: 'Notebook' }) });
  const card = notebooks.locator(
    '.jp-LauncherCard[title="Python 3 (Data Science)"]'
  );
  await expect(card).toBeVisible();
  await expect(card.locator('img')).toHaveAttribute('src', /logo-svg\.svg$/);
  await expect(
    notebooks.locator('.jp-LauncherCard[title="conda_python3"]')
  ).toBeVisible();
  // The logo has arrived.
  await expect
    .poll(() =>
      card
        .locator('img')
        .evaluate(image => (image as HTMLImageElement).naturalWidth)
    )
    .toBeGreaterThan(0);
  await shoot(page, 'launcher-kernels');

  await card.click();
  const toolbar = page.locator('.jp-NotebookPanel-toolbar');
  await expect(toolbar.getByText('Python 3 (Data Science)')).toBeVisible();
  // The image is built when it is first used; the dialog with its log goes when the kernel has started.
  await expect(page.getByText('Python 3 (Data Science) | Idle')).toBeVisible({
    timeout: 200_000
  });
  await expect(page.locator('dialog.smstudio-Modal')).toHaveCount(0);
  await page.notebook.setCell(0, 'code', CELL);
  // Not galata's runCell(): importing the SDK may take longer than its 20 s.
  await page.evaluate(async () => {
    void window.jupyterapp.commands.execute('notebook:run-cell');
  });
  const outputs = page.locator('.jp-OutputArea-output');
  await expect(
    outputs.filter({
      hasText:
        'arn:aws:iam::000000000000:role/AmazonSageMaker-ExecutionRole us-east-1 TrainingInput'
    })
  ).toBeVisible({ timeout: 120_000 });
});
