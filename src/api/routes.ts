import type { Operations } from './generated';

/** The name of an operation of the REST API. */
export type OperationId = keyof Operations;

/** Method and path of every operation; the compiler holds it to the generated types. */
export const ROUTES: {
  readonly [K in OperationId]: Pick<Operations[K], 'method' | 'path'>;
} = {
  getStatus: { method: 'GET', path: 'status' },
  getTargets: { method: 'GET', path: 'targets' },
  chooseTarget: { method: 'PUT', path: 'target' },
  getIdentity: { method: 'GET', path: 'identity' },
  renewIdentity: { method: 'POST', path: 'identity/renew' },
  listExecutionRoles: { method: 'GET', path: 'execution-roles' },
  startSignIn: { method: 'POST', path: 'sign-ins' },
  describeSignIn: { method: 'GET', path: 'sign-ins/{name}' },
  cancelSignIn: { method: 'DELETE', path: 'sign-ins/{name}' },
  listSignInAccounts: { method: 'GET', path: 'sign-ins/{name}/accounts' },
  listAccountRoles: {
    method: 'GET',
    path: 'sign-ins/{name}/accounts/{account}'
  },
  saveProfile: { method: 'POST', path: 'profiles' },
  startEngine: { method: 'POST', path: 'engine/start' },
  stopEngine: { method: 'POST', path: 'engine/stop' },
  reportPresence: { method: 'POST', path: 'presence' },
  getOptions: { method: 'GET', path: 'options' },
  listAutoMLJobs: { method: 'GET', path: 'automl-jobs' },
  createAutoMLJob: { method: 'POST', path: 'automl-jobs' },
  describeAutoMLJob: { method: 'GET', path: 'automl-jobs/{name}' },
  listCandidates: { method: 'GET', path: 'automl-jobs/{name}/candidates' },
  stopAutoMLJob: { method: 'POST', path: 'automl-jobs/{name}/stop' },
  deployCandidate: { method: 'POST', path: 'automl-jobs/{name}/deploy' },
  cloneAutoMLJob: { method: 'GET', path: 'automl-jobs/{name}/form' },
  planAutoMLJob: { method: 'POST', path: 'automl-form/plan' },
  getAutoMLActivity: { method: 'GET', path: 'automl-jobs/{name}/activity' },
  readAutoMLNotebook: {
    method: 'GET',
    path: 'automl-jobs/{name}/notebooks/{kind}'
  },
  createCandidateModel: { method: 'POST', path: 'automl-jobs/{name}/model' },
  describeCandidate: {
    method: 'GET',
    path: 'automl-jobs/{name}/candidates/{candidate}'
  },
  getExplainability: {
    method: 'GET',
    path: 'automl-jobs/{name}/candidates/{candidate}/explainability'
  },
  getPerformance: {
    method: 'GET',
    path: 'automl-jobs/{name}/candidates/{candidate}/performance'
  },
  listTrainingJobs: { method: 'GET', path: 'training-jobs' },
  describeTrainingJob: { method: 'GET', path: 'training-jobs/{name}' },
  getTrainingJobLogs: { method: 'GET', path: 'training-jobs/{name}/logs' },
  stopTrainingJob: { method: 'POST', path: 'training-jobs/{name}/stop' },
  createTrainingJob: { method: 'POST', path: 'training-jobs' },
  deleteTrainingJob: { method: 'DELETE', path: 'training-jobs/{name}' },
  downloadTrainingJobLog: {
    method: 'GET',
    path: 'training-jobs/{name}/logs/download'
  },
  getTrainingJobMetrics: {
    method: 'GET',
    path: 'training-jobs/{name}/metrics'
  },
  getTrainingInstanceMetrics: {
    method: 'GET',
    path: 'training-jobs/{name}/instance-metrics'
  },
  cloneTrainingJob: { method: 'GET', path: 'training-jobs/{name}/form' },
  tuneTrainingJob: { method: 'GET', path: 'training-jobs/{name}/tune' },
  deployTrainingJob: { method: 'POST', path: 'training-jobs/{name}/deploy' },
  getTrainingOptions: { method: 'GET', path: 'training-form/options' },
  planTrainingJob: { method: 'POST', path: 'training-form/plan' },
  listTuningJobs: { method: 'GET', path: 'tuning-jobs' },
  createTuningJob: { method: 'POST', path: 'tuning-jobs' },
  describeTuningJob: { method: 'GET', path: 'tuning-jobs/{name}' },
  deleteTuningJob: { method: 'DELETE', path: 'tuning-jobs/{name}' },
  listTrials: { method: 'GET', path: 'tuning-jobs/{name}/trials' },
  stopTuningJob: { method: 'POST', path: 'tuning-jobs/{name}/stop' },
  cloneTuningJob: { method: 'GET', path: 'tuning-jobs/{name}/form' },
  planTuningJob: { method: 'POST', path: 'tuning-form/plan' },
  estimateCosts: { method: 'POST', path: 'cost-estimates' },
  getRunning: { method: 'GET', path: 'running' },
  getUsage: { method: 'GET', path: 'running/usage' },
  getKernelUsage: {
    method: 'GET',
    path: 'running/kernels/{name}/usage'
  },
  shutDown: { method: 'POST', path: 'running/shutdown' },
  getUsageHistory: { method: 'GET', path: 'running/history' },
  downloadUsageHistory: { method: 'GET', path: 'running/history/download' },
  getPrices: { method: 'GET', path: 'running/prices' },
  fetchPrices: { method: 'POST', path: 'running/prices' },
  getIdle: { method: 'GET', path: 'running/idle' },
  setIdle: { method: 'PUT', path: 'running/idle' },
  keepInstance: { method: 'POST', path: 'running/idle/keep' },
  getScriptLogs: { method: 'GET', path: 'running/script-logs' },
  downloadScriptLog: { method: 'GET', path: 'running/script-logs/download' },
  listDomains: { method: 'GET', path: 'domains' },
  createDomain: { method: 'POST', path: 'domains' },
  getDomainOptions: { method: 'GET', path: 'domain-form/options' },
  describeDomain: { method: 'GET', path: 'domains/{name}' },
  updateDomain: { method: 'PUT', path: 'domains/{name}' },
  deleteDomain: { method: 'DELETE', path: 'domains/{name}' },
  createUserProfile: { method: 'POST', path: 'domains/{name}/users' },
  deleteUserProfile: { method: 'DELETE', path: 'domains/{name}/users/{user}' },
  createSpace: { method: 'POST', path: 'domains/{name}/spaces' },
  deleteSpace: { method: 'DELETE', path: 'domains/{name}/spaces/{space}' },
  listDomainApps: { method: 'GET', path: 'domains/{name}/apps' },
  listDomainScripts: { method: 'GET', path: 'domains/{name}/scripts' },
  createApp: { method: 'POST', path: 'domains/{name}/apps' },
  deleteApp: { method: 'POST', path: 'domains/{name}/apps/delete' },
  getAppFailure: { method: 'POST', path: 'domains/{name}/apps/failure' },
  getAppLog: { method: 'GET', path: 'domains/{name}/apps/log' },
  downloadAppLog: {
    method: 'GET',
    path: 'domains/{name}/apps/log/download'
  },
  presignDomain: { method: 'POST', path: 'domains/{name}/url' },
  listScripts: { method: 'GET', path: 'lifecycle-configs' },
  createScript: { method: 'POST', path: 'lifecycle-configs' },
  describeScript: { method: 'GET', path: 'lifecycle-configs/{name}' },
  deleteScript: { method: 'DELETE', path: 'lifecycle-configs/{name}' },
  attachScript: { method: 'PUT', path: 'lifecycle-configs/{name}/attached' },
  listOwnImages: { method: 'GET', path: 'own-images' },
  attachImage: { method: 'POST', path: 'own-images' },
  listImageVersions: { method: 'GET', path: 'own-images/{name}' },
  deleteOwnImage: { method: 'DELETE', path: 'own-images/{name}' },
  listEndpoints: { method: 'GET', path: 'endpoints' },
  describeEndpoint: { method: 'GET', path: 'endpoints/{name}' },
  getEndpointTags: { method: 'GET', path: 'endpoints/{name}/tags' },
  deleteEndpoint: { method: 'DELETE', path: 'endpoints/{name}' },
  invokeEndpoint: { method: 'POST', path: 'endpoints/{name}/invoke' },
  invokeEndpointAsync: {
    method: 'POST',
    path: 'endpoints/{name}/invoke-async'
  },
  getAsyncResult: { method: 'GET', path: 'endpoints/{name}/async-result' },
  getInvocationCode: { method: 'POST', path: 'endpoints/{name}/code' },
  changeTraffic: { method: 'PUT', path: 'endpoints/{name}/traffic' },
  getEndpointMetrics: { method: 'GET', path: 'endpoints/{name}/metrics' },
  getEndpointScaling: { method: 'GET', path: 'endpoints/{name}/scaling' },
  setScaling: { method: 'PUT', path: 'endpoints/{name}/scaling' },
  stopScaling: { method: 'DELETE', path: 'endpoints/{name}/scaling' },
  removeScalingPolicy: {
    method: 'DELETE',
    path: 'endpoints/{name}/scaling/policy'
  },
  setScalingSchedule: {
    method: 'PUT',
    path: 'endpoints/{name}/scaling/schedule'
  },
  removeScalingSchedule: {
    method: 'DELETE',
    path: 'endpoints/{name}/scaling/schedule'
  },
  getUpdateOptions: { method: 'GET', path: 'endpoints/{name}/update' },
  updateEndpoint: { method: 'POST', path: 'endpoints/{name}/update' },
  getCapturedData: { method: 'GET', path: 'endpoints/{name}/capture' },
  getEndpointLogs: { method: 'GET', path: 'endpoints/{name}/logs' },
  downloadEndpointLog: {
    method: 'GET',
    path: 'endpoints/{name}/logs/download'
  },
  setEndpointTags: { method: 'PUT', path: 'endpoints/{name}/tags' },
  listTransformJobs: { method: 'GET', path: 'transform-jobs' },
  createTransformJob: { method: 'POST', path: 'transform-jobs' },
  describeTransformJob: { method: 'GET', path: 'transform-jobs/{name}' },
  listTransformOutputs: {
    method: 'GET',
    path: 'transform-jobs/{name}/outputs'
  },
  getTransformJobLogs: { method: 'GET', path: 'transform-jobs/{name}/logs' },
  downloadTransformJobLog: {
    method: 'GET',
    path: 'transform-jobs/{name}/logs/download'
  },
  stopTransformJob: { method: 'POST', path: 'transform-jobs/{name}/stop' },
  cloneTransformJob: { method: 'GET', path: 'transform-jobs/{name}/form' },
  getTransformOptions: { method: 'GET', path: 'transform-form/options' },
  planTransformJob: { method: 'POST', path: 'transform-form/plan' },
  listModels: { method: 'GET', path: 'models' },
  describeModel: { method: 'GET', path: 'models/{name}' },
  listModelEndpoints: { method: 'GET', path: 'models/{name}/endpoints' },
  listModelTransformJobs: {
    method: 'GET',
    path: 'models/{name}/transform-jobs'
  },
  deleteModel: { method: 'DELETE', path: 'models/{name}' },
  deployModel: { method: 'POST', path: 'models/{name}/deploy' },
  getChartSource: { method: 'POST', path: 'experiment-charts/source' },
  getChartSummary: { method: 'POST', path: 'experiment-charts/summary' },
  getChartSeries: { method: 'POST', path: 'experiment-charts/series' },
  getChartImportance: { method: 'POST', path: 'experiment-charts/importance' },
  getChartCode: { method: 'POST', path: 'experiment-charts/code' },
  getTrialSettings: { method: 'GET', path: 'trial-details/{name}/settings' },
  getTrialReports: { method: 'GET', path: 'trial-details/{name}/reports' },
  getLineage: { method: 'GET', path: 'lineage' },
  previewArtifact: { method: 'GET', path: 'artifact-preview' },
  describeTrialDetails: { method: 'GET', path: 'trial-details/{name}' },
  listTrialStages: { method: 'GET', path: 'trial-details/{name}/stages' },
  listTrialGraphs: { method: 'GET', path: 'trial-details/{name}/graphs' },
  compareTrials: { method: 'POST', path: 'trial-details' },
  browseExperiments: { method: 'POST', path: 'experiments/browse' },
  createExperiment: { method: 'POST', path: 'experiments' },
  assignComponents: { method: 'POST', path: 'experiments/assign' },
  removeComponents: { method: 'POST', path: 'experiments/remove' },
  planDeletion: { method: 'POST', path: 'experiments/deletion' },
  deleteThings: { method: 'POST', path: 'experiments/delete' },
  listComponentRows: { method: 'POST', path: 'components/rows' },
  listComponentNames: { method: 'POST', path: 'components/names' },
  listComponentColumns: { method: 'POST', path: 'components/columns' },
  suggestComponentColumns: {
    method: 'GET',
    path: 'components/suggested-columns'
  },
  groupComponents: { method: 'POST', path: 'components/groups' },
  getComponentsCode: { method: 'POST', path: 'components/code' },
  prepareExport: { method: 'POST', path: 'components/export' },
  downloadExport: { method: 'GET', path: 'components/export/{name}' },
  stopComponents: { method: 'POST', path: 'components/stop' },
  getSharingOptions: { method: 'GET', path: 'sharing' },
  listSnapshots: { method: 'GET', path: 'snapshots' },
  createSnapshot: { method: 'POST', path: 'snapshots' },
  describeSnapshot: { method: 'GET', path: 'snapshots/{name}' },
  deleteSnapshot: { method: 'DELETE', path: 'snapshots/{name}' },
  copySnapshot: { method: 'POST', path: 'snapshots/{name}/copy' },
  listExamples: { method: 'GET', path: 'examples' },
  addExampleSource: { method: 'POST', path: 'example-sources' },
  removeExampleSource: { method: 'DELETE', path: 'example-sources/{name}' },
  readExample: { method: 'GET', path: 'examples/{name}' },
  copyExample: { method: 'POST', path: 'examples/{name}/copy' },
  listNotebookInstances: { method: 'GET', path: 'notebook-instances' },
  createNotebookInstance: { method: 'POST', path: 'notebook-instances' },
  describeNotebookInstance: {
    method: 'GET',
    path: 'notebook-instances/{name}'
  },
  updateNotebookInstance: { method: 'PUT', path: 'notebook-instances/{name}' },
  deleteNotebookInstance: {
    method: 'DELETE',
    path: 'notebook-instances/{name}'
  },
  startNotebookInstance: {
    method: 'POST',
    path: 'notebook-instances/{name}/start'
  },
  stopNotebookInstance: {
    method: 'POST',
    path: 'notebook-instances/{name}/stop'
  },
  openNotebookInstance: {
    method: 'POST',
    path: 'notebook-instances/{name}/open'
  },
  getNotebookInstanceLogs: {
    method: 'GET',
    path: 'notebook-instances/{name}/logs'
  },
  downloadNotebookInstanceLog: {
    method: 'GET',
    path: 'notebook-instances/{name}/logs/download'
  },
  getNotebookOptions: { method: 'GET', path: 'notebook-form/options' },
  listNotebookLifecycleConfigs: {
    method: 'GET',
    path: 'notebook-lifecycle-configs'
  },
  createNotebookLifecycleConfig: {
    method: 'POST',
    path: 'notebook-lifecycle-configs'
  },
  describeNotebookLifecycleConfig: {
    method: 'GET',
    path: 'notebook-lifecycle-configs/{name}'
  },
  updateNotebookLifecycleConfig: {
    method: 'PUT',
    path: 'notebook-lifecycle-configs/{name}'
  },
  deleteNotebookLifecycleConfig: {
    method: 'DELETE',
    path: 'notebook-lifecycle-configs/{name}'
  },
  listGateways: { method: 'GET', path: 'gateways' },
  addGateway: { method: 'POST', path: 'gateways' },
  testGateway: { method: 'POST', path: 'gateway-form/test' },
  describeGateway: { method: 'GET', path: 'gateways/{name}' },
  updateGateway: { method: 'PUT', path: 'gateways/{name}' },
  removeGateway: { method: 'DELETE', path: 'gateways/{name}' },
  listClusters: { method: 'GET', path: 'clusters' },
  writeClusterCell: { method: 'POST', path: 'clusters/cell' },
  listEnvironments: { method: 'GET', path: 'environments' },
  getNotebookEnvironment: { method: 'GET', path: 'environments/of' },
  chooseEnvironment: { method: 'PUT', path: 'environments/chosen' },
  listStudioInstanceTypes: {
    method: 'GET',
    path: 'environments/instance-types'
  },
  listStartupScripts: { method: 'GET', path: 'environments/startup-scripts' },
  readStartupScript: {
    method: 'GET',
    path: 'environments/startup-scripts/{name}'
  },
  openImageTerminal: { method: 'POST', path: 'environments/terminals' },
  getImageBuild: { method: 'GET', path: 'environments/images/{name}/build' },
  startImageBuild: { method: 'POST', path: 'environments/images/{name}/build' },
  cancelImageBuild: {
    method: 'DELETE',
    path: 'environments/images/{name}/build'
  },
  listBuckets: { method: 'GET', path: 'buckets' },
  listObjects: { method: 'GET', path: 'objects' },
  peekObject: { method: 'GET', path: 'objects/peek' },
  downloadObject: { method: 'GET', path: 'objects/download' },
  previewData: { method: 'POST', path: 'data/preview' },
  uploadData: { method: 'POST', path: 'data/upload' },
  listSamples: { method: 'GET', path: 'samples' },
  putSample: { method: 'POST', path: 'samples/{name}' },
  getOpenApi: { method: 'GET', path: 'openapi.json' }
};
