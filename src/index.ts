import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { panelPlugin } from './features/panel';
import { studioPlugin } from './features/studio';

const plugins: JupyterFrontEndPlugin<unknown>[] = [studioPlugin, panelPlugin];

export default plugins;
