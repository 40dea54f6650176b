import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';
import type { JSX } from 'react';
import { useLayoutEffect, useRef } from 'react';

const MIME = 'application/vnd.vegalite.v5+json';

/** A Vega-Lite chart, drawn by the renderer that Lab ships; `label` says in words what it shows. */
export function Chart(props: {
  rendermime: IRenderMimeRegistry;
  spec: ReadonlyPartialJSONObject;
  label: string;
}): JSX.Element {
  const { rendermime, spec, label } = props;
  const host = useRef<HTMLDivElement>(null);
  const text = JSON.stringify(spec);
  // A layout effect: it ends while the node is still in the document, as Lumino wants it.
  useLayoutEffect(() => {
    const node = host.current;
    if (!node || !rendermime.mimeTypes.includes(MIME)) {
      return;
    }
    const renderer = rendermime.createRenderer(MIME);
    const style = getComputedStyle(node);
    const colour = (name: string): string =>
      style.getPropertyValue(name).trim();
    const axis = {
      labelColor: colour('--jp-ui-font-color2'),
      titleColor: colour('--jp-ui-font-color1'),
      gridColor: colour('--jp-border-color3'),
      domainColor: colour('--jp-border-color1'),
      tickColor: colour('--jp-border-color1')
    };
    const full = {
      $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
      background: 'transparent',
      config: {
        axis,
        legend: { labelColor: axis.labelColor, titleColor: axis.titleColor },
        view: { stroke: 'transparent' },
        font: 'sans-serif'
      },
      ...(JSON.parse(text) as ReadonlyPartialJSONObject)
    };
    const model = rendermime.createModel({
      data: { [MIME]: full },
      metadata: { [MIME]: { embed_options: { actions: false } } }
    });
    Widget.attach(renderer, node);
    renderer.renderModel(model).catch(reason => {
      console.error('SageMaker: the chart could not be drawn', reason);
    });
    return () => {
      renderer.dispose();
    };
  }, [rendermime, text]);
  return <div ref={host} className="smstudio-Chart" role="img" aria-label={label} />;
}
