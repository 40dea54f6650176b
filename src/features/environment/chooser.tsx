import type { ISessionContext } from '@jupyterlab/apputils';
import { Notification } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { lazy } from 'react';

import { ApiFailure } from '../../api/client';
import type { NotebookEnvironment } from '../../api/generated';
import type { IPageContext } from '../../shared/context';
import { openOverlay } from '../../shared/overlay';
import type { IChoice, IOtherKernel, IUsual } from './choice';
import { STUDIO_MARK } from './choice';
import { shown, withoutKernel } from './opening';
import type { PanelEnvironments } from './panels';

const ChangeEnvironment = lazy(() =>
  import('./dialog').then(module => ({ default: module.ChangeEnvironment }))
);
const SelectInstance = lazy(() =>
  import('./instances').then(module => ({ default: module.SelectInstance }))
);
const BuildDialog = lazy(() =>
  import('./builddialog').then(module => ({ default: module.BuildDialog }))
);

/** Between two looks at a build in the background, in milliseconds. */
const FOLLOW = 3000;

/** Asks for environments, and starts kernels in them. */
export class EnvironmentChooser {
  constructor(private _options: EnvironmentChooser.IOptions) {}

  /** What new notebooks get; the launcher's "Change environment" writes it. */
  usual: Partial<IUsual> = {};

  /** In place of Lab's dialog "Select Kernel". */
  async selectKernel(session: ISessionContext): Promise<void> {
    const panel = this._panelOf(session);
    const opens = !session.session?.kernel && !this._asked.has(session);
    if (!opens || !panel) {
      return this._select(session, panel);
    }
    if (withoutKernel.has(session.path)) {
      // The page was loaded anew: what was chosen before still counts.
      this._asked.add(session);
      return;
    }
    // A page with many notebooks opens them all at once: each asks when it is looked at, one after the other.
    await shown(panel);
    const turn = this._turn.then(async () => {
      if (!session.isDisposed && !session.session?.kernel) {
        await this._select(session, panel);
      }
    });
    this._turn = turn.catch(() => undefined);
    return turn;
  }

  private async _select(
    session: ISessionContext,
    panel: NotebookPanel | undefined
  ): Promise<void> {
    const before = session.session?.kernel ?? null;
    const wanted = session.kernelPreference.name ?? '';
    const now = await this._now(session, panel);
    if (session.isDisposed) {
      return;
    }
    const first = !before && !this._asked.has(session);
    this._asked.add(session);
    if (
      first &&
      wanted.includes(STUDIO_MARK) &&
      now?.kernel &&
      now.state === 'built'
    ) {
      // From the real Studio, and its image is here: as there, it just opens.
      await this.start(session, {
        image: now.image,
        kernel: now.kernel,
        instanceType: now.instance_type,
        script: null
      });
      return;
    }
    const choice = await this.ask({
      // As in 2020 for a notebook that comes from elsewhere; a new one gets all four choices.
      mode: first && panel && !isNew(panel) ? 'kernel' : 'environment',
      file: session.name,
      now,
      others: this._others(session),
      allowNone: true,
      build: true
    });
    if (choice && !session.isDisposed) {
      await this.start(session, choice);
    }
  }

  /** The dialog "Change environment"; null when it was closed. */
  ask(options: EnvironmentChooser.IAsk): Promise<IChoice | null> {
    return new Promise(resolve => {
      openOverlay(this._options.context, close => (
        <ChangeEnvironment
          {...options}
          usual={this.usual}
          onHide={image => {
            close();
            resolve(null);
            this._follow(image);
          }}
          onClose={() => {
            close();
            resolve(null);
          }}
          onSelect={choice => {
            close();
            resolve(choice);
          }}
        />
      ));
    });
  }

  /** The dialog "Select instance", then a new kernel on what was chosen. */
  async selectInstance(panel: NotebookPanel): Promise<void> {
    const environment = this._options.panels.of(panel);
    const now = environment.value ?? (await environment.load());
    const kernel = now?.kernel;
    if (!now?.image || !kernel) {
      // Without an image there is no instance: first choose one.
      await this.selectKernel(panel.sessionContext);
      return;
    }
    const type = await new Promise<string | null>(resolve => {
      openOverlay(this._options.context, close => (
        <SelectInstance
          now={now.instance_type}
          onClose={() => {
            close();
            resolve(null);
          }}
          onSelect={chosen => {
            close();
            resolve(chosen);
          }}
        />
      ));
    });
    if (!type || panel.isDisposed || !(await this.built(now.image))) {
      return;
    }
    const had = Boolean(panel.sessionContext.session?.kernel);
    const choice = {
      image: now.image,
      kernel,
      instanceType: type,
      script: null
    };
    if (had) {
      await this.start(panel.sessionContext, choice);
    } else {
      await this._choose(panel.sessionContext, choice);
      environment.writeType(type);
    }
    await panel.context.save();
  }

  /** Starts the chosen kernel for a notebook or console, or shuts the old one down for "No Kernel". */
  async start(session: ISessionContext, choice: IChoice): Promise<void> {
    const panel = this._panelOf(session);
    withoutKernel.note(session.path, choice.kernel === null);
    if (choice.kernel === null) {
      if (!session.hasNoKernel) {
        await session.shutdown();
      }
      return;
    }
    await this._choose(session, choice);
    const environment = panel && this._options.panels.of(panel);
    environment?.writeType(choice.instanceType);
    environment?.writeResources(
      choice.gateway ? (choice.resources ?? null) : null
    );
    await this.knowKernel(session.specsManager, choice.kernel);
    await session.changeKernel({ name: choice.kernel });
    environment?.refresh();
  }

