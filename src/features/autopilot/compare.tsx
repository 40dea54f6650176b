import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { JSX } from 'react';
import { useMemo, useState } from 'react';

import type { AutoMLJobPage } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { Chart } from '../../shared/chart';
import { usePage } from '../../shared/context';
import { Check } from '../../shared/form';
import { useQuery } from '../../shared/query';
import { EmptyState, ErrorBox, Skeleton } from '../../shared/states';
import { readBoard } from './board';
import type { ICompared, IComparedRow } from './comparison';
import { progressPoints, resultRows, settingRows } from './comparison';

/** Experiments side by side at most. */
const MOST = 4;

/** The page that compares experiments: how they were set up, what came of them, how fast. */
export default function ComparePage(props: {
  names: string[];
  rendermime: IRenderMimeRegistry;
}): JSX.Element {
  const { trans, studio } = usePage();
  const [names, setNames] = useState(props.names);
  const [onlyDifferent, setOnlyDifferent] = useState(false);
  const list = useQuery<AutoMLJobPage>(
    'compare-experiments',
    (source, signal) =>
      source.api.call('listAutoMLJobs', {
        query: { max_results: 100 },
        signal
      }),
    { concerns: change => change.kind === 'AutoMLJob', busy: () => false }
  );
  const compared = useQuery<ICompared[]>(
    `compare:${names.join(',')}`,
    (source, signal) =>
      Promise.all(
        names.map(async name => {
          const [job, board] = await Promise.all([
            source.api.call('describeAutoMLJob', { name, signal }),
            readBoard(studio, name, signal)
          ]);
          return { job, board };
        })
      ),
    {
      concerns: change =>
        change.kind === 'AutoMLJob' && names.includes(change.name),
      busy: data => data.some(({ job }) => job.status === 'InProgress')
    }
  );
  const known = list.data?.items.map(each => each.name) ?? [];
  const offered = [...new Set([...names, ...known])];
  const change = (index: number, name: string): void =>
    setNames(before =>
      name
        ? before.map((each, at) => (at === index ? name : each))
        : before.filter((_, at) => at !== index)
    );
  return (
    <div className="smstudio-Main">
      <header className="smstudio-Header">
        <div className="smstudio-Header-line">
          <h1>{trans.__('COMPARE EXPERIMENTS')}</h1>
        </div>
        <div className="smstudio-Header-tools">
          {names.map((name, index) => (
            <select
              key={index}
              className="jp-mod-styled"
              aria-label={trans.__('Experiment %1', index + 1)}
              value={name}
              onChange={event => change(index, event.target.value)}
            >
              {names.length > 2 && (
                <option value="">{trans.__('Remove')}</option>
              )}
              {offered
                .filter(each => each === name || !names.includes(each))
                .map(each => (
                  <option key={each} value={each}>
                    {each}
                  </option>
                ))}
            </select>
          ))}
          {names.length < MOST && offered.length > names.length && (
            <select
              className="jp-mod-styled"
              aria-label={trans.__('Add an experiment')}
              value=""
              onChange={event => setNames([...names, event.target.value])}
            >
              <option value="" disabled>
                {trans.__('Add an experiment…')}
              </option>
              {offered
                .filter(each => !names.includes(each))
                .map(each => (
                  <option key={each} value={each}>
                    {each}
                  </option>
                ))}
            </select>
          )}
          <Check
            checked={onlyDifferent}
            label={trans.__('Only differences')}
            help=""
            onChange={setOnlyDifferent}
          />
        </div>
      </header>
      {compared.error && (
        <ErrorBox error={compared.error} onRetry={compared.refresh} />
      )}
      {compared.loading && <Skeleton rows={10} />}
      {names.length < 2 && (
        <EmptyState title={trans.__('Choose another experiment')}>
          {trans.__('It is shown beside the first one.')}
        </EmptyState>
      )}
      {compared.data && (
        <Comparison
          compared={compared.data}
          onlyDifferent={onlyDifferent}
          rendermime={props.rendermime}
        />
      )}
    </div>
  );
}

function Comparison(props: {
  compared: ICompared[];
  onlyDifferent: boolean;
  rendermime: IRenderMimeRegistry;
}): JSX.Element {
  const { trans, commands } = usePage();
  const { compared, onlyDifferent } = props;
  const results = useMemo(() => resultRows(compared, trans), [compared, trans]);
  const settings = useMemo(
    () => settingRows(compared, trans),
    [compared, trans]
  );
  const objectives = new Set(
    compared.map(({ board }) => board.objective_metric)
  );
  const rows = (all: IComparedRow[]): JSX.Element[] =>
    all
      .filter(each => !onlyDifferent || each.differs)
      .map(each => (
        <tr
          key={each.label}
          className={each.differs ? 'smstudio-mod-differs' : ''}
        >
          <th scope="row">{each.label}</th>
          {each.values.map((value, index) => (
            <td key={index}>{value}</td>
          ))}
        </tr>
      ));
  return (
    <>
      {objectives.size === 1 ? (
        <ProgressChart compared={compared} rendermime={props.rendermime} />
      ) : (
        <div className="smstudio-Note smstudio-mod-info">
          {trans.__(
            'The experiments have different objective metrics; their scores cannot be compared.'
          )}
        </div>
      )}
      <div className="smstudio-Compare-scroll">
        <table
          className="smstudio-Table smstudio-Compare"
          aria-label={trans.__('Comparison')}
        >
          <thead>
            <tr>
              <th scope="col">{trans.__('Results')}</th>
              {compared.map(({ job }) => (
                <th key={job.name} scope="col">
                  <button
                    className="smstudio-Link"
                    onClick={() =>
                      void commands.execute(CommandIDs.openExperiment, {
                        name: job.name
                      })
                    }
                  >
                    {job.name}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{rows(results)}</tbody>
          <thead>
            <tr>
              <th scope="colgroup" colSpan={compared.length + 1}>
                {trans.__('Settings')}
              </th>
            </tr>
          </thead>
          <tbody>{rows(settings)}</tbody>
        </table>
      </div>
    </>
  );
}

function ProgressChart(props: {
  compared: ICompared[];
  rendermime: IRenderMimeRegistry;
}): JSX.Element | null {
  const { trans } = usePage();
  const points = useMemo(
    () => progressPoints(props.compared),
    [props.compared]
  );
  const objective = props.compared[0]?.board.objective_metric;
  if (!points.length || !objective) {
    return null;
  }
  return (
    <Chart
      rendermime={props.rendermime}
      label={trans.__(
        'Chart: how the best %1 of each experiment grew over time.',
        objective
      )}
      spec={{
        width: 'container',
        height: 180,
        data: { values: points },
        mark: { type: 'line', interpolate: 'step-after', point: true },
        encoding: {
          x: {
            field: 'seconds',
            type: 'quantitative',
            title: trans.__('Seconds after creation')
          },
          y: {
            field: 'best',
            type: 'quantitative',
            title: trans.__('Best %1 so far', objective),
            scale: { zero: false }
          },
          color: {
            field: 'experiment',
            type: 'nominal',
            legend: { title: null, orient: 'top' }
          },
          tooltip: [
            { field: 'experiment', type: 'nominal' },
            { field: 'seconds', type: 'quantitative', format: '.1f' },
            { field: 'best', type: 'quantitative', format: '.5f' }
          ]
        }
      }}
    />
  );
}
