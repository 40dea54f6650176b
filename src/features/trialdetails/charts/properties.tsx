import type { JSX } from 'react';
import { useEffect, useId, useMemo, useState } from 'react';

import type { ChartColumn, ChartSource } from '../../../api/generated';
import { usePage } from '../../../shared/context';
import type { DataType, Dimension, IChart } from './definition';
import {
  axesOf,
  changed,
  DIMENSIONS,
  FINER,
  fitting,
  labelOf,
  NAME_COLUMN,
  PERIODS,
  TYPES
} from './definition';
import { dimensionName, periodName, typeName } from './words';

/** Studio's pane CHART PROPERTIES, for the chart that is chosen. */
export function ChartProperties(props: {
  chart: IChart;
  source: ChartSource;
  onChange: (chart: IChart) => void;
  onClose: () => void;
}): JSX.Element {
  const { trans } = usePage();
  const { chart, source } = props;
  const { columns } = source;
  const axes = axesOf(chart);
  const series = chart.data === 'series';
  const set = (change: Partial<IChart>): void =>
    props.onChange(changed(chart, change, columns));
  const metrics = columns.filter(each => each.kind === 'metric');
  const periods = source.finer ? [...FINER, ...PERIODS] : PERIODS;
  return (
    <aside
      className="smstudio-ChartProperties"
      aria-label={trans.__('Chart properties')}
    >
      <div className="smstudio-ChartProperties-head">
        <h2>{trans.__('CHART PROPERTIES')}</h2>
        <button
          type="button"
          className="smstudio-IconButton"
          title={trans.__('Close')}
          aria-label={trans.__('Close chart properties')}
          onClick={props.onClose}
        >
          ✕
        </button>
      </div>
      <fieldset>
        <legend>{trans.__('Data type')}</legend>
        {(['series', 'summary'] as DataType[]).map(data => (
          <label key={data} className="smstudio-Choice">
            <input
              type="radio"
              name={`data-${chart.id}`}
              checked={chart.data === data}
              onChange={() => set({ data })}
            />
            <span>
              {data === 'series'
                ? trans.__('Time series')
                : trans.__('Summary statistics')}
            </span>
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>{trans.__('Chart type')}</legend>
        {TYPES[chart.data].map(type => (
          <label key={type} className="smstudio-Choice">
            <input
              type="radio"
              name={`type-${chart.id}`}
              checked={chart.type === type}
              onChange={() => set({ type })}
            />
            <span>{typeName(type, trans)}</span>
          </label>
        ))}
      </fieldset>
      {series && (
        <Choice
          label={trans.__('X-axis dimension')}
          value={chart.dimension}
          options={DIMENSIONS.map(each => [each, dimensionName(each, trans)])}
          onChange={value => set({ dimension: value as Dimension })}
        />
      )}
      {series && chart.dimension !== 'Epoch' && (
        <Choice
          label={trans.__('X-axis aggregation')}
          value={String(chart.period)}
          options={periods.map(each => [String(each), periodName(each, trans)])}
          onChange={value =>
            set({ period: value === 'null' ? null : Number(value) })
          }
        />
      )}
      {axes.x && (
        <ColumnChoice
          label={trans.__('X-axis')}
          value={chart.x}
          columns={series ? metrics : columns}
          onChange={x => set({ x })}
        />
      )}
      {axes.y && (
        <ColumnChoice
          label={trans.__('Y-axis')}
          value={chart.y}
          columns={
            series
              ? metrics
              : chart.type === 'bar' || chart.type === 'box'
                ? columns.filter(each => each.numeric)
                : columns
          }
          onChange={y => set({ y })}
        />
      )}
      {axes.z && (
        <ColumnChoice
          label={trans.__('Value')}
          value={chart.z}
          columns={columns.filter(each => each.numeric)}
          onChange={z => set({ z })}
        />
      )}
      {axes.columns && <Axes chart={chart} columns={columns} onChange={set} />}
      {(axes.color || axes.columns) && (
        <ColumnChoice
          label={trans.__('Color')}
          value={chart.color}
          columns={columns}
          none
          onChange={color => set({ color })}
        />
      )}
      {axes.facet && (
        <ColumnChoice
          label={trans.__('Small multiples by')}
          value={chart.facet}
          columns={columns.filter(each => each.kind !== 'metric')}
          none
          onChange={facet => set({ facet })}
        />
      )}
      {series && chart.type === 'line' && (
        <Smoothing value={chart.smoothing} onChange={set} />
      )}
      {['scatter', 'line', 'heat', 'contour', 'bar'].includes(chart.type) && (
        <fieldset>
          <legend>{trans.__('Scale')}</legend>
          {chart.type !== 'bar' && !(series && chart.dimension === 'Time') && (
            <Check
              label={trans.__('Logarithmic X-axis')}
              value={chart.logX}
              onChange={logX => set({ logX })}
            />
          )}
          {chart.type !== 'bar' && (
            <Check
              label={trans.__('Logarithmic Y-axis')}
              value={chart.logY}
              onChange={logY => set({ logY })}
            />
          )}
          <Check
            label={trans.__('Full width')}
            value={chart.wide}
            onChange={wide => set({ wide })}
          />
        </fieldset>
      )}
    </aside>
  );
}

function Check(props: {
  label: string;
  value: boolean;
  onChange: (value: boolean) => void;
}): JSX.Element {
  return (
    <label className="smstudio-Choice">
      <input
        type="checkbox"
        checked={props.value}
        onChange={event => props.onChange(event.target.checked)}
      />
      <span>{props.label}</span>
    </label>
  );
}

function Smoothing(props: {
  value: number;
  onChange: (change: Partial<IChart>) => void;
}): JSX.Element {
  const { trans } = usePage();
  const id = useId();
  return (
    <div className="smstudio-ChartProperties-field">
      <label htmlFor={id}>
        {trans.__('Smoothing')}
        <output>{props.value.toFixed(2)}</output>
      </label>
      <input
        id={id}
        type="range"
        min={0}
        max={0.99}
        step={0.01}
        value={props.value}
        onChange={event =>
          props.onChange({ smoothing: Number(event.target.value) })
        }
      />
    </div>
  );
}

function Choice(props: {
  label: string;
  value: string;
  options: [value: string, label: string][];
  onChange: (value: string) => void;
}): JSX.Element {
  const id = useId();
  return (
    <div className="smstudio-ChartProperties-field">
      <label htmlFor={id}>{props.label}</label>
      <select
        id={id}
        className="jp-mod-styled"
        value={props.value}
        onChange={event => props.onChange(event.target.value)}
      >
        {props.options.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </div>
  );
}

/** A column by kind; of very many, typing finds it. */
function ColumnChoice(props: {
  label: string;
  value: string | null;
  columns: readonly ChartColumn[];
  none?: boolean;
  onChange: (id: string | null) => void;
}): JSX.Element {
  const { trans } = usePage();
  const id = useId();
  const { value, columns } = props;
  const groups: [ChartColumn['kind'], string][] = [
    ['property', trans.__('Summary')],
    ['metric', trans.__('Metrics')],
    ['parameter', trans.__('Parameters')]
  ];
  const known = !value || columns.some(each => each.id === value);
  if (columns.length > MANY) {
    return <TypedColumn {...props} />;
  }
  return (
    <div className="smstudio-ChartProperties-field">
      <label htmlFor={id}>{props.label}</label>
      <select
        id={id}
        className="jp-mod-styled"
        value={value ?? ''}
        onChange={event => props.onChange(event.target.value || null)}
      >
        {(props.none || !value) && (
          <option value="">
            {props.none ? trans.__('None') : trans.__('Choose…')}
          </option>
        )}
        {!known && value && (
          <option value={value}>{labelOf(value, columns)}</option>
        )}
        {groups.map(([kind, label]) => {
          const members = columns.filter(each => each.kind === kind);
          return members.length ? (
            <optgroup key={kind} label={label}>
              {members.map(each => (
                <option key={each.id} value={each.id}>
                  {each.label}
                </option>
              ))}
            </optgroup>
          ) : null;
        })}
      </select>
    </div>
  );
}

const MANY = 600;
/** Most names that are offered while somebody types. */
const OFFERED = 100;

/** A column of very many: typing finds it, and only what fits is in the document. */
function TypedColumn(props: {
  label: string;
  value: string | null;
  columns: readonly ChartColumn[];
  none?: boolean;
  onChange: (id: string | null) => void;
}): JSX.Element {
  const { trans } = usePage();
  const id = useId();
  const { value, columns } = props;
  const chosen = value ? labelOf(value, columns) : '';
  const [typed, setTyped] = useState(chosen);
  useEffect(() => setTyped(chosen), [chosen]);
  const offered = useMemo(
    () => fitting(columns, typed === chosen ? '' : typed, OFFERED),
    [columns, typed, chosen]
  );
  return (
    <div className="smstudio-ChartProperties-field">
      <label htmlFor={id}>{props.label}</label>
      <input
        id={id}
        className="jp-mod-styled"
        list={`${id}-list`}
        value={typed}
        dir="auto"
        placeholder={trans.__('Type to find a column')}
        onFocus={event => event.target.select()}
        onBlur={() => setTyped(chosen)}
        onChange={event => {
          const text = event.target.value;
          const found = columns.find(each => each.label === text);
          setTyped(text);
          if (found) {
            props.onChange(found.id);
          } else if (!text && props.none) {
            props.onChange(null);
          }
        }}
      />
      <datalist id={`${id}-list`}>
        {offered.map(each => (
          <option key={each.id} value={each.label} />
        ))}
      </datalist>
    </div>
  );
}

/** The axes of parallel coordinates in their order. */
function Axes(props: {
  chart: IChart;
  columns: readonly ChartColumn[];
  onChange: (change: Partial<IChart>) => void;
}): JSX.Element {
  const { trans } = usePage();
  const { chart, columns } = props;
  const set = (next: string[]): void => props.onChange({ columns: next });
  const left = columns.filter(
    each => !chart.columns.includes(each.id) && each.id !== NAME_COLUMN
  );
  return (
    <div className="smstudio-ChartProperties-field">
      <span>{trans.__('Axes')}</span>
      <ol className="smstudio-ChartProperties-axes">
        {chart.columns.map((id, index) => (
          <li key={id}>
            <span>{labelOf(id, columns)}</span>
            <button
              type="button"
              className="smstudio-IconButton"
              disabled={index === 0}
              aria-label={trans.__('Move %1 up', labelOf(id, columns))}
              onClick={() => {
                const next = [...chart.columns];
                [next[index - 1], next[index]] = [next[index], next[index - 1]];
                set(next);
              }}
            >
              ↑
            </button>
            <button
              type="button"
              className="smstudio-IconButton"
              aria-label={trans.__('Remove %1', labelOf(id, columns))}
              onClick={() => set(chart.columns.filter(each => each !== id))}
            >
              ✕
            </button>
          </li>
        ))}
      </ol>
      {chart.columns.length < 16 && (
        <ColumnChoice
          label={trans.__('Add an axis')}
          value={null}
          columns={left}
          onChange={id => id && set([...chart.columns, id])}
        />
      )}
    </div>
  );
}
