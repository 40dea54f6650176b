import { expect, test } from '@jupyterlab/galata';

import { api, audit, onTop, shoot } from './pages';

test.use({ viewport: { width: 1360, height: 800 } });

const NAME = 'itself';

test.afterEach(async ({ page }) => {
  await page.request.delete(`/smstudio/api/gateways/${NAME}`);
});

test('a Jupyter gateway is added, tested, changed and removed on its page', async ({
  page,
  baseURL
}) => {
  // A Jupyter server is a gateway, too: this one is its own for a moment.
  await page.evaluate(() => {
    void window.jupyterapp.commands.execute('smstudio:open-gateways');
  });
  const top = onTop(page);
  await expect(
    top.getByRole('heading', { name: 'Jupyter gateways' })
  ).toBeVisible();
  await top.getByRole('button', { name: 'Add gateway' }).click();
  const form = page.getByRole('dialog', { name: 'Add a Jupyter gateway' });
  await form.getByLabel('Name', { exact: true }).fill(NAME);
  await form.getByLabel('Address').fill('http://127.0.0.1:9');
  await form.getByLabel('It asks for none').check();
  await form.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(form.getByRole('alert')).toBeVisible();
  await form.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(form.locator('[data-field="url"] [role="alert"]')).toBeVisible();
  await form.getByLabel('Address').fill(baseURL ?? '');
  await form.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(form.getByRole('status')).toContainText('Python 3');
  await shoot(page, 'gateway-form');
  await form.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(form).toBeHidden();

  const row = top.locator(`tr[data-name="${NAME}"]`);
  await expect(row).toContainText('answers');
  await audit(page);
  await shoot(page, 'gateways');
  await row.getByRole('button', { name: `Change the gateway ${NAME}` }).click();
  const change = page.getByRole('dialog', {
    name: `Change the gateway ${NAME}`
  });
  await change.getByText('More settings').click();
  await change.getByLabel('Variables of every kernel').fill('no variable');
  await change.getByRole('button', { name: 'Save' }).click();
  await expect(
    change.getByText('This is no NAME=VALUE: no variable').first()
  ).toBeVisible();
  await change
    .getByLabel('Variables of every kernel')
    .fill('KERNEL_NAMESPACE=ml-team');
  await change.getByRole('button', { name: 'Save' }).click();
  await expect(change).toBeHidden();
  const kept = await api(page, 'GET', `gateways/${NAME}`);
  expect(kept.settings.env).toEqual({ KERNEL_NAMESPACE: 'ml-team' });
  await row.getByRole('button', { name: `Test the gateway ${NAME}` }).click();
  await expect(
    top.getByRole('status').filter({ hasText: 'kernels on' })
  ).toBeVisible();

  await row.getByRole('button', { name: `Remove the gateway ${NAME}` }).click();
  await page
    .getByRole('dialog', { name: `Remove the gateway ${NAME}` })
    .getByRole('button', { name: 'Remove' })
    .click();
  await expect(top.getByText('No gateways')).toBeVisible();
});
