import { expect, test } from '@jupyterlab/galata';

import { audit, onTop, openPanel, shoot } from './pages';

test.use({ viewport: { width: 1360, height: 900 } });

test('the walk-through of seed 003: create a notebook instance, open it, stop it, delete it', async ({
  page
}) => {
  await page.request.post('/smstudio/api/engine/start');
  const name = `sagemaker-walk-${Date.now()}`;
  const panel = await openPanel(page);

  // A start-up script comes first: written on its page, chosen in the form.
  await page.evaluate(() =>
    (window as any).jupyterapp.commands.execute(
      'smstudio:open-notebook-lifecycles'
    )
  );
  const lifecycles = onTop(page);
  await expect(
    lifecycles.getByText('No lifecycle configurations')
  ).toBeVisible();
  await lifecycles
    .getByRole('button', { name: 'Create configuration' })
    .click();
  const editor = page.getByRole('dialog', {
    name: 'Create lifecycle configuration'
  });
  await editor.getByLabel('Name').fill(`walk-${Date.now()}`);
  await editor
    .getByLabel('Shell script')
    .fill('#!/bin/bash\ncd /home/ec2-user/SageMaker\necho kept > hello.txt\n');
  await shoot(page, 'notebook-lifecycle');
  await editor.getByRole('button', { name: 'Create configuration' }).click();
  await expect(editor).toBeHidden();
  const config = await lifecycles
    .locator('.smstudio-Grid-row')
    .first()
    .getAttribute('data-name');
  await audit(page);

  // Console > Notebook instances > Create: name, ml.t2.medium, a new role, S3 buckets "None".
  await panel
    .getByRole('button', { name: 'Notebook instances', exact: true })
    .click();
  await panel.getByRole('button', { name: 'Create notebook instance' }).click();
  const form = page.getByRole('form', { name: 'Create notebook instance' });
  await form.getByLabel('Notebook instance name').fill('not a name');
  await form.getByLabel('Instance type').selectOption('ml.t2.medium');
  await form
    .getByLabel('Lifecycle configuration')
    .selectOption(config as string);
  await expect(form.getByLabel('Volume size in GB')).toHaveValue('5');
  await form.getByLabel('Create a new role').check();
  await form.getByLabel('None', { exact: true }).check();
  await form.getByRole('button', { name: 'Create notebook instance' }).click();
  await expect(form.locator('.smstudio-Field-error')).toBeVisible();
  await form.getByLabel('Notebook instance name').fill(name);
  await shoot(page, 'notebook-instance-form');
  await audit(page);
  await form.getByRole('button', { name: 'Create notebook instance' }).click();

  // Its page follows the steps until it is in service.
  const instance = onTop(page);
  await expect(
    instance.getByRole('heading', { name: `NOTEBOOK INSTANCE: ${name}` })
  ).toBeVisible();
  await expect(
    instance.getByText('Attaching the ML storage volume: 5 GB')
  ).toBeVisible();
  await expect(instance.getByRole('status').getByText('InService')).toBeVisible(
    { timeout: 90_000 }
  );
  await expect(
    instance.getByText(/InService at http:\/\/127\.0\.0\.1/)
  ).toBeVisible();
  await shoot(page, 'notebook-instance-progress');
  await audit(page);

  // Open JupyterLab: another server, signed in by a link for one use.
  const opening = page.waitForEvent('popup');
  await instance.getByRole('button', { name: 'Open JupyterLab' }).click();
  const lab = await opening;
  await lab.waitForURL(/\/lab/, { timeout: 60_000 });
  expect(new URL(lab.url()).port).not.toBe(new URL(page.url()).port);
  const base = new URL(lab.url()).origin;
  const hello = await lab.request.get(`${base}/api/contents/hello.txt`);
  expect((await hello.json()).content).toBe('kept\n');
  await lab.close();
  const link = await page.request.post(
    `/smstudio/api/notebook-instances/${name}/open`,
    { data: { view: 'lab' } }
  );
  const { url } = await link.json();
  await page.context().clearCookies();
  expect((await page.request.get(url, { maxRedirects: 0 })).status()).toBe(302);
  expect((await page.request.get(url)).status()).toBe(403);

  // Stop, change, delete; each says what is lost.
  await instance.getByRole('tab', { name: 'Settings' }).click();
  await shoot(page, 'notebook-instance');
  await audit(page);
  await instance.getByRole('button', { name: 'Stop' }).click();
  await page
    .locator('.jp-Dialog')
    .getByRole('button', { name: 'Stop' })
    .click();
  await expect(instance.getByRole('status').getByText('Stopped')).toBeVisible();
  await instance.getByRole('button', { name: 'Update settings' }).click();
  const settings = page.getByRole('form', {
    name: `Edit notebook instance ${name}`
  });
  await settings.getByLabel('Volume size in GB').fill('6');
  await settings
    .getByRole('button', { name: 'Update notebook instance' })
    .click();
  await expect(onTop(page).getByText('6 GB')).toBeVisible();
  await instance.getByRole('button', { name: 'Delete…' }).click();
  await page
    .locator('.jp-Dialog')
    .getByRole('button', { name: 'Delete' })
    .click();
  await expect(
    onTop(page).getByText(
      `The notebook instance "${name}" does not exist any more.`
    )
  ).toBeVisible();
  await page.request.delete(
    `/smstudio/api/notebook-lifecycle-configs/${config}`
  );
});
