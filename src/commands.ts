/** Ids of all commands. */
export namespace CommandIDs {
  export const createExperiment = 'smstudio-ext:create-experiment';
  export const openExperiment = 'smstudio-ext:open-experiment';
  export const stopExperiment = 'smstudio-ext:stop-experiment';
  export const deployModel = 'smstudio-ext:deploy-model';
  export const openEndpoint = 'smstudio-ext:open-endpoint';
  export const deleteEndpoint = 'smstudio-ext:delete-endpoint';
  export const openTrainingJob = 'smstudio-ext:open-training-job';
  export const stopTrainingJob = 'smstudio-ext:stop-training-job';
  export const showPanel = 'smstudio-ext:show-panel';
  export const refresh = 'smstudio-ext:refresh';
  export const copyCell = 'smstudio-ext:copy-cell';
  export const startEngine = 'smstudio-ext:start-engine';
  export const stopEngine = 'smstudio-ext:stop-engine';
  export const chooseTarget = 'smstudio-ext:choose-target';
}

/** What a row of a list carries, so that context menus know what was clicked. */
export namespace RowData {
  export const experiment = 'AutoMLJob';
  export const endpoint = 'Endpoint';
  export const trainingJob = 'TrainingJob';
  export const candidate = 'Candidate';

  /** CSS selector of the rows of one kind. */
  export const selector = (kind: string): string =>
    `.smstudio-Grid-row[data-kind="${kind}"]`;
}
