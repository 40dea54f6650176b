import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { JSX } from 'react';
import { useMemo } from 'react';

import type { Trial } from '../../api/generated';
import { Chart } from '../../shared/chart';
import { usePage } from '../../shared/context';
import { metric } from '../../shared/numbers';
import type { IScatter } from './trials';
import { history, scatters } from './trials';

const DOT = '#4c78a8';

/** Objective over time with the best so far, and a scatter for each hyperparameter. */
export function TuningCharts(props: {
  rendermime: IRenderMimeRegistry;
  trials: Trial[];
  objective: string;
  minimize: boolean;
}): JSX.Element {
  const { trans } = usePage();
  const { rendermime, trials, objective, minimize } = props;
  const points = useMemo(() => history(trials, minimize), [trials, minimize]);
  const each = useMemo(() => scatters(trials), [trials]);
  if (points.length < 2) {
    return (
      <p className="smstudio-mod-dim">
        {trans.__('Charts appear when two trials have a result.')}
      </p>
    );
  }
  const last = points[points.length - 1];
  return (
    <div className="smstudio-Profile">
      <h2>{trans.__('Objective over time')}</h2>
      <Chart
        rendermime={rendermime}
        spec={historySpec(
          points,
          objective,
          trans.__('Finished trials'),
          trans.__('Trial'),
          trans.__('Best so far')
        )}
        label={trans.__(
          'Chart of %1 trials; the best %2 so far is %3.',
          last.trial,
          objective,
          metric(last.best)
        )}
      />
      <h2>{trans.__('Hyperparameters against the objective')}</h2>
      <div className="smstudio-Multiples">
        {each.map(scatter => (
          <Chart
            key={scatter.name}
            rendermime={rendermime}
            spec={scatterSpec(scatter, objective, trans.__('Trial'))}
            label={trans.__(
              'Scatter of %1 against %2: %3 trials.',
              scatter.name,
              objective,
              scatter.points.length
            )}
          />
        ))}
      </div>
    </div>
  );
}

type Spec = Record<string, never>;

function historySpec(
  points: object[],
  objective: string,
  finished: string,
  trial: string,
  best: string
): Spec {
  const x = {
    field: 'trial',
    type: 'quantitative',
    title: finished,
    scale: { zero: false, nice: false },
    axis: { tickMinStep: 1, format: '~d' }
  };
  const scale = { zero: false };
  return {
    width: 'container',
    height: 170,
    data: { values: points },
    layer: [
      {
        mark: { type: 'point', filled: true, size: 36, opacity: 0.55 },
        encoding: {
          x,
          y: { field: 'score', type: 'quantitative', title: objective, scale },
          color: { datum: trial },
          tooltip: [
            { field: 'name', type: 'nominal', title: trial },
            {
              field: 'score',
              type: 'quantitative',
              title: objective,
              format: '.5f'
            },
            { field: 'time', type: 'temporal', format: '%H:%M:%S', title: '⏱' }
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
  } as unknown as Spec;
}

function scatterSpec(
  scatter: IScatter,
  objective: string,
  trial: string
): Spec {
  return {
    width: 'container',
    height: 150,
    data: { values: scatter.points },
    mark: { type: 'point', filled: true, size: 30, opacity: 0.6, color: DOT },
    encoding: {
      x: scatter.numeric
        ? {
            field: 'value',
            type: 'quantitative',
            title: scatter.name,
            scale: scatter.log
              ? { type: 'log' }
              : { zero: false, nice: false, padding: 8 },
            axis: { tickCount: 5, labelOverlap: true, format: '.4~r' }
          }
        : {
            field: 'value',
            type: 'nominal',
            title: scatter.name,
            axis: { labelAngle: 0, labelLimit: 90 }
          },
      y: {
        field: 'score',
        type: 'quantitative',
        title: objective,
        scale: { zero: false },
        axis: { tickCount: 5 }
      },
      tooltip: [
        { field: 'name', type: 'nominal', title: trial },
        {
          field: 'value',
          type: scatter.numeric ? 'quantitative' : 'nominal',
          title: scatter.name
        },
        {
          field: 'score',
          type: 'quantitative',
          title: objective,
          format: '.5f'
        }
      ]
    }
  } as unknown as Spec;
}
