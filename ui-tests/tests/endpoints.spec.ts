import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { api, audit, openPanel, shoot } from './pages';

test.use({ viewport: { width: 1360, height: 900 } });

/** Rows whose first column is 1 where the others add up to more than 1. */
function table(rows: number): string {
  let seed = 7;
  const random = (): number => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  return Array.from({ length: rows }, () => {
    const [a, b] = [random(), random()];
    return [a + b > 1 ? 1 : 0, a.toFixed(4), b.toFixed(4)].join(',');
  }).join('\n');
}

/** A model behind an endpoint, made as the forms make them. */
async function deploy(
  page: IJupyterLabPageFixture,
  tmpPath: string,
  name: string
): Promise<{ model: string }> {
  await page.contents.uploadContent(table(200), 'text', `${tmpPath}/n.csv`);
  const sent = await api<{ s3_uri: string }>(page, 'POST', 'data/upload', {
    path: `${tmpPath}/n.csv`
  });
  await api(page, 'POST', 'training-jobs', {
    name,
    algorithm: 'xgboost',
    version: '1.7-1',
    hyperparameters: { num_round: '20', objective: 'binary:logistic' },
    channels: [{ name: 'train', s3_uri: sent.s3_uri, content_type: 'text/csv' }]
  });
  await expect
    .poll(
      async () =>
        (await api<{ status: string }>(page, 'GET', `training-jobs/${name}`))
          .status,
      { timeout: 60_000 }
    )
    .toBe('Completed');
  const made = await api<{ model_name: string }>(
    page,
    'POST',
    `training-jobs/${name}/deploy`,
    { endpoint_name: name, instance_type: 'ml.m5.large', instance_count: 1 }
  );
  return { model: made.model_name };
}

async function openEndpoint(
  page: IJupyterLabPageFixture,
  name: string
): Promise<Locator> {
  await page.evaluate(async endpoint => {
    await window.jupyterapp.commands.execute('smstudio-ext:open-endpoint', {
      name: endpoint
    });
  }, name);
  const top = page.locator(
    '#jp-main-dock-panel .smstudio-Page:not(.lm-mod-hidden)'
  );
  await expect(
    top.getByRole('heading', { name: `ENDPOINT: ${name}` })
  ).toBeVisible();
  return top;
}

