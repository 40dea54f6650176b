import { readFileSync } from 'fs';
import { join } from 'path';

import type { IChart } from '../charts/definition';
import { labelOf, newChart } from '../charts/definition';
import { plainTitle } from '../charts/drawn';
import type { ISpecContext } from '../charts/encodings';
import { seriesSpec, summarySpec } from '../charts/specs';

interface ICase {
  title: string;
  chart: Partial<IChart>;
  context: { numeric: string[]; names: string[]; rows: number };
  spec: unknown;
}

// The magics' charts have a test of their own against the same file.
const CASES = JSON.parse(
  readFileSync(join(__dirname, 'specs.json'), 'utf-8')
) as ICase[];

describe('charts of the page and of the magics', () => {
  it.each(CASES.map(each => [each.title, each] as const))(
    '%s',
    (_, { chart, context, spec }) => {
      const whole: IChart = { ...newChart([]), x: null, ...chart };
      const found: ISpecContext = {
        label: id => plainTitle(labelOf(id, [])).replace(/^Trial/, 'trial'),
        numeric: id => !!id && context.numeric.includes(id),
        names: context.names,
        rows: context.rows,
        words: {
          count: 'Count of Records',
          component: 'trialComponentName',
          epoch: 'Epoch',
          time: 'Time',
          periods: 'Periods from start',
          mean: 'Mean of',
          importance: ''
        }
      };
      const made = (chart.data === 'series' ? seriesSpec : summarySpec)(
        whole,
        found
      );
      expect(JSON.parse(JSON.stringify(made))).toEqual(spec);
    }
  );
});
