import type { IRenderMime, IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';
import type { JSX } from 'react';
import {
  useContext,
  useEffect,
  useLayoutEffect,
  useRef,
  useState
} from 'react';

import { PageContext } from './context';

export const VEGA_LITE = 'application/vnd.vegalite.v5+json';

/** A Vega-Lite chart, drawn by the renderer that Lab ships; `label` says in words what it shows. */
export function Chart(props: {
  rendermime: IRenderMimeRegistry;
  spec: ReadonlyPartialJSONObject;
  label: string;
}): JSX.Element {
  const { rendermime, spec, label } = props;
  const visible = useContext(PageContext)?.visible ?? true;
  const theme = useThemeName();
  const host = useRef<HTMLDivElement>(null);
  const text = JSON.stringify(spec);
  const drawing = useRef<IDrawing | null>(null);
  // Layout effects: they end while the node is still in the document, as Lumino wants it.
  useLayoutEffect(() => {
    const node = host.current;
    if (!node || !rendermime.mimeTypes.includes(VEGA_LITE)) {
      return;
    }
    const renderer = rendermime.createRenderer(VEGA_LITE);
    Widget.attach(renderer, node);
    drawing.current = { renderer, wanted: null, busy: false };
    return () => {
      drawing.current = null;
      renderer.dispose();
    };
  }, [rendermime]);
  useLayoutEffect(() => {
    // What is drawn while its page is hidden has no width; it is drawn when somebody looks.
    if (visible && drawing.current && host.current) {
      drawing.current.wanted = themed(host.current, text);
      void draw(drawing.current, rendermime);
    }
  }, [rendermime, text, visible, theme]);
  return (
    <div ref={host} className="smstudio-Chart" role="img" aria-label={label} />
  );
}

/** Name of Lab's theme, told anew when it changes. */
export function useThemeName(): string {
  const read = (): string => document.body.dataset.jpThemeName ?? '';
  const [name, setName] = useState(read);
  useEffect(() => {
    const observer = new MutationObserver(() => setName(read()));
    observer.observe(document.body, {
      attributes: true,
      attributeFilter: ['data-jp-theme-name']
    });
    return () => observer.disconnect();
  }, []);
  return name;
}

/** What a chart's renderer has to draw next; while it draws, only the newest wish counts. */
interface IDrawing {
  renderer: IRenderMime.IRenderer;
  wanted: ReadonlyPartialJSONObject | null;
  busy: boolean;
}

async function draw(
  drawing: IDrawing,
  rendermime: IRenderMimeRegistry
): Promise<void> {
  if (drawing.busy) {
    return;
  }
  drawing.busy = true;
  try {
    while (drawing.wanted && !drawing.renderer.isDisposed) {
      const spec = drawing.wanted;
      drawing.wanted = null;
      await drawing.renderer.renderModel(
        rendermime.createModel({
          data: { [VEGA_LITE]: spec },
          metadata: { [VEGA_LITE]: { embed_options: { actions: false } } }
        })
      );
    }
  } catch (reason) {
    console.error('SageMaker: the chart could not be drawn', reason);
  } finally {
    drawing.busy = false;
  }
}

/** The chart in the colours of Lab's theme. */
export function themed(
  node: HTMLElement,
  text: string
): ReadonlyPartialJSONObject {
  const style = getComputedStyle(node);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const label = colour('--jp-ui-font-color2');
  const title = colour('--jp-ui-font-color1');
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    background: 'transparent',
    config: {
      axis: {
        labelColor: label,
        titleColor: title,
        gridColor: colour('--jp-border-color3'),
        domainColor: colour('--jp-border-color1'),
        tickColor: colour('--jp-border-color1')
      },
      legend: { labelColor: label, titleColor: title },
      title: { color: title, fontSize: 12, fontWeight: 600, anchor: 'start' },
      view: { stroke: 'transparent' },
      font: 'sans-serif'
    },
    ...(JSON.parse(text) as ReadonlyPartialJSONObject)
  };
}
