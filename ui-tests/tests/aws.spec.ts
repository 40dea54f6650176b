import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, test } from '@jupyterlab/galata';
import type { ChildProcess } from 'child_process';
import { spawn } from 'child_process';
import { once } from 'events';
import * as fs from 'fs';
import * as path from 'path';

import { audit, onTop, openPanel, shoot } from './pages';

test.use({ viewport: { width: 1280, height: 860 } });

const CONFIG = path.join(process.env.SMSTUDIO_TEST_HOME!, 'aws-config');

/** Sections of the panel with a thing in each, and a piece of text of its page. */
const PAGES: { section: string; name: string; heading: RegExp }[] = [
  { section: 'AutoML jobs', name: 'aws-automl', heading: /aws-automl/ },
  { section: 'Endpoints', name: 'aws-endpoint', heading: /aws-endpoint/ },
  { section: 'Training jobs', name: 'aws-training', heading: /aws-training/ },
  { section: 'Tuning jobs', name: 'aws-tuning', heading: /aws-tuning/ },
  {
    section: 'Batch transform jobs',
    name: 'aws-transform',
    heading: /aws-transform/
  },
  { section: 'Models', name: 'aws-model', heading: /aws-model/ },
  {
    section: 'Notebook instances',
    name: 'aws-notebook',
    heading: /aws-notebook/
  }
];

let account: ChildProcess;

test.beforeAll(async () => {
  account = spawn('python', ['aws_account.py', CONFIG], {
    cwd: path.join(__dirname, '..'),
    stdio: ['pipe', 'pipe', 'ignore']
  });
  await once(account.stdout!, 'data');
});

test.afterAll(async ({ request, baseURL }) => {
  await request.put(`${baseURL}/smstudio/api/target`, {
    data: { kind: 'local' }
  });
  account.kill();
  fs.rmSync(CONFIG, { force: true });
});

/** The calls of AWS since the last time that somebody asked. */
async function calls(): Promise<string[]> {
  const answer = once(account.stdout!, 'data');
  account.stdin!.write('calls\n');
  return JSON.parse(String((await answer)[0])) as string[];
}

/** Chooses the account in the panel's own switch. */
async function chooseAccount(page: IJupyterLabPageFixture): Promise<void> {
  const panel = await openPanel(page);
  await panel.getByLabel('Target').selectOption({ label: 'AWS: moto' });
  await expect(panel.getByLabel('AWS Region')).toHaveValue('us-east-2');
}

test('every list and every page shows what the account holds', async ({
  page
}) => {
  await chooseAccount(page);
  const panel = page.locator('#smstudio-panel');
  await expect(panel.locator('[data-name="aws-experiment"]')).toBeVisible();
  for (const { section, name, heading } of PAGES) {
    const button = panel.getByRole('button', { name: section, exact: true });
    if ((await button.getAttribute('aria-expanded')) !== 'true') {
      await button.click();
    }
    const row = panel.locator(`.smstudio-Grid-row[data-name="${name}"]`);
    await expect(row.first()).toBeVisible();
    await calls();
    await row.first().dblclick();
    await expect(
      onTop(page).getByRole('heading', { name: heading }).first()
    ).toBeVisible();
    const made = await calls();
    // Lists are the poller's and the panel's; a page with its tabs, log and form options asks for a few kinds of things more.
    const kinds = new Set(
      made.filter(action => !action.startsWith('sagemaker:List'))
    );
    expect(kinds.size, `${section}: ${made.join(' ')}`).toBeLessThanOrEqual(6);
    await audit(page);
    await expect(onTop(page).locator('.smstudio-Error')).toHaveCount(0);
  }
  await shoot(page, 'aws-pages');
});
