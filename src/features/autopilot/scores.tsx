import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { JSX } from 'react';
import { useMemo } from 'react';

import type { Candidate } from '../../api/generated';
import { Chart } from '../../shared/chart';
import { usePage } from '../../shared/context';
import { metric } from '../../shared/numbers';
import { scoreHistory } from './leaderboard';

/** Chart: every trial's score and the best so far. */
export function ScoreChart(props: {
  rendermime: IRenderMimeRegistry;
  candidates: Candidate[];
  objective: string;
  minimize: boolean;
}): JSX.Element | null {
  const { trans } = usePage();
  const { candidates, objective, minimize } = props;
  const scores = useMemo(
    () => scoreHistory(candidates, minimize),
    [candidates, minimize]
  );
  if (scores.length < 2) {
    return null;
  }
  const trial = trans.__('Trial');
  const best = trans.__('Best so far');
  const x = {
    field: 'trial',
    type: 'quantitative',
    title: trans.__('Finished trials'),
    scale: { zero: false, nice: false },
    axis: { tickMinStep: 1, format: 'd' }
  };
  const scale = { zero: false };
  const spec = {
    width: 'container',
    height: 140,
    data: { values: scores },
    layer: [
      {
        mark: { type: 'point', filled: true, size: 36, opacity: 0.55 },
        encoding: {
          x,
          y: {
            field: 'score',
            type: 'quantitative',
            title: objective,
            scale
          },
          color: { datum: trial },
          tooltip: [
            { field: 'name', type: 'nominal', title: trans.__('Trial name') },
            {
              field: 'score',
              type: 'quantitative',
              title: objective,
              format: '.5f'
            }
          ]
        }
      },
      {
        mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2 },
        encoding: {
          x,
          y: { field: 'best', type: 'quantitative', scale },
          color: { datum: best }
        }
      }
    ],
    encoding: {
      color: {
        type: 'nominal',
        scale: { domain: [trial, best], range: ['#8da0b3', '#f37626'] },
        legend: { title: null, orient: 'top', direction: 'horizontal' }
      }
    }
  };
  const last = scores[scores.length - 1];
  return (
    <Chart
      rendermime={props.rendermime}
      spec={spec}
      label={trans.__(
        'Chart of %1 trials; the best %2 so far is %3.',
        scores.length,
        objective,
        metric(last.best)
      )}
    />
  );
}
