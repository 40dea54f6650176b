/**
 * Measures charts over trial components: node chart-times.js URL ROUNDS LIVE_SECONDS.
 *
 * Prints {"open": ms, "scatter": [ms], "marks": n, "series": [ms], "live": [[rows, time]], "errors": [...]}: from the choice of another column
 * to the drawn chart; and for a chart of a running component when how many points were drawn.
 */
const { chromium } = require('@playwright/test');

const [url, rounds, seconds] = process.argv.slice(2);
const PLOT = '.smstudio-Page:not(.lm-mod-hidden) .smstudio-Plot';

/** Milliseconds from the choice of `value` in the field `label` to the next drawing. */
async function choose(page, label, value) {
  return page.evaluate(
    ([plot, label, value]) =>
      new Promise((resolve, reject) => {
        const pane = document.querySelector(
          '.smstudio-Page:not(.lm-mod-hidden) .smstudio-ChartProperties'
        );
        const field = [...pane.querySelectorAll('label')].find(
          each => each.textContent === label
        );
        const select = document.getElementById(field.htmlFor);
        const option = [...select.options].find(each => each.label === value);
        if (!option) {
          reject(new Error(`${label} has no ${value}`));
          return;
        }
        const drawn = () =>
          Number(document.querySelector(plot)?.dataset.drawn ?? 0);
        const before = drawn();
        const began = performance.now();
        select.value = option.value;
        select.dispatchEvent(new Event('change', { bubbles: true }));
        const look = () => {
          if (drawn() > before) {
            resolve(performance.now() - began);
          } else if (performance.now() - began > 60000) {
            reject(new Error('not drawn'));
          } else {
            requestAnimationFrame(look);
          }
        };
        look();
      }),
    [PLOT, label, value]
  );
}

async function open(page, args) {
  await page.evaluate(args => {
    void window.jupyterapp.commands.execute(
      'smstudio-ext:open-trial-details',
      args
    );
  }, args);
  const began = Date.now();
  const top = page.locator('.smstudio-Page:not(.lm-mod-hidden)');
  await top.getByRole('button', { name: 'Add chart' }).waitFor();
  const milliseconds = Date.now() - began;
  await top.getByRole('button', { name: 'Add chart' }).click();
  await page.waitForSelector(`${PLOT}[data-drawn]`);
  return { top, milliseconds };
}

(async () => {
  const browser = await chromium.launch({
    executablePath: process.env.SMSTUDIO_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
  });
  const page = await browser.newPage({
    viewport: { width: 1440, height: 900 }
  });
  const errors = [];
  page.on('pageerror', error => errors.push(error.message));
  await page.goto(`${url}/lab?reset`);
  await page.waitForSelector('#jupyterlab-splash', { state: 'detached' });
  await page.waitForLoadState('networkidle');
  const many = await open(page, {
    search: {
      Filters: [
        { Name: 'TrialComponentName', Operator: 'Contains', Value: 'bench-' }
      ]
    },
    label: 'Many'
  });
  await many.top.getByLabel('Scatter plot').check();
  await page.waitForTimeout(1500);
  const scatter = [];
  for (let round = 0; round < Number(rounds); round++) {
    const number = String(round + 1).padStart(2, '0');
    scatter.push(await choose(page, 'X-axis', `metric${number}_min`));
  }
  const marks = Number(await page.locator(PLOT).getAttribute('data-rows'));
  const names = Array.from(
    { length: 100 },
    (_, index) => `series-${String(index).padStart(3, '0')}`
  );
  const lines = await open(page, { names });
  await lines.top.getByLabel('Time series').check();
  await lines.top.getByLabel('Line', { exact: true }).check();
  await page.waitForTimeout(2500);
  await choose(page, 'X-axis dimension', 'Epoch');
  const series = [];
  for (const statistic of ['min', 'max', 'avg', 'stddev', 'count'].slice(
    0,
    Number(rounds)
  )) {
    series.push(await choose(page, 'Y-axis', `loss_${statistic}`));
  }
  const points = Number(await page.locator(PLOT).getAttribute('data-rows'));
  const running = await open(page, { names: ['live-000'] });
  await running.top.getByLabel('Time series').check();
  await page.waitForTimeout(1500);
  await choose(page, 'X-axis dimension', 'Epoch');
  const live = await page.evaluate(
    ([plot, seconds]) =>
      new Promise(resolve => {
        const found = [];
        let last = -1;
        const end = Date.now() + seconds * 1000;
        const look = () => {
          const node = document.querySelector(plot);
          const rows = Number(node?.dataset.rows ?? 0);
          if (rows !== last) {
            found.push([rows, Date.now()]);
            last = rows;
          }
          if (Date.now() < end) {
            requestAnimationFrame(look);
          } else {
            resolve(found);
          }
        };
        look();
      }),
    [PLOT, Number(seconds)]
  );
  await browser.close();
  console.log(
    JSON.stringify({
      open: many.milliseconds,
      scatter,
      marks,
      series,
      points,
      live,
      errors
    })
  );
})().catch(reason => {
  console.error(reason);
  process.exit(1);
});
