import { expect as plainExpect, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { execFileSync } from 'child_process';
import * as path from 'path';

import { audit, onTop } from './pages';

test.use({ viewport: { width: 1360, height: 900 } });

/** A busy machine may take its time; the test waits for what must come and for nothing else. */
const expect = plainExpect.configure({ timeout: 60_000 });
const ROOT = path.join(__dirname, '..', '..');

/** Runs Python with boto3 on the engine of the tests, as another program of the user would. */
function python(code: string, ...args: string[]): void {
  const data = path.join(process.env.SMSTUDIO_TEST_HOME ?? '', 'engine');
  const env: NodeJS.ProcessEnv = { ...process.env };
  const run = (...given: string[]): string =>
    execFileSync('python', given, { cwd: ROOT, env, encoding: 'utf-8' });
  Object.assign(
    env,
    JSON.parse(
      run(
        '-m',
        'smstudio_ext.cli',
        'engine',
        'env',
        '--data',
        data,
        '--format',
        'json'
      )
    )
  );
  run('-c', `import sys, time, boto3\n${code}`, ...args);
}

async function engine(
  page: IJupyterLabPageFixture,
  action: 'start' | 'stop'
): Promise<void> {
  const answer = await page.request.fetch(`/smstudio/api/engine/${action}`, {
    method: 'POST'
  });
  expect(answer.ok()).toBe(true);
}

async function open(
  page: IJupyterLabPageFixture,
  command: string,
  args: object
): Promise<void> {
  await page.evaluate(
    ([id, given]) => {
      void window.jupyterapp.commands.execute(id as string, given as never);
    },
    [command, args] as const
  );
}

const LOG = `
name, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
sagemaker, metrics = boto3.client("sagemaker"), boto3.client("sagemaker-metrics")
if first == 0:
    sagemaker.create_trial_component(TrialComponentName=name, Status={"PrimaryStatus": "InProgress"})
metrics.batch_put_metrics(TrialComponentName=name, MetricData=[
    {"MetricName": "loss", "Timestamp": int(time.time()), "Step": step, "Value": 1 / (step + 1)}
    for step in range(first, last)
])
`;

test('a live chart outlives the engine, and its page the component', async ({
  page
}) => {
  await engine(page, 'start');
  const name = `trouble-${Date.now() % 1_000_000}`;
  python(LOG, name, '0', '5');
  await open(page, 'smstudio-ext:open-trial-details', { name, chart: true });
  const details = onTop(page);
  const properties = details.getByRole('complementary', {
    name: 'Chart properties'
  });
  await properties.getByLabel('Time series').check();
  await properties.getByLabel('Line', { exact: true }).check();
  await properties.getByLabel('X-axis dimension').selectOption('Epoch');
  const drawn = (rows: number): Promise<void> =>
    expect(details.locator('.smstudio-Plot')).toHaveAttribute(
      'data-rows',
      String(rows)
    );
  await drawn(5);
  python(LOG, name, '5', '8');
  await drawn(8);

  await engine(page, 'stop');
  await engine(page, 'start');
  python(LOG, name, '8', '11');
  await drawn(11);

  python(
    'boto3.client("sagemaker").delete_trial_component(TrialComponentName=sys.argv[1])',
    name
  );
  await expect(
    details.getByText('This trial component was deleted.')
  ).toBeVisible();
  await drawn(11);
  await audit(page);
});

const HOSTILE = `
name = sys.argv[1]
sagemaker, metrics = boto3.client("sagemaker"), boto3.client("sagemaker-metrics")
sagemaker.create_experiment(ExperimentName=name)
sagemaker.create_trial(TrialName=name + "-trial", ExperimentName=name)
for number, run in enumerate([name + "-" + "x" * (119 - len(name)), name + "-b", name + "-c"]):
    sagemaker.create_trial_component(TrialComponentName=run, Parameters={
        "<img src=x onerror=alert(1)>": {"StringValue": "<script>alert(2)</script>"},
        "\\u0645\\u0639\\u062f\\u0644": {"NumberValue": number + 0.5},
    })
    sagemaker.associate_trial_component(TrialComponentName=run, TrialName=name + "-trial")
    metrics.batch_put_metrics(TrialComponentName=run, MetricData=[
        {"MetricName": metric, "Timestamp": int(time.time()), "Step": 0, "Value": number}
        for metric in ("<img src=x onerror=alert(3)>", "a.b[0]'\\"")
    ])
`;

test('names that are HTML stay text; a view outlives a reload; code goes into the open notebook', async ({
  page
}) => {
  const said: string[] = [];
  page.on('dialog', dialog => {
    // The notebook that got the cell is not saved when the page is reloaded.
    if (dialog.type() === 'beforeunload') {
      void dialog.accept();
      return;
    }
    said.push(dialog.message());
    void dialog.dismiss();
  });
  await engine(page, 'start');
  const name = `names-${Date.now() % 1_000_000}`;
  python(HOSTILE, name);
  await open(page, 'smstudio-ext:open-trial-components', {
    name: `experiment:${name}`
  });
  let list = onTop(page);
  const rows = list.locator('tr[data-kind="TrialComponent"]');
  await expect(rows).toHaveCount(3);
  const column = list.locator(
    'th[data-column="Metrics.<img src=x onerror=alert(3)>"]'
  );
  await column.locator('.smstudio-Grid-sort').click();
  await expect(rows.first()).toHaveAttribute('data-name', `${name}-c`);
  await list
    .getByLabel('Group by')
    .selectOption('Parameters.\u0645\u0639\u062f\u0644');
  await expect(list.locator('.smstudio-Leaderboard-group')).toHaveCount(3);
  await list.getByLabel('Group by').selectOption('');
  await list.getByLabel('View', { exact: true }).selectOption('save');
  await page.locator('.jp-Dialog input').fill(name);
  await page.locator('.jp-Dialog .jp-mod-accept').click();
  await expect(list.getByLabel('View', { exact: true })).toHaveValue(
    `view:${name}`
  );
  // What is typed or chosen is kept when it pauses.
  await expect
    .poll(() => page.evaluate(() => JSON.stringify(window.sessionStorage)))
    .toContain(`${name}\\"`);

  await rows.first().click();
  await rows.nth(2).click({ modifiers: ['Shift'] });
  await list.getByRole('button', { name: 'Add chart' }).click();
  const details = onTop(page);
  const properties = details.getByRole('complementary', {
    name: 'Chart properties'
  });
  await properties.getByLabel('Scatter plot').check();
  await properties
    .getByLabel('X-axis', { exact: true })
    .selectOption('Parameters.\u0645\u0639\u062f\u0644');
  await properties
    .getByLabel('Y-axis', { exact: true })
    .selectOption({ label: '<img src=x onerror=alert(3)>_last' });
  await expect(details.locator('.smstudio-Plot')).toHaveAttribute(
    'data-rows',
    '3'
  );

  await page.evaluate(async () => {
    await window.jupyterapp.commands.execute('notebook:create-new', {
      kernelName: 'python3'
    });
  });
  const notebook = page.locator('.jp-NotebookPanel');
  await expect(notebook.locator('.jp-Cell')).toHaveCount(1);
  await page.evaluate(() => {
    const [tab] = [...window.jupyterapp.shell.widgets('main')].filter(widget =>
      widget.title.label.startsWith('Trial details')
    );
    window.jupyterapp.shell.activateById(tab.id);
  });
  await details.getByRole('button', { name: /^Export/ }).click();
  await page.getByRole('menuitem', { name: 'Insert into notebook' }).click();
  await expect(notebook.locator('.jp-Cell')).toHaveCount(2);
  await expect(notebook).toContainText('describe_trial_component');

  await page.reload({ waitForIsReady: false });
  await page.locator('#jupyterlab-splash').waitFor({ state: 'detached' });
  await open(page, 'smstudio-ext:open-trial-components', {
    name: `experiment:${name}`
  });
  list = onTop(page);
  await expect(list.getByLabel('View', { exact: true })).toHaveValue(
    `view:${name}`
  );
  await expect(rows.first()).toHaveAttribute('data-name', `${name}-c`);
  expect(said).toEqual([]);
});
