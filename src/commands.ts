/** Ids of all commands. */
export namespace CommandIDs {
  export const createExperiment = 'smstudio-ext:create-experiment';
  export const openExperiment = 'smstudio-ext:open-experiment';
  export const stopExperiment = 'smstudio-ext:stop-experiment';
  export const deployModel = 'smstudio-ext:deploy-model';
  /** Read-only view of a notebook that Autopilot wrote; `name` is the kind, a slash and the job. */
  export const openAutopilotNotebook = 'smstudio-ext:open-autopilot-notebook';
  /** Page of one model of an experiment; `name` is the job, a slash and the candidate. */
  export const openModelDetails = 'smstudio-ext:open-model-details';
  export const openCandidateTrial = 'smstudio-ext:open-candidate-trial';
  export const cloneExperiment = 'smstudio-ext:clone-experiment';
  /** Page that compares experiments; `name` holds theirs with commas between. */
  export const compareExperiments = 'smstudio-ext:compare-experiments';
  export const openEndpoint = 'smstudio-ext:open-endpoint';
  export const deleteEndpoint = 'smstudio-ext:delete-endpoint';
  export const openTrainingJob = 'smstudio-ext:open-training-job';
  export const stopTrainingJob = 'smstudio-ext:stop-training-job';
  export const listTrainingJobs = 'smstudio-ext:list-training-jobs';
  export const createTrainingJob = 'smstudio-ext:create-training-job';
  export const cloneTrainingJob = 'smstudio-ext:clone-training-job';
  export const deleteTrainingJob = 'smstudio-ext:delete-training-job';
  export const listTuningJobs = 'smstudio-ext:list-tuning-jobs';
  export const openTuningJob = 'smstudio-ext:open-tuning-job';
  export const createTuningJob = 'smstudio-ext:create-tuning-job';
  export const cloneTuningJob = 'smstudio-ext:clone-tuning-job';
  export const tuneTrainingJob = 'smstudio-ext:tune-training-job';
  export const stopTuningJob = 'smstudio-ext:stop-tuning-job';
  export const deleteTuningJob = 'smstudio-ext:delete-tuning-job';
  export const listTransformJobs = 'smstudio-ext:list-transform-jobs';
  export const openTransformJob = 'smstudio-ext:open-transform-job';
  export const createTransformJob = 'smstudio-ext:create-transform-job';
  export const cloneTransformJob = 'smstudio-ext:clone-transform-job';
  export const stopTransformJob = 'smstudio-ext:stop-transform-job';
  export const listModels = 'smstudio-ext:list-models';
  export const openModel = 'smstudio-ext:open-model';
  export const deployNamedModel = 'smstudio-ext:deploy-named-model';
  export const transformWithModel = 'smstudio-ext:transform-with-model';
  export const deleteModel = 'smstudio-ext:delete-model';
  /** Tabs and charts of components; `names` (one: Describe Trial Component), `chart: true` begins with a new chart. */
  export const openTrialDetails = 'smstudio-ext:open-trial-details';
  export const openLineage = 'smstudio-ext:open-lineage';
  /** The page "Trial Component List"; `name` is a scope, see `TrialScope`. */
  export const openTrialComponents = 'smstudio-ext:open-trial-components';
  export const describeAutoMLJob = 'smstudio-ext:describe-automl-job';
  export const deployTrialComponent = 'smstudio-ext:deploy-trial-component';
  export const stopTrialComponents = 'smstudio-ext:stop-trial-components';
  export const assignTrialComponents = 'smstudio-ext:assign-trial-components';
  export const removeTrialComponents = 'smstudio-ext:remove-trial-components';
  export const deleteExperiments = 'smstudio-ext:delete-experiments';
  /** Dialog that signs in to IAM Identity Center for the profile in use. */
  export const signIn = 'smstudio-ext:sign-in';
  /** Dialog "Create shareable snapshot" for the notebook on top, or that of `path`. */
  export const shareNotebook = 'smstudio:share-notebook';
  /** Read-only preview of a snapshot; `name` is in its link. */
  export const openSnapshot = 'smstudio:open-snapshot';
  export const listSnapshots = 'smstudio:list-snapshots';
  export const deleteSnapshot = 'smstudio:delete-snapshot';
  /** The sidebar with example notebooks. */
  export const openExamples = 'smstudio:open-examples';
  /** Read-only preview of an example. */
  export const openExample = 'smstudio:open-example';
  export const useExample = 'smstudio:use-example';
  /** Dialogs of the notebook on top. */
  export const changeEnvironment = 'smstudio:change-environment';
  export const selectInstance = 'smstudio:select-instance';
  export const launchTerminal = 'smstudio:launch-terminal';
  export const checkpointDiff = 'smstudio:checkpoint-diff';
  export const gitDiff = 'smstudio:git-diff';
  export const attachCluster = 'smstudio:attach-cluster';
  /** Cards of the launcher. */
  export const createNotebook = 'smstudio:create-notebook';
  export const createConsole = 'smstudio:create-console';
  export const createImageTerminal = 'smstudio:create-image-terminal';
  export const usualEnvironment = 'smstudio:usual-environment';
  export const showHelp = 'smstudio:show-contextual-help';
  export const systemTerminal = 'smstudio:system-terminal';
  export const textFile = 'smstudio:text-file';
  export const markdownFile = 'smstudio:markdown-file';
  export const listNotebookInstances = 'smstudio:open-notebook-instances';
  /** Page of a notebook instance. */
  export const openNotebookInstance = 'smstudio:open-notebook-instance';
  /** The form that makes a notebook instance ("new"), or changes one ("edit:" and its name). */
  export const createNotebookInstance = 'smstudio:create-notebook-instance';
  export const startNotebookInstance = 'smstudio:start-notebook-instance';
  export const stopNotebookInstance = 'smstudio:stop-notebook-instance';
  export const deleteNotebookInstance = 'smstudio:delete-notebook-instance';
  /** Opens its Jupyter server in another browser tab. */
  export const launchJupyter = 'smstudio:launch-jupyter';
  export const launchJupyterLab = 'smstudio:launch-jupyterlab';
  export const listNotebookLifecycles = 'smstudio:open-notebook-lifecycles';
  /** The sidebar with instances, apps, kernels and terminals, and what they cost. */
  export const openRunning = 'smstudio:open-running';
  export const openUsage = 'smstudio:open-usage';
  export const shutEverythingDown = 'smstudio:shut-everything-down';
  export const shutDownStudio = 'smstudio:shut-down-studio';
  /** Output of an app's start-up script; `stream` is its stream in `/aws/sagemaker/studio`. */
  export const viewScriptLogs = 'smstudio:view-script-logs';
  /** Domains with their user profiles, spaces, apps, scripts and images. */
  export const openDomain = 'smstudio:open-domain';
  /** Jupyter gateways whose kernels notebooks can choose. */
  export const openGateways = 'smstudio:open-gateways';
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
  export const tuningJob = 'HyperParameterTuningJob';
  export const transformJob = 'TransformJob';
  export const model = 'Model';
  export const trial = 'Trial';
  export const candidate = 'Candidate';
  export const studioExperiment = 'Experiment';
  export const studioTrial = 'ExperimentTrial';
  export const trialComponent = 'TrialComponent';
  export const unassigned = 'UnassignedTrialComponents';
  export const notebookInstance = 'NotebookInstance';
  export const notebookLifecycle = 'NotebookInstanceLifecycleConfig';
  export const domain = 'Domain';
  export const gateway = 'Gateway';
  export const snapshot = 'Snapshot';
  export const example = 'Example';

  /** CSS selector of the rows of one kind. */
  export const selector = (kind: string): string =>
    `.smstudio-Grid-row[data-kind="${kind}"]`;
}

/** Names of the pages "Trial Component List": which components they list. */
export namespace TrialScope {
  export const all = 'all';
  export const unassigned = 'unassigned';
  export const experiments = (names: readonly string[]): string =>
    `experiment:${names.join(',')}`;
  export const trials = (names: readonly string[]): string =>
    `trial:${names.join(',')}`;
}
