import type { JSX } from 'react';
import { useState } from 'react';

import type { DataPreview, Limits } from '../../api/generated';
import { usePage } from '../../shared/context';
import { bytes, count } from '../../shared/numbers';

/** More columns than this are found by typing, not by scrolling. */
const SHOWN = 100;

/** What the data holds: size, warnings, and its columns to choose the target from. */
export function PreviewTable(props: {
  preview: DataPreview;
  limits: Limits;
  target: string;
  onTarget: (name: string) => void;
}): JSX.Element {
  const { trans, locale } = usePage();
  const { preview, limits, target } = props;
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
    <div className="smstudio-Preview">
      <div className="smstudio-Preview-facts" role="status">
        {rows} · {trans.__('%1 columns', preview.columns.length)} ·{' '}
        {bytes(preview.size)}
        {preview.objects > 1 && ` · ${trans.__('%1 files', preview.objects)}`}
        {preview.compression === 'Gzip' && ` · ${trans.__('gzip')}`}
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
              <th scope="col">{trans.__('Column')}</th>
              <th scope="col">{trans.__('Looks like')}</th>
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
                onClick={() => props.onTarget(column.name)}
              >
                <td>
                  <input
                    type="radio"
                    name="smstudio-target-column"
                    aria-label={trans.__('Predict %1', column.name)}
                    checked={column.name === target}
                    onChange={() => props.onTarget(column.name)}
                  />
                </td>
                <td>{column.name}</td>
                <td>{column.kind}</td>
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
      <div className="smstudio-Field-help">
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