  /** A session that was opened with a kernel: Lab may ask for another later, but that is not its first opening. */
  opened(session: ISessionContext): void {
    this._asked.add(session);
  }

  /** Tells the server what a session's next kernel gets; says what this machine lacks for it. */
  async tell(
    session: { path: string; name?: string },
    choice: IChoice
  ): Promise<void> {
    const { studio } = this._options.context;
    const answer = await studio.api.call('chooseEnvironment', {
      body: {
        path: session.path,
        name: session.name ?? null,
        kernel: choice.kernel ?? '',
        instance_type: choice.instanceType,
        startup_script: choice.script,
        resources: choice.gateway ? choice.resources : null
      }
    });
    if (answer.warning) {
      Notification.warning(answer.warning, { autoClose: 8000 });
    }
  }

  /** Builds an image that is not built, in a dialog; false when that was left. */
  async built(image: string): Promise<boolean> {
    const { studio } = this._options.context;
    const offer = await studio.api.call('listEnvironments');
    const found = offer.images.find(each => each.id === image);
    if (!found || found.state === 'built') {
      return true;
    }
    return this._buildDialog(found.id, found.name);
  }

  /** Shows the building of the image that a notebook's kernel waits for. */
  showBuild(panel: NotebookPanel): void {
    const { value } = this._options.panels.of(panel);
    if (value?.image && value.image_name && !this._shown.has(value.image)) {
      const { image } = value;
      this._shown.add(image);
      void this._buildDialog(image, value.image_name).finally(() =>
        this._shown.delete(image)
      );
    }
  }

  /** Waits for a build that somebody left to the background, and says how it ended. */
  async follow(image: string): Promise<void> {
    const { studio, trans } = this._options.context;
    for (;;) {
      await new Promise(resolve => window.setTimeout(resolve, FOLLOW));
      const build = await studio.api.call('getImageBuild', { name: image });
      if (build.state === 'built') {
        Notification.success(trans.__('The image %1 is built.', build.name));
        return;
      }
      if (build.state !== 'building') {
        Notification.error(
          trans.__(
            'The image %1 is not built. %2',
            build.name,
            build.reason ?? ''
          )
        );
        return;
      }
    }
  }

  private _buildDialog(image: string, name: string): Promise<boolean> {
    return new Promise(resolve => {
      openOverlay(this._options.context, close => {
        const end = (whole: boolean): void => {
          close();
          resolve(whole);
        };
        return (
          <BuildDialog
            image={image}
            name={name}
            onBuilt={() => end(true)}
            onClose={() => end(false)}
            onHide={() => {
              end(false);
              this._follow(image);
            }}
          />
        );
      });
    });
  }

  private _follow(image: string): void {
    void this.follow(image).catch(reason => {
      Notification.error(ApiFailure.from(reason).message);
    });
  }

  /** Has Lab read the kernelspecs again when it does not know one, of an image that was just built. */
  async knowKernel(
    specs: ISessionContext['specsManager'],
    name: string
  ): Promise<void> {
    if (!specs.specs?.kernelspecs[name]) {
      await specs.refreshSpecs();
    }
  }

  private async _choose(
    session: ISessionContext,
    choice: IChoice
  ): Promise<void> {
    await this.tell({ path: session.path, name: session.name }, choice);
  }

  private async _now(
    session: ISessionContext,
    panel: NotebookPanel | undefined
  ): Promise<NotebookEnvironment | null> {
    const { studio } = this._options.context;
    const kernel = session.session?.kernel;
    const said: unknown = panel?.model?.getMetadata('instance_type');
    const name = kernel?.name ?? session.kernelPreference.name;
    if (!name) {
      return null;
    }
    const now = await studio.api.call('getNotebookEnvironment', {
      query: {
        path: session.path,
        kernel_id: kernel?.id,
        kernel: name,
        instance_type: typeof said === 'string' ? said : null
      }
    });
    return now.image || now.gateway ? now : null;
  }

  /** Kernels of the server that belong to no image. */
  private _others(session: ISessionContext): IOtherKernel[] {
    const specs = session.specsManager.specs?.kernelspecs ?? {};
    return Object.values(specs).flatMap(spec =>
      spec && !spec.metadata?.smstudio
        ? [{ name: spec.name, displayName: spec.display_name }]
        : []
    );
  }

  private _panelOf(session: ISessionContext): NotebookPanel | undefined {
    return this._options.notebooks?.find(
      panel => panel.sessionContext === session
    );
  }

  private _asked = new WeakSet<ISessionContext>();
  private _turn: Promise<void> = Promise.resolve();
  private _shown = new Set<string>();
}

/** Nothing was written into it yet: "File > New" has just made it. */
function isNew(panel: NotebookPanel): boolean {
  const { model } = panel;
  return (
    model !== null &&
    // Lab writes empty names when no kernel was chosen.
    !model.getMetadata('kernelspec')?.name &&
    !model.getMetadata('language_info')?.name &&
    Array.from(model.cells).every(cell => cell.sharedModel.source === '')
  );
}

/** A namespace for EnvironmentChooser statics. */
export namespace EnvironmentChooser {
  /** What it works with. */
  export interface IOptions {
    context: Omit<IPageContext, 'visible'>;
    notebooks: INotebookTracker | null;
    panels: PanelEnvironments;
  }

  /** What the dialog is asked with. */
  export interface IAsk {
    mode: 'kernel' | 'environment';
    title?: string;
    file: string;
    now: NotebookEnvironment | null;
    others: IOtherKernel[];
    allowNone: boolean;
    build: boolean;
  }
}
