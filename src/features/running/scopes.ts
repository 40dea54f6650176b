/** What shutting down takes with it, for the dialogs; the server decides the same when it acts. */
import type { Running, RunningInstance } from '../../api/generated';

/** What one instance takes with it: its apps, kernels and image terminals, by the names that people read. */
export interface ITaken {
  apps: string[];
  kernels: string[];
  terminals: string[];
}

/** Everything that goes with these instances. */
export function takenBy(
  running: Running,
  instances: readonly RunningInstance[]
): ITaken {
  const apps = new Set(instances.flatMap(each => each.apps));
  const kernels = new Set(instances.flatMap(each => each.kernels));
  const terminals = new Set(instances.flatMap(each => each.terminals));
  return {
    apps: running.apps
      .filter(app => apps.has(app.name))
      .map(app => `${app.title} (${app.instance_type})`),
    kernels: running.kernels
      .filter(kernel => kernels.has(kernel.id))
      .map(kernel => kernel.title),
    terminals: running.terminals
      .filter(terminal => terminals.has(terminal.name))
      .map(terminal => terminal.title)
  };
}

/** What goes with one app. */
export function takenByApp(running: Running, name: string): ITaken {
  return {
    apps: [],
    kernels: running.kernels
      .filter(kernel => kernel.app === name)
      .map(kernel => kernel.title),
    terminals: running.terminals
      .filter(terminal => terminal.app === name)
      .map(terminal => terminal.title)
  };
}

/** Whether an app holds a metered instance now, so that it can be shut down. */
export function holds(app: { status: string }): boolean {
  return app.status === 'InService' || app.status === 'Pending';
}
