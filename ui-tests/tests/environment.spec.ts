import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect as expectSoon, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { audit, shoot } from './pages';

// Wide enough for the whole toolbar: in a narrow window its last items are behind "…".
test.use({ viewport: { width: 1600, height: 860 }, autoGoto: true });

/** Kernels and the first look at a page may take long on a busy machine. */
const expect = expectSoon.configure({ timeout: 60_000 });

const CELL = 'import os; print(os.environ["SMSTUDIO_INSTANCE_TYPE"])';

function dialog(page: IJupyterLabPageFixture): Locator {
  return page.locator('dialog.smstudio-Modal');
}

function toolbar(page: IJupyterLabPageFixture): Locator {
  return page.locator(
    '.jp-NotebookPanel:not(.lm-mod-hidden) .jp-NotebookPanel-toolbar'
  );
}

/** Starts a command without waiting for the dialog that it opens. */
async function run(
  page: IJupyterLabPageFixture,
  command: string,
  args: Record<string, string> = {}
): Promise<void> {
  await page.evaluate(
    ([id, given]) => {
      void window.jupyterapp.commands.execute(id, given);
    },
    [command, args] as const
  );
}

/** The notebook's metadata as it is in the file: none while the server writes it, which empties the file first. */
async function metadata(
  page: IJupyterLabPageFixture,
  path: string
): Promise<Record<string, unknown>> {
  return page.evaluate(async file => {
    const { contents } = window.jupyterapp.serviceManager;
    const text = await contents.get(file, {
      type: 'file',
      format: 'text',
      content: true
    });
    try {
      return JSON.parse(text.content).metadata;
    } catch {
      return {};
    }
  }, path);
}

/** Writes into the notebook's first cell; Galata's own way gives up after two seconds. */
async function write(
  page: IJupyterLabPageFixture,
  source: string
): Promise<void> {
  await page.evaluate(text => {
    const panel = window.jupyterapp.shell.currentWidget as unknown as {
      content: {
        widgets: {
          model: { sharedModel: { setSource: (text: string) => void } };
        }[];
      };
    };
    panel.content.widgets[0].model.sharedModel.setSource(text);
  }, source);
}

/** Saves the notebook on top, with a checkpoint; without Lab's question for a name. */
async function save(page: IJupyterLabPageFixture): Promise<void> {
  await page.evaluate(async () => {
    const panel = window.jupyterapp.shell.currentWidget as unknown as {
      context: {
        save: () => Promise<void>;
        createCheckpoint: () => Promise<unknown>;
      };
    };
    await panel.context.save();
    await panel.context.createCheckpoint();
  });
}

/** Chooses in the dialog "Change environment". */
async function choose(
  page: IJupyterLabPageFixture,
  image: string,
  type: string
): Promise<void> {
  const open = dialog(page);
  await open.locator('[data-field="image"] select').selectOption(image);
  await open.locator('[data-field="instance_type"] select').selectOption(type);
  await open.getByRole('button', { name: 'Select', exact: true }).click();
  await expect(open).toHaveCount(0);
}

test('seed 000, 1-1-1: kernel and instance type are chosen when a notebook is made', async ({
  page,
  tmpPath
}) => {
  await shoot(page, 'environment-launcher');
  await run(page, 'notebook:create-new', { cwd: tmpPath });
  const open = dialog(page);
  await expect(
    open.getByRole('heading', { name: 'Change environment' })
  ).toBeVisible();
  // What Studio takes when nothing is chosen.
  await expect(open.locator('[data-field="image"] select')).toHaveValue(
    'datascience-1.0'
  );
  await expect(open.locator('[data-field="instance_type"] select')).toHaveValue(
    'ml.t3.medium'
  );
  await expect(
    open.locator('[data-field="startup_script"] select')
  ).toHaveValue('None');
  await expect(
    open.locator('[data-field="kernel"] option', { hasText: 'No Kernel' })
  ).toHaveCount(1);
  await audit(page);
  await shoot(page, 'environment-dialog');
  await choose(page, 'python-3.6', 'ml.m5.large');

  const bar = toolbar(page);
  await expect(bar.getByText('2 vCPU + 8 GiB')).toBeVisible();
  await expect(bar.getByText('Python 3 (Base Python)')).toBeVisible();
  await write(page, CELL);
  await run(page, 'notebook:run-cell');
  await expect(
    page.locator('.jp-OutputArea-output', { hasText: 'ml.m5.large' })
  ).toBeVisible();
  await save(page);
  await expect
    .poll(() => metadata(page, `${tmpPath}/Untitled.ipynb`))
    .toMatchObject({
      instance_type: 'ml.m5.large',
      kernelspec: { name: 'python3-python-3.6' }
    });

  // A second notebook, with another image on the same type, is on the same instance.
  await run(page, 'notebook:create-new', { cwd: tmpPath });
  await choose(page, 'datascience-current', 'ml.m5.large');
  await expect(toolbar(page).getByText('2 vCPU + 8 GiB')).toBeVisible();
  await expect
    .poll(async () =>
      page.evaluate(async () => {
        const { baseUrl, token } =
          window.jupyterapp.serviceManager.serverSettings;
        const answer = await fetch(`${baseUrl}smstudio/api/running`, {
          headers: { Authorization: `token ${token}` }
        });
        const running = await answer.json();
        return [
          running.instances.filter(
            (each: { instance_type: string }) =>
              each.instance_type === 'ml.m5.large'
          ).length,
          running.apps.filter(
            (each: { instance_type: string }) =>
              each.instance_type === 'ml.m5.large'
          ).length
        ].join(' instance, apps ');
      })
    )
    .toBe('1 instance, apps 2');
});

