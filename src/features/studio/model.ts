import type { Event } from '@jupyterlab/services';
import { UUID } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { ApiClient } from '../../api/client';
import type {
  Change,
  ChooseTarget,
  EngineStatus,
  Options,
  Status
} from '../../api/generated';
import { RecentMap } from '../../shared/recent';
import type { ISmStudio } from '../../tokens';

/** Schema of the events that tell of changes. */
export const CHANGE_SCHEMA =
  'https://smstudio-ext.readthedocs.io/events/change';

/** Answers of the server that pages may show again at once. */
const MOST_ANSWERS = 200;

/** The shared model behind all pages. */
export class SmStudioModel implements ISmStudio, IDisposable {
  constructor(options: SmStudioModel.IOptions) {
    this.api = options.api;
    this._events = options.events;
    this._events.stream.connect(this._onEvent, this);
    document.addEventListener('visibilitychange', this._onVisibility);
  }

  readonly api: ApiClient;
  readonly cache = new RecentMap<string, unknown>(MOST_ANSWERS);

  /** Whether the engine may be started without being asked. */
  autoStart = true;

  pollInterval = 10;

  get status(): Status | null {
    return this._status;
  }

  get statusChanged(): Signal<ISmStudio, Status> {
    return this._statusChanged;
  }

  get changed(): Signal<ISmStudio, Change> {
    return this._changed;
  }

  get refreshRequested(): Signal<ISmStudio, void> {
    return this._refreshRequested;
  }

  get targetKey(): string {
    const target = this._status?.target;
    return target
      ? `${target.kind}/${target.profile ?? ''}/${target.region}${target.assume ? `/${target.assume.role_arn}` : ''}`
      : '';
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    window.clearTimeout(this._presenceTimer);
    document.removeEventListener('visibilitychange', this._onVisibility);
    this._events.stream.disconnect(this._onEvent, this);
    Signal.clearData(this);
  }

  async ready(): Promise<Status> {
    const status = this._status ?? (await this.refreshStatus());
    if (status.target.kind !== 'local' || status.engine.state === 'running') {
      return status;
    }
    if (
      status.engine.state === 'starting' ||
      (this.autoStart && !this._stoppedByUser)
    ) {
      await this.startEngine();
    }
    return this._status ?? status;
  }

  async refreshStatus(): Promise<Status> {
    const status = await this.api.call('getStatus');
    this._setStatus(status);
    return status;
  }

  startEngine(): Promise<EngineStatus> {
    // Every panel asks at once when Lab opens: one start serves them all.
    this._starting ??= this._startEngine().finally(() => {
      this._starting = null;
    });
    return this._starting;
  }

  async stopEngine(): Promise<EngineStatus> {
    this._stoppedByUser = true;
    const engine = await this.api.call('stopEngine');
    this._setEngine(engine);
    return engine;
  }

  async chooseTarget(choice: ChooseTarget): Promise<Status> {
    const status = await this.api.call('chooseTarget', { body: choice });
    this._setStatus(status);
    return status;
  }

  options(): Promise<Options> {
    const key = `options:${this.targetKey}`;
    if (this._options?.key !== key) {
      const answer = this.api.call('getOptions');
      this._options = { key, answer };
      // A failure must not stick: the next form asks again.
      answer.catch(() => {
        this._options = null;
      });
    }
    return this._options!.answer;
  }

  refresh(): void {
    this._refreshRequested.emit();
  }

  setVisible(page: object, visible: boolean): void {
    if (visible) {
      this._visible.add(page);
    } else {
      this._visible.delete(page);
    }
    this._reportPresence();
  }

  private async _startEngine(): Promise<EngineStatus> {
    this._stoppedByUser = false;
    if (this._status) {
      this._setEngine({
        ...this._status.engine,
        state: 'starting',
        message: null
      });
    }
    try {
      const engine = await this.api.call('startEngine');
      this._setEngine(engine);
      return engine;
    } catch (reason) {
      if (this._status) {
        this._setEngine({
          ...this._status.engine,
          state: 'failed',
          message: reason instanceof Error ? reason.message : String(reason)
        });
      }
      throw reason;
    }
  }

  private _setEngine(engine: EngineStatus): void {
    if (this._status) {
      this._setStatus({ ...this._status, engine });
    }
  }

  private _setStatus(status: Status): void {
    const changed = JSON.stringify(status) !== JSON.stringify(this._status);
    const key = this.targetKey;
    this._status = status;
    if (key !== this.targetKey) {
      this._options = null;
    }
    if (changed) {
      this._statusChanged.emit(status);
    }
  }

  private _onEvent(_: unknown, event: Event.Emission): void {
    if (event.schema_id !== CHANGE_SCHEMA) {
      return;
    }
    const change = event as unknown as Change;
    if (['Engine', 'Target', '*'].includes(change.kind)) {
      // A failing read shows on the page that needs it.
      this.refreshStatus().catch(() => undefined);
    }
    const target = this._status?.target;
    const elsewhere =
      target &&
      (change.target !== target.kind ||
        (change.region && change.region !== target.region));
    if (!elsewhere || change.kind === '*') {
      this._changed.emit(change);
    }
  }

  private _onVisibility = (): void => {
    this._reportPresence();
  };

  /** Says again and again that pages are seen, as often as the server wants to hear it. */
  private _reportPresence(): void {
    const visible = this._visible.size > 0 && !document.hidden;
    if (!visible && !this._reported) {
      return;
    }
    if (
      visible === this._reported &&
      (this._presenceTimer || this._reporting)
    ) {
      return;
    }
    window.clearTimeout(this._presenceTimer);
    this._presenceTimer = 0;
    this._reported = visible;
    this._reporting = true;
    const turn = ++this._reportTurn;
    const again = (seconds: number): void => {
      if (turn !== this._reportTurn) {
        return;
      }
      this._reporting = false;
      if (!this._isDisposed && this._reported) {
        this._presenceTimer = window.setTimeout(() => {
          this._presenceTimer = 0;
          this._reportPresence();
        }, seconds * 1000);
      }
    };
    this.api
      .call('reportPresence', { body: { page: this._page, visible } })
      .then(reply => again(Math.max(5, reply.again_in_seconds)))
      .catch(() => again(30));
  }

  private _changed = new Signal<ISmStudio, Change>(this);
  private _events: Event.IManager;
  private _isDisposed = false;
  private _options: { key: string; answer: Promise<Options> } | null = null;
  private _page = UUID.uuid4();
  private _presenceTimer = 0;
  private _refreshRequested = new Signal<ISmStudio, void>(this);
  private _reported = false;
  private _reporting = false;
  private _reportTurn = 0;
  private _starting: Promise<EngineStatus> | null = null;
  private _status: Status | null = null;
  private _statusChanged = new Signal<ISmStudio, Status>(this);
  private _stoppedByUser = false;
  private _visible = new Set<object>();
}

/** A namespace for SmStudioModel statics. */
export namespace SmStudioModel {
  /** Options of the model. */
  export interface IOptions {
    api: ApiClient;
    events: Event.IManager;
  }
}
