/** An example row for an endpoint that serves an Autopilot model. */
import type { DataPreview, Endpoint } from '../../api/generated';

/**
 * Names of Autopilot jobs that may have made the endpoint's model, most likely first.
 *
 * Autopilot keeps its artifacts under `<output>/<job>/<kind>/...`; the kinds are AWS's.
 */
export function jobsBehind(endpoint: Endpoint): string[] {
  const kinds = new Set([
    'data-processor-models',
    'tuning',
    'sagemaker-automl-candidates'
  ]);
  const names = new Set<string>();
  for (const variant of endpoint.variants) {
    for (const container of variant.containers) {
      const parts = container.model_data_url.split('/').filter(Boolean);
      parts.forEach((part, index) => {
        if (kinds.has(part) && index > 1) {
          names.add(parts[index - 1]);
        }
      });
    }
  }
  return [...names];
}

/** One CSV line of the preview's first row without the target. */
export function exampleRow(
  preview: DataPreview,
  target: string | null
): string | null {
  const row = preview.rows[0];
  if (!row) {
    return null;
  }
  const at = preview.columns.findIndex(column => column.name === target);
  return row
    .filter((_, index) => index !== at)
    .map(csvCell)
    .join(',');
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
