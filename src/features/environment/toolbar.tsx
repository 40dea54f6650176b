import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Poll } from '@lumino/polling';
import type { JSX } from 'react';

import type { KernelUsage } from '../../api/generated';
import type { ISmStudio } from '../../tokens';
import { percent } from './choice';
import type { PanelEnvironment } from './panels';

/** The toolbar's `2 vCPU + 4 GiB`; `Unknown` without a kernel. */
export class InstanceItem extends ReactWidget {
  constructor(
    private _environment: PanelEnvironment,
    private _trans: TranslationBundle,
    private _select: (panel: NotebookPanel) => void
  ) {
    super();
    this.addClass('smstudio-Toolbar-item');
  }

  protected render(): JSX.Element {
    const environment = this._environment;
    const { panel } = environment;
    return (
      <UseSignal signal={environment.changed}>
        {() => {
          const { value } = environment;
          const runs = Boolean(panel.sessionContext.session?.kernel);
          return (
            <button
              type="button"
              className="smstudio-Toolbar-instance"
              title={this._caption()}
              onClick={() => this._select(panel)}
            >
              {runs && value ? value.instance_text : this._trans.__('Unknown')}
            </button>
          );
        }}
      </UseSignal>
    );
  }

  private _caption(): string {
    const trans = this._trans;
    const { value, panel } = this._environment;
    if (!panel.sessionContext.session?.kernel) {
      return trans.__('No kernel runs. Select instance');
    }
    if (value?.gateway) {
      return [
        trans.__(
          'This kernel runs on the gateway %1. Choose another environment',
          value.gateway_host ?? value.gateway
        ),
        value.warning ?? ''
      ]
        .filter(Boolean)
        .join('\n');
    }
    if (!value?.instance_type) {
      return trans.__(
        'This kernel runs on this machine, on no instance. Choose an image to have one'
      );
    }
    return [
      trans.__('%1. Select instance', value.instance_type),
      value.app ? trans.__('App %1', value.app) : '',
      value.placed ? heldText(value.limits, trans) : '',
      value.warning ?? ''
    ]
      .filter(Boolean)
      .join('\n');
  }
}

/** What of an instance's size the system holds its kernels to. */
export function heldText(
  limits: readonly string[],
  trans: TranslationBundle
): string {
  const held = [
    limits.some(each => each === 'cpu' || each === 'affinity')
      ? trans.__('CPUs')
      : '',
    limits.includes('memory') ? trans.__('memory') : '',
    limits.includes('pids') ? trans.__('processes') : ''
  ].filter(Boolean);
  return held.length > 0
    ? trans.__('Held to its size: %1', held.join(', '))
    : trans.__('This system does not hold kernels to its size');
}

/** The toolbar's `Kernel: CPU: 0.00% MEM: 2.81%`; a double click changes between kernel and instance. */
export class UsageItem extends ReactWidget {
  constructor(
    private _panel: NotebookPanel,
    private _studio: ISmStudio,
    private _trans: TranslationBundle
  ) {
    super();
    this.addClass('smstudio-Toolbar-item');
    this._poll = new Poll({
      auto: false,
      name: 'smstudio-ext:usage',
      factory: () => this._read(),
      frequency: { interval: INTERVAL, backoff: true, max: 60_000 },
      standby: () => !_panel.isVisible || document.hidden
    });
    _panel.sessionContext.kernelChanged.connect(this._onKernel, this);
    void this._poll.start();
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._poll.dispose();
    }
    super.dispose();
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    void this._poll.refresh();
  }

  protected render(): JSX.Element {
    const trans = this._trans;
    const usage = this._usage;
    if (!usage) {
      return <></>;
    }
    const ofInstance = this._instance && usage.instance !== null;
    const shown = ofInstance ? usage.instance : usage.kernel;
    if (!shown) {
      return <></>;
    }
    const text = ofInstance
      ? trans.__(
          'Instance: CPU: %1 MEM: %2',
          percent(shown.cpu_percent),
          percent(shown.memory_percent)
        )
      : trans.__(
          'Kernel: CPU: %1 MEM: %2',
          percent(shown.cpu_percent),
          percent(shown.memory_percent)
        );
    const size = trans.__(
      '%1 MiB of %2 GiB, %3 vCPU',
      Math.round(shown.memory_bytes / 2 ** 20),
      (usage.memory_bytes / 2 ** 30).toFixed(1),
      usage.vcpus
    );
    return (
      <button
        type="button"
        className="smstudio-Toolbar-usage"
        title={`${size}\n${
          ofInstance
            ? trans.__('Double-click to show the kernel')
            : trans.__('Double-click to show the instance')
        }`}
        onDoubleClick={this._toggle}
        onKeyDown={event => {
          if (event.key === 'Enter' || event.key === ' ') {
            event.preventDefault();
            this._toggle();
          }
        }}
      >
        {text}
      </button>
    );
  }

  private _toggle = (): void => {
    this._instance = !this._instance;
    this.update();
  };

  private _onKernel(): void {
    this._usage = null;
    this.update();
    void this._poll.refresh();
  }

  private async _read(): Promise<void> {
    const id = this._panel.sessionContext.session?.kernel?.id;
    if (!id) {
      return;
    }
    const usage = await this._studio.api.call('getKernelUsage', { name: id });
    if (this._panel.sessionContext.session?.kernel?.id === id) {
      this._usage = usage;
      this.update();
    }
  }

  private _instance = false;
  private _poll: Poll;
  private _usage: KernelUsage | null = null;
}

/** Between two readings, in milliseconds. */
const INTERVAL = 3000;
