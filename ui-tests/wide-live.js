/**
 * Measures a table of thousands of columns and a page that stays open: node wide-live.js URL ROUNDS REFRESHES.
 *
 * Prints {"wide": [{"rows", "columns", "all", "sort", "across": [ms of long tasks]}], "live": {"heap": [bytes], "refreshes": [n], "seconds": s}}:
 * milliseconds to the first rows, to the columns of the components, to all 2,000 columns, and to the sorted table; then the heap of
 * a page with a live chart after so many refreshes.
 */
const { chromium } = require('@playwright/test');

const [url, rounds, refreshes] = process.argv.slice(2);
const TOP = '#jp-main-dock-panel .smstudio-Page:not(.lm-mod-hidden)';
/** Looks at the heap, of which the first is passed over: what is kept once is there by then. */
const LOOKS = 6;

async function heap(page) {
  const client = await page.context().newCDPSession(page);
  // What was asked last arrives and is drawn; a second collection takes what the first one's finalizers let go.
  for (let collection = 0; collection < 3; collection++) {
    await page.waitForTimeout(700);
    await client.send('HeapProfiler.collectGarbage');
  }
  const { usedSize } = await client.send('Runtime.getHeapUsage');
  await client.detach();
  return usedSize;
}

async function lab(browser) {
  const page = await browser.newPage({
    viewport: { width: 1440, height: 900 }
  });
  page.setDefaultTimeout(120000);
  await page.goto(`${url}/lab?reset`);
  await page.locator('#jupyterlab-splash').waitFor({ state: 'detached' });
  await page.waitForFunction(() =>
    window.jupyterapp?.commands?.hasCommand('smstudio-ext:open-trial-details')
  );
  await page.locator('[data-id="smstudio-panel"]').waitFor();
  return page;
}

const run = (page, id, args) =>
  page.evaluate(
    ([id, args]) => {
      void window.jupyterapp.commands.execute(id, args);
    },
    [id, args]
  );

async function wide(browser) {
  const page = await lab(browser);
  const top = page.locator(TOP);
  // The code of the page is read once.
  await run(page, 'smstudio-ext:open-trial-components', {
    name: 'experiment:small'
  });
  await top.locator('tr[data-name]').first().waitFor();
  const found = {};
  let began = Date.now();
  const since = () => Date.now() - began;
  await run(page, 'smstudio-ext:open-trial-components', {
    name: 'experiment:wide'
  });
  await top.locator('tr[data-name^="wide-"]').first().waitFor();
  found.rows = since();
  await top.locator('th[data-column^="Metrics."]').first().waitFor();
  found.columns = since();
  await top.getByRole('button', { name: 'TABLE PROPERTIES' }).click();
  for (const category of ['Metrics', 'Parameters']) {
    began = Date.now();
    const box = top.getByLabel(`All columns of ${category}`);
    await top
      .getByLabel('Search column name')
      .fill(category === 'Metrics' ? 'metric' : 'param');
    await box.check();
    found.all = Math.max(found.all ?? 0, since());
  }
  await top.getByRole('button', { name: 'TABLE PROPERTIES' }).click();
  found.across = await page.evaluate(async selector => {
    const long = [];
    new PerformanceObserver(list =>
      list.getEntries().forEach(each => long.push(each.duration))
    ).observe({ entryTypes: ['longtask'] });
    const table = document.querySelector(`${selector} .smstudio-Grid`);
    for (let step = 0; step < 100; step++) {
      table.scrollLeft += 600;
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    await new Promise(resolve => setTimeout(resolve, 500));
    return long;
  }, TOP);
  began = Date.now();
  await top
    .locator('th[data-column^="Metrics."] .smstudio-Grid-sort')
    .nth(4)
    .click();
  await top
    .locator('th[aria-sort="descending"][data-column^="Metrics."]')
    .waitFor();
  await top.locator('tr[data-name^="wide-"]').first().waitFor();
  found.sort = since();
  found.shown = Number(
    await top.locator('table').getAttribute('aria-colcount')
  );
  await page.close();
  return found;
}

async function live(browser, wanted) {
  const page = await lab(browser);
  const top = page.locator(TOP);
  await run(page, 'smstudio-ext:open-trial-details', {
    name: 'live',
    chart: true
  });
  const pane = top.locator('.smstudio-ChartProperties');
  await pane.getByLabel('Time series').check();
  await pane.getByLabel('Line', { exact: true }).check();
  await pane.getByLabel('X-axis dimension').selectOption('Epoch');
  await top.locator('.smstudio-Plot[data-rows]').waitFor();
  const found = { heap: [], refreshes: [], drawn: [] };
  const began = Date.now();
  const drawn = async () =>
    Number(await top.locator('.smstudio-Plot').getAttribute('data-drawn'));
  const first = await drawn();
  for (let look = 0; look <= LOOKS; look++) {
    if (look) {
      await page.evaluate(
        async ([plot, count]) => {
          const node = document.querySelector(plot);
          const goal = Number(node.dataset.drawn) + count;
          while (Number(node.dataset.drawn) < goal) {
            void window.jupyterapp.commands.execute('smstudio-ext:refresh');
            await new Promise(resolve => setTimeout(resolve, 60));
          }
        },
        [`${TOP} .smstudio-Plot`, Math.ceil(wanted / LOOKS)]
      );
    }
    found.heap.push(await heap(page));
    found.refreshes.push((await drawn()) - first);
  }
  found.seconds = (Date.now() - began) / 1000;
  await page.close();
  return found;
}

(async () => {
  const browser = await chromium.launch({
    executablePath: process.env.SMSTUDIO_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
  });
  const result = { wide: [], live: null };
  for (let number = 0; number < Number(rounds); number++) {
    result.wide.push(await wide(browser));
  }
  result.live = await live(browser, Number(refreshes));
  await browser.close();
  console.log(JSON.stringify(result));
})().catch(reason => {
  console.error(reason);
  process.exit(1);
});
