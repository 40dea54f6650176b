import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { LabIcon, ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { Message } from '@lumino/messaging';
import type { JSX, ReactNode } from 'react';
import { Component, Suspense } from 'react';

import type { ISmStudio } from '../tokens';
import { PageContext } from './context';
import { sagemakerIcon } from './icons';
import { Skeleton } from './states';

/** The domain of all our literals. */
export const TRANSLATION_DOMAIN = 'smstudio_ext';

/** A Lumino widget around a React page; it knows whether somebody sees it. */
export class StudioPage extends ReactWidget {
  constructor(private _options: StudioPage.IOptions) {
    super();
    this.id = _options.id;
    this.addClass('smstudio-Page');
    this.title.label = _options.label;
    this.title.caption = _options.caption ?? _options.label;
    this.title.icon = _options.icon ?? sagemakerIcon;
    this.title.closable = true;
    this.node.tabIndex = -1;
  }

  /** Bundle of the page's language. */
  get trans(): TranslationBundle {
    return this._options.translator.load(TRANSLATION_DOMAIN);
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._options.studio.setVisible(this, false);
    }
    super.dispose();
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._setVisible(true);
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._setVisible(this.isVisible);
  }

  protected onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this._setVisible(false);
  }

  protected onBeforeDetach(message: Message): void {
    this._setVisible(false);
    super.onBeforeDetach(message);
  }

  protected onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    const first = this.node.querySelector<HTMLElement>('[data-autofocus]');
    (first ?? this.node).focus();
  }

  protected render(): JSX.Element | null {
    if (!this._wasShown) {
      // A page restored in a hidden tab loads nothing until it is looked at.
      return null;
    }
    const { studio, translator, commands, content } = this._options;
    return (
      <PageContext.Provider
        value={{
          studio,
          commands,
          trans: this.trans,
          locale: translator.languageCode.replace('_', '-'),
          visible: this._visible
        }}
      >
        <Guard trans={this.trans}>
          <Suspense fallback={<Skeleton rows={6} />}>{content()}</Suspense>
        </Guard>
      </PageContext.Provider>
    );
  }

  private _setVisible(visible: boolean): void {
    if (visible === this._visible) {
      return;
    }
    this._visible = visible;
    this._wasShown ||= visible;
    this._options.studio.setVisible(this, visible);
    this.update();
  }

  private _visible = false;
  private _wasShown = false;
}

/** A namespace for StudioPage statics. */
export namespace StudioPage {
  /** Options of a page. */
  export interface IOptions {
    id: string;
    label: string;
    caption?: string;
    icon?: LabIcon;
    studio: ISmStudio;
    translator: ITranslator;
    commands: CommandRegistry;
    content: () => ReactNode;
  }
}

/** Keeps one broken page from taking Lab with it. */
class Guard extends Component<
  { trans: TranslationBundle; children: ReactNode },
  { error: Error | null }
> {
  state = { error: null as Error | null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  render(): ReactNode {
    const { trans, children } = this.props;
    const { error } = this.state;
    if (!error) {
      return children;
    }
    return (
      <div className="smstudio-Error" role="alert">
        <div className="smstudio-Error-message">
          {trans.__('This page could not be shown.')}
        </div>
        <div className="smstudio-Error-hint">{error.message}</div>
        <button
          className="jp-mod-styled jp-mod-reject"
          onClick={() => this.setState({ error: null })}
        >
          {trans.__('Try again')}
        </button>
      </div>
    );
  }
}
