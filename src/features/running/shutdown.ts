import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { ApiFailure } from '../../api/client';
import type { Running, Shutdown, ShutdownResult } from '../../api/generated';
import type { ISmStudio } from '../../tokens';
import type { ITaken } from './scopes';
import { takenBy, takenByApp } from './scopes';

/** Asks where Studio asks, then shuts down; kernels and terminals go without a question. */
export class Shutter {
  constructor(
    private _studio: ISmStudio,
    private _trans: TranslationBundle
  ) {}

  /** One instance, with everything on it. */
  async instance(running: Running, name: string): Promise<void> {
    const trans = this._trans;
    const found = running.instances.filter(each => each.name === name);
    const body = this._list(
      trans.__(
        'Everything on %1 is shut down:',
        found[0]?.instance_type ?? name
      ),
      takenBy(running, found)
    );
    if (await this._agreed(trans.__('Shut down the instance?'), body)) {
      await this.act({ scope: 'instance', name });
    }
  }

  /** One app, with its kernels and image terminals. */
  async app(running: Running, name: string): Promise<void> {
    const trans = this._trans;
    const body = this._list(
      trans.__('The app %1 is shut down, with:', name),
      takenByApp(running, name)
    );
    if (await this._agreed(trans.__('Shut down the app?'), body)) {
      await this.act({ scope: 'app', name });
    }
  }

  /** All instances or all apps: the same things. */
  async everything(
    running: Running,
    scope: 'instances' | 'apps'
  ): Promise<void> {
    const trans = this._trans;
    const body = this._list(
      trans.__(
        'All instances and apps are shut down. System terminals, endpoints, jobs and data stay.'
      ),
      takenBy(running, running.instances)
    );
    if (await this._agreed(trans.__('Shut down all?'), body)) {
      await this.act({ scope });
    }
  }

  /** All kernels or all terminals. */
  async sessions(
    names: string[],
    scope: 'kernels' | 'terminals'
  ): Promise<void> {
    const trans = this._trans;
    const text =
      scope === 'kernels'
        ? trans.__(
            'All kernels of notebooks and consoles are shut down. Their instances and apps go on, and cost.'
          )
        : trans.__('All image terminals and system terminals are closed.');
    const body = this._list(text, {
      apps: [],
      kernels: scope === 'kernels' ? names : [],
      terminals: scope === 'terminals' ? names : []
    });
    if (await this._agreed(trans.__('Shut down all?'), body)) {
      await this.act({ scope });
    }
  }

  /** An endpoint, a job or a notebook instance, which no heading takes along. */
  async resource(
    scope: 'endpoint' | 'job' | 'notebook_instance',
    name: string,
    title: string
  ): Promise<void> {
    const trans = this._trans;
    const shown = name.slice(name.indexOf('/') + 1);
    const texts = {
      endpoint: trans.__(
        'The endpoint "%1" is deleted; its configuration and models stay.',
        shown
      ),
      job: trans.__(
        'The job "%1" is stopped; what it has written stays.',
        shown
      ),
      notebook_instance: trans.__(
        'The notebook instance "%1" is stopped; its files stay.',
        shown
      )
    };
    if (await this._agreed(title, texts[scope], title.replace('?', ''))) {
      await this.act({ scope, name });
    }
  }

  /** Shuts down without a question; says what could not be. */
  async act(request: Shutdown): Promise<ShutdownResult | null> {
    try {
      const result = await this._studio.api.call('shutDown', { body: request });
      const failed = result.items.filter(item => item.error);
      if (failed.length) {
        Notification.error(
          failed.map(item => `${item.name}: ${item.error}`).join('\n')
        );
      }
      return result;
    } catch (reason) {
      Notification.error(ApiFailure.from(reason).message);
      return null;
    } finally {
      this._studio.refresh();
    }
  }

  private async _agreed(
    title: string,
    body: Widget | string,
    label = this._trans.__('Shut down all')
  ): Promise<boolean> {
    const answer = await showDialog({
      title,
      body,
      buttons: [
        Dialog.cancelButton({ label: this._trans.__('Cancel') }),
        Dialog.warnButton({ label })
      ]
    });
    return answer.button.accept;
  }

  /** A text, and below it what goes; names are text, whatever they look like. */
  private _list(text: string, taken: ITaken): Widget {
    const trans = this._trans;
    const body = new Widget();
    body.addClass('smstudio-Taken');
    const line = document.createElement('p');
    line.textContent = text;
    body.node.appendChild(line);
    const groups: [string, string[]][] = [
      [trans.__('Apps'), taken.apps],
      [trans.__('Notebooks, consoles and kernels'), taken.kernels],
      [trans.__('Terminals'), taken.terminals]
    ];
    for (const [label, names] of groups) {
      if (!names.length) {
        continue;
      }
      const head = document.createElement('div');
      head.className = 'smstudio-Taken-group';
      head.textContent = label;
      const list = document.createElement('ul');
      for (const name of names) {
        const item = document.createElement('li');
        item.textContent = name;
        list.appendChild(item);
      }
      body.node.append(head, list);
    }
    const note = document.createElement('p');
    note.textContent = trans.__('Unsaved data of these kernels is lost.');
    if (taken.kernels.length) {
      body.node.appendChild(note);
    }
    return body;
  }
}
