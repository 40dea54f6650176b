import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';
import * as path from 'path';

const IMAGES = path.join(__dirname, '..', '..', 'docs', 'images');

/** Opens the sidebar "SageMaker". */
export async function openPanel(
  page: IJupyterLabPageFixture
): Promise<Locator> {
  await page.sidebar.openTab('smstudio-panel');
  const panel = page.locator('#smstudio-panel');
  await expect(panel.getByRole('heading', { name: 'SageMaker' })).toBeVisible();
  return panel;
}

/** Asks the extension's REST API, as the pages do. */
export async function api<T = any>(
  page: IJupyterLabPageFixture,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  data?: object
): Promise<T> {
  const answer = await page.request.fetch(`/smstudio/api/${path}`, {
    method,
    data
  });
  expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true);
  return answer.json();
}

/** The page that is on top. */
export function onTop(page: IJupyterLabPageFixture): Locator {
  return page.locator('#jp-main-dock-panel .smstudio-Page:not(.lm-mod-hidden)');
}

/** Takes a picture for the docs when SMSTUDIO_SCREENSHOTS is set. */
export async function shoot(
  page: IJupyterLabPageFixture,
  name: string
): Promise<void> {
  if (process.env.SMSTUDIO_SCREENSHOTS) {
    await page.screenshot({ path: path.join(IMAGES, `${name}.png`) });
  }
}

interface IViolation {
  id: string;
  impact: string | null;
  nodes: { html: string; failureSummary?: string }[];
}

/** Fails when axe finds something serious on one of our pages. */
export async function audit(page: IJupyterLabPageFixture): Promise<void> {
  await page.addScriptTag({ path: require.resolve('axe-core/axe.min.js') });
  const violations = await page.evaluate(async (): Promise<IViolation[]> => {
    const axe = (
      window as unknown as {
        axe: {
          run: (
            context: object,
            options: object
          ) => Promise<{ violations: IViolation[] }>;
        };
      }
    ).axe;
    const answer = await axe.run(
      { include: [['.smstudio-Page:not(.lm-mod-hidden)']] },
      // Colours are the theme's; Lab's own light theme misses AA in places.
      { rules: { 'color-contrast': { enabled: false } } }
    );
    return answer.violations;
  });
  const serious = violations
    .filter(each => each.impact === 'serious' || each.impact === 'critical')
    .map(each => `${each.id}: ${each.nodes.map(node => node.html).join(' ')}`);
  expect(serious).toEqual([]);
}
