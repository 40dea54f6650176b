import { Notification } from '@jupyterlab/apputils';
import type { JSX } from 'react';
import { useEffect, useRef } from 'react';

import { ApiFailure } from '../../../api/client';
import type { ComponentSet } from '../../../api/generated';
import { usePage } from '../../../shared/context';
import { useHost } from '../host';
import { csvOf, fileName } from './csv';
import { requestOf } from './data';
import type { IChart } from './definition';
import type { IPicture } from './drawn';
import type { IPlotHandle } from './plot';

/** Menu of a chart: pictures, Vega-Lite, its rows, and a cell that draws it. */
export function ExportMenu(props: {
  chart: IChart;
  source: ComponentSet;
  title: string;
  picture: IPicture;
  handle: { current: IPlotHandle | null };
  onClose: () => void;
}): JSX.Element {
  const { trans, studio } = usePage();
  const host = useHost();
  const { picture, title, onClose } = props;
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    menu.current?.querySelector('button')?.focus();
    const close = (event: MouseEvent): void => {
      if (!menu.current?.contains(event.target as Node)) {
        onClose();
      }
    };
    // The click that opened the menu has passed when this runs.
    const timer = window.setTimeout(() =>
      document.addEventListener('click', close, true)
    );
    return () => {
      window.clearTimeout(timer);
      document.removeEventListener('click', close, true);
    };
  }, []);
  const view = props.handle.current?.view ?? null;
  const name = fileName(title);
  const run = (work: () => Promise<void> | void) => (): void => {
    onClose();
    Promise.resolve()
      .then(work)
      .catch(reason => Notification.error(ApiFailure.from(reason).message));
  };
  const pictureOf = (kind: 'png' | 'svg') => async (): Promise<void> => {
    if (view) {
      save(await view.toImageURL(kind, 2), `${name}.${kind}`);
    }
  };
  const whole = {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    title,
    ...picture.spec,
    datasets: { rows: picture.rows }
  };
  const insert = async (): Promise<void> => {
    const asked = requestOf(props.chart, props.source);
    const { code } = await studio.api.call('getChartCode', {
      body: {
        chart: { ...props.chart },
        summary: asked?.summary ?? null,
        series: asked?.series ?? null,
        importance: asked?.importance ?? null,
        spec: picture.spec,
        title
      }
    });
    await host.insertCell(code);
  };
  const items: [
    label: string,
    work: () => Promise<void> | void,
    on: boolean
  ][] = [
    [trans.__('PNG picture'), pictureOf('png'), !!view],
    [trans.__('SVG picture'), pictureOf('svg'), !!view],
    [
      trans.__('Vega-Lite with data'),
      () => saveText(JSON.stringify(whole, null, 1), `${name}.vl.json`),
      true
    ],
    [
      trans.__('Rows as CSV'),
      () => saveText(csvOf(picture.rows), `${name}.csv`),
      true
    ],
    [trans.__('Insert into notebook'), insert, true]
  ];
  return (
    <div
      ref={menu}
      role="menu"
      className="smstudio-Menu"
      aria-label={trans.__('Export "%1"', title)}
      onClick={event => event.stopPropagation()}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          onClose();
        }
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step) {
          event.preventDefault();
          const all = [
            ...event.currentTarget.querySelectorAll<HTMLElement>(
              'button:not(:disabled)'
            )
          ];
          const at = all.indexOf(document.activeElement as HTMLElement);
          all[(at + step + all.length) % all.length]?.focus();
        }
      }}
    >
      {items.map(([label, work, on]) => (
        <button
          key={label}
          type="button"
          role="menuitem"
          disabled={!on}
          onClick={run(work)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

function saveText(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  save(url, name);
  window.setTimeout(() => URL.revokeObjectURL(url), 1000);
}

function save(url: string, name: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.appendChild(link);
  link.click();
  link.remove();
}
