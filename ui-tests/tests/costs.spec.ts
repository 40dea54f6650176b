import { expect, test } from '@jupyterlab/galata';
import type { ChildProcess } from 'child_process';
import { spawn } from 'child_process';
import { once } from 'events';
import * as fs from 'fs';
import * as path from 'path';

import { audit, onTop, openPanel, shoot } from './pages';

test.use({ viewport: { width: 1200, height: 800 } });

const CONFIG = path.join(process.env.SMSTUDIO_TEST_HOME!, 'aws-config');
const NAME = 'asked-first';

let account: ChildProcess;

test.beforeAll(async () => {
  account = spawn('python', ['identity_center.py', CONFIG], {
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

test('what costs money on AWS is created after a confirmation only', async ({
  page,
  request,
  baseURL
}) => {
  const chosen = await request.put(`${baseURL}/smstudio/api/target`, {
    data: {
      kind: 'aws',
      profile: 'keys',
      region: 'us-east-1',
      role_arn: 'arn:aws:iam::123456789012:role/Studio'
    }
  });
  expect(chosen.ok()).toBe(true);
  const panel = await openPanel(page);
  const instances = async (): Promise<string[]> => {
    const answer = await request.get(
      `${baseURL}/smstudio/api/notebook-instances`
    );
    const { items } = (await answer.json()) as { items: { name: string }[] };
    return items.map(each => each.name);
  };

  await panel
    .getByRole('button', { name: 'Notebook instances', exact: true })
    .click();
  await panel.getByRole('button', { name: 'Create notebook instance' }).click();
  const form = page.getByRole('form', { name: 'Create notebook instance' });
  await expect(form).toContainText('in your AWS account');
  await form.getByLabel('Notebook instance name').fill(NAME);
  await form.getByLabel('Instance type').selectOption('ml.m5.xlarge');
  await expect(form.locator('.smstudio-Cost')).toContainText(
    '$0.23 an hour until it ends or somebody ends it: 1 × ml.m5.xlarge.'
  );

  await form.getByRole('button', { name: 'Create notebook instance' }).click();
  const question = page.getByRole('dialog', {
    name: 'Confirm the cost on AWS'
  });
  await expect(question).toContainText('$0.23 an hour');
  await expect(question).toContainText('On-demand prices of us-east-1');
  await audit(page);
  await shoot(page, 'aws-confirm-cost');
  await page.keyboard.press('Escape');
  await expect(form.getByRole('alert')).toContainText('is not confirmed');
  expect(await instances()).toEqual([]);

  await form.getByRole('button', { name: 'Create notebook instance' }).click();
  await question.getByRole('button', { name: 'Go on' }).click();
  await expect(onTop(page).getByRole('heading', { name: NAME })).toBeVisible();
  expect(await instances()).toEqual([NAME]);
});
