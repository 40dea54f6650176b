import { expect, test } from '@jupyterlab/galata';
import type { ChildProcess } from 'child_process';
import { spawn } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { createInterface } from 'readline';

import { audit, openPanel, shoot } from './pages';

test.use({ viewport: { width: 1200, height: 800 } });

const HERE = path.join(__dirname, '..');
const CONFIG = path.join(process.env.SMSTUDIO_TEST_HOME!, 'aws-config');
const ROLE = 'arn:aws:iam::123456789012:role/Research';

/** The account and the identity center; answers each line with the same line. */
let service: ChildProcess;
let lines: AsyncIterator<string>;

async function say(word?: string): Promise<void> {
  if (word) {
    service.stdin!.write(`${word}\n`);
  }
  expect((await lines.next()).value).toBe(word ?? 'ready');
}

test.beforeAll(async () => {
  service = spawn('python', ['identity_center.py', CONFIG], {
    cwd: HERE,
    stdio: ['pipe', 'pipe', 'ignore']
  });
  lines = createInterface({ input: service.stdout! })[Symbol.asyncIterator]();
  await say();
});

test.afterAll(async ({ request, baseURL }) => {
  await request.put(`${baseURL}/smstudio/api/target`, {
    data: { kind: 'local' }
  });
  service.kill();
  fs.rmSync(CONFIG, { force: true });
  // Tokens are where all tools have them; these are of no use to anybody.
  const cache = path.join(os.homedir(), '.aws', 'sso', 'cache');
  const names = fs.existsSync(cache) ? fs.readdirSync(cache) : [];
  for (const name of names) {
    const token = path.join(cache, name);
    if (fs.readFileSync(token, 'utf8').includes('company.example.com')) {
      fs.rmSync(token);
    }
  }
});

test('sign in, see who you are, assume a role, type a code', async ({
  page
}) => {
  const panel = await openPanel(page);
  await panel.getByLabel('Target').selectOption({ label: 'AWS: work' });
  const account = panel.locator('.smstudio-Account');
  await expect(account).toContainText("The sign-in of the profile 'work'");
  await shoot(page, 'aws-not-signed-in');
  await audit(page);

  const dialog = page.getByRole('dialog');
  await account.getByText('Sign in…').click();
  await expect(dialog.getByText('ABCD-EFGH', { exact: true })).toBeVisible();
  await expect(
    dialog.getByRole('link', { name: 'Open the sign-in page' })
  ).toHaveAttribute('href', /user_code=ABCD-EFGH$/);
  await audit(page);
  await shoot(page, 'aws-sign-in');
  await say('refuse');
  await expect(dialog.getByRole('alert')).toContainText('refused');
  await say('wait');
  await dialog.getByRole('button', { name: 'Try again' }).click();
  await expect(dialog.getByText('ABCD-EFGH', { exact: true })).toBeVisible();
  await say('confirm');
  await expect(dialog.getByText('You are signed in.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(account).toContainText('1234-5678-9012');
  await expect(account).toContainText('Identity Center · ends in');
  // Lists that had failed were read again without anybody's doing.
  await expect(panel.locator('.smstudio-Error')).toHaveCount(0);
  await shoot(page, 'aws-signed-in');

  await account.getByRole('button', { name: 'Assume role…' }).click();
  await dialog.getByLabel('Role ARN').fill('Research');
  await dialog.getByRole('button', { name: 'Assume the role' }).click();
  await expect(dialog.getByLabel('Role ARN')).toBeFocused();
  await expect(dialog.locator('.smstudio-Field-error')).toBeVisible();
  await dialog.getByLabel('Role ARN').fill(ROLE);
  await dialog.getByText('External ID, MFA, session').click();
  await dialog
    .getByLabel('MFA device', { exact: true })
    .fill('arn:aws:iam::123456789012:mfa/ann');
  await expect(
    dialog.getByRole('button', { name: 'Assume the role' })
  ).toBeDisabled();
  await dialog.getByLabel('Code of the MFA device').fill('123456');
  await dialog.getByLabel('Session name').fill('ann');
  await audit(page);
  await shoot(page, 'aws-assume-role');
  await dialog.getByRole('button', { name: 'Assume the role' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(account).toContainText('Research/ann');
  await expect(account).toContainText(/assumed role · ends in (59|60) min|1 h/);

  await page.reload({ waitForIsReady: false });
  await openPanel(page);
  await expect(account).toContainText('Research/ann');

  await account.getByRole('button', { name: 'Execution role…' }).click();
  await expect(dialog).toContainText('SageMaker may take');
  await dialog.getByLabel('Role ARN').fill(`${ROLE}-jobs`);
  await dialog.getByRole('button', { name: 'Choose' }).click();
  await expect(account).toContainText('Execution role: Research-jobs');
  await account.getByRole('button', { name: 'Assume role…' }).click();
  await dialog.getByRole('button', { name: 'Leave the role' }).click();
  await expect(account).toContainText('user/moto');
});

test('a configuration that is broken does not stand in the way', async ({
  page
}) => {
  const before = fs.readFileSync(CONFIG, 'utf8');
  fs.writeFileSync(CONFIG, '[profile work\nregion = us-east-2\n');
  try {
    const panel = await openPanel(page);
    await expect(panel.locator('.smstudio-Account')).toContainText(
      'Unable to parse config file'
    );
    await shoot(page, 'aws-broken-configuration');
    await panel.getByLabel('Target').selectOption({ label: 'Local engine' });
    await expect(panel.locator('.smstudio-Error')).toHaveCount(0);
    await expect(
      panel.getByRole('button', { name: 'Create Experiment' })
    ).toBeVisible();
  } finally {
    fs.writeFileSync(CONFIG, before);
  }
});
