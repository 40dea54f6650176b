import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type {
  GatewayResources,
  NotebookEnvironment
} from '../../api/generated';
import type { ISmStudio } from '../../tokens';
import { STUDIO_MARK, studioName } from './choice';

/** Member of a notebook's metadata that says what its kernel asks of a gateway. */
const RESOURCES = 'gateway_resources';

/** What the toolbar of one notebook knows: image, kernel and instance of now. */
export class PanelEnvironment implements IDisposable {
  constructor(
    readonly panel: NotebookPanel,
    private _studio: ISmStudio,
    private _building: (panel: NotebookPanel) => void
  ) {
    const { sessionContext, context } = panel;
    sessionContext.kernelChanged.connect(this.refresh, this);
    sessionContext.statusChanged.connect(this._onStatus, this);
    sessionContext.propertyChanged.connect(this.refresh, this);
    panel.disposed.connect(this.dispose, this);
    void context.ready.then(() => {
      if (this._isDisposed) {
        return;
      }
      const before = this._specName();
      this._studioSpec = before.includes(STUDIO_MARK) ? before : null;
      panel.model?.metadataChanged.connect(this._onMetadata, this);
      this.refresh();
    });
  }

  /** Null until the server has answered. */
  get value(): NotebookEnvironment | null {
    return this._value;
  }

  get changed(): Signal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** The instance type that the notebook's file says. */
  get metadataType(): string | null {
    const said: unknown = this.panel.model?.getMetadata('instance_type');
    return typeof said === 'string' ? said : null;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  /** Writes the instance type into the notebook, as Studio does. */
  writeType(name: string | null): void {
    const { model } = this.panel;
    if (!model || this.metadataType === name) {
      return;
    }
    if (name) {
      model.setMetadata('instance_type', name);
    } else if (this.metadataType !== null) {
      model.deleteMetadata('instance_type');
    }
  }

  /** Writes what the kernel asks of a gateway, so that it asks the same when the notebook is opened again. */
  writeResources(resources: GatewayResources | null): void {
    const { model } = this.panel;
    const said = Object.entries(resources ?? {}).filter(([, value]) => value);
    if (said.length > 0) {
      model?.setMetadata(RESOURCES, Object.fromEntries(said));
    } else if (model?.getMetadata(RESOURCES)) {
      model.deleteMetadata(RESOURCES);
    }
  }

  /** Asks the server again. */
  refresh(): void {
    void this.load().catch(reason => {
      console.warn(
        'SageMaker: the notebook’s environment is not known',
        reason
      );
    });
  }

  /** What the notebook runs on now, from the server. */
  async load(): Promise<NotebookEnvironment | null> {
    if (this._isDisposed || this.panel.isDisposed) {
      return null;
    }
    const turn = ++this._turn;
    const { path, session, kernelPreference } = this.panel.sessionContext;
    const kernel = session?.kernel;
    const value = await this._studio.api.call('getNotebookEnvironment', {
      query: {
        path,
        kernel_id: kernel?.id,
        kernel: kernel?.name ?? (this._specName() || kernelPreference.name),
        instance_type: this.metadataType
      }
    });
    if (turn === this._turn && !this._isDisposed) {
      this._value = value;
      this._restoreName();
      this._changed.emit();
      if (this._waits && ['unbuilt', 'building'].includes(value.state ?? '')) {
        this._building(this.panel);
      }
    }
    return value;
  }

  /** A kernel was asked for and does not run yet. */
  private get _waits(): boolean {
    const { session, hasNoKernel } = this.panel.sessionContext;
    return !session?.kernel && !hasNoKernel;
  }

  private _onStatus(): void {
    if (this._waits) {
      this.refresh();
    }
  }

  private _onMetadata(_: unknown, change: { key?: string }): void {
    if (change.key === 'instance_type') {
      this.refresh();
    } else if (change.key === 'kernelspec') {
      this._restoreName();
    }
  }

  /** A notebook that came from the real Studio keeps a kernelspec's name that opens there. */
  private _restoreName(): void {
    const { model } = this.panel;
    const image = this._value?.image;
    const spec = model?.getMetadata('kernelspec');
    if (!this._studioSpec || !model || !image || !spec) {
      return;
    }
    if (spec.name !== this._value?.kernel) {
      return; // of another image, or in Studio's form already
    }
    const name = this._studioSpec.endsWith(`/${image}`)
      ? this._studioSpec
      : studioName(this._studioSpec, image);
    model.setMetadata('kernelspec', { ...spec, name });
  }

  private _specName(): string {
    const spec = this.panel.model?.getMetadata('kernelspec');
    return typeof spec?.name === 'string' ? spec.name : '';
  }

  private _changed = new Signal<this, void>(this);
  private _isDisposed = false;
  private _studioSpec: string | null = null;
  private _turn = 0;
  private _value: NotebookEnvironment | null = null;
}

/** The environments of all open notebooks. */
export class PanelEnvironments {
  constructor(
    private _studio: ISmStudio,
    private _building: (panel: NotebookPanel) => void
  ) {}

  of(panel: NotebookPanel): PanelEnvironment {
    let found = this._known.get(panel);
    if (!found) {
      found = new PanelEnvironment(panel, this._studio, this._building);
      this._known.set(panel, found);
    }
    return found;
  }

  private _known = new WeakMap<NotebookPanel, PanelEnvironment>();
}
