import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { audit, onTop, shoot } from './pages';

test.use({ viewport: { width: 1360, height: 860 }, autoGoto: true });

const PATIENCE = 90_000;

/** A notebook whose author wants to do harm to whoever looks at it. */
const HOSTILE = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {
    instance_type: 'ml.t3.medium',
    kernelspec: {
      name: 'python3-datascience-1.0',
      display_name: 'Python 3 (Data Science)',
      language: 'python'
    },
    language_info: { name: 'python' }
  },
  cells: [
    {
      cell_type: 'markdown',
      id: 'a',
      metadata: { trusted: true },
      source:
        '# Weekly report\n\nText <img src=x onerror="window.hacked=1"><script>window.hacked=2</script>' +
        '<iframe srcdoc="<script>parent.hacked=3</script>"></iframe>' +
        '[link](javascript:window.hacked=4) <svg onload="window.hacked=5"></svg>' +
        '<button data-commandlinker-command="apputils:reset">press</button>'
    },
    {
      cell_type: 'code',
      id: 'b',
      metadata: { trusted: true },
      execution_count: 3,
      source: 'show(table)',
      outputs: [
        {
          output_type: 'display_data',
          metadata: {},
          data: {
            'text/html':
              '<p>numbers of the week</p><img src=x onerror="window.hacked=6"><script>window.hacked=7</script>',
            'text/plain': 'numbers'
          }
        },
        {
          output_type: 'display_data',
          metadata: {},
          data: {
            'application/javascript': 'window.hacked=8',
            'text/plain': 'no script here'
          }
        },
        {
          output_type: 'display_data',
          metadata: {},
          data: {
            'image/svg+xml':
              '<svg xmlns="http://www.w3.org/2000/svg" onload="window.hacked=9"/>',
            'text/plain': 'no drawing here'
          }
        }
      ]
    }
  ]
};

const hacked = (page: IJupyterLabPageFixture): Promise<unknown> =>
  page.evaluate(() => (window as unknown as { hacked?: number }).hacked);

const dialog = (page: IJupyterLabPageFixture): Locator =>
  page.locator('dialog.smstudio-Modal');

/** Opens an address as a click on a link does. */
async function follow(
  page: IJupyterLabPageFixture,
  link: string
): Promise<void> {
  await page.evaluate(address => {
    window.location.href = address;
  }, link);
}

async function run(
  page: IJupyterLabPageFixture,
  command: string,
  args: Record<string, string> = {}
): Promise<void> {
  await page.evaluate(
    ([id, given]) => {
      void window.jupyterapp.commands.execute(
        id as string,
        given as Record<string, string>
      );
    },
    [command, args]
  );
}

