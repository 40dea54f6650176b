import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { autopilotPlugin } from './features/autopilot';
import { clustersPlugin } from './features/clusters';
import { costPlugin } from './features/cost';
import { domainsPlugin } from './features/domains';
import { endpointsPlugin } from './features/endpoints';
import { environmentPlugin } from './features/environment';
import { examplesPlugin } from './features/examples';
import { experimentsPlugin } from './features/experiments';
import { gatewaysPlugin } from './features/gateways';
import { kernelEndsPlugin } from './features/kernelends';
import { launcherPlugin } from './features/launcher';
import { modelsPlugin } from './features/models';
import { notebookInstancesPlugin } from './features/notebookinstances';
import { panelPlugin } from './features/panel';
import { runningPlugin } from './features/running';
import { sharingPlugin } from './features/sharing';
import { statusbarPlugin } from './features/statusbar';
import { studioPlugin } from './features/studio';
import { trainingPlugin } from './features/training';
import { transformPlugin } from './features/transform';
import { trialDetailsPlugin } from './features/trialdetails';
import { tuningPlugin } from './features/tuning';

/** Each can be disabled alone; all but the first rest on the first. */
const plugins: JupyterFrontEndPlugin<unknown>[] = [
  studioPlugin,
  costPlugin,
  panelPlugin,
  autopilotPlugin,
  experimentsPlugin,
  trialDetailsPlugin,
  endpointsPlugin,
  trainingPlugin,
  tuningPlugin,
  transformPlugin,
  modelsPlugin,
  domainsPlugin,
  sharingPlugin,
  examplesPlugin,
  environmentPlugin,
  kernelEndsPlugin,
  gatewaysPlugin,
  clustersPlugin,
  notebookInstancesPlugin,
  runningPlugin,
  launcherPlugin,
  statusbarPlugin
];

export default plugins;