test('seed 004: No Kernel, then the toolbar from terminal to Share', async ({
  page,
  tmpPath
}) => {
  const path = `${tmpPath}/toolbar.ipynb`;
  await page.contents.uploadContent(
    JSON.stringify({
      cells: [
        {
          cell_type: 'code',
          execution_count: null,
          id: 'one',
          metadata: {},
          outputs: [],
          source: 'x = 1'
        }
      ],
      metadata: {
        kernelspec: {
          name: 'not-there',
          display_name: 'Not there',
          language: 'python'
        }
      },
      nbformat: 4,
      nbformat_minor: 5
    }),
    'text',
    path
  );
  await run(page, 'docmanager:open', { path });
  // On first opening Studio asks for the kernel.
  const open = dialog(page);
  await expect(
    open.getByRole('heading', { name: 'Select Kernel' })
  ).toBeVisible();
  await expect(
    open.getByText('Select kernel for: "toolbar.ipynb"')
  ).toBeVisible();
  const kernels = open.locator('[data-field="kernel"] select');
  await expect(kernels).toHaveValue('python3-datascience-1.0');
  await shoot(page, 'environment-select-kernel');
  await kernels.selectOption({ label: 'No Kernel' });
  await open.getByRole('button', { name: 'Select', exact: true }).click();
  await expect(open).toHaveCount(0);
  const bar = toolbar(page);
  await expect(bar.getByText('No Kernel')).toBeVisible();
  await expect(bar.getByText('Unknown')).toBeVisible();

  await bar.getByText('No Kernel').click();
  await choose(page, 'python-3.6', 'ml.t3.medium');
  await expect(bar.getByText('2 vCPU + 4 GiB')).toBeVisible();
  await expect(bar.getByText('Python 3 (Base Python)')).toBeVisible();

  // CPU and memory of the kernel, after a double click of the instance.
  const usage = bar.locator('.smstudio-Toolbar-usage');
  await expect(usage).toHaveText(/^Kernel: CPU: [\d.]+% MEM: [\d.]+%$/);
  await shoot(page, 'environment-toolbar');
  await usage.dblclick();
  await expect(usage).toHaveText(/^Instance: CPU: [\d.]+% MEM: [\d.]+%$/);

  // Another instance.
  await bar.getByText('2 vCPU + 4 GiB').click();
  await expect(
    open.getByRole('heading', { name: 'Select instance' })
  ).toBeVisible();
  const rows = open.locator('tbody tr');
  await expect(rows).toHaveCount(4);
  await open.getByRole('switch', { name: 'Fast launch only' }).click();
  await expect(open.locator('tr[data-type="ml.g5.48xlarge"]')).toHaveCount(1);
  await open.getByRole('button', { name: 'Memory (GiB)' }).click();
  await open.getByRole('button', { name: 'Memory (GiB)' }).click();
  await expect(rows.first()).toContainText(/(768|1,152)/);
  await open.locator('tr[data-type="ml.m5.24xlarge"]').click();
  await expect(open.getByText(/the instance gets what is there/)).toBeVisible();
  await audit(page);
  await open.locator('tr[data-type="ml.c5.large"]').click();
  await shoot(page, 'environment-instances');
  await open.getByRole('button', { name: 'Save and continue' }).click();
  await expect
    .poll(async () => (await metadata(page, path)).instance_type)
    .toBe('ml.c5.large');

  // Checkpoint diff: what changed since the checkpoint.
  await save(page);
  await write(page, 'x = 2');
  await bar.locator('[data-command="smstudio:checkpoint-diff"]').click();
  await expect(
    page.getByRole('tab', { name: 'Diff checkpoint: toolbar' })
  ).toBeVisible();
  await expect(page.locator('.jp-Notebook-diff')).toContainText('x = 2');
  await page.getByRole('tab', { name: 'toolbar.ipynb' }).click();

  // A terminal in the image, then the last button.
  await bar.locator('[data-command="smstudio:launch-terminal"]').click();
  await expect(page.getByRole('tab', { name: /^Terminal/ })).toBeVisible();
  await page.getByRole('tab', { name: 'toolbar.ipynb' }).click();
  await expect(
    bar.locator('[data-command="smstudio:share-notebook"]')
  ).toBeEnabled();
});
