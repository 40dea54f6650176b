import { expect, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { audit, onTop, shoot } from './pages';

test.use({ viewport: { width: 1360, height: 900 }, autoGoto: false });

const KERNEL = {
  kernelspec: {
    name: 'python3-python-3.6',
    display_name: 'Python 3 (Base Python)',
    language: 'python'
  },
  instance_type: 'ml.t3.medium'
};

const NOTEBOOK = JSON.stringify({
  cells: [
    {
      cell_type: 'code',
      id: 'first',
      execution_count: null,
      metadata: {},
      outputs: [],
      source: 'import boto3\nprint(boto3.client("sagemaker").meta.region_name)'
    }
  ],
  metadata: KERNEL,
  nbformat: 4,
  nbformat_minor: 5
});

/** Makes a Git repository with a notebook, as a workshop has one. */
const REPOSITORY = `set -e
rm -rf workshop.git workshop.src; mkdir workshop.src; cd workshop.src
git init -q; cp ../seed.ipynb study.ipynb; git add .
git -c user.name=a -c user.email=a@example.org commit -q -m study
cd ..; git clone -q --bare workshop.src workshop.git; echo made`;

test('the walk-through of seed 000, 1-2: clone in a terminal, open the notebook, see what runs and costs, shut it down', async ({
  page,
  tmpPath
}) => {
  await page.request.post('/smstudio/api/engine/start');
  // What other walks left running on this server.
  await page.request.post('/smstudio/api/running/shutdown', {
    data: { scope: 'instances' }
  });
  await page.goto();
  await page.contents.uploadContent(NOTEBOOK, 'text', `${tmpPath}/seed.ipynb`);
  await page.contents.uploadContent(REPOSITORY, 'text', `${tmpPath}/make.sh`);

  // The terminal of the JupyterServer: free, and where the repository is cloned.
  await page.evaluate(
    async cwd =>
      window.jupyterapp.commands.execute('terminal:create-new', { cwd }),
    tmpPath
  );
  const shell = page.locator('.jp-Terminal .xterm-helper-textarea');
  await shell.waitFor({ state: 'attached' });
  // The screen is a canvas: what a line did shows in the files. Until the shell has begun, letters get lost.
  const type = (line: string, file: string): Promise<void> =>
    expect(async () => {
      await shell.focus();
      await page.keyboard.type(line);
      await page.keyboard.press('Enter');
      await expect
        .poll(() => page.contents.fileExists(`${tmpPath}/${file}`), {
          timeout: 6_000
        })
        .toBe(true);
    }).toPass({ timeout: 120_000 });
  await type('sh make.sh', 'workshop.git/HEAD');
  await type('git clone -q workshop.git study', 'study/study.ipynb');

  // Two notebooks on one instance type.
  for (const path of ['study/study.ipynb', 'seed.ipynb']) {
    await page.evaluate(async path => {
      const { commands } = window.jupyterapp;
      await commands.execute('docmanager:open', { path });
    }, `${tmpPath}/${path}`);
  }
  await page.evaluate(() =>
    window.jupyterapp.commands.execute('smstudio:open-running')
  );
  const panel = page.locator('#smstudio-running');
  const section = (name: string): Locator =>
    panel.locator('.smstudio-Running-section').filter({
      has: page.getByRole('heading', { name })
    });
  const rows = (name: string): Locator =>
    section(name).locator('.smstudio-Running-row');
  await expect(rows('Kernel sessions')).toHaveCount(2);
  await expect(rows('Running instances')).toHaveCount(1);
  await expect(rows('Running apps')).toHaveCount(1);
  await expect(rows('Running instances')).toContainText('2 vCPU + 4 GiB');
  await expect(rows('Running instances')).toContainText('CPU');
  await expect(rows('Terminal sessions')).toContainText('System terminal');
  await expect(panel.locator('.smstudio-Running-summary')).toContainText(
    '$0.05 an hour'
  );
  await shoot(page, 'running');
  await audit(page);

  // A kernel goes without a question; its instance stays, and costs.
  await rows('Kernel sessions')
    .filter({ hasText: 'seed.ipynb' })
    .getByRole('button', { name: /^Shut down the kernel/ })
    .click();
  await expect(rows('Kernel sessions')).toHaveCount(1);
  await expect(page.locator('.jp-Dialog')).toHaveCount(0);
  await expect(rows('Running instances')).toHaveCount(1);

  // An instance asks first, with everything that goes with it.
  await rows('Running instances')
    .getByRole('button', { name: 'Shut down ml.t3.medium' })
    .click();
  const dialog = page.locator('.jp-Dialog');
  await expect(dialog).toContainText('Base Python');
  await expect(dialog).toContainText('study.ipynb');
  await shoot(page, 'running-shutdown');
  await dialog.getByRole('button', { name: 'Shut down all' }).click();
  await expect(rows('Running instances')).toHaveCount(0);
  await expect(rows('Kernel sessions')).toHaveCount(0);
  await expect(rows('Terminal sessions')).toHaveCount(1);

  // What it came to.
  await panel.getByRole('button', { name: 'Usage and cost…' }).click();
  const usage = onTop(page);
  await expect(
    usage.getByRole('cell', { name: 'ml.t3.medium' }).first()
  ).toBeVisible();
  await expect(
    usage.locator('.smstudio-Chart canvas, .smstudio-Chart svg').first()
  ).toBeVisible();
  await shoot(page, 'usage');
  await audit(page);
  await usage.getByRole('tab', { name: 'Idle shutdown' }).click();
  await usage.getByLabel('Idle minutes before shutdown').fill('90');
  await usage.getByRole('button', { name: 'Save' }).click();
  await expect(usage.getByText('Saved.')).toBeVisible();
  await audit(page);

  // The end of the workshop.
  await panel.getByRole('button', { name: 'Shut everything down…' }).click();
  const ending = onTop(page);
  await ending.getByRole('button', { name: 'Shut everything down' }).click();
  await expect(ending.getByText('Nothing runs, nothing costs.')).toBeVisible();
  await shoot(page, 'shut-everything-down');
  await audit(page);
});
