import type { IRenderMime, IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';
import type { JSX } from 'react';
import { useLayoutEffect, useRef } from 'react';

import { themed, useThemeName, VEGA_LITE } from '../../../shared/chart';
import { usePage } from '../../../shared/context';
import type { Brush } from './brush';
import type { IRow } from './rows';
import type { Spec } from './encodings';

/** What is used of Vega's view. */
export interface IView {
  data(name: string, values: unknown[]): IView;
  runAsync(): Promise<IView>;
  addSignalListener(
    name: string,
    listener: (name: string, value: Record<string, unknown>) => void
  ): IView;
  toImageURL(kind: 'png' | 'svg', scale?: number): Promise<string>;
  signal(name: string): unknown;
}

/** A drawn chart, for those who export it. */
export interface IPlotHandle {
  view: IView | null;
}

/**
 * A chart whose rows change without drawing everything anew.
 *
 * The renderer is Lab's own. Its view is not part of what Lab promises, so everything that needs it does without it when it is
 * not there: rows are then drawn anew, and brushes and pictures are not offered.
 */
export function Plot(props: {
  rendermime: IRenderMimeRegistry;
  spec: Spec;
  rows: readonly IRow[];
  label: string;
  handle?: { current: IPlotHandle | null };
  onBrush?: (brush: Brush | null) => void;
  /** The chart stands. */
  onDrawn?: () => void;
}): JSX.Element {
  const { rendermime, spec, rows, label, handle } = props;
  const { visible } = usePage();
  const theme = useThemeName();
  const host = useRef<HTMLDivElement>(null);
  const drawing = useRef<Drawing | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const text = JSON.stringify(spec);
  useLayoutEffect(() => {
    const node = host.current;
    if (!node || !rendermime.mimeTypes.includes(VEGA_LITE)) {
      return;
    }
    const mine = new Drawing(rendermime, node, {
      brushed: brush => latest.current.onBrush?.(brush),
      drawn: view => {
        node.dataset.drawn = String(Number(node.dataset.drawn ?? 0) + 1);
        if (latest.current.handle) {
          latest.current.handle.current = { view };
        }
        latest.current.onDrawn?.();
      }
    });
    drawing.current = mine;
    return () => {
      drawing.current = null;
      mine.dispose();
      if (handle) {
        handle.current = null;
      }
    };
  }, [rendermime]);
  useLayoutEffect(() => {
    // What is drawn while its page is hidden has no width; it is drawn when somebody looks.
    if (visible) {
      void drawing.current?.draw({ spec: text, rows, theme });
    }
  }, [rendermime, text, rows, visible, theme]);
  return (
    <div
      ref={host}
      className="smstudio-Plot"
      role="img"
      aria-label={label}
      data-rows={rows.length}
    />
  );
}

/** Draws one wish after the other; of wishes that come meanwhile only the newest counts. */
class Drawing {
  constructor(
    private _rendermime: IRenderMimeRegistry,
    private _node: HTMLElement,
    private _events: {
      brushed: (brush: Brush | null) => void;
      drawn: (view: IView | null) => void;
    }
  ) {
    this._renderer = _rendermime.createRenderer(VEGA_LITE);
    Widget.attach(this._renderer, _node);
  }

  dispose(): void {
    this._wanted = null;
    this._renderer.dispose();
  }

  async draw(wish: IWish): Promise<void> {
    this._wanted = wish;
    if (this._busy) {
      return;
    }
    this._busy = true;
    try {
      while (this._wanted && !this._renderer.isDisposed) {
        const wanted: IWish = this._wanted;
        this._wanted = null;
        await this._drawOne(wanted);
      }
    } catch (reason) {
      console.error('SageMaker: the chart could not be drawn', reason);
    } finally {
      this._busy = false;
    }
  }

  private async _drawOne({ spec: text, rows, theme }: IWish): Promise<void> {
    if (
      text === this._spec &&
      theme === this._theme &&
      this._view &&
      ++this._changes < MOST_CHANGES
    ) {
      await this._view.data('rows', [...rows]).runAsync();
    } else {
      this._spec = text;
      this._theme = theme;
      this._view = null;
      this._changes = 0;
      const spec = {
        ...themed(this._node, text),
        datasets: { rows }
      } as unknown as ReadonlyPartialJSONObject;
      await this._renderer.renderModel(
        this._rendermime.createModel({
          // A picture that is there already keeps the renderer from making one of each drawing.
          data: { [VEGA_LITE]: spec, 'image/png': NO_PICTURE },
          metadata: { [VEGA_LITE]: { embed_options: { actions: false } } }
        })
      );
      this._view = viewOf(this._renderer);
      if (text.includes('"brush"')) {
        this._view?.addSignalListener('brush', (_, value) => {
          window.clearTimeout(this._brushing);
          this._brushing = window.setTimeout(
            () =>
              this._events.brushed(
                value && Object.keys(value).length ? (value as Brush) : null
              ),
            80
          );
        });
      }
    }
    if (!this._renderer.isDisposed) {
      this._events.drawn(this._view);
    }
  }

  private _renderer: IRenderMime.IRenderer;
  private _view: IView | null = null;
  private _spec: string | null = null;
  private _theme = '';
  private _changes = 0;
  private _wanted: IWish | null = null;
  private _busy = false;
  private _brushing = 0;
}

interface IWish {
  spec: string;
  rows: readonly IRow[];
  /** Name of Lab's theme, whose colours the chart has. */
  theme: string;
}

/** Changes of rows after which a chart is drawn anew: Vega's view keeps something of each, which in hours were hundreds of megabytes. */
const MOST_CHANGES = 50;

const NO_PICTURE = 'AA==';

function viewOf(renderer: IRenderMime.IRenderer): IView | null {
  const { _result } = renderer as unknown as { _result?: { view?: IView } };
  return typeof _result?.view?.runAsync === 'function' ? _result.view : null;
}
