import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect } from '@jupyterlab/galata';

/** A cell of the notebook on top. */
export interface ICellState {
  source: string;
  type: string;
  count: number | null;
  text: string;
  error: string | null;
}

/** The cells of the notebook on top: what they say, and what came of them. */
export function cells(page: IJupyterLabPageFixture): Promise<ICellState[]> {
  return page.evaluate(() => {
    const panel = window.jupyterapp.shell.currentWidget as any;
    return Array.from(panel.content.model.cells as Iterable<any>).map(cell => {
      const outputs = (cell.toJSON().outputs ?? []) as any[];
      const failed = outputs.find(each => each.output_type === 'error');
      return {
        source: cell.sharedModel.getSource() as string,
        type: cell.type as string,
        count: (cell.executionCount ?? null) as number | null,
        text: JSON.stringify(outputs.map(each => each.data ?? each.text ?? '')),
        error: failed ? `${failed.ename}: ${failed.evalue}` : null
      };
    });
  });
}

/** Selects a cell of the notebook on top and presses D twice, until it is gone. */
export async function deleteCell(
  page: IJupyterLabPageFixture,
  index: number
): Promise<void> {
  const count = (await cells(page)).length;
  await expect(async () => {
    await page.evaluate(async at => {
      const panel = window.jupyterapp.shell.currentWidget as any;
      panel.content.deselectAll();
      panel.content.activeCellIndex = at;
      panel.content.mode = 'command';
      await panel.content.scrollToItem(at);
      panel.content.activate();
    }, index);
    if ((await cells(page)).length === count) {
      await page.keyboard.press('d');
      await page.keyboard.press('d');
    }
    expect(await cells(page)).toHaveLength(count - 1);
  }).toPass({ timeout: 120_000 });
}

/** Changes the text of the one cell that holds `marker`. */
export async function editCell(
  page: IJupyterLabPageFixture,
  marker: string,
  from: RegExp,
  to: string
): Promise<void> {
  const found = await cells(page);
  const index = found.findIndex(
    each => each.type === 'code' && each.source.includes(marker)
  );
  expect(index, marker).toBeGreaterThan(-1);
  const source = found[index].source.replace(from, to);
  expect(source).not.toBe(found[index].source);
  await page.evaluate(
    ([at, text]) => {
      const panel = window.jupyterapp.shell.currentWidget as any;
      panel.content.model.cells.get(at).sharedModel.setSource(text);
    },
    [index, source] as const
  );
}

/** Name of the candidate that a cell selects. */
export function candidateOf(cell: ICellState): string | null {
  if (!cell.source.includes('automl_interactive_runner.select_candidate(')) {
    return null;
  }
  const names = [...cell.source.matchAll(/["']name["']: ?["']([^"']+)["']/g)];
  return names.map(each => each[1]).join('-');
}
