import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { audit, onTop, openPanel, shoot } from './pages';

test.use({ viewport: { width: 1280, height: 800 } });

/** The dialog that is open. */
function dialog(page: IJupyterLabPageFixture): Locator {
  return page.locator('dialog[open]');
}

/** Presses a button of the open dialog and waits until the dialog has done its work. */
async function send(
  page: IJupyterLabPageFixture,
  label: string
): Promise<void> {
  await dialog(page).getByRole('button', { name: label, exact: true }).click();
  await expect(dialog(page)).toHaveCount(0);
}

test.beforeEach(async ({ page }) => {
  const answer = await page.request.post('/smstudio/api/engine/start');
  expect(answer.ok(), await answer.text()).toBe(true);
});

test('a domain from Quick start to its deletion', async ({ page }) => {
  const stamp = Date.now();
  const panel = await openPanel(page);
  await panel.getByRole('button', { name: 'Domain', exact: true }).click();
  const section = panel.locator('.smstudio-Section', {
    has: page.getByRole('button', { name: 'Domain', exact: true })
  });
  // the one that every region has at its first use
  await expect(section.locator('tr[data-kind="Domain"]')).not.toHaveCount(0);
  await section.getByRole('button', { name: 'All…' }).click();
  const domain = onTop(page);
  await expect(
    domain.getByRole('tab', { name: 'User profiles' })
  ).toBeVisible();
  await expect(domain.locator('tr[data-kind="UserProfile"]')).not.toHaveCount(
    0
  );
  await shoot(page, 'domain-users');
  await audit(page);

  // Quick start
  await domain.getByRole('button', { name: 'Create domain' }).click();
  const form = dialog(page);
  await form.getByLabel('Domain name').fill(`study-${stamp}`);
  await form.getByLabel('User name').fill('ada');
  await send(page, 'Create domain');
  await expect(
    domain.getByRole('heading', { name: `study-${stamp}` })
  ).toBeVisible();
  await expect(domain.locator('tr[data-name="ada"]')).toBeVisible();

  // a lifecycle configuration that runs by default, and one that fails
  await domain.getByRole('tab', { name: 'Lifecycle configurations' }).click();
  for (const [name, text] of [
    [`tools-${stamp}`, '#!/bin/bash\nset -eu\necho "set up for all"\n'],
    [`broken-${stamp}`, 'echo about to fail\nexit 7\n']
  ]) {
    await domain.getByRole('button', { name: 'Create configuration' }).click();
    await form.getByLabel('Name', { exact: true }).fill(name);
    await form.getByLabel('Script').fill(text);
    await send(page, 'Create configuration');
    await expect(domain.locator(`tr[data-name="${name}"]`)).toBeVisible();
  }
  const tools = domain.locator(`tr[data-name="tools-${stamp}"]`);
  await tools.getByRole('button', { name: 'Attach…' }).click();
  await form.getByLabel('Run by default').check();
  await send(page, 'Save');
  await expect(tools).toContainText(`study-${stamp} (default)`);
  await shoot(page, 'domain-lifecycle');
  await tools.getByRole('button', { name: 'View script' }).click();
  await expect(form.locator('pre')).toContainText('set up for');
  await form.getByRole('button', { name: 'Close' }).click();

  // apps: the default script runs; a failing one fails the app and says why
  await domain.getByRole('tab', { name: 'Apps', exact: true }).click();
  await domain.getByRole('button', { name: 'Create app' }).click();
  await form.getByLabel('App name').fill('works');
  await send(page, 'Create app');
  await expect(
    domain.locator('tr[data-kind="App"][data-status="InService"]')
  ).toHaveCount(1);
  await domain.getByRole('button', { name: 'Create app' }).click();
  await form.getByLabel('App name').fill('fails');
  await form
    .getByLabel('Start-up script')
    .selectOption({ label: `broken-${stamp}` });
  await send(page, 'Create app');
  const failed = domain.locator('tr[data-kind="App"][data-status="Failed"]');
  await expect(failed).toHaveCount(1);
  await shoot(page, 'domain-apps');
  await failed.getByRole('button', { name: 'View logs' }).click();
  await expect(form.getByRole('alert')).toContainText('exit code 7');
  await expect(form.locator('.smstudio-Log-line')).toContainText(
    'about to fail'
  );
  await shoot(page, 'domain-script-log');
  await form.getByRole('button', { name: 'Close' }).click();
  await audit(page);

  // the order of deletion is the documented one
  await domain.getByRole('button', { name: 'Delete domain…' }).click();
  await expect(form.getByRole('alert')).toContainText('Delete its apps first');
  await form.getByRole('button', { name: 'Delete domain' }).click();
  await expect(form.locator('.smstudio-Error')).toContainText(
    'associated with it'
  );
  await form.getByRole('button', { name: 'Cancel' }).click();
  for (const name of ['works', 'fails']) {
    await domain
      .getByRole('button', { name: `Delete the app ${name}` })
      .click();
    await send(page, 'Delete');
  }
  await expect(domain.getByText('No apps')).toBeVisible();
  await domain.getByLabel('Show apps deleted in the last 24 hours').check();
  await expect(
    domain.locator('tr[data-kind="App"][data-status="Deleted"]')
  ).toHaveCount(2);
  await domain.getByRole('tab', { name: 'User profiles' }).click();
  await domain
    .getByRole('button', { name: 'Delete the user profile ada' })
    .click();
  await send(page, 'Delete');
  await domain.getByRole('button', { name: 'Delete domain…' }).click();
  await send(page, 'Delete domain');
  await expect(
    domain.getByRole('heading', { name: `study-${stamp}` })
  ).toHaveCount(0);
});

test('a presigned address opens Studio, own images are attached', async ({
  page,
  tmpPath
}) => {
  const stamp = Date.now();
  await page.contents.uploadContent(
    'ipykernel\n',
    'text',
    `${tmpPath}/requirements.txt`
  );
  await openPanel(page);
  await page.evaluate(() =>
    window.jupyterapp.commands.execute('smstudio:open-domain')
  );
  const domain = onTop(page);
  const form = dialog(page);
  await domain.getByRole('tab', { name: 'Images' }).click();
  await domain.getByRole('button', { name: 'Attach image' }).click();
  await form.getByLabel('requirements.txt').fill(`${tmpPath}/requirements.txt`);
  await form.getByLabel('Image name').fill(`team-${stamp}`);
  await shoot(page, 'domain-attach-image');
  await send(page, 'Attach image');
  const image = domain.locator(`tr[data-name="team-${stamp}"]`);
  await expect(image).toContainText('CREATED');
  await audit(page);
  await image.getByRole('button', { name: 'Delete the image' }).click();
  await send(page, 'Delete');
  await expect(image).toHaveCount(0);

  await domain.getByRole('tab', { name: 'User profiles' }).click();
  await domain.getByRole('button', { name: 'Launch app' }).first().click();
  await form.getByRole('button', { name: 'Create address' }).click();
  const address = await form.locator('code').innerText();
  await form.getByRole('button', { name: 'Close' }).click();
  const other = await page.context().newPage();
  await other.goto(address);
  expect(new URL(other.url()).pathname).toBe('/lab');
  const again = await other.goto(address);
  expect(again?.status()).toBe(403);
  await expect(other.locator('body')).toContainText('was used already');
  await other.close();
});
