/**
 * Measures the Trial Component List: node leaderboard.js URL.
 *
 * Prints milliseconds from an action to the frame that shows its rows, the longest task while scrolling, and the heap before and after.
 */
const { chromium } = require('@playwright/test');

const [url, rounds] = process.argv.slice(2);
const METRIC = 'metric00';
const PARAMETER = 'param01';

/** Runs `act` in the page, then waits frame by frame until `done` holds; answers the milliseconds. */
function timed(page, act, done) {
  return page.evaluate(
    ([actText, doneText]) =>
      new Promise((resolve, reject) => {
        const began = performance.now();
        new Function(actText)();
        const finished = new Function(`return (${doneText});`);
        const look = () => {
          if (finished()) {
            resolve(performance.now() - began);
          } else if (performance.now() - began > 60_000) {
            reject(new Error(`never: ${doneText}`));
          } else {
            requestAnimationFrame(look);
          }
        };
        requestAnimationFrame(look);
      }),
    [act, done]
  );
}

const TABLE = `document.querySelector('.smstudio-Leaderboard-table')`;
const NAMES = `[...document.querySelectorAll('.smstudio-Leaderboard-table .smstudio-Grid-row[data-name]')].map(row => row.dataset.name)`;

/** Types into the search box as React hears it. */
const type = (label, text) => `
  const input = document.querySelector('.smstudio-Leaderboard input[aria-label="${label}"]');
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, ${JSON.stringify(text)});
  input.dispatchEvent(new Event('input', { bubbles: true }));`;

async function heap(page) {
  const client = await page.context().newCDPSession(page);
  await client.send('HeapProfiler.collectGarbage');
  const { usedSize } = await client.send('Runtime.getHeapUsage');
  await client.detach();
  return usedSize;
}

/** Scrolls from top to bottom in steps; answers long tasks in milliseconds. */
async function scroll(page, steps) {
  return page.evaluate(
    count =>
      new Promise(resolve => {
        const long = [];
        const observer = new PerformanceObserver(list =>
          list.getEntries().forEach(entry => long.push(entry.duration))
        );
        observer.observe({ entryTypes: ['longtask'] });
        const node = document.querySelector('.smstudio-Leaderboard-table');
        let step = 0;
        const next = () => {
          step++;
          node.scrollTop =
            ((node.scrollHeight - node.clientHeight) * step) / count;
          if (step < count) {
            setTimeout(() => requestAnimationFrame(next), 30);
          } else {
            setTimeout(() => {
              observer.disconnect();
              resolve(long);
            }, 1500);
          }
        };
        next();
      }),
    steps
  );
}

/** Scrolls under Chromium's tracing; answers the CPU milliseconds of the page's tasks, which other work on the machine does not lengthen. */
async function taskTimes(browser, page, steps) {
  await browser.startTracing(page, {
    categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline']
  });
  await scroll(page, steps);
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const threads = new Set(
    traceEvents
      .filter(
        each =>
          each.name === 'thread_name' && each.args.name === 'CrRendererMain'
      )
      .map(each => `${each.pid}:${each.tid}`)
  );
  return traceEvents
    .filter(
      each => each.name === 'RunTask' && threads.has(`${each.pid}:${each.tid}`)
    )
    .map(each => (each.tdur ?? 0) / 1000);
}

async function round(browser) {
  const context = await browser.newContext({
    viewport: { width: 1360, height: 860 }
  });
  const page = await context.newPage();
  await page.goto(`${url}/lab?reset`);
  await page.waitForSelector('#jupyterlab-splash', { state: 'detached' });
  await page.waitForSelector('[data-id="smstudio-panel"]');
  await page.waitForLoadState('networkidle');
  const result = {};
  result.open = await timed(
    page,
    `window.jupyterapp.commands.execute('smstudio-ext:open-trial-components', { name: 'all' })`,
    `${NAMES}.length > 10`
  );
  await page.waitForLoadState('networkidle');
  const header = `document.querySelector('th[data-column="Metrics.${METRIC}"] .smstudio-Grid-sort')`;
  await page.evaluate(() => {
    const node = document.querySelector('.smstudio-Leaderboard-table');
    node.scrollLeft = 700;
  });
  await page.waitForFunction(`!!${header}`);
  await page.evaluate(`window.before = ${NAMES}[0]`);
  result.sort = await timed(
    page,
    `${header}.click()`,
    `${NAMES}.length > 10 && ${NAMES}[0] !== window.before`
  );
  result.search = await timed(
    page,
    type('Search by name', 'Bench-000042'),
    `${NAMES}.length === 1`
  );
  await timed(page, type('Search by name', ''), `${NAMES}.length > 10`);
  // A filter by a parameter, through the dialog as a user has it; timed from Apply.
  await page
    .locator('.smstudio-Leaderboard')
    .getByRole('button', { name: 'Add a filter' })
    .click();
  const dialog = page.getByRole('dialog', { name: 'Add a filter' });
  await dialog.getByPlaceholder('Search column name').fill(PARAMETER);
  await page.keyboard.press('Enter');
  await dialog.getByLabel('Condition').selectOption('GreaterThan');
  await dialog.getByRole('textbox', { name: 'Number' }).fill('0.999');
  await page.evaluate(`window.before = ${NAMES}.join()`);
  result.filter = await timed(
    page,
    `[...document.querySelectorAll('dialog button')].find(each => each.type === 'submit').click()`,
    `${NAMES}.length > 0 && ${NAMES}.join() !== window.before`
  );
  await page.getByRole('button', { name: /^Remove the filter/ }).click();
  await page.waitForFunction(`${NAMES}.length > 10`);
  await page.waitForLoadState('networkidle');
  await scroll(page, 30);
  const before = await heap(page);
  result.longtasks = await scroll(page, 200);
  result.heap = [before, await heap(page)];
  const tasks = await taskTimes(browser, page, 100);
  result.cpu = {
    long: tasks.filter(each => each > 50).length,
    longest: Math.max(...tasks),
    jump: tasks.reduce((sum, each) => sum + each, 0) / 100
  };
  result.rows = await page.evaluate(
    `Number(${TABLE}.querySelector('table').getAttribute('aria-rowcount')) - 1`
  );
  await context.close();
  return result;
}

(async () => {
  const browser = await chromium.launch({
    executablePath: process.env.SMSTUDIO_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
  });
  const results = [];
  for (let number = 0; number < Number(rounds ?? 1); number++) {
    results.push(await round(browser));
  }
  await browser.close();
  console.log(JSON.stringify(results));
})().catch(reason => {
  console.error(reason);
  process.exit(1);
});
