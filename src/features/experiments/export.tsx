import { Clipboard, Notification } from '@jupyterlab/apputils';
import type { JSX } from 'react';

import { ApiFailure } from '../../api/client';
import type { ComponentQuery, ExportQuery } from '../../api/generated';
import { usePage } from '../../shared/context';
import type { Selection } from '../../shared/selection';

/** Keeps the table, or its chosen rows, as a file or as code. */
export function ExportMenu(props: {
  query: ComponentQuery;
  columns: string[];
  selection: Selection;
}): JSX.Element {
  const { studio, trans } = usePage();
  const wanted = (format: 'csv' | 'parquet', all: boolean): ExportQuery => ({
    query: props.query,
    columns: all ? null : props.columns,
    names: props.selection.size ? [...props.selection.names] : null,
    format
  });
  const failed = (reason: unknown): void => {
    Notification.error(ApiFailure.from(reason).message);
  };
  const download = (format: 'csv' | 'parquet', all: boolean): void => {
    studio.api
      .call('prepareExport', { body: wanted(format, all) })
      .then(ticket => {
        const link = document.createElement('a');
        link.href = studio.api.url('downloadExport', { name: ticket.id });
        link.download = ticket.file_name;
        link.click();
      })
      .catch(failed);
  };
  const copy = (): void => {
    studio.api
      .call('getComponentsCode', { body: wanted('csv', false) })
      .then(({ code }) => {
        Clipboard.copyToSystem(code);
        Notification.success(
          trans.__('The code is in the clipboard: paste it into a notebook.'),
          { autoClose: 4000 }
        );
      })
      .catch(failed);
  };
  const act: Record<string, () => void> = {
    csv: () => download('csv', false),
    'csv-all': () => download('csv', true),
    parquet: () => download('parquet', false),
    'parquet-all': () => download('parquet', true),
    code: copy
  };
  return (
    <select
      className="jp-mod-styled"
      aria-label={trans.__('Export')}
      title={trans.__('Export the selected rows, or all rows of the table')}
      value=""
      onChange={event => act[event.target.value]?.()}
    >
      <option value="">{trans.__('Export')}</option>
      <option value="csv">{trans.__('CSV, these columns')}</option>
      <option value="csv-all">{trans.__('CSV, all columns')}</option>
      <option value="parquet">{trans.__('Parquet, these columns')}</option>
      <option value="parquet-all">{trans.__('Parquet, all columns')}</option>
      <option value="code">{trans.__('Copy as pandas code')}</option>
    </select>
  );
}
