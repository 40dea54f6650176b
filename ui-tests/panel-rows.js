/**
 * Measures the sidebar's first rows: node panel-rows.js URL ROUNDS.
 *
 * Prints {"milliseconds": [...], "loaded": [chunks of the extension that JupyterLab loads at its start]}.
 */
const { chromium } = require('@playwright/test');

const [url, rounds] = process.argv.slice(2);

/** Milliseconds from the click to the frame that shows the first row. */
async function firstRows(page) {
  return page.evaluate(
    () =>
      new Promise(resolve => {
        const tab = document.querySelector('[data-id="smstudio-panel"]');
        const began = performance.now();
        const look = () => {
          const row = document.querySelector(
            '.smstudio-Grid-row[data-kind="AutoMLJob"]'
          );
          if (row && row.getBoundingClientRect().height > 0) {
            resolve(performance.now() - began);
          } else {
            requestAnimationFrame(look);
          }
        };
        const box = tab.getBoundingClientRect();
        for (const type of ['pointerdown', 'mousedown', 'mouseup', 'click']) {
          tab.dispatchEvent(
            new MouseEvent(type, {
              bubbles: true,
              button: 0,
              clientX: box.x + 5,
              clientY: box.y + 5
            })
          );
        }
        look();
      })
  );
}

(async () => {
  const browser = await chromium.launch({
    executablePath: process.env.SMSTUDIO_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
  });
  const milliseconds = [];
  let loaded = [];
  for (let round = 0; round < Number(rounds); round++) {
    const context = await browser.newContext({
      viewport: { width: 1360, height: 860 }
    });
    const page = await context.newPage();
    const chunks = new Set();
    page.on('request', request => {
      const match = /smstudio-ext\/static\/([^?]+\.js)/.exec(request.url());
      if (match) {
        chunks.add(match[1]);
      }
    });
    await page.goto(`${url}/lab?reset`);
    await page.waitForSelector('#jupyterlab-splash', { state: 'detached' });
    await page.waitForSelector('[data-id="smstudio-panel"]');
    // Lab settles first: its own start is not what is measured.
    await page.waitForLoadState('networkidle');
    loaded = [...chunks];
    milliseconds.push(await firstRows(page));
    await context.close();
  }
  await browser.close();
  console.log(JSON.stringify({ milliseconds, loaded }));
})().catch(reason => {
  console.error(reason);
  process.exit(1);
});
