import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { autopilotPlugin } from './features/autopilot';
import { endpointsPlugin } from './features/endpoints';
import { launcherPlugin } from './features/launcher';
import { panelPlugin } from './features/panel';
import { statusbarPlugin } from './features/statusbar';
import { studioPlugin } from './features/studio';
import { trainingPlugin } from './features/training';
import { tuningPlugin } from './features/tuning';

/** Each can be disabled alone; all but the first rest on the first. */
const plugins: JupyterFrontEndPlugin<unknown>[] = [
  studioPlugin,
  panelPlugin,
  autopilotPlugin,
  endpointsPlugin,
  trainingPlugin,
  tuningPlugin,
  launcherPlugin,
  statusbarPlugin
];

export default plugins;