test('a notebook is shared, previewed read-only, copied, and taken back', async ({
  page,
  tmpPath
}) => {
  test.setTimeout(240_000);
  await page.contents.uploadContent(
    JSON.stringify(HOSTILE),
    'text',
    `${tmpPath}/weekly report.ipynb`
  );
  await page.notebook.openByPath(`${tmpPath}/weekly report.ipynb`);
  await run(page, 'smstudio:share-notebook');
  const share = dialog(page);
  await expect(
    share.getByRole('heading', { name: 'Create shareable snapshot' })
  ).toBeVisible();
  const output = share.getByLabel('Include output');
  await expect(output).toBeEnabled({ timeout: PATIENCE });
  await expect(share.getByLabel('Include Git repo information')).toBeDisabled();
  await output.check();
  await share.getByRole('button', { name: 'Create', exact: true }).click();
  const link = await share.getByLabel('Link to the snapshot').inputValue();
  await share.getByRole('button', { name: 'Copy link' }).click();
  await expect(share.getByRole('button', { name: 'Copied' })).toBeVisible();
  await share.getByRole('button', { name: 'Close' }).click();

  // Whoever gets the link: a fresh Lab.
  await follow(page, link);
  const preview = onTop(page);
  await expect(preview.getByText('Read-only preview')).toBeVisible({
    timeout: PATIENCE
  });
  const cells = preview.locator('.jp-Cell');
  await expect(cells).toHaveCount(2);
  await expect(preview.getByText('numbers of the week')).toBeVisible();
  await expect(preview.getByText('no script here')).toBeVisible();
  await expect(preview.getByText('no drawing here')).toBeVisible();
  await expect(
    preview.locator('[data-commandlinker-command], iframe, script')
  ).toHaveCount(0);
  expect(new URL(page.url()).search).not.toContain('smstudio-snapshot');
  await cells.nth(1).locator('.cm-content').click();
  await page.keyboard.type('changed');
  await expect(cells.nth(1).locator('.cm-content')).toHaveText('show(table)');
  expect(await hacked(page)).toBeUndefined();
  await audit(page);

  await preview.getByRole('button', { name: 'Snapshot Details' }).click();
  const details = dialog(page);
  await expect(details.getByText('ml.t3.medium')).toBeVisible();
  await expect(details.getByText('Python 3 (Data Science)')).toBeVisible();
  await expect(details.getByText(link)).toBeVisible();
  await details.getByRole('button', { name: 'Close' }).click();

  await preview.getByRole('button', { name: 'Create a Copy' }).click();
  const copy = dialog(page);
  await copy.getByLabel('Name of the copy').fill(`copy of ${tmpPath}`);
  await copy.getByRole('button', { name: 'Create Copy' }).click();
  await expect(
    page.locator('.jp-NotebookPanel:not(.lm-mod-hidden)')
  ).toBeVisible({ timeout: PATIENCE });
  await expect(
    page
      .getByRole('main')
      .getByRole('tab', { name: `copy of ${tmpPath}.ipynb` })
  ).toBeVisible();
  expect(await hacked(page)).toBeUndefined();

  await run(page, 'smstudio:list-snapshots');
  const row = onTop(page).locator('.smstudio-Grid-row').first();
  await expect(row).toContainText('weekly report.ipynb', { timeout: PATIENCE });
  await row.click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Delete…' }).click();
  await page
    .locator('.jp-Dialog')
    .getByRole('button', { name: 'Delete' })
    .click();
  await expect(row).toHaveCount(0);
  await audit(page);
  await follow(page, link);
  await expect(onTop(page).getByRole('alert')).toContainText(
    'This snapshot does not exist',
    { timeout: PATIENCE }
  );
});

test('examples are previewed read-only and copied under a name', async ({
  page,
  tmpPath
}) => {
  test.setTimeout(180_000);
  await page.filebrowser.openDirectory(tmpPath);
  await run(page, 'smstudio:open-examples');
  const gallery = page.locator('#smstudio-examples');
  await expect(gallery.getByText('Walkthroughs')).toBeVisible({
    timeout: PATIENCE
  });
  expect(await gallery.locator('.smstudio-Example').count()).toBeGreaterThan(
    17
  );
  await gallery.getByLabel('Search examples').fill('groups of customers');
  await expect(gallery.locator('.smstudio-Example')).toHaveCount(1);
  await gallery
    .getByRole('button', { name: /^K-Means: groups of customers/ })
    .click();
  const preview = onTop(page);
  await expect(
    preview.getByRole('heading', { name: 'K-Means: groups of customers' })
  ).toBeVisible({ timeout: PATIENCE });
  await gallery.getByLabel('Search examples').fill('');
  await audit(page);
  await shoot(page, 'examples');
  await preview.getByRole('button', { name: 'Create a Copy' }).click();
  const copy = dialog(page);
  await expect(copy.getByText(tmpPath)).toBeVisible();
  await copy.getByLabel('Name of the copy').fill('my groups');
  await copy.getByRole('button', { name: 'Create Copy' }).click();
  await expect(
    page.getByRole('main').getByRole('tab', { name: 'my groups.ipynb' })
  ).toBeVisible({ timeout: PATIENCE });

  // The name is taken now.
  await gallery.getByRole('button', { name: /^Use K-Means/ }).click();
  await dialog(page).getByLabel('Name of the copy').fill('my groups.ipynb');
  await dialog(page).getByRole('button', { name: 'Create Copy' }).click();
  await expect(dialog(page).getByRole('alert')).toContainText('already');
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
});
