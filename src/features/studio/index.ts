import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

import { ApiClient } from '../../api/client';
import { ISmStudio } from '../../tokens';
import { SmStudioModel } from './model';

const PLUGIN_ID = 'smstudio-ext:studio';

/** Provides the model that all pages share. */
export const studioPlugin: JupyterFrontEndPlugin<ISmStudio> = {
  id: PLUGIN_ID,
  description:
    'Provides the target, the local engine and live changes to all SageMaker pages.',
  autoStart: true,
  provides: ISmStudio,
  optional: [ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    settingRegistry: ISettingRegistry | null
  ): ISmStudio => {
    const model = new SmStudioModel({
      api: new ApiClient(app.serviceManager.serverSettings),
      events: app.serviceManager.events
    });
    const apply = (settings: ISettingRegistry.ISettings): void => {
      model.autoStart = settings.get('startEngine').composite as boolean;
      model.pollInterval = settings.get('pollInterval').composite as number;
    };
    settingRegistry
      ?.load(PLUGIN_ID)
      .then(settings => {
        apply(settings);
        settings.changed.connect(apply);
      })
      .catch(reason => {
        console.error('SageMaker: the settings could not be read', reason);
      });
    return model;
  }
};
