import type { JSX } from 'react';
import { useState } from 'react';

import type { DataPreview, Limits } from '../../api/generated';
import { usePage } from '../../shared/context';
import { bytes, count } from '../../shared/numbers';
import type { FeatureType, IExperimentForm } from './form';

/** More columns than this are found by typing, not by scrolling. */
const SHOWN = 100;

/** What the data holds: size, warnings, and its columns to choose the target from. */
export function PreviewTable(props: {
  preview: DataPreview;
  limits: Limits;
  form: IExperimentForm;
  set: (change: Partial<IExperimentForm>) => void;
  error: string | null;
}): JSX.Element {
  const { trans, locale } = usePage();
  const { preview, limits, form, set } = props;
  const { target } = form;
  const fixed = form.feature_specification_s3_uri.trim() !== '';
  const used = (name: string): boolean =>
    name !== target &&
    name !== form.sample_weight &&
    !form.unused.includes(name);
  const use = (names: string[], wanted: boolean): void =>
    set({
      unused: wanted
        ? form.unused.filter(each => !names.includes(each))
        : [...new Set([...form.unused, ...names])]
    });
  const type = (name: string, chosen: string): void => {
    const types = { ...form.feature_types };
    if (chosen) {
      types[name] = chosen as FeatureType;
    } else {
      delete types[name];
    }
    set({ feature_types: types });
  };
  const typeNames: [FeatureType, string][] = [
    ['numeric', trans.__('Numerical')],
    ['categorical', trans.__('Categorical')],
    ['text', trans.__('Text')],
    ['datetime', trans.__('Datetime')],
    ['sequence', trans.__('Sequence')]
  ];
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const matching = wanted
    ? preview.columns.filter(column =>
        column.name.toLowerCase().includes(wanted)
      )
    : preview.columns;
  const rows =
    preview.row_count === null
      ? trans.__('rows not counted')
      : preview.row_count_exact
        ? trans.__('%1 rows', count(preview.row_count, locale))
        : trans.__('about %1 rows', count(preview.row_count, locale));
  const few =
    preview.row_count !== null &&
    preview.row_count < limits.min_rows &&
    !preview.warnings.some(warning => warning.code === 'few_rows');
  return (
    <div className="smstudio-Preview" data-field="feature_names">
      <div className="smstudio-Preview-facts" role="status">
        {rows} · {trans.__('%1 columns', preview.columns.length)} ·{' '}
        {bytes(preview.size)}
        {preview.objects > 1 && ` · ${trans.__('%1 files', preview.objects)}`}
        {preview.compression === 'Gzip' && ` · ${trans.__('gzip')}`}
        {preview.format === 'parquet' && ` · ${trans.__('Parquet')}`}
      </div>
      {few && (
        <div className="smstudio-Note smstudio-mod-warning">
          {limits.row_limit_enforced
            ? trans.__(
                'AWS refuses data with fewer than %1 rows.',
                limits.min_rows
              )
            : trans.__(
                'AWS asks for at least %1 rows; the local engine goes on with fewer, but scores will be unsure.',
                limits.min_rows
              )}
        </div>
      )}
      {preview.warnings.map(warning => (
        <div
          key={warning.code}
          className={`smstudio-Note smstudio-mod-${warning.severity}`}
          role={warning.severity === 'error' ? 'alert' : undefined}
        >
          {warning.message}
        </div>
      ))}
      {preview.columns.length > 30 && (
        <input
          type="search"
          className="jp-mod-styled smstudio-Search"
          value={filter}
          placeholder={trans.__('Find a column')}
          aria-label={trans.__('Find a column')}
          onChange={event => setFilter(event.target.value)}
        />
      )}
      <div className="smstudio-Preview-scroll">
        <table aria-label={trans.__('Columns of the data')}>
          <thead>
            <tr>
              <th scope="col">{trans.__('Target')}</th>
              <th scope="col">
                <label title={trans.__('Learn from all columns, or from none')}>
                  <input
                    type="checkbox"
                    disabled={fixed}
                    checked={
                      !preview.columns.some(
                        each =>
                          each.name !== target &&
                          form.unused.includes(each.name)
                      )
                    }
                    onChange={event =>
                      use(
                        matching.map(each => each.name),
                        event.target.checked
                      )
                    }
                  />{' '}
                  {trans.__('Use')}
                </label>
              </th>
              <th scope="col">{trans.__('Column')}</th>
              <th scope="col">{trans.__('Looks like')}</th>
              <th scope="col">{trans.__('Data type')}</th>
              <th scope="col" className="smstudio-mod-numeric">
                {trans.__('Distinct')}
              </th>
              <th scope="col" className="smstudio-mod-numeric">
                {trans.__('Missing')}
              </th>
              <th scope="col">{trans.__('Examples')}</th>
            </tr>
          </thead>
          <tbody>
            {matching.slice(0, SHOWN).map((column, index) => (
              <tr
                key={index}
                className={column.name === target ? 'smstudio-mod-chosen' : ''}
              >
                <td>
                  <input
                    type="radio"
                    name="smstudio-target-column"
                    aria-label={trans.__('Predict %1', column.name)}
                    checked={column.name === target}
                    onChange={() => set({ target: column.name })}
                  />
                </td>
                <td>
                  <input
                    type="checkbox"
                    aria-label={trans.__('Learn from %1', column.name)}
                    disabled={
                      fixed ||
                      column.name === target ||
                      column.name === form.sample_weight
                    }
                    checked={used(column.name)}
                    onChange={event => use([column.name], event.target.checked)}
                  />
                </td>
                <td onClick={() => set({ target: column.name })}>
                  {column.name}
                </td>
                <td>{column.kind}</td>
                <td>
                  <select
                    className="jp-mod-styled"
                    aria-label={trans.__('Data type of %1', column.name)}
                    disabled={fixed || !used(column.name)}
                    value={form.feature_types[column.name] ?? ''}
                    onChange={event => type(column.name, event.target.value)}
                  >
                    <option value="">{trans.__('Auto')}</option>
                    {typeNames.map(([value, label]) => (
                      <option key={value} value={value}>
                        {label}
                      </option>
                    ))}
                  </select>
                </td>
                <td className="smstudio-mod-numeric">
                  {column.distinct >= 1000
                    ? '≥ 1000'
                    : count(column.distinct, locale)}
                </td>
                <td className="smstudio-mod-numeric">
                  {count(column.missing, locale)}
                </td>
                <td className="smstudio-Preview-examples">
                  {column.examples.slice(0, 4).join(', ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {props.error && (
        <div className="smstudio-Field-error" role="alert">
          {props.error}
        </div>
      )}
      <div className="smstudio-Field-help">
        {fixed &&
          `${trans.__('The feature specification file says which columns are used.')} `}
        {matching.length > SHOWN &&
          `${trans.__('%1 more columns: type to find one.', matching.length - SHOWN)} `}
        {trans.__(
          'Types, distinct and missing values are of the first %1 rows.',
          count(preview.rows_read, locale)
        )}
      </div>
    </div>
  );
}