test('an endpoint is asked, shared out, scaled, updated and deleted', async ({
  page,
  tmpPath
}) => {
  await openPanel(page);
  const name = `walk-${Date.now().toString(36)}`;
  const { model } = await deploy(page, tmpPath, name);
  const endpoint = await openEndpoint(page, name);
  const status = endpoint.locator('.smstudio-Header .smstudio-Status');
  const tab = (label: string): Promise<void> =>
    endpoint.getByRole('tab', { name: label, exact: true }).click();
  await expect(status).toHaveText(/InService/);

  // Test inference: an answer, a failure, the history, code that does the same.
  const body = endpoint.getByLabel('Request', { exact: true });
  const send = endpoint.getByRole('button', { name: 'Send Request' });
  const output = endpoint.getByRole('region', { name: 'Inference output' });
  await body.fill('0.9,0.9\n0.1,0.1');
  await send.click();
  await expect(output.getByText('Complete', { exact: true })).toBeVisible();
  await expect(output.getByLabel('Body of the answer').first()).toContainText(
    /0\.9\d/
  );
  await body.fill('some words');
  await send.click();
  await expect(output.getByText(/Failure Reason/)).toBeVisible();
  const history = endpoint.getByRole('table', { name: 'Requests before' });
  await expect(history.locator('tbody tr')).toHaveCount(2);
  await history.getByRole('button', { name: 'Use again' }).last().click();
  await expect(body).toHaveValue('0.9,0.9\n0.1,0.1');
  await send.click();
  await expect(output.getByText('Complete', { exact: true })).toBeVisible();
  await endpoint.getByRole('button', { name: 'Show the code' }).click();
  await endpoint.getByRole('tab', { name: 'curl' }).click();
  await expect(endpoint.getByText('--aws-sigv4')).toBeVisible();
  await endpoint.getByRole('tab', { name: 'boto3' }).click();
  await expect(endpoint.getByText('runtime.invoke_endpoint(')).toBeVisible();
  await shoot(page, 'endpoint-inference');
  await audit(page);

  // A second variant, with everything captured.
  await tab('Update');
  const form = endpoint.getByRole('form', { name: 'Update endpoint' });
  await form.getByRole('button', { name: 'Update endpoint' }).click();
  await expect(form.getByText('Nothing is changed yet.')).toBeVisible();
  await form.getByRole('button', { name: 'Add a variant' }).click();
  await form.getByLabel('Model of variant-2').fill(model);
  await form.getByLabel('on, with these settings').check();
  await shoot(page, 'endpoint-update');
  await audit(page);
  await form.getByRole('button', { name: 'Update endpoint' }).click();
  await tab('Variants');
  const slider = endpoint.getByRole('slider', { name: 'Traffic of variant-2' });
  await expect(slider).toBeEnabled();

  // The sliders add up to 100 while they move.
  await expect(slider).toHaveValue('50');
  await endpoint.getByLabel('Percent of the traffic of variant-2').fill('20');
  await expect(
    endpoint.getByRole('slider', { name: 'Traffic of AllTraffic' })
  ).toHaveValue('80');
  await slider.press('ArrowRight');
  await expect(slider).toHaveValue('21');
  await endpoint.getByRole('button', { name: 'Reset' }).click();
  await expect(slider).toHaveValue('50');
  await endpoint.getByLabel('Percent of the traffic of variant-2').fill('10');
  await shoot(page, 'endpoint-variants');
  await audit(page);
  await endpoint.getByRole('button', { name: 'Apply' }).click();
  await expect(endpoint.getByText('Weight 90', { exact: true })).toBeVisible();
  await expect(slider).toBeEnabled();

  // What was sent is captured, counted and drawn.
  await tab('Test inference');
  await endpoint
    .getByLabel('Variant', { exact: true })
    .selectOption('variant-2');
  await send.click();
  await expect(output.getByText('variant-2', { exact: true })).toBeVisible();
  await tab('Scaling');
  const first = endpoint.getByRole('region', { name: 'Scaling of AllTraffic' });
  await first.getByRole('button', { name: /^Configure auto scaling/ }).click();
  await first.getByLabel('Maximum capacity').fill('0');
  await expect(
    first.getByText('must not be less than the minimum')
  ).toBeVisible();
  await first.getByLabel('Maximum capacity').fill('3');
  await first.getByRole('button', { name: 'Save' }).click();
  await expect(
    first.getByText('Between 1 and 3 instances; 1 now.')
  ).toBeVisible();
  await first.getByRole('button', { name: /^Add a scheduled action/ }).click();
  await first.getByLabel('Name').fill('mornings');
  await first.getByLabel('Schedule', { exact: true }).fill('every day');
  await first.getByLabel('Minimum capacity').fill('1');
  await first.getByRole('button', { name: 'Save' }).click();
  await expect(first.getByText(/must be cron\(fields\)/).first()).toBeVisible();
  await first
    .getByLabel('Schedule', { exact: true })
    .fill('cron(0 8 ? * MON-FRI *)');
  await first.getByRole('button', { name: 'Save' }).click();
  await expect(
    first.getByRole('button', { name: 'Remove scheduled action mornings' })
  ).toBeVisible();
  await shoot(page, 'endpoint-scaling');
  await audit(page);
  await first.getByRole('button', { name: /^Stop scaling/ }).click();
  await expect(first.getByText(/Does not scale by itself/)).toBeVisible();

  await tab('Data capture');
  const records = endpoint.getByRole('table', { name: 'Newest records' });
  await expect(records.getByText('variant-2').first()).toBeVisible();
  await records.getByRole('button').first().click();
  await expect(endpoint.getByText('Event ID')).toBeVisible();
  await shoot(page, 'endpoint-capture');
  await audit(page);
  await tab('Metrics');
  await expect(
    endpoint.getByRole('img', { name: /Chart of Model latency; .*p99/ })
  ).toBeVisible();
  await expect(
    endpoint.locator('.smstudio-Chart svg, .smstudio-Chart canvas').first()
  ).toBeVisible();
  await shoot(page, 'endpoint-metrics');
  await audit(page);
  await tab('Logs');
  await expect(endpoint.getByRole('log')).not.toBeEmpty();
  await tab('AWS settings');
  await endpoint.getByRole('button', { name: 'Add a tag' }).click();
  await endpoint.getByLabel('Key of tag 1').fill('team');
  await endpoint.getByRole('button', { name: 'Save tags' }).click();
  await expect(
    endpoint.getByRole('button', { name: 'Save tags' })
  ).toBeHidden();
  await audit(page);

  // A canary that bakes, and its end.
  await tab('Update');
  await form.getByLabel('Remove variant-2').check();
  await form.getByLabel('Instances of AllTraffic').fill('2');
  await form.getByLabel('Canary').check();
  await form.getByLabel('Size of the canary').fill('70');
  await form.getByRole('button', { name: 'Update endpoint' }).click();
  await expect(
    form.getByText('is out of the range that AWS allows')
  ).toBeVisible();
  await form.getByLabel('Size of the canary').fill('50');
  await form.getByLabel('Bake time (seconds)').fill('900');
  await form.getByRole('button', { name: 'Update endpoint' }).click();
  await expect(
    endpoint.getByText(
      '50 % of the traffic is at the new fleet, 50 % at the old one.'
    )
  ).toBeVisible();
  await shoot(page, 'endpoint-canary');
  await audit(page);
  await endpoint.getByRole('button', { name: 'Delete…' }).click();
  await page
    .getByRole('dialog', { name: 'Delete endpoint' })
    .getByRole('button', { name: 'Delete', exact: true })
    .click();
  await expect(endpoint.getByText(/does not exist any more/)).toBeVisible();
});
