/* Made by `python -m smstudio_ext.routes.types` from the pydantic models in smstudio_ext/studio; do not edit. */
/* eslint-disable */

/** An action was begun; the resource's page shows how it goes on. */
export interface Accepted {
  name: string;
}

/** An account that somebody who signed in may work in. */
export interface Account {
  id: string;
  name: string;
  email: string;
}

/** Names of roles in an account. */
export interface AccountRoles {
  items: string[];
}

/** All of them. */
export interface Accounts {
  items: Account[];
}

/**
 * Which jobs may run.
 *
 * Attributes:
 * stage: the experiment's secondary status, as far as it is known: kinds of jobs that cannot run then are not asked for.
 */
export interface ActivityQuery {
  stage?: string | null;
}

/**
 * A source to be added, or to be read again.
 *
 * Attributes:
 * address: of a Git repository, or `s3://bucket/folder/`.
 * branch: or tag of the repository.
 */
export interface AddExampleSource {
  address: string;
  branch?: string | null;
}

/**
 * A gateway to set up, to change or to try.
 *
 * Attributes:
 * token: kept on the server, in a file that only its user can read.
 * keep_token: that of the gateway of this name stays; it is sent to the same host only.
 * env: variables that every kernel gets.
 *
 * The other settings are those of `GatewaySettings`; one that is not said has its default.
 */
export interface AddGateway {
  name: string;
  url: string;
  token?: string | null;
  keep_token?: boolean;
  token_env?: string | null;
  auth_scheme?: string | null;
  username?: string | null;
  ca_certs?: string | null;
  client_cert?: string | null;
  client_key?: string | null;
  validate_cert?: boolean;
  launch_timeout?: number;
  env?: Record<string, string>;
}

/** A CloudWatch alarm that may roll an update back. */
export interface AlarmChoice {
  name: string;
  state: string;
}

/**
 * A built-in algorithm.
 *
 * Attributes:
 * offered: the target runs it; on the local engine only those that are there.
 */
export interface Algorithm {
  name: string;
  title: string;
  summary: string;
  input_modes: ('File' | 'Pipe' | 'FastFile')[];
  channels: ChannelOption[];
  metrics: AlgorithmMetric[];
  hyperparameters: Hyperparameter[];
  versions: ImageVersion[];
  offered: boolean;
}

/** A metric that an algorithm writes and that a tuning job may take as its objective. */
export interface AlgorithmMetric {
  name: string;
  direction: 'Maximize' | 'Minimize';
}

/**
 * Every answer with a status of 400 and above.
 *
 * Attributes:
 * code: AWS's error code where AWS answered, else our own.
 * hint: what to do about it.
 * fields: for forms, what is wrong with which field.
 */
export interface ApiError {
  code: string;
  message: string;
  hint: string | null;
  request_id: string | null;
  fields: FieldProblem[];
}

/** Why an app failed, if it did. */
export interface AppFailure {
  reason: string | null;
}

/** The apps of a domain, newest first. */
export interface AppList {
  items: AppRow[];
}

/** Which log is to be sent whole. */
export interface AppLogDownload {
  stream: string;
}

/** Query of the log of an app's start-up script. */
export interface AppLogQuery {
  stream: string;
  next_token?: string | null;
  from_start?: boolean;
  max_results?: number;
}

/** Which app. */
export interface AppPlace {
  owner_kind?: 'UserProfile' | 'Space';
  owner: string;
  type: 'JupyterServer' | 'KernelGateway' | 'JupyterLab' | 'CodeEditor';
  name: string;
}

/**
 * An app.
 *
 * Attributes:
 * image: id of its image.
 * script: name of its start-up script.
 * log_stream: where that script wrote.
 */
export interface AppRow {
  type: string;
  name: string;
  status: string;
  owner_kind: 'UserProfile' | 'Space';
  owner: string;
  created: string | null;
  instance_type: string | null;
  image: string | null;
  script: string | null;
  log_stream: string | null;
}

/**
 * Something in S3 that belongs to a model.
 *
 * Attributes:
 * kind: what it is, e.g. input, model, transformed-data, notebook, report.
 * folder: it is a prefix, not one object.
 * size: bytes of an object; none of a prefix.
 */
export interface Artifact {
  kind: string;
  name: string;
  s3_uri: string;
  folder: boolean;
  size: number | null;
}

/**
 * How an artifact looks.
 *
 * Attributes:
 * kind: which of the other members hold it.
 * text: of json, text and html (also notebooks, as HTML); shown only where scripts cannot run.
 * image: as a data: address.
 * whole: nothing was left out.
 * note: why there is no preview, or what was left out.
 */
export interface ArtifactPreview {
  uri: string;
  kind: 'table' | 'json' | 'text' | 'html' | 'image' | 'archive' | 'folder' | 'none';
  size: number | null;
  whole: boolean;
  note: string | null;
  text: string | null;
  image: string | null;
  columns: string[];
  rows: string[][];
  files: PreviewFile[];
  models: PreviewModel[];
}

/**
 * Components to put into a trial.
 *
 * Attributes:
 * create: make experiment and trial when they are not there.
 */
export interface AssignComponents {
  names: string[];
  experiment: string;
  trial: string;
  create?: boolean;
}

/** A request that an asynchronous endpoint took: where its answer will be. */
export interface AsyncInvocation {
  inference_id: string | null;
  request_time: string;
  input_s3_uri: string;
  output_s3_uri: string;
  failure_s3_uri: string | null;
}

/** The answer of an asynchronous endpoint, once it is there. */
export interface AsyncResult {
  status: 'Pending' | 'Complete' | 'Failed';
  result_time: string | null;
  content_type: string | null;
  body: string;
  body_is_base64: boolean;
  failure_reason: string | null;
}

/** Which answer of an asynchronous endpoint is asked for. */
export interface AsyncResultQuery {
  output_s3_uri: string;
  failure_s3_uri?: string | null;
}

/**
 * What the cell connects to, and how.
 *
 * Attributes:
 * auth_type: what the cluster's Livy asks for; not for serverless applications.
 * execution_role_arn: role of the jobs; serverless applications need one.
 * install: whether the cell installs the extension first.
 */
export interface AttachCluster {
  kind: 'emr' | 'emr-serverless';
  id: string;
  auth_type?: 'None' | 'Basic_Access' | 'Kerberos';
  language?: 'python' | 'scala';
  execution_role_arn?: string | null;
  install?: boolean;
}

/**
 * The form "Attach image".
 *
 * Attributes:
 * name: of a new image, or of one that gets a new version.
 * source: a path of the Jupyter server, an absolute path, or for AWS an image in Amazon ECR.
 * kernel_name, kernel_display_name: the kernel that the image is known to have.
 * domain_id: the domain that is to offer it; none only makes it.
 */
export interface AttachImage {
  name: string;
  display_name?: string | null;
  description?: string | null;
  kind: 'requirements' | 'conda' | 'environment' | 'kernelspec' | 'container';
  source: string;
  execution_role?: string | null;
  kernel_name?: string;
  kernel_display_name?: string | null;
  domain_id?: string | null;
}

/**
 * Where a script is to be attached, or is no longer to be.
 *
 * Attributes:
 * user: a user profile of the domain; none is the domain itself.
 * default: it runs unless an app names another.
 */
export interface AttachScript {
  domain_id: string;
  user?: string | null;
  attached?: boolean;
  default?: boolean;
}

/**
 * A lifecycle configuration that is attached.
 *
 * Attributes:
 * default: it runs unless an app names another.
 */
export interface AttachedScript {
  name: string;
  arn: string;
  app_type: string;
  default: boolean;
}

/** Deploys the best model by itself; without a name AWS makes one. */
export interface AutoDeploy {
  endpoint_name?: string | null;
}

/** What an experiment does now: its jobs that run, the newest first, at most 20 of each kind. */
export interface AutoMLActivity {
  jobs: RunningJob[];
}

/**
 * The job page.
 *
 * Attributes:
 * status_text: one sentence that says what happens now.
 * elapsed_seconds: since its creation, until its end or now.
 * pilot: it only generates candidate definitions.
 * on_table: it learns from a table; only then the form can make one like it.
 * problem_type, objective: as given; `resolved_*` as Autopilot decided.
 * problem_settings: what a job that is not on a table was told besides, by AWS's names.
 */
export interface AutoMLJob {
  name: string;
  arn: string;
  status: 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped';
  secondary_status: string;
  status_text: string;
  stages: Stage[];
  created: string;
  modified: string;
  ended: string | null;
  elapsed_seconds: number;
  can_stop: boolean;
  pilot: boolean;
  on_table: boolean;
  target: string | null;
  problem_type: string | null;
  problem_settings: Record<string, string>;
  resolved_problem_type: string | null;
  objective: string | null;
  resolved_objective: string | null;
  mode: string | null;
  algorithms: string[];
  inputs: InputChannel[];
  validation_fraction: number | null;
  sample_weight: string | null;
  feature_specification_s3_uri: string | null;
  output_s3_uri: string;
  role_arn: string;
  limits: CompletionLimits;
  resolved_limits: CompletionLimits;
  security: JobSecurity;
  deploy_endpoint: string | null;
  deployed_endpoint: string | null;
  best_candidate: Candidate | null;
  candidate_definition_notebook: string | null;
  data_exploration_notebook: string | null;
  failure_reason: string | null;
  partial_failures: string[];
}

/** One page of the experiments list. */
export interface AutoMLJobPage {
  items: AutoMLJobSummary[];
  next_token: string | null;
}

/** One row of the experiments list. */
export interface AutoMLJobSummary {
  name: string;
  arn: string;
  status: 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped';
  secondary_status: string;
  created: string;
  modified: string;
  ended: string | null;
  failure_reason: string | null;
  partial_failures: string[];
}

/**
 * A notebook that Autopilot wrote.
 *
 * Attributes:
 * file_name: under which a copy is kept.
 * notebook: the document, in the format of Jupyter notebooks (nbformat 4).
 */
export interface AutoMLNotebook {
  kind: 'candidate-definition' | 'data-exploration';
  file_name: string;
  s3_uri: string;
  size: number;
  notebook: Record<string, unknown>;
}

/** What the form of an experiment would send. */
export interface AutoMLPlan {
  problems: FieldProblem[];
  cost: CostEstimate | null;
  request: Record<string, unknown>;
  boto3: string;
  sdk_v2: string;
  sdk_v3: string;
}

/** One measure of bias for one facet. */
export interface BiasMetric {
  stage: 'pre-training' | 'post-training';
  facet: string;
  threshold: string;
  name: string;
  description: string;
  value: number | null;
  error: string | null;
}

/** A gateway whose settings cannot be used. */
export interface BrokenGateway {
  name: string;
  problem: string;
}

/**
 * One page of the sidebar's list: experiments, or an experiment's trials.
 *
 * Attributes:
 * experiment: whose trials; absent for the experiments themselves.
 * search: part of the name.
 */
export interface BrowseQuery {
  experiment?: string | null;
  search?: string | null;
  filters?: ColumnFilter[];
  sort_by?: string | null;
  sort_order?: 'Ascending' | 'Descending';
  max_results?: number;
  next_token?: string | null;
}

/** One bucket. */
export interface Bucket {
  name: string;
  created: string | null;
}

/** All buckets that the target shows, and the one that forms take when none is named. */
export interface Buckets {
  items: Bucket[];
  default_bucket: string | null;
}

/**
 * Which part of a build's log is wanted.
 *
 * Attributes:
 * after: bytes that are known already.
 */
export interface BuildQuery {
  after?: number;
}

/**
 * One trial of the leaderboard.
 *
 * Attributes:
 * response_keys: what its endpoint can answer; choose among them when deploying.
 */
export interface Candidate {
  name: string;
  status: 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped';
  objective_status: string;
  objective: ObjectiveValue | null;
  is_best: boolean;
  can_deploy: boolean;
  created: string;
  ended: string | null;
  elapsed_seconds: number;
  metrics: CandidateMetric[];
  steps: CandidateStep[];
  containers: InferenceContainer[];
  response_keys: string[];
  failure_reason: string | null;
  explainability_s3_uri: string | null;
  insights_s3_uri: string | null;
}

/**
 * The page of one model.
 *
 * Attributes:
 * hyperparameters: of its training job.
 * artifacts: inputs, outputs and intermediate results.
 * reports: files of its explainability and performance reports; of kind backtest those of a forecast's back-test.
 * problem_type, on_table: of the experiment.
 * network_isolation: of its training job; none when that is not known.
 */
export interface CandidateDetails {
  job: string;
  problem_type: string | null;
  on_table: boolean;
  candidate: Candidate;
  training_job: string | null;
  training_image: string | null;
  training_instance: string | null;
  hyperparameters: Record<string, string>;
  artifacts: Artifact[];
  reports: Artifact[];
  security: JobSecurity;
  role_arn: string;
  network_isolation: boolean | null;
}

/** One metric of a candidate; `set` is Train, Validation or Test. */
export interface CandidateMetric {
  name: string;
  value: number | null;
  set: string | null;
}

/** One page of the leaderboard. */
export interface CandidatePage {
  items: Candidate[];
  next_token: string | null;
  objective_metric: string | null;
  direction: 'Maximize' | 'Minimize' | null;
}

/**
 * One job that made a candidate.
 *
 * Attributes:
 * kind: ProcessingJob, TrainingJob or TransformJob.
 */
export interface CandidateStep {
  kind: string;
  name: string;
  arn: string;
}

/** One file of captured data. */
export interface CaptureFile {
  s3_uri: string;
  variant: string;
  size: number;
  modified: string;
}

/**
 * Data capture of a new configuration.
 *
 * Attributes:
 * destination_s3_uri: empty takes the default bucket.
 */
export interface CaptureForm {
  enabled: boolean;
  sampling_percentage?: number;
  destination_s3_uri?: string | null;
  input?: boolean;
  output?: boolean;
}

/**
 * Query of what was captured last.
 *
 * Attributes:
 * records: how many records at most.
 */
export interface CaptureQuery {
  variant?: string | null;
  records?: number;
}

/** One captured invocation; a part that was not captured is none. */
export interface CaptureRecord {
  event_id: string;
  time: string | null;
  variant: string;
  inference_id: string | null;
  custom_attributes: string | null;
  input: CapturedPart | null;
  output: CapturedPart | null;
  file: string;
}

/** Data capture as the endpoint has it. */
export interface CaptureState {
  enabled: boolean;
  status: string | null;
  sampling_percentage: number | null;
  destination_s3_uri: string | null;
  modes: string[];
}

/**
 * What an endpoint captured last, newest first.
 *
 * Attributes:
 * prefix: folder of the endpoint in S3; none when it captures nothing.
 * unread: lines that are no records of AWS's form.
 */
export interface CapturedData {
  prefix: string | null;
  variants: string[];
  files: CaptureFile[];
  records: CaptureRecord[];
  unread: number;
}

/**
 * A request or an answer.
 *
 * Attributes:
 * data: text; base64 when the data is none and `is_base64`.
 * truncated: it is longer; the file has all of it.
 */
export interface CapturedPart {
  content_type: string | null;
  data: string;
  is_base64: boolean;
  truncated: boolean;
}

/**
 * One event of schema `https://smstudio-ext.readthedocs.io/events/change`.
 *
 * Attributes:
 * kind: `AutoMLJob`, `TrainingJob`, `Endpoint`, `Engine`, `Target`...; `*` when everything may have changed.
 * details: what a page says the message of a `Kernel` from: `code`, and its values as `1`, `2`...
 */
export interface Change {
  kind: string;
  name: string;
  status: string;
  region: string;
  target: 'local' | 'aws';
  deleted: boolean;
  secondary_status: string;
  details: Record<string, string>;
}

/** Shifts traffic and changes instance counts without a new configuration. */
export interface ChangeTraffic {
  variants: VariantTraffic[];
}

/** A channel that an algorithm knows; the first content type is the usual one. */
export interface ChannelOption {
  name: string;
  required: boolean;
  content_types: string[];
}

/** Python for a notebook cell. */
export interface ChartCode {
  code: string;
}

/**
 * A chart to be drawn in a notebook: its choices, one of the requests that give it its data, and its spec.
 *
 * Attributes:
 * spec: Vega-Lite without data; its data is called `rows`.
 */
export interface ChartCodeRequest {
  chart: CodeChart;
  summary?: SummaryRequest | null;
  series?: SeriesRequest | null;
  importance?: ImportanceRequest | null;
  spec: Record<string, unknown>;
  title?: string;
}

/**
 * Something that an axis can show.
 *
 * Attributes:
 * id: `Parameters.<name>`, `Metrics.<name>.<statistic>`, or a property such as TrialComponentName.
 * label: as Studio names it, e.g. `validation:f1_min`.
 * count: components that have a value.
 */
export interface ChartColumn {
  id: string;
  label: string;
  kind: 'property' | 'parameter' | 'metric';
  numeric: boolean;
  count: number;
}

/**
 * One trial component of a chart.
 *
 * Attributes:
 * type: what made it: Training job, Processing job, Transform job or Others.
 */
export interface ChartComponent {
  name: string;
  display_name: string;
  arn: string;
  type: string;
  status: string;
  experiment: string | null;
  trial: string | null;
  created: string | null;
}

/**
 * The points of one component.
 *
 * Attributes:
 * x: epochs, seconds since the epoch (Time), or numbers of periods.
 * count: points before sampling.
 */
export interface ChartSeries {
  name: string;
  running: boolean;
  count: number;
  x: number[];
  y: number[];
}

/**
 * What a set of trial components offers to charts.
 *
 * Attributes:
 * total: components that the set has, of which `components` may be a part.
 * metrics: names of the metrics, for time series.
 * finer: periods below a minute can be asked for.
 */
export interface ChartSource {
  components: ChartComponent[];
  total: number;
  columns: ChartColumn[];
  metrics: string[];
  finer: boolean;
}

/** One choice of a list, with the sentence that explains it. */
export interface ChoiceOption {
  value: string;
  label: string;
  help: string;
}

/**
 * The environment of a notebook's or a console's next kernel.
 *
 * Attributes:
 * path: of the session, as the browser knows it.
 * name: of the session; that of the file by default.
 * instance_type: None for a kernel that is on no instance.
 * resources: for a kernel of a gateway.
 */
export interface ChooseEnvironment {
  path: string;
  name?: string | null;
  kernel: string;
  instance_type?: string | null;
  startup_script?: string | null;
  resources?: GatewayResources | null;
}

/**
 * Chooses the target for all pages of this server.
 *
 * Attributes:
 * mfa_code: code of the role's device, for a role (of `assume` or of the profile) that asks for one.
 */
export interface ChooseTarget {
  kind: 'local' | 'aws';
  profile?: string | null;
  region?: string | null;
  role_arn?: string | null;
  read_only?: boolean;
  assume?: RoleToAssume | null;
  mfa_code?: string | null;
}

/**
 * What was chosen, and what this machine makes of it.
 *
 * Attributes:
 * warning: what the kernel gets less of than its instance type has; None when it gets all.
 */
export interface ChosenEnvironment {
  kernel: string;
  instance_type: string | null;
  warning: string | null;
}

/**
 * A cluster, or a serverless application.
 *
 * Attributes:
 * id: `j-...` of a cluster, the application's id of a serverless one.
 * status: AWS's own word.
 * ready: whether a notebook can attach to it now; a serverless application starts by itself.
 */
export interface Cluster {
  kind: 'emr' | 'emr-serverless';
  id: string;
  name: string;
  status: string;
  ready: boolean;
  created: string | null;
}

/**
 * A notebook's cell.
 *
 * Attributes:
 * source: its text.
 * warning: why it may not work as it is.
 */
export interface ClusterCell {
  source: string;
  warning: string | null;
}

/**
 * Clusters of the target's account and region.
 *
 * Attributes:
 * offered: false where the target has no clusters at all.
 * note: what is offered instead, or what could not be listed.
 */
export interface Clusters {
  items: Cluster[];
  offered: boolean;
  region: string | null;
  note: string | null;
}

/** The choices of a chart that decide how its rows are made. */
export interface CodeChart {
  type: 'bar' | 'histogram' | 'line' | 'scatter' | 'parallel' | 'box' | 'heat' | 'contour' | 'importance';
  x?: string | null;
  y?: string | null;
  z?: string | null;
  color?: string | null;
  facet?: string | null;
  columns?: string[];
  logX?: boolean;
  logY?: boolean;
  smoothing?: number;
}

/**
 * One column as far as the rows that were read show it.
 *
 * Attributes:
 * distinct: distinct values among the rows read; capped at 1000.
 * missing: rows read without a value.
 */
export interface Column {
  name: string;
  kind: 'numeric' | 'boolean' | 'categorical' | 'datetime' | 'text' | 'empty';
  distinct: number;
  missing: number;
  examples: string[];
}

/**
 * One condition on a property.
 *
 * Attributes:
 * name: AWS's property path, e.g. `Parameters.eta`, `Metrics.validation:f1.Max`, `Tags.team`.
 */
export interface ColumnFilter {
  name: string;
  operator: 'Equals' | 'NotEquals' | 'GreaterThan' | 'GreaterThanOrEqualTo' | 'LessThan' | 'LessThanOrEqualTo' | 'Contains' | 'Exists' | 'NotExists' | 'In';
  value?: string | null;
}

/** Components to compare. */
export interface CompareTrials {
  names: string[];
}

/** Components in the order in which they were named. */
export interface Comparison {
  components: ComponentDetails[];
}

/** When a job ends. */
export interface CompletionLimits {
  max_candidates: number | null;
  max_runtime_per_training_job_seconds: number | null;
  max_job_runtime_seconds: number | null;
}

/**
 * A column that a table can show.
 *
 * Attributes:
 * id: property path; of a metric without the statistic, e.g. `Metrics.validation:f1`.
 * here: components of this table's scope have it (as far as was looked).
 */
export interface ComponentColumn {
  id: string;
  label: string;
  category: 'Summary' | 'Metrics' | 'Parameters' | 'Input artifacts' | 'Output artifacts' | 'Tags';
  numeric: boolean;
  here: boolean;
}

/** All columns; AWS may not tell all names at once. */
export interface ComponentColumns {
  columns: ComponentColumn[];
  complete: boolean;
}

/**
 * A trial component with all that it holds.
 *
 * Attributes:
 * source_kind: kind of the job that made it; null for components of the SDK and for jobs of other kinds.
 */
export interface ComponentDetails {
  name: string;
  arn: string;
  display_name: string;
  type: string;
  status: string;
  status_message: string;
  created: string | null;
  modified: string | null;
  started: string | null;
  ended: string | null;
  created_by: string | null;
  source_arn: string | null;
  source_kind: 'TrainingJob' | 'ProcessingJob' | 'TransformJob' | null;
  source_name: string | null;
  parameters: ParameterValue[];
  metrics: MetricSummary[];
  inputs: TrialArtifact[];
  outputs: TrialArtifact[];
  mappings: TrialMapping[];
}

/** Rows with the same value; `filter` finds them. */
export interface ComponentGroup {
  label: string;
  value: string | null;
  count: number;
  filter: ColumnFilter;
  metrics: GroupMetric[];
}

/** The groups, largest first; `complete` is false when not all rows were looked at. */
export interface ComponentGroups {
  groups: ComponentGroup[];
  rows: number;
  complete: boolean;
}

/** Names of a range of rows, or of all; `complete` is false when there are more than one may ask for. */
export interface ComponentNames {
  names: string[];
  complete: boolean;
}

/**
 * What a table of components shows.
 *
 * Attributes:
 * search: part of the name or display name.
 * sort_by: property path, e.g. `CreationTime`, `Metrics.validation:f1.Max`.
 */
export interface ComponentQuery {
  scope?: ComponentScope;
  search?: string | null;
  filters?: ColumnFilter[];
  sort_by?: string;
  descending?: boolean;
}

/**
 * One component.
 *
 * Attributes:
 * name: unique; `display_name` is what its maker called it.
 * job: the job that it describes, by its name.
 * cells: values of the asked columns, in their order.
 */
export interface ComponentRow {
  name: string;
  display_name: string;
  arn: string;
  type: 'Training job' | 'Transform job' | 'Processing job' | 'Others';
  source_arn: string | null;
  job: string | null;
  status: string;
  status_message: string | null;
  experiments: string[];
  trials: string[];
  created: string | null;
  modified: string | null;
  created_by: string | null;
  cells: (string | number | boolean | null)[];
}

/**
 * Rows of a table.
 *
 * Attributes:
 * total: how many match; absent when the target does not tell.
 * next_token: for the rows after these; absent after the last.
 * random_access: any row can be asked for by its offset; otherwise only page after page.
 */
export interface ComponentRows {
  rows: ComponentRow[];
  total: number | null;
  next_token: string | null;
  random_access: boolean;
}

/** Which components: all, those of no experiment, or those of some experiments or trials. */
export interface ComponentScope {
  kind?: 'all' | 'unassigned' | 'experiment' | 'trial';
  names?: string[];
}

/**
 * Trial components: named ones, or all that a search finds.
 *
 * Attributes:
 * search: AWS's SearchExpression; used when there are no names. Empty: every component.
 */
export interface ComponentSet {
  names?: string[];
  search?: Record<string, unknown> | null;
}

/** How often each actual class (rows) was predicted as each class (columns). */
export interface ConfusionMatrix {
  labels: string[];
  counts: number[][];
}

/**
 * What something will cost at most.
 *
 * Attributes:
 * operation: AWS's name of the operation that creates it; empty for a form that is being filled in.
 * simulated: the target is the local engine, which bills nothing.
 * hourly: USD an hour of all instances together while they run; None when a price is not known.
 * cost: USD at most; None when a price is not known or nothing limits it.
 * unknown: instance types without a price.
 * text: the estimate in a sentence.
 * notes: what the sentence does not count.
 */
export interface CostEstimate {
  operation: string;
  simulated: boolean;
  lines: CostLine[];
  hourly: number | null;
  cost: number | null;
  unknown: string[];
  text: string;
  notes: string[];
  prices: PriceSource;
}

/**
 * Instances that a form asks for.
 *
 * Attributes:
 * instance_type: None where AWS chooses it.
 * count: instances of one job or endpoint.
 * times: how many such jobs there will be at most, as a tuning job's trials.
 * parallel: how many of them at the same time.
 * seconds: how long one lasts at most; None for what runs until somebody ends it.
 */
export interface CostItem {
  metered: 'Studio' | 'NotebookInstance' | 'Endpoint' | 'Training' | 'Processing' | 'Transform';
  instance_type?: string | null;
  count?: number;
  times?: number;
  parallel?: number;
  seconds?: number | null;
}

/**
 * One kind of instances of an estimate.
 *
 * Attributes:
 * count: instances at the same time.
 * hourly: USD of one instance an hour; None where no price is known.
 * seconds: for which they run at most, one after the other included; None until somebody ends it.
 * cost: USD at most; None where it is not limited or no price is known.
 */
export interface CostLine {
  metered: 'Studio' | 'NotebookInstance' | 'Endpoint' | 'Training' | 'Processing' | 'Transform';
  instance_type: string | null;
  count: number;
  hourly: number | null;
  seconds: number | null;
  cost: number | null;
}

/**
 * The answer (428) to a request that would cost money on AWS and that nobody has confirmed.
 *
 * Attributes:
 * token: sent again with the same request, in the header `X-SmStudio-Confirm-Cost`, it confirms this estimate; for a
 * quarter of an hour and once.
 */
export interface CostQuestion {
  code: string;
  message: string;
  hint: string | null;
  request_id: string | null;
  fields: FieldProblem[];
  token: string;
  estimate: CostEstimate;
}

/** A new app. */
export interface CreateApp {
  owner_kind?: 'UserProfile' | 'Space';
  owner: string;
  type: 'JupyterServer' | 'KernelGateway' | 'JupyterLab' | 'CodeEditor';
  name: string;
  instance_type?: string | null;
  image_arn?: string | null;
  script_arn?: string | null;
}

/**
 * The form "Create Amazon SageMaker Autopilot Experiment".
 *
 * Attributes:
 * output_s3_uri: empty takes the target's default bucket, which is made when it is missing.
 * complete: false runs a pilot that only creates the notebook with candidate definitions.
 * feature_names: columns to learn from; empty takes all but the target.
 * feature_types: types of columns that Autopilot shall not infer. With either of the two, and no
 * `feature_specification_s3_uri`, the specification is written beside the job's output.
 * role_arn: empty takes the target's role.
 */
export interface CreateAutoMLJob {
  name: string;
  input_s3_uri: string;
  target: string;
  output_s3_uri?: string | null;
  problem_type?: 'Auto' | 'BinaryClassification' | 'MulticlassClassification' | 'Regression';
  objective?: string | null;
  complete?: boolean;
  content_type?: string | null;
  compression?: 'None' | 'Gzip' | null;
  data_type?: 'S3Prefix' | 'ManifestFile' | 'AugmentedManifestFile';
  validation_s3_uri?: string | null;
  validation_fraction?: number | null;
  sample_weight?: string | null;
  feature_specification_s3_uri?: string | null;
  feature_names?: string[];
  feature_types?: Record<string, 'numeric' | 'categorical' | 'text' | 'datetime' | 'sequence'>;
  mode?: 'AUTO' | 'ENSEMBLING' | 'HYPERPARAMETER_TUNING' | null;
  algorithms?: string[];
  max_candidates?: number | null;
  max_runtime_per_training_job_seconds?: number | null;
  max_job_runtime_seconds?: number | null;
  role_arn?: string | null;
  output_kms_key_id?: string | null;
  volume_kms_key_id?: string | null;
  encrypt_inter_container_traffic?: boolean;
  security_group_ids?: string[];
  subnets?: string[];
  tags?: Tag[];
  auto_deploy?: AutoDeploy | null;
}

/**
 * Makes a SageMaker model of a candidate, for batch predictions or to deploy it later.
 *
 * Attributes:
 * candidate: empty takes the best one.
 * response_keys: what predictions hold, e.g. predicted_label, probability; empty: AWS's default.
 */
export interface CreateCandidateModel {
  name?: string;
  candidate?: string | null;
  response_keys?: string[];
  tags?: Tag[];
}

/**
 * Where a copy goes.
 *
 * Attributes:
 * folder: of the Jupyter server; empty for its root.
 * file_name: must not be taken; `.ipynb` is added when it is missing.
 */
export interface CreateCopy {
  folder?: string;
  file_name: string;
}

/**
 * The form of a new domain.
 *
 * Attributes:
 * quick: Quick start: a name, a user, a role; everything else by default.
 * user_name: user profile that is made with it; none makes none.
 */
export interface CreateDomain {
  quick?: boolean;
  name: string;
  user_name?: string | null;
  execution_role?: string | null;
  auth_mode?: 'IAM' | 'SSO';
  share_notebooks?: boolean;
  sharing?: Sharing;
  network?: 'PublicInternetOnly' | 'VpcOnly';
  vpc_id?: string | null;
  subnet_ids?: string[];
  security_group_ids?: string[];
  kms_key_id?: string | null;
  tags?: Tag[];
}

/** A new user profile. */
export interface CreateProfile {
  name: string;
  execution_role?: string | null;
}

/**
 * A new lifecycle configuration.
 *
 * Attributes:
 * text: at most 16,384 characters in base64, which is about 12,288 bytes.
 */
export interface CreateScript {
  name: string;
  app_type: 'JupyterServer' | 'KernelGateway' | 'JupyterLab' | 'CodeEditor';
  text: string;
}

/** The dialog "Create shareable snapshot". */
export interface CreateSnapshot {
  path: string;
  include_git?: boolean;
  include_output?: boolean;
}

/**
 * A new space.
 *
 * Attributes:
 * owner: user profile whose space it is.
 */
export interface CreateSpace {
  name: string;
  owner?: string | null;
  sharing?: 'Private' | 'Shared';
  app_type?: 'JupyterLab' | 'CodeEditor' | null;
  volume_gb?: number | null;
}

/** A job was accepted. */
export interface CreatedAutoMLJob {
  name: string;
  arn: string;
  output_s3_uri: string;
  created_bucket: string | null;
}

/** A model was created. */
export interface CreatedCandidateModel {
  name: string;
  arn: string;
}

/** A copy that was made. */
export interface CreatedCopy {
  path: string;
}

/** A notebook instance was created. */
export interface CreatedNotebookInstance {
  name: string;
  arn: string;
  role_arn: string;
}

/** A training job was created. */
export interface CreatedTrainingJob {
  name: string;
  arn: string;
  output_s3_uri: string;
  created_bucket: string | null;
}

/** A transform job was created. */
export interface CreatedTransformJob {
  name: string;
  arn: string;
  output_s3_uri: string;
}

/** A tuning job was created. */
export interface CreatedTuningJob {
  name: string;
  arn: string;
}

/**
 * Where the credentials come from and how long they last; never what they are.
 *
 * Attributes:
 * method: botocore's name of the source.
 * expires_at: none for those that do not expire.
 * renews: whether they are renewed in time by themselves.
 * signed_in_until: when somebody must sign in again.
 */
export interface Credentials {
  method: string;
  expires_at: string | null;
  renews: boolean;
  signed_in_until: string | null;
}

/**
 * One curve of the performance report: points in order, with what stands on the axes.
 *
 * Attributes:
 * id: roc, precision_recall, gain, lift, residuals, ...
 * kind: how to draw it.
 * label: the class it belongs to; empty when there is one curve only.
 */
export interface Curve {
  id: string;
  kind: 'line' | 'points' | 'bars';
  label: string;
  x_title: string;
  y_title: string;
  x: number[];
  y: number[];
}

/**
 * What is in a CSV or Parquet file.
 *
 * Attributes:
 * source: the one object or file that was read.
 * objects: how many objects the prefix holds (1 for a file); `size` is their sum.
 * rows_read: rows that kinds and warnings rest on.
 * row_count: data rows without the header; `row_count_exact` says whether counted or estimated.
 */
export interface DataPreview {
  source: string;
  format: 'csv' | 'parquet';
  objects: number;
  size: number;
  compression: 'None' | 'Gzip';
  encoding: string;
  delimiter: string;
  header: boolean;
  columns: Column[];
  rows: string[][];
  rows_read: number;
  row_count: number | null;
  row_count_exact: boolean;
  warnings: DataWarning[];
}

/** Something to know before a job is sent; an error would make it fail. */
export interface DataWarning {
  code: 'no_header' | 'few_rows' | 'duplicate_names' | 'empty_names' | 'ragged' | 'quoted_newlines' | 'encoding' | 'infinities' | 'many_columns' | 'empty' | 'no_rows' | 'not_csv' | 'delimiter' | 'large';
  severity: 'info' | 'warning' | 'error';
  message: string;
}

/** How a rule of the Debugger judged a job. */
export interface DebugRule {
  name: string;
  status: string;
  details: string;
  job_arn: string | null;
  time: string | null;
}

/** What forms hold when they open. */
export interface Defaults {
  bucket: string | null;
  output_prefix: string;
  role_arn: string | null;
  hosting_instance_type: string;
  max_candidates: number;
  max_runtime_per_training_job_seconds: number | null;
  max_job_runtime_seconds: number | null;
}

/** How much of a domain goes. */
export interface DeleteDomain {
  delete_home?: boolean;
}

/** How much to delete; `dry_run` only lists what would go. */
export interface DeleteEndpoint {
  config?: boolean;
  models?: boolean;
  dry_run?: boolean;
}

/**
 * What a deletion takes with it.
 *
 * Attributes:
 * experiments, trials, components: names that go, at most 200 of each; the counts are of all.
 * kept: components that stay because other trials have them, too.
 * running: components whose job still runs; the job itself goes on.
 */
export interface DeletePlan {
  experiments: string[];
  trials: string[];
  components: string[];
  trial_count: number;
  component_count: number;
  kept: string[];
  kept_count: number;
  running: string[];
}

/**
 * What to delete: experiments with their trials, trials, or components.
 *
 * Attributes:
 * components: delete the components of the experiments or trials, too, if no other trial has them.
 */
export interface DeleteThings {
  kind: 'Experiment' | 'ExperimentTrial' | 'TrialComponent';
  names: string[];
  components?: boolean;
}

/** How far a deletion came; `finished` is false when it should be asked for again to go on. */
export interface Deleted {
  deleted: number;
  finished: boolean;
  failed: NamedProblem[];
}

/**
 * What goes, or went.
 *
 * Attributes:
 * kept: what stays and why, e.g. a model that another endpoint uses.
 */
export interface Deletion {
  endpoint: string;
  config: string | null;
  models: string[];
  kept: string[];
  done: boolean;
}

/**
 * The form "Deploy model".
 *
 * Attributes:
 * candidate: empty deploys the best one.
 * response_keys: what the endpoint answers, e.g. predicted_label, probability; empty: AWS's default.
 */
export interface DeployCandidate {
  candidate?: string | null;
  endpoint_name: string;
  instance_type?: string;
  instance_count?: number;
  variant_name?: string;
  response_keys?: string[];
  tags?: Tag[];
}

/** Makes an endpoint for a model that is there. */
export interface DeployModel {
  endpoint_name: string;
  instance_type?: string;
  instance_count?: number;
  variant_name?: string;
  tags?: Tag[];
}

/** Makes a model of a job's artifact and an endpoint for it. */
export interface DeployTrainingJob {
  endpoint_name: string;
  instance_type?: string;
  instance_count?: number;
  variant_name?: string;
  tags?: Tag[];
}

/** What deploying made; the endpoint's page shows when it is in service. */
export interface Deployed {
  endpoint_name: string;
  endpoint_arn: string;
  endpoint_config_name: string;
  model_name: string;
}

/**
 * An update that is under way.
 *
 * Attributes:
 * share: part of the traffic that the new fleet has, 0 to 1; none where the target does not say.
 * kind: how traffic moves; none when only weights or instance counts change.
 * alarms: names of the CloudWatch alarms that would roll it back.
 */
export interface Deployment {
  config_name: string | null;
  started: string | null;
  share: number | null;
  kind: 'ALL_AT_ONCE' | 'CANARY' | 'LINEAR' | 'ROLLING' | null;
  wait_seconds: number | null;
  alarms: string[];
  variants: PendingVariant[];
}

/**
 * A domain's page.
 *
 * Attributes:
 * home: what its users' home folders are on.
 * notices: what this target does not do (any more), in whole sentences.
 * app_types: types of apps that can be created here.
 */
export interface Domain {
  id: string;
  name: string;
  arn: string;
  status: string;
  failure_reason: string | null;
  auth_mode: string;
  execution_role: string | null;
  network: string | null;
  vpc_id: string | null;
  subnet_ids: string[];
  security_group_ids: string[];
  kms_key_id: string | null;
  home: string | null;
  url: string | null;
  created: string;
  modified: string;
  sharing: Sharing;
  scripts: AttachedScript[];
  images: string[];
  profiles: ProfileRow[];
  spaces: SpaceRow[];
  app_types: ('JupyterServer' | 'KernelGateway' | 'JupyterLab' | 'CodeEditor')[];
  notices: string[];
}

/** Which scripts a domain and its users have. */
export interface DomainAttachments {
  places: ScriptPlace[];
}

/**
 * What the forms offer.
 *
 * Attributes:
 * suggested_name: `default-<timestamp>`, as AWS suggests it.
 * sharing_path: where shared notebooks would be kept.
 */
export interface DomainFormOptions {
  suggested_name: string;
  execution_role: string | null;
  sharing_path: string | null;
  instance_types: string[];
}

/**
 * All domains of the region.
 *
 * Attributes:
 * notices: what this target does not do (any more), in whole sentences.
 */
export interface DomainList {
  items: DomainSummary[];
  notices: string[];
}

/** A new domain. */
export interface DomainMade {
  id: string;
  name: string;
}

/** One domain of the list. */
export interface DomainSummary {
  id: string;
  name: string;
  status: string;
  created: string;
  modified: string;
}

/** What an action on many did; each by itself. */
export interface Done {
  done: string[];
  failed: NamedProblem[];
}

/** Query of a log's download. */
export interface DownloadLog {
  stream?: string | null;
}

/** Query of a download: the object's S3 URI. */
export interface DownloadObject {
  uri: string;
}

/**
 * An endpoint's page.
 *
 * Attributes:
 * rolled_back: its last update failed and it went back to what it was; `failure_reason` says why.
 * config: its configuration as AWS describes it.
 * async_output: where an asynchronous endpoint writes its answers.
 */
export interface Endpoint {
  name: string;
  arn: string;
  status: 'OutOfService' | 'Creating' | 'Updating' | 'SystemUpdating' | 'RollingBack' | 'InService' | 'Deleting' | 'Failed' | 'UpdateRollbackFailed';
  status_text: string;
  created: string;
  modified: string;
  failure_reason: string | null;
  rolled_back: boolean;
  url: string;
  kind: 'RealTime' | 'Serverless' | 'Asynchronous';
  async_output: string | null;
  config_name: string | null;
  config_arn: string | null;
  config: Record<string, unknown>;
  variants: Variant[];
  deployment: Deployment | null;
  capture: CaptureState;
  data_capture: boolean;
  log_group: string;
  can_delete: boolean;
  can_update: boolean;
  can_invoke: boolean;
}

/**
 * CloudWatch's metrics of an endpoint.
 *
 * Attributes:
 * period_seconds: what one point stands for.
 * start, end: the time that was asked for.
 */
export interface EndpointMetrics {
  period_seconds: number;
  start: string;
  end: string;
  series: EndpointSeries[];
}

/** One page of the endpoints list. */
export interface EndpointPage {
  items: EndpointSummary[];
  next_token: string | null;
}

/** How an endpoint's variants scale. */
export interface EndpointScaling {
  variants: VariantScaling[];
}

/**
 * One line of a chart.
 *
 * Attributes:
 * statistic: CloudWatch's name, e.g. Sum or p99.
 * unit: Count, Microseconds or Percent.
 */
export interface EndpointSeries {
  metric: string;
  statistic: string;
  variant: string;
  unit: 'Count' | 'Microseconds' | 'Percent';
  points: MetricPoint[];
}

/** One row of the endpoints list. */
export interface EndpointSummary {
  name: string;
  arn: string;
  status: 'OutOfService' | 'Creating' | 'Updating' | 'SystemUpdating' | 'RollingBack' | 'InService' | 'Deleting' | 'Failed' | 'UpdateRollbackFailed';
  created: string;
  modified: string;
}

/** The tags of an endpoint. */
export interface EndpointTags {
  tags: Tag[];
}

/**
 * The local engine.
 *
 * Attributes:
 * message: why it failed, or how to start it.
 */
export interface EngineStatus {
  state: 'running' | 'starting' | 'stopped' | 'failed';
  url: string | null;
  version: string | null;
  data_dir: string | null;
  message: string | null;
}

/**
 * What a notebook runs on, as chosen or as the default.
 *
 * Attributes:
 * kernel: name of the kernelspec.
 * startup_script: ARN of the lifecycle configuration; None for "No script".
 */
export interface Environment {
  image: string;
  kernel: string;
  instance_type: string;
  startup_script: string | null;
}

/**
 * Which notebook the toolbar asks about.
 *
 * Attributes:
 * kernel_id: of the running kernel; None when there is none.
 * kernel: name of the kernelspec that the notebook's metadata says; also Studio's own names.
 * instance_type: what its metadata says.
 */
export interface EnvironmentQuery {
  path?: string;
  kernel_id?: string | null;
  kernel?: string | null;
  instance_type?: string | null;
}

/**
 * What the dialog "Change environment" offers.
 *
 * Attributes:
 * notice: what to know about this target's environments.
 */
export interface Environments {
  images: StudioImage[];
  default: Environment;
  machine: MachineFacts;
  notice: string | null;
}

/** What is to be estimated. */
export interface EstimateRequest {
  items: CostItem[];
}

/**
 * One example notebook.
 *
 * Attributes:
 * language: of its text: en, ja or ko; None where nobody says.
 * seconds: how long it takes to run, about, on two cores; None where nobody knows.
 * algorithms: SageMaker's names of the built-in algorithms that it trains.
 * needs: packages that it needs beside the ordinary installation, e.g. `smstudio-ext[deep]`.
 * source: id of the source that has it; None for those that come with the package.
 */
export interface Example {
  name: string;
  title: string;
  description: string;
  section: 'walkthroughs' | 'algorithms' | 'magics' | 'sources';
  language: 'en' | 'ja' | 'ko' | null;
  file_name: string;
  seconds: number | null;
  algorithms: string[];
  needs: string[];
  source: string | null;
}

/**
 * A Git repository or S3 folder with notebooks.
 *
 * Attributes:
 * branch: None for the repository's default one.
 * updated: when its notebooks were listed last.
 * notebooks: how many it has.
 * listed: how many of them the gallery shows.
 */
export interface ExampleSource {
  id: string;
  kind: 'git' | 's3';
  address: string;
  branch: string | null;
  updated: string;
  notebooks: number;
  listed: number;
}

/** An example with its notebook, in the format of Jupyter notebooks (nbformat 4). */
export interface ExampleView {
  example: Example;
  notebook: Record<string, unknown>;
}

/** The gallery, in the order to be shown. */
export interface Examples {
  items: Example[];
  sources: ExampleSource[];
}

/** A role that SageMaker may take. */
export interface ExecutionRole {
  name: string;
  arn: string;
}

/**
 * Roles that can be the execution role of new jobs.
 *
 * Attributes:
 * message: why there are none to choose from; then its ARN must be typed.
 */
export interface ExecutionRoles {
  items: ExecutionRole[];
  message: string | null;
}

/**
 * A row of the sidebar's list.
 *
 * Attributes:
 * type: Studio's word for where it comes from, e.g. `Autopilot`.
 * automl_job: the Autopilot job that made it.
 */
export interface ExperimentEntry {
  kind: 'Experiment' | 'ExperimentTrial' | 'TrialComponent';
  name: string;
  display_name: string;
  arn: string;
  type: string;
  automl_job: string | null;
  description: string | null;
  created: string | null;
  modified: string | null;
  created_by: string | null;
  tags: Record<string, string>;
}

/**
 * One page of the list.
 *
 * Attributes:
 * total: how many match; absent when the target does not tell.
 * unassigned: how many components belong to no experiment; absent when the target does not tell, or was not asked.
 */
export interface ExperimentPage {
  items: ExperimentEntry[];
  next_token: string | null;
  total: number | null;
  unassigned: number | null;
}

/**
 * What the explainability report says.
 *
 * Attributes:
 * s3_uri: where it lies; none when there is no report (it is made for the best model alone).
 * method: of the explanation, e.g. kernel_shap.
 * labels: one entry an output, or a class.
 */
export interface Explainability {
  s3_uri: string | null;
  method: string | null;
  labels: LabelImpacts[];
  files: Artifact[];
}

/**
 * Global SHAP values for one output of a model.
 *
 * Attributes:
 * label: which output, e.g. label0.
 */
export interface Explanation {
  method: string;
  label: string;
  expected_value: number | null;
  features: FeatureImportance[];
}

/**
 * A table to keep as a file.
 *
 * Attributes:
 * columns: property paths; absent: everything that the components have.
 */
export interface ExportQuery {
  query?: ComponentQuery;
  columns?: string[] | null;
  names?: string[] | null;
  format?: 'csv' | 'parquet';
}

/** Where the file is fetched. */
export interface ExportTicket {
  id: string;
  file_name: string;
}

/** How much a feature moves the predictions: the mean absolute SHAP value over the rows explained. */
export interface FeatureImpact {
  feature: string;
  value: number;
}

/** Mean absolute SHAP value of a feature. */
export interface FeatureImportance {
  feature: string;
  value: number;
}

/** Asks AWS's price list for the region's prices; needs AWS credentials with `pricing:GetProducts`. */
export interface FetchPrices {
  region?: string | null;
}

/** What is wrong with one field of a form. */
export interface FieldProblem {
  field: string;
  message: string;
}

/** The last value of a metric that a job wrote. */
export interface FinalMetric {
  name: string;
  value: number | null;
  time: string | null;
}

/** A framework whose image runs the user's script. */
export interface Framework {
  name: string;
  title: string;
  versions: ImageVersion[];
  offered: boolean;
}

/**
 * A gateway, and what it offers now.
 *
 * Attributes:
 * kernels: what it offered last, where it does not answer.
 * problem: why it cannot be used now.
 * warning: what is unsafe about its settings.
 * version: of its server.
 * sized: whether it passes CPUs, memory and GPUs on; a plain Jupyter server does not.
 * fixed: set by the Jupyter server's configuration, not to be removed here.
 * token: where its token comes from; the token itself never leaves the server.
 * settings: None of one that the Jupyter server's configuration sets, which is the administrator's.
 */
export interface GatewayOffer {
  name: string;
  host: string;
  url: string;
  kernels: OfferedKernel[];
  problem: string | null;
  warning: string | null;
  version: string | null;
  sized: boolean;
  fixed: boolean;
  token: 'none' | 'file' | 'variable';
  settings: GatewaySettings | null;
}

/**
 * What a kernel asks of a gateway, in Kubernetes' words; empty for what the gateway gives by itself.
 *
 * Attributes:
 * cpus: `2`, `0.5`, `500m`.
 * memory: `4Gi`, `500Mi`.
 */
export interface GatewayResources {
  cpus?: string;
  memory?: string;
  gpus?: string;
}

/**
 * How a gateway is reached, without its token.
 *
 * Attributes:
 * token_env: variable of the server's environment that holds the token; empty for none.
 * auth_scheme: first word of the `Authorization` header.
 * username: sent as `KERNEL_USERNAME`; empty for the user's own name.
 * ca_certs: file on the server with the authorities to believe; empty for the system's.
 * client_cert, client_key: files on the server with the user's own certificate.
 * validate_cert: whether its certificate is checked.
 * launch_timeout: seconds that a kernel may take to start there.
 * env: variables that every kernel gets.
 */
export interface GatewaySettings {
  token_env: string;
  auth_scheme: string;
  username: string;
  ca_certs: string;
  client_cert: string;
  client_key: string;
  validate_cert: boolean;
  launch_timeout: number;
  env: Record<string, string>;
}

/**
 * All gateways.
 *
 * Attributes:
 * broken: those whose settings cannot be used, e.g. because a file that they name is gone.
 */
export interface Gateways {
  items: GatewayOffer[];
  broken: BrokenGateway[];
}

/**
 * Where a notebook lies in a Git repository.
 *
 * Attributes:
 * url: the remote `origin` without any name or password in it; None for a repository without one.
 * branch: None when no branch is checked out.
 * commit: the last commit; None before the first one.
 * path: of the notebook, from the repository's root.
 * changed: the notebook differs from that commit, or is not part of it.
 */
export interface GitInformation {
  url: string | null;
  branch: string | null;
  commit: string | null;
  path: string;
  changed: boolean;
}

/** A metric over a group. */
export interface GroupMetric {
  lowest: number | null;
  highest: number | null;
  mean: number | null;
}

/**
 * Groups of a table's rows.
 *
 * Attributes:
 * by: property path, e.g. `Parents.TrialName` or `Parameters.eta`.
 * metrics: metric columns with statistic whose lowest, highest and mean value each group tells.
 */
export interface GroupsQuery {
  query?: ComponentQuery;
  by: string;
  metrics?: string[];
}

/**
 * Query of the history.
 *
 * Attributes:
 * days: today and the days before it.
 * timezone: IANA name; days begin at its midnight.
 * part: what the target is asked about before the hours are counted; of all else what was noted before counts. None:
 * everything.
 */
export interface HistoryQuery {
  days?: number;
  timezone?: string;
  part?: 'apps' | 'endpoints' | 'notebook instances' | 'training jobs' | 'processing jobs' | 'transform jobs' | null;
}

/**
 * One hyperparameter of an algorithm.
 *
 * Attributes:
 * default: what the algorithm takes when none is given; "auto" may stand for a number.
 * min, max: what the algorithm accepts, inclusive.
 * tune: none when it cannot be tuned.
 */
export interface Hyperparameter {
  name: string;
  kind: 'integer' | 'number' | 'choice' | 'boolean' | 'list' | 'text';
  required: boolean;
  default: string | null;
  min: number | null;
  max: number | null;
  choices: string[];
  tune: TuneRange | null;
}

/** Who the target takes us for (`sts:GetCallerIdentity`). */
export interface Identity {
  account: string;
  arn: string;
  user_id: string;
}

/** How long an instance has been idle, and when it is shut down for it; None when it is not. */
export interface IdleInstance {
  name: string;
  idle_seconds: number;
  left_seconds: number | null;
}

/**
 * When idle instances of the local target are shut down.
 *
 * Attributes:
 * timeout_minutes: an instance is shut down after so long without a busy kernel and without CPU use.
 * warn_minutes: pages warn so long before.
 * terminals: an open image terminal keeps its instance.
 * cpu_percent: an instance that uses more of its vCPUs is not idle.
 */
export interface IdlePolicy {
  enabled: boolean;
  timeout_minutes: number;
  warn_minutes: number;
  terminals?: boolean;
  cpu_percent?: number;
}

/**
 * The policy and the instances that it watches.
 *
 * Attributes:
 * offered: false against AWS, whose domains have their own idle settings.
 */
export interface IdleState {
  offered: boolean;
  policy: IdlePolicy;
  instances: IdleInstance[];
}

/** What the form made. */
export interface ImageAttached {
  name: string;
  version: number;
  status: string;
  failure_reason: string | null;
}

/**
 * How the building of an image goes.
 *
 * Attributes:
 * state: of the image.
 * cancelled: somebody stopped the newest build.
 * reason: why it failed.
 * step: the last line of its log.
 * text: of its log, after what was known.
 * next: where the next part begins.
 */
export interface ImageBuild {
  image: string;
  name: string;
  state: 'built' | 'unbuilt' | 'building' | 'failed' | 'unavailable';
  cancelled: boolean;
  reason: string | null;
  step: string | null;
  text: string;
  next: number;
  started: string | null;
  ended: string | null;
}

/**
 * One kernel of an image.
 *
 * Attributes:
 * name: of its kernelspec.
 * display_name: without the image, e.g. `Python 3`.
 */
export interface ImageKernel {
  name: string;
  display_name: string;
}

/** One version of an algorithm's or framework's image in the target's region. */
export interface ImageVersion {
  version: string;
  image: string;
}

/**
 * Importances by fANOVA, highest first.
 *
 * Attributes:
 * used: components with the target and all parameters that vary.
 * note: why there is nothing, if so.
 */
export interface ImportanceData {
  items: ParameterImportance[];
  used: number;
  total: number;
  note: string | null;
}

/** How much each parameter tells of a column. */
export interface ImportanceRequest {
  source: ComponentSet;
  target: string;
}

/** One container of a candidate's model. */
export interface InferenceContainer {
  image: string;
  model_data_url: string;
  environment: Record<string, string>;
}

/** One input of a job. */
export interface InputChannel {
  channel: string;
  s3_uri: string;
  data_type: string;
  content_type: string | null;
  compression: string | null;
}

/** Use of processor, memory and disk of a job's instances, as far as the target keeps it. */
export interface InstanceMetrics {
  instances: MetricSeries[];
}

/**
 * One instance type.
 *
 * Attributes:
 * fits: the local engine has that many vCPUs; always true on AWS.
 */
export interface InstanceTypeOption {
  name: string;
  vcpu: number;
  memory_gib: number;
  gpu: number;
  family: string;
  fits: boolean;
}

/**
 * The inference output card.
 *
 * Attributes:
 * elapsed_ms: from sending to the whole answer, as the server saw it.
 * body: text, or base64 when `body_is_base64`.
 */
export interface Invocation {
  status: 'Complete' | 'Failed';
  status_code: number;
  request_time: string;
  result_time: string;
  elapsed_ms: number;
  variant: string | null;
  content_type: string | null;
  body: string;
  body_is_base64: boolean;
  custom_attributes: string | null;
  failure_reason: string | null;
  request_id: string | null;
}

/** Code that sends a request, ready to copy. */
export interface InvocationCode {
  boto3: string;
  sdk_v2: string;
  sdk_v3: string;
  curl: string;
  aws_cli: string;
}

/**
 * One request of the Test inference panel.
 *
 * Attributes:
 * body: text, or base64 when `body_is_base64`.
 * target_model: key of a model of a multi-model endpoint, e.g. `model-1.tar.gz`.
 * target_container: hostname of a container of a model whose containers are asked directly.
 */
export interface InvokeEndpoint {
  body: string;
  body_is_base64?: boolean;
  content_type?: string;
  accept?: string | null;
  target_variant?: string | null;
  target_model?: string | null;
  target_container?: string | null;
  inference_id?: string | null;
  custom_attributes?: string | null;
}

/**
 * One setting of a job.
 *
 * Attributes:
 * id: what it is; pages translate the ones they know.
 */
export interface JobFact {
  id: string;
  value: string;
}

/** Encryption and network of a job. */
export interface JobSecurity {
  output_kms_key_id: string | null;
  volume_kms_key_id: string | null;
  encrypt_inter_container_traffic: boolean;
  security_group_ids: string[];
  subnets: string[];
}

/** An idle instance that somebody wants to keep: its idle time begins anew. */
export interface KeepInstance {
  name: string;
}

/** What a kernel does: `idle`, `busy`, `starting`... */
export interface KernelState {
  name: string;
  state: string;
}

/**
 * What one kernel and its instance use.
 *
 * Attributes:
 * kernel: None when its processes are gone.
 * instance: all kernels of the same instance together; None for a kernel without one.
 * instance_type: None for a kernel that no SageMaker image started; then the percentages are of this machine.
 * vcpus, memory_bytes: what the percentages are of.
 */
export interface KernelUsage {
  id: string;
  kernel: Usage | null;
  instance: Usage | null;
  instance_type: string | null;
  vcpus: number;
  memory_bytes: number;
}

/** Impacts of features on one output, the greatest first; `label` is empty when there is one output only. */
export interface LabelImpacts {
  label: string;
  impacts: FeatureImpact[];
}

/**
 * Limits of the forms, read from AWS's own service model.
 *
 * Attributes:
 * min_rows: rows below which AWS refuses a data set (the local engine only warns).
 * row_limit_enforced: whether this target refuses fewer.
 */
export interface Limits {
  automl_job_name: TextLimit;
  endpoint_name: TextLimit;
  s3_uri: TextLimit;
  role_arn: TextLimit;
  kms_key_id: TextLimit;
  sample_weight: TextLimit;
  max_candidates: NumberLimit;
  max_runtime_per_training_job_seconds: NumberLimit;
  max_job_runtime_seconds: NumberLimit;
  validation_fraction: NumberLimit;
  instance_count: NumberLimit;
  max_tags: number;
  max_upload_bytes: number | null;
  max_invocation_bytes: number;
  min_rows: number;
  row_limit_enforced: boolean;
}

/** From what was used to what came of it. */
export interface LineageEdge {
  source: string;
  target: string;
  type: string;
}

/**
 * What led to something and what came of it.
 *
 * Attributes:
 * truncated: there is more than was read.
 */
export interface LineageGraph {
  nodes: LineageNode[];
  edges: LineageEdge[];
  truncated: boolean;
}

/**
 * One entity.
 *
 * Attributes:
 * type: e.g. DataSet, Model, Image, SageMakerTrainingJob, Endpoint, ModelDeployment.
 * source: what it stands for: an S3 or image address, or the ARN of a job or endpoint.
 * opens: the page that shows it, if there is one, and under which name.
 * start: the walk began here.
 */
export interface LineageNode {
  arn: string;
  kind: 'TrialComponent' | 'Artifact' | 'Context' | 'Action';
  type: string;
  name: string;
  source: string | null;
  created: string | null;
  opens: 'TrialComponent' | 'TrainingJob' | 'TransformJob' | 'Endpoint' | 'Model' | null;
  opens_name: string | null;
  start: boolean;
}

/**
 * Query of the graph around something.
 *
 * Attributes:
 * arn: of a lineage entity, a trial component, a job, a model or an endpoint; or the S3 address of an artifact.
 */
export interface LineageQuery {
  arn: string;
  direction?: 'Both' | 'Ascendants' | 'Descendants';
}

/** Query of the experiments list. */
export interface ListAutoMLJobs {
  max_results?: number;
  next_token?: string | null;
  search?: string | null;
  status?: 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped' | null;
  sort_by?: 'Name' | 'CreationTime' | 'Status';
  sort_order?: 'Ascending' | 'Descending';
}

/** Query of the leaderboard. */
export interface ListCandidates {
  max_results?: number;
  next_token?: string | null;
  status?: 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped' | null;
  sort_by?: 'CreationTime' | 'Status' | 'FinalObjectiveMetricValue';
  /** Default: the best first, whichever way the metric points. */
  sort_order?: 'Ascending' | 'Descending' | null;
}

/** Query of the endpoints list. */
export interface ListEndpoints {
  max_results?: number;
  next_token?: string | null;
  search?: string | null;
  status?: 'OutOfService' | 'Creating' | 'Updating' | 'SystemUpdating' | 'RollingBack' | 'InService' | 'Deleting' | 'Failed' | 'UpdateRollbackFailed' | null;
  sort_by?: 'Name' | 'CreationTime' | 'Status';
  sort_order?: 'Ascending' | 'Descending';
}

/** Query of the models list. */
export interface ListModels {
  max_results?: number;
  next_token?: string | null;
  search?: string | null;
  created_after?: string | null;
  created_before?: string | null;
  sort_by?: 'Name' | 'CreationTime';
  sort_order?: 'Ascending' | 'Descending';
}

/** Query of the list of notebook instances. */
export interface ListNotebookInstances {
  max_results?: number;
  next_token?: string | null;
  search?: string | null;
  status?: 'Pending' | 'InService' | 'Stopping' | 'Stopped' | 'Failed' | 'Deleting' | 'Updating' | 'PendingMaintenance' | 'InMaintenance' | null;
  created_after?: string | null;
  created_before?: string | null;
  sort_by?: 'Name' | 'CreationTime' | 'Status';
  sort_order?: 'Ascending' | 'Descending';
}

/** Query of the list of lifecycle configurations. */
export interface ListNotebookLifecycleConfigs {
  max_results?: number;
  next_token?: string | null;
  search?: string | null;
  status?: null;
  created_after?: string | null;
  created_before?: string | null;
  sort_by?: 'Name' | 'CreationTime';
  sort_order?: 'Ascending' | 'Descending';
}

/** Query of the S3 browser: one folder at a time. */
export interface ListObjects {
  max_results?: number;
  next_token?: string | null;
  bucket: string;
  prefix?: string;
}

/** One's own snapshots, the newest first. */
export interface ListSnapshots {
  max_results?: number;
  next_token?: string | null;
  search?: string | null;
}

/** Query of the training jobs list. */
export interface ListTrainingJobs {
  max_results?: number;
  next_token?: string | null;
  search?: string | null;
  status?: 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped' | 'Deleting' | null;
  created_after?: string | null;
  created_before?: string | null;
  sort_by?: 'Name' | 'CreationTime' | 'Status';
  sort_order?: 'Ascending' | 'Descending';
}

/** Query of the transform jobs list. */
export interface ListTransformJobs {
  max_results?: number;
  next_token?: string | null;
  search?: string | null;
  status?: 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped' | null;
  created_after?: string | null;
  created_before?: string | null;
  sort_by?: 'Name' | 'CreationTime' | 'Status';
  sort_order?: 'Ascending' | 'Descending';
}

/** Query of what a job wrote. */
export interface ListTransformOutputs {
  max_results?: number;
  next_token?: string | null;
}

/** Query of a tuning job's trials. */
export interface ListTrials {
  max_results?: number;
  next_token?: string | null;
  status?: 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped' | 'Deleting' | null;
  sort_by?: 'Name' | 'CreationTime' | 'Status' | 'FinalObjectiveMetricValue';
  sort_order?: 'Ascending' | 'Descending';
}

/** Query of the tuning jobs list. */
export interface ListTuningJobs {
  max_results?: number;
  next_token?: string | null;
  search?: string | null;
  status?: 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped' | 'Deleting' | 'DeleteFailed' | null;
  created_after?: string | null;
  created_before?: string | null;
  sort_by?: 'Name' | 'CreationTime' | 'Status';
  sort_order?: 'Ascending' | 'Descending';
}

/** One line of a log. */
export interface LogLine {
  time: string;
  message: string;
}

/**
 * Part of a log.
 *
 * Attributes:
 * next_token: ask with it for what comes after.
 * previous_token: ask with it for what came before.
 * at_end: nothing newer was there.
 */
export interface LogLines {
  group: string;
  streams: string[];
  stream: string | null;
  lines: LogLine[];
  next_token: string | null;
  previous_token: string | null;
  at_end: boolean;
}

/**
 * Query of a job's log.
 *
 * Attributes:
 * stream: none reads the first stream.
 * next_token: token of the answer before; none starts at the end (`from_start` at the beginning).
 */
export interface LogsQuery {
  stream?: string | null;
  next_token?: string | null;
  from_start?: boolean;
  max_results?: number;
}

/** What this machine gives to instances. */
export interface MachineFacts {
  vcpu: number;
  memory_gib: number;
  gpu: number;
}

/** A metric that is read from a job's log: the first group of the expression is its value. */
export interface MetricDefinition {
  name: string;
  regex: string;
}

/** One objective metric. */
export interface MetricOption {
  name: string;
  direction: 'Maximize' | 'Minimize';
}

/** One value of a metric; `step` counts the values of its series from 1. */
export interface MetricPoint {
  time: string;
  step: number;
  value: number;
}

/**
 * One metric over time.
 *
 * Attributes:
 * count: values that were read; `points` are at most a few hundred of them, peaks kept.
 * host: for metrics of an instance.
 */
export interface MetricSeries {
  name: string;
  host: string | null;
  points: MetricPoint[];
  count: number;
}

/** What is kept of one metric; numbers that are not finite are null. */
export interface MetricSummary {
  name: string;
  min: number | null;
  max: number | null;
  avg: number | null;
  stddev: number | null;
  last: number | null;
  count: number;
  time: string | null;
}

/** Time of a metrics question: so many minutes until now. */
export interface MetricsQuery {
  minutes?: number;
}

/**
 * A model's page.
 *
 * Attributes:
 * execution: Serial (one container after the other) or Direct (each on request).
 */
export interface Model {
  name: string;
  arn: string;
  created: string;
  role_arn: string | null;
  network_isolation: boolean;
  execution: string;
  containers: ModelContainer[];
}

/** One container of a model. */
export interface ModelContainer {
  hostname: string | null;
  image: string | null;
  model_data_url: string | null;
  mode: string;
  environment: Record<string, string>;
  model_package: string | null;
}

/** One page of the models list. */
export interface ModelPage {
  items: ModelSummary[];
  next_token: string | null;
}

/** One row of the models list; a model has no states, so `status` is always the same. */
export interface ModelSummary {
  name: string;
  arn: string;
  status: 'Created';
  created: string;
  modified: string;
}

/** What uses a model now, by name; deleting the model would harm it. */
export interface ModelUsers {
  names: string[];
}

/** What went wrong with one of many. */
export interface NamedProblem {
  name: string;
  message: string;
}

/** Use of something with a name. */
export interface NamedUsage {
  name: string;
  usage: Usage;
}

/** A range of a table's rows. */
export interface NamesQuery {
  query?: ComponentQuery;
  offset?: number;
  limit?: number;
}

/** A new experiment. */
export interface NewExperiment {
  name: string;
  description?: string | null;
}

/**
 * What a notebook runs on now, or would run on.
 *
 * Attributes:
 * image: None for a kernel of no image.
 * kernel: name of the kernelspec here; None when the metadata's is of no image that is known.
 * kernel_text: `Kernel (Image)`.
 * instance_type: None for a kernel that is on no instance.
 * instance_text: as the toolbar says it; of this machine for a kernel that is on no instance.
 * placed: the kernel runs on that instance now.
 * app: name of the KernelGateway app of the image on the instance.
 * warning: what the kernel gets less of than its instance type has.
 * limits: what this system holds the running kernel to: `cpu` (time), `affinity` (which CPUs), `memory`, `pids`.
 * gateway: name of the Jupyter gateway that the kernel is of; then it is on no instance.
 * gateway_host: its host.
 * resources: what the kernel asked of it, or will ask.
 */
export interface NotebookEnvironment {
  image: string | null;
  image_name: string | null;
  state: 'built' | 'unbuilt' | 'building' | 'failed' | 'unavailable' | null;
  kernel: string | null;
  kernel_text: string | null;
  instance_type: string | null;
  instance_text: string;
  placed: boolean;
  app: string | null;
  warning: string | null;
  limits: string[];
  gateway: string | null;
  gateway_host: string | null;
  resources: GatewayResources | null;
}

/**
 * A notebook instance's page.
 *
 * Attributes:
 * status_text: the status in a sentence.
 * allowed_ips: networks that may open it; none for all. On AWS a condition of IAM says it.
 * ip_policy: IAM policy that lets only these addresses in, for AWS.
 */
export interface NotebookInstance {
  name: string;
  arn: string;
  status: 'Pending' | 'InService' | 'Stopping' | 'Stopped' | 'Failed' | 'Deleting' | 'Updating' | 'PendingMaintenance' | 'InMaintenance';
  status_text: string;
  failure_reason: string | null;
  created: string;
  modified: string;
  url: string | null;
  instance_type: string;
  platform: string | null;
  volume_gb: number;
  lifecycle_config: string | null;
  role_arn: string;
  root_access: boolean;
  kms_key: string | null;
  subnet_id: string | null;
  security_groups: string[];
  network_interface: string | null;
  direct_internet: boolean;
  minimum_imds: string | null;
  accelerators: string[];
  default_repository: string | null;
  additional_repositories: string[];
  allowed_ips: string[];
  ip_policy: string;
  tags: Tag[];
  can_open: boolean;
  can_start: boolean;
  can_stop: boolean;
  can_edit: boolean;
  can_delete: boolean;
  log_group: string;
}

/**
 * The forms "Create notebook instance" and "Edit notebook instance".
 *
 * Attributes:
 * role_arn: of an existing role; empty with `new_role`.
 * new_role: make a role first that SageMaker may take, with the policy AmazonSageMakerFullAccess.
 * role_buckets: S3 buckets that the new role may reach besides those with `sagemaker` in their names.
 * bucket_names: those of `specific`.
 * allowed_ips: addresses and networks that may open the instance, separated by blanks; local engine only.
 */
export interface NotebookInstanceForm {
  name?: string;
  instance_type?: string;
  platform?: string | null;
  accelerator?: string | null;
  volume_gb?: number;
  lifecycle_config?: string | null;
  minimum_imds?: '1' | '2' | null;
  role_arn?: string | null;
  new_role?: boolean;
  role_buckets?: 'any' | 'specific' | 'none';
  bucket_names?: string[];
  root_access?: boolean;
  kms_key?: string | null;
  subnet_id?: string | null;
  security_groups?: string[];
  direct_internet?: boolean;
  default_repository?: string | null;
  additional_repositories?: string[];
  allowed_ips?: string | null;
  tags?: Tag[];
}

/** A link that opens the instance once within five minutes. */
export interface NotebookInstanceLink {
  url: string;
}

/** One page of the list of notebook instances. */
export interface NotebookInstancePage {
  items: NotebookInstanceSummary[];
  next_token: string | null;
}

/** One row of the list of notebook instances. */
export interface NotebookInstanceSummary {
  name: string;
  arn: string;
  status: 'Pending' | 'InService' | 'Stopping' | 'Stopped' | 'Failed' | 'Deleting' | 'Updating' | 'PendingMaintenance' | 'InMaintenance';
  instance_type: string;
  lifecycle_config: string | null;
  created: string;
  modified: string;
}

/**
 * A lifecycle configuration.
 *
 * Attributes:
 * used_by: notebook instances that run it.
 */
export interface NotebookLifecycleConfig {
  name: string;
  arn: string;
  created: string;
  modified: string;
  on_create: string;
  on_start: string;
  used_by: string[];
}

/** A lifecycle configuration with its scripts as text. */
export interface NotebookLifecycleConfigForm {
  name?: string;
  on_create?: string;
  on_start?: string;
}

/** One page of the list of lifecycle configurations. */
export interface NotebookLifecycleConfigPage {
  items: NotebookLifecycleConfigSummary[];
  next_token: string | null;
}

/** One row of the list of lifecycle configurations; they have no states. */
export interface NotebookLifecycleConfigSummary {
  name: string;
  arn: string;
  status: '';
  created: string;
  modified: string;
}

/**
 * What the form offers on a target.
 *
 * Attributes:
 * without_meaning: fields that are kept but change nothing on this machine.
 */
export interface NotebookOptions {
  local: boolean;
  instance_types: InstanceTypeOption[];
  platforms: string[];
  accelerators: string[];
  lifecycle_configs: string[];
  repositories: string[];
  role_arn: string | null;
  name: TextLimit;
  min_volume_gb: number;
  max_volume_gb: number;
  max_additional_repositories: number;
  without_meaning: string[];
}

/** What AWS accepts in a number field, and what is taken when it is left empty. */
export interface NumberLimit {
  min: number | null;
  max: number | null;
  default: number | null;
}

/** One page of a folder: folders (keys that end in /), then objects. */
export interface ObjectPage {
  bucket: string;
  prefix: string;
  prefixes: string[];
  objects: S3Object[];
  next_token: string | null;
}

/**
 * How an object begins.
 *
 * Attributes:
 * text: whole lines where there are any; none when it is no UTF-8 text.
 * whole: nothing was left out.
 */
export interface ObjectStart {
  s3_uri: string;
  size: number;
  text: string | null;
  whole: boolean;
}

/** The objective metric of a candidate. */
export interface ObjectiveValue {
  metric: string;
  value: number | null;
  direction: 'Maximize' | 'Minimize' | null;
}

/**
 * A kernel of a gateway.
 *
 * Attributes:
 * name: of its kernelspec here.
 * display_name: as the gateway says it.
 */
export interface OfferedKernel {
  name: string;
  display_name: string;
  language: string;
}

/** How to open an instance: Jupyter or JupyterLab; how long the browser stays signed in, seconds. */
export interface OpenNotebookInstance {
  view?: 'tree' | 'lab';
  session_seconds?: number | null;
}

/**
 * A terminal in an image, on an instance.
 *
 * Attributes:
 * cwd: folder of the file browser in which it opens.
 */
export interface OpenTerminal {
  image: string;
  instance_type?: string | null;
  startup_script?: string | null;
  cwd?: string;
}

/** The terminal's name in the Jupyter server. */
export interface OpenedTerminal {
  name: string;
}

/** Everything that the forms of a target need. */
export interface Options {
  problem_types: ProblemTypeOption[];
  modes: ChoiceOption[];
  algorithms: ChoiceOption[];
  data_types: ChoiceOption[];
  content_types: ChoiceOption[];
  instance_types: InstanceTypeOption[];
  limits: Limits;
  defaults: Defaults;
}

/** An own image. */
export interface OwnImage {
  name: string;
  arn: string;
  display_name: string | null;
  description: string | null;
  status: string;
  created: string;
}

/**
 * All own images of the region.
 *
 * Attributes:
 * sources: what a new one can be made of.
 */
export interface OwnImageList {
  items: OwnImage[];
  sources: ('requirements' | 'conda' | 'environment' | 'kernelspec' | 'container')[];
}

/** A version of an own image. */
export interface OwnImageVersion {
  number: number;
  status: string;
  base: string;
  aliases: string[];
  created: string;
  failure_reason: string | null;
}

/** Versions of an own image, newest first. */
export interface OwnImageVersions {
  versions: OwnImageVersion[];
}

/** Code that does the same. */
export interface PandasCode {
  code: string;
}

/** Share of one parameter in the target's variance, 0 to 1. */
export interface ParameterImportance {
  parameter: string;
  importance: number;
}

/** What one hyperparameter is searched in. */
export interface ParameterRange {
  name: string;
  kind: 'Integer' | 'Continuous' | 'Categorical';
  min: string | null;
  max: string | null;
  scaling: 'Auto' | 'Linear' | 'Logarithmic' | 'ReverseLogarithmic';
  values: string[];
}

/** One parameter. */
export interface ParameterValue {
  name: string;
  value: number | string;
}

/** Query of a look into an object. */
export interface PeekObject {
  uri: string;
}

/** A variant of the fleet that an update brings up. */
export interface PendingVariant {
  name: string;
  current_instances: number | null;
  desired_instances: number | null;
  status: string | null;
}

/**
 * What the performance report says of a model on data that it has not seen.
 *
 * Without a report: the metrics of a candidate that is not of a table, and a forecasting candidate's back-test.
 */
export interface Performance {
  s3_uri: string | null;
  problem_type: string | null;
  rows: number | null;
  statistics: Statistic[];
  confusion: ConfusionMatrix | null;
  curves: Curve[];
  files: Artifact[];
}

/**
 * A page says whether it is visible, so that nobody polls AWS for pages which nobody sees.
 *
 * Attributes:
 * page: random id of the browser tab.
 */
export interface Presence {
  page: string;
  visible: boolean;
}

/** How long the server believes it: say so again before that. */
export interface PresenceReply {
  again_in_seconds: number;
}

/**
 * Who is to be signed in, for how long the address is good, and for how long the user stays signed in.
 *
 * Attributes:
 * session_seconds: of the session that the address begins.
 */
export interface PresignDomain {
  user: string;
  space?: string | null;
  expires_in_seconds?: number;
  session_seconds?: number;
}

/** An address that opens once. */
export interface PresignedUrl {
  url: string;
  expires_in_seconds: number;
}

/** Query of an artifact's preview. */
export interface PreviewArtifact {
  uri: string;
}

/** An object under a prefix, or a file of an archive. */
export interface PreviewFile {
  name: string;
  uri: string | null;
  size: number;
}

/** A model in an archive, and how to load it. */
export interface PreviewModel {
  file: string;
  kind: string;
  algorithm: string;
  facts: Record<string, string>;
  load: string[];
  warning: string;
}

/**
 * What to look into.
 *
 * Attributes:
 * source: a path inside the Jupyter server's root, or `s3://bucket/key` (a prefix: its first object).
 * data_type: what an S3 location is; of a manifest the first object that it names is looked into.
 */
export interface PreviewRequest {
  source: string;
  data_type?: 'S3Prefix' | 'ManifestFile' | 'AugmentedManifestFile';
  sample_rows?: number;
}

/** The price list of a region, as it is used. */
export interface PriceList {
  source: PriceSource;
  rows: PriceRow[];
}

/** Prices of one type an hour by what it is used for; None where the list has none. */
export interface PriceRow {
  instance_type: string;
  prices: Record<string, number>;
}

/**
 * Where prices are from.
 *
 * Attributes:
 * region: whose prices they are; another than the target's where its own are not known here.
 * exact: whether that is the target's region.
 * date: day of the list, ISO 8601.
 */
export interface PriceSource {
  source: string;
  date: string;
  region: string;
  exact: boolean;
  currency: string;
}

/** Query of a price list; the chosen target's region by default. */
export interface PricesQuery {
  region?: string | null;
}

/** One machine learning problem type; `Auto` has no metrics to choose from. */
export interface ProblemTypeOption {
  value: string;
  label: string;
  metrics: MetricOption[];
  default_metric: string | null;
}

/** A user profile. */
export interface ProfileRow {
  name: string;
  status: string;
  created: string;
  modified: string;
}

/** Puts a sample into S3; without a bucket into the default one, which is made when it is missing. */
export interface PutSample {
  bucket?: string | null;
}

/** Components to take out of a trial. */
export interface RemoveComponents {
  names: string[];
  trial: string;
}

/** Which scaling policy goes; the variant's limits stay. */
export interface RemovePolicy {
  variant: string;
  policy: string;
}

/** Which scheduled action goes. */
export interface RemoveSchedule {
  variant: string;
  name: string;
}

/**
 * A role to work as; members of `sts:AssumeRole`.
 *
 * Attributes:
 * mfa_serial: serial number or ARN of the device whose code the role asks for.
 */
export interface RoleToAssume {
  role_arn: string;
  external_id?: string | null;
  mfa_serial?: string | null;
  session_name?: string | null;
  duration_seconds?: number | null;
}

/**
 * Rows of a table.
 *
 * Attributes:
 * columns: property paths whose values the rows carry, beside the summary that they always have.
 * offset: first row; where the target cannot start anywhere (`ComponentRows.random_access`), `token` is needed.
 */
export interface RowsQuery {
  query?: ComponentQuery;
  columns?: string[];
  offset?: number;
  limit?: number;
  token?: string | null;
}

/**
 * What runs now.
 *
 * Attributes:
 * simulated: the costs are what it would cost on AWS; nobody bills them.
 * estimated: the costs are counted from AWS's times and a price list; AWS's bill decides.
 * costs: sum of the known costs so far.
 * unpriced: instance types whose price is not known; they are in no sum.
 * refused: lists that the target did not give, with its reason.
 * now: the target's own time.
 */
export interface Running {
  target: 'local' | 'aws';
  simulated: boolean;
  estimated: boolean;
  now: string;
  instances: RunningInstance[];
  apps: RunningApp[];
  kernels: RunningKernel[];
  terminals: RunningTerminal[];
  endpoints: RunningResource[];
  jobs: RunningResource[];
  notebook_instances: RunningResource[];
  costs: number;
  hourly: number;
  unpriced: string[];
  refused: string[];
  prices: PriceSource;
}

/**
 * One app of SageMaker Studio: an image that runs on an instance.
 *
 * Attributes:
 * title: name of the image for people.
 * seconds: how long it has run.
 * failure_reason: why it failed.
 * script_logs: CloudWatch Logs stream of its start-up script; None when it has none.
 */
export interface RunningApp {
  name: string;
  title: string;
  domain_id: string;
  owner: string;
  space: boolean;
  app_type: string;
  status: string;
  instance_type: string;
  image: string | null;
  created: string;
  seconds: number;
  failure_reason: string | null;
  script_logs: string | null;
}

/**
 * One instance: all apps of one user on one instance type.
 *
 * Attributes:
 * name: owner and type, `alice/ml.t3.medium`.
 * started: creation of its first app that still counts.
 * seconds: metered so far; the same type is metered once, however many apps and kernels it holds.
 * hourly: price an hour; None when it is not known.
 * cost: so far.
 */
export interface RunningInstance {
  name: string;
  owner: string;
  space: boolean;
  domain_id: string;
  instance_type: string;
  description: string;
  apps: string[];
  kernels: string[];
  terminals: string[];
  started: string;
  seconds: number;
  hourly: number | null;
  cost: number | null;
}

/** One job that works for an experiment now. */
export interface RunningJob {
  kind: 'ProcessingJob' | 'TrainingJob' | 'TransformJob' | 'HyperParameterTuningJob';
  name: string;
  status: string;
  created: string;
  elapsed_seconds: number;
}

/**
 * One kernel of this Jupyter server.
 *
 * Attributes:
 * id: the kernel's id in Jupyter.
 * title: name of the notebook or console.
 * path: the notebook's path; empty for a kernel without one.
 * kind: what it serves.
 * state: Jupyter's execution state.
 * app, instance_type: where it was placed; None for a kernel that no SageMaker image started.
 * last_activity: of the kernel; None when Jupyter does not know.
 * gateway: host of the Jupyter gateway that it runs on; None for one of this machine. It is on no instance.
 * connected: false while the connection to that gateway is broken.
 */
export interface RunningKernel {
  id: string;
  session: string | null;
  title: string;
  path: string;
  kind: 'notebook' | 'console' | 'kernel';
  kernel_name: string;
  display_name: string;
  state: string;
  app: string | null;
  instance_type: string | null;
  started: string | null;
  last_activity: string | null;
  gateway: string | null;
  connected: boolean;
}

/**
 * What of all that runs is asked for.
 *
 * Attributes:
 * part: only this, with nothing in the other lists; AWS needs a call or more for each. Instances, kernels and terminals
 * come with the apps. None: everything.
 */
export interface RunningQuery {
  part?: 'apps' | 'endpoints' | 'notebook_instances' | 'AutoMLJob' | 'HyperParameterTuningJob' | 'TrainingJob' | 'ProcessingJob' | 'TransformJob' | null;
}

/**
 * An endpoint, a job or a notebook instance that runs.
 *
 * Attributes:
 * kind: AWS's name of the kind, e.g. `Endpoint` or `TrainingJob`.
 * instances: `2 x ml.m5.large`, or several with commas.
 * started: when its time began to count; None before.
 */
export interface RunningResource {
  kind: string;
  name: string;
  status: string;
  instances: string;
  started: string | null;
  seconds: number;
  hourly: number | null;
  cost: number | null;
}

/**
 * One terminal of this Jupyter server.
 *
 * Attributes:
 * app, instance_type: the image and the instance that it runs in; None for a system terminal.
 */
export interface RunningTerminal {
  name: string;
  title: string;
  app: string | null;
  instance_type: string | null;
  last_activity: string | null;
}

/** One object. */
export interface S3Object {
  key: string;
  name: string;
  s3_uri: string;
  size: number;
  modified: string;
}

/**
 * One sample data set.
 *
 * Attributes:
 * name: identifier, e.g. `churn`.
 * rows: data rows, without the header.
 * target: column to predict.
 * objective: metric that Autopilot should optimise.
 */
export interface Sample {
  name: string;
  title: string;
  description: string;
  file_name: string;
  rows: number;
  columns: string[];
  target: string;
  problem_type: 'BinaryClassification' | 'MulticlassClassification' | 'Regression';
  objective: string;
}

/** Where a sample was put. */
export interface SampleLocation {
  s3_uri: string;
  bucket: string;
  key: string;
  target: string;
  problem_type: 'BinaryClassification' | 'MulticlassClassification' | 'Regression';
  objective: string;
}

/** The sample data sets. */
export interface Samples {
  items: Sample[];
}

/**
 * Adds a profile to the AWS configuration of this machine, for all tools: of an account that somebody signed in to, or of a
 * role to assume with another profile.
 *
 * Attributes:
 * sign_in: id of the signing in whose organisation the account belongs to.
 * source_profile: with `assume`, whose credentials are taken.
 */
export interface SaveProfile {
  name: string;
  region?: string | null;
  sign_in?: string | null;
  account_id?: string | null;
  role_name?: string | null;
  source_profile?: string | null;
  assume?: RoleToAssume | null;
}

/**
 * A profile that was added.
 *
 * Attributes:
 * file: where.
 */
export interface SavedProfile {
  name: string;
  file: string;
}

/** Something that scaling did. */
export interface ScalingActivity {
  time: string;
  status: string;
  description: string;
  cause: string;
}

/**
 * One scaling policy of a variant.
 *
 * Attributes:
 * target: of a target tracking policy, in units of its metric.
 * alarms: CloudWatch alarms that the policy made.
 */
export interface ScalingPolicy {
  name: string;
  kind: string;
  metric: string | null;
  target: number | null;
  scale_in_cooldown: number | null;
  scale_out_cooldown: number | null;
  disable_scale_in: boolean;
  alarms: string[];
  configuration: Record<string, unknown>;
}

/**
 * Limits that a variant gets at certain times.
 *
 * Attributes:
 * schedule: `cron(...)`, `rate(...)` or `at(...)`.
 */
export interface ScheduledAction {
  name: string;
  schedule: string;
  timezone: string | null;
  min: number | null;
  max: number | null;
}

/** A lifecycle configuration with its text. */
export interface Script {
  name: string;
  arn: string;
  app_type: string;
  created: string;
  text: string;
}

/** All lifecycle configurations of the region. */
export interface ScriptList {
  items: ScriptRow[];
}

/** Query of a start-up script's output; `stream` is of `/aws/sagemaker/studio`. */
export interface ScriptLogsQuery {
  stream: string;
  next_token?: string | null;
  from_start?: boolean;
  max_results?: number;
}

/**
 * Where a script is attached.
 *
 * Attributes:
 * arn: of the script.
 * user: a user profile of the domain; none is the domain itself.
 * default: it runs unless an app names another.
 */
export interface ScriptPlace {
  arn: string;
  domain_id: string;
  domain_name: string;
  user: string | null;
  default: boolean;
}

/** A lifecycle configuration in the list. */
export interface ScriptRow {
  name: string;
  arn: string;
  app_type: string;
  created: string;
}

/**
 * Series of a set; components without points are left out.
 *
 * Attributes:
 * total: components of the set.
 * aggregated: the values are of whole minutes, as the target keeps no finer ones.
 */
export interface SeriesData {
  series: ChartSeries[];
  total: number;
  running: number;
  aggregated: boolean;
}

/**
 * A metric over time for each component of a set.
 *
 * Attributes:
 * period: seconds that one point stands for; null for every value as it was logged. Ignored for epochs.
 * max_points: of all series together; of longer ones the lowest and the highest of each part stay.
 */
export interface SeriesRequest {
  source: ComponentSet;
  metric: string;
  statistic?: 'min' | 'max' | 'avg' | 'stddev' | 'last' | 'count';
  dimension?: 'Epoch' | 'Time' | 'Periods from start';
  period?: number | null;
  max_points?: number;
}

/** Target tracking of one variant: invocations per instance and minute, as Studio's own form has it. */
export interface SetScaling {
  variant: string;
  min?: number;
  max?: number;
  target?: number;
  scale_in_cooldown?: number;
  scale_out_cooldown?: number;
  disable_scale_in?: boolean;
}

/** New limits of a scaling variant at certain times; at least one of `min` and `max`. */
export interface SetSchedule {
  variant: string;
  name: string;
  schedule: string;
  timezone?: string | null;
  min?: number | null;
  max?: number | null;
}

/** All tags that a resource is to have. */
export interface SetTags {
  tags: Tag[];
}

/** Where shared notebooks are kept, and whether with their output. */
export interface Sharing {
  output_allowed?: boolean;
  s3_output_path?: string | null;
  kms_key_id?: string | null;
}

/**
 * What the dialog "Create shareable snapshot" offers.
 *
 * Attributes:
 * enabled: snapshots can be made here.
 * reason: why not.
 * hint: what to do about it.
 * s3_uri: where the domain keeps snapshots.
 * output_allowed: cell outputs may be shared.
 * git: of the notebook that the query names; None when it is in no repository, or Git is not installed.
 */
export interface SharingOptions {
  enabled: boolean;
  reason: string | null;
  hint: string | null;
  domain: string | null;
  user: string | null;
  s3_uri: string | null;
  output_allowed: boolean;
  git: GitInformation | null;
}

/** Which notebook is to be shared, as a path of the Jupyter server. */
export interface SharingQuery {
  path?: string;
}

/**
 * What to shut down.
 *
 * Attributes:
 * name: of the one; for `job` the kind and the name, `TrainingJob/a`; not with a plural.
 * scope: what it is.
 */
export interface Shutdown {
  scope: 'instance' | 'app' | 'kernel' | 'terminal' | 'endpoint' | 'job' | 'notebook_instance' | 'instances' | 'apps' | 'kernels' | 'terminals';
  name?: string | null;
}

/** One thing that was shut down, or was not. */
export interface ShutdownItem {
  kind: string;
  name: string;
  error: string | null;
}

/** What was shut down; items with an error still run. */
export interface ShutdownResult {
  items: ShutdownItem[];
}

/**
 * A signing in: open the address, compare the code, and allow it there.
 *
 * Attributes:
 * verification_uri_complete: address with the code in it.
 * expires_at: when the code is no longer good.
 * message: why it ended without success.
 */
export interface SignIn {
  id: string;
  status: 'Waiting' | 'SignedIn' | 'Expired' | 'Denied' | 'Cancelled' | 'Failed';
  user_code: string;
  verification_uri: string;
  verification_uri_complete: string;
  expires_at: string;
  message: string | null;
}

/**
 * What is known of a snapshot without its notebook.
 *
 * Attributes:
 * name: in links and paths of the API: the user profile, a dot and a random part that cannot be guessed.
 * user: profile of who made it.
 * own: made by the asking user.
 * size: of the notebook, bytes.
 * kernel: as the notebook names it, e.g. `Python 3 (Data Science)`.
 * image: part of the kernel's name that names the image, e.g. `datascience-1.0`.
 */
export interface Snapshot {
  name: string;
  file_name: string;
  user: string;
  own: boolean;
  created: string;
  size: number;
  cells: number;
  include_output: boolean;
  git: GitInformation | null;
  instance_type: string | null;
  kernel: string | null;
  image: string | null;
  s3_uri: string;
}

/** A page of the list. */
export interface SnapshotPage {
  items: Snapshot[];
  next_token: string | null;
}

/** A snapshot with its notebook, in the format of Jupyter notebooks (nbformat 4). */
export interface SnapshotView {
  snapshot: Snapshot;
  notebook: Record<string, unknown>;
}

/**
 * A space.
 *
 * Attributes:
 * owner: user profile whose private space it is.
 */
export interface SpaceRow {
  name: string;
  status: string;
  created: string;
  modified: string;
  sharing: string | null;
  owner: string | null;
  app_type: string | null;
}

/** One chevron of the job page. */
export interface Stage {
  id: string;
  label: string;
  state: 'done' | 'active' | 'pending' | 'failed' | 'stopped';
}

/**
 * Signs in to IAM Identity Center: for a profile, or at an address that was typed.
 *
 * Attributes:
 * start_url: of the organisation, e.g. `https://example.awsapps.com/start`; then no profile is named.
 * sso_region: region of the organisation's IAM Identity Center.
 */
export interface StartSignIn {
  profile?: string | null;
  start_url?: string | null;
  sso_region?: string | null;
}

/**
 * A lifecycle configuration that may run when the kernel's app starts.
 *
 * Attributes:
 * default: runs unless another is chosen.
 */
export interface StartupScript {
  arn: string;
  name: string;
  default: boolean;
}

/** What a lifecycle configuration runs. */
export interface StartupScriptText {
  arn: string;
  name: string;
  app_type: string;
  created: string;
  content: string;
}

/**
 * The lifecycle configurations that are attached to the user or the domain.
 *
 * Attributes:
 * note: why there are none to choose from, when that needs saying.
 */
export interface StartupScripts {
  items: StartupScript[];
  domain_id: string | null;
  user_profile: string | null;
  note: string | null;
}

/** One metric of the performance report. */
export interface Statistic {
  name: string;
  value: number | null;
  standard_deviation: number | null;
}

/** What the status bar shows. */
export interface Status {
  version: string;
  target: TargetInfo;
  engine: EngineStatus;
  identity: Identity | null;
  identity_error: string | null;
}

/** `identity=true` also asks the target who we are. */
export interface StatusQuery {
  identity?: boolean;
}

/** Components whose jobs are to be stopped. */
export interface StopComponents {
  names: string[];
}

/** Which variant is no longer to scale by itself. */
export interface StopScaling {
  variant: string;
}

/**
 * One image of the catalogue.
 *
 * Attributes:
 * id: last part of its ARN.
 * custom: brought by the user.
 * packages: what it holds, e.g. `pandas 2.2`.
 * reason: why it is unavailable, or why its building failed.
 * instance_type: what a notebook on it gets when nobody chose one.
 */
export interface StudioImage {
  id: string;
  name: string;
  description: string;
  custom: boolean;
  gpu: boolean;
  packages: string[];
  state: 'built' | 'unbuilt' | 'building' | 'failed' | 'unavailable';
  reason: string | null;
  kernels: ImageKernel[];
  instance_type: string;
}

/**
 * One row of the dialog "Select instance".
 *
 * Attributes:
 * price: on-demand price of an hour in Studio, USD; None when the table lacks it.
 * lacks: what this machine has less of; a kernel gets what is there.
 * text: as the toolbar says it, e.g. `2 vCPU + 4 GiB`.
 */
export interface StudioInstanceType {
  name: string;
  vcpu: number;
  memory_gib: number;
  gpu: number;
  price: number | null;
  family: string;
  fast_launch: boolean;
  lacks: ('vcpu' | 'memory' | 'gpu')[];
  text: string;
}

/**
 * The dialog's table.
 *
 * Attributes:
 * prices: whose prices these are, of which day and region.
 */
export interface StudioInstanceTypes {
  items: StudioInstanceType[];
  machine: MachineFacts;
  prices: PriceSource;
}

/** One list for each column, in the order of `names`; null where a component has no value. */
export interface SummaryData {
  names: string[];
  total: number;
  columns: Record<string, (number | string | null)[]>;
}

/** Values of some columns for each component of a set. */
export interface SummaryRequest {
  source: ComponentSet;
  columns: string[];
}

/** One tag of a resource. */
export interface Tag {
  key: string;
  value?: string;
}

/**
 * The target that all pages of this server show.
 *
 * Attributes:
 * title: what the status bar says, e.g. `local` or `aws: work (eu-west-1)`.
 * role_arn: execution role that new jobs get; none when it must be typed in the form.
 * read_only: nothing may be created, changed, stopped or deleted.
 * assume: role that pages work as with the profile's credentials.
 */
export interface TargetInfo {
  kind: 'local' | 'aws';
  profile: string | null;
  region: string;
  role_arn: string | null;
  title: string;
  read_only: boolean;
  assume: RoleToAssume | null;
}

/**
 * One choice of the target switch.
 *
 * Attributes:
 * method: where its credentials come from.
 * signs_in: whether somebody must sign in to IAM Identity Center for it.
 * mfa_serial: device whose code its role asks for.
 */
export interface TargetOption {
  kind: 'local' | 'aws';
  profile: string | null;
  region: string;
  title: string;
  method: 'keys' | 'sso' | 'assume-role' | 'web-identity' | 'process' | 'login' | 'environment' | 'container' | 'instance' | 'none';
  signs_in: boolean;
  mfa_serial: string | null;
}

/**
 * What the target switch offers: the local engine and every AWS profile of this machine.
 *
 * Attributes:
 * problem: why there are no profiles, when the AWS configuration cannot be read.
 */
export interface Targets {
  current: TargetInfo;
  options: TargetOption[];
  regions: string[];
  problem: string | null;
}

/** What AWS accepts in a text field. */
export interface TextLimit {
  min_length: number;
  max_length: number | null;
  pattern: string | null;
}

/** One input channel. */
export interface TrainingChannel {
  name: string;
  s3_uri: string;
  data_type?: 'S3Prefix' | 'ManifestFile' | 'AugmentedManifestFile';
  distribution?: 'FullyReplicated' | 'ShardedByS3Key';
  content_type?: string | null;
  compression?: 'None' | 'Gzip';
  record_wrapper?: 'None' | 'RecordIO';
  input_mode?: 'File' | 'Pipe' | 'FastFile' | null;
  attribute_names?: string[];
  shuffle_seed?: number | null;
}

/**
 * The form "Create training job".
 *
 * Attributes:
 * algorithm: one of the catalogue's, for `source` algorithm; `version` of its image or the framework's.
 * framework: one of the catalogue's, for `source` script.
 * image: image URI for `source` image; for a script it takes the place of the framework's.
 * further: members of CreateTrainingJob that the form has no field for, in AWS's own form.
 */
export interface TrainingForm {
  name?: string;
  source?: 'algorithm' | 'script' | 'image';
  algorithm?: string | null;
  framework?: string | null;
  version?: string | null;
  image?: string | null;
  script?: TrainingScript | null;
  input_mode?: 'File' | 'Pipe' | 'FastFile';
  hyperparameters?: Record<string, string>;
  metric_definitions?: MetricDefinition[];
  channels?: TrainingChannel[];
  output_s3_uri?: string | null;
  instance_type?: string;
  instance_count?: number;
  volume_gb?: number;
  max_runtime_seconds?: number | null;
  spot?: boolean;
  max_wait_seconds?: number | null;
  checkpoint_s3_uri?: string | null;
  network_isolation?: boolean;
  role_arn?: string | null;
  environment?: Record<string, string>;
  tags?: Tag[];
  further?: Record<string, unknown>;
}

/**
 * A training job's page.
 *
 * Attributes:
 * image: container image URI, or none for an algorithm of the Marketplace.
 * source_s3_uri, entry_point: the user's own program, for jobs in script mode.
 * tuning_job, automl_job: ARN of the job that started it.
 */
export interface TrainingJob {
  name: string;
  arn: string;
  status: 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped' | 'Deleting';
  secondary_status: string;
  status_text: string;
  created: string;
  modified: string;
  started: string | null;
  ended: string | null;
  elapsed_seconds: number;
  training_seconds: number | null;
  billable_seconds: number | null;
  can_stop: boolean;
  can_deploy: boolean;
  failure_reason: string | null;
  image: string | null;
  algorithm: string | null;
  input_mode: string | null;
  spot: boolean;
  checkpoint_s3_uri: string | null;
  source_s3_uri: string | null;
  entry_point: string | null;
  max_wait_seconds: number | null;
  warm_pool_status: string | null;
  metric_definitions: MetricDefinition[];
  instance_type: string | null;
  instance_count: number | null;
  volume_gb: number | null;
  max_runtime_seconds: number | null;
  role_arn: string | null;
  hyperparameters: Record<string, string>;
  environment: Record<string, string>;
  inputs: InputChannel[];
  output_s3_uri: string | null;
  model_s3_uri: string | null;
  metrics: FinalMetric[];
  transitions: Transition[];
  tuning_job: string | null;
  automl_job: string | null;
  log_group: string;
}

/** One page of the training jobs list. */
export interface TrainingJobPage {
  items: TrainingJobSummary[];
  next_token: string | null;
}

/** One row of the training jobs list. */
export interface TrainingJobSummary {
  name: string;
  arn: string;
  status: 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped' | 'Deleting';
  secondary_status: string;
  created: string;
  modified: string;
  ended: string | null;
  elapsed_seconds: number;
}

/** Limits of the form, from AWS's own service model. */
export interface TrainingLimits {
  name: TextLimit;
  tuning_job_name: TextLimit;
  image: TextLimit;
  channel_name: TextLimit;
  metric_name: TextLimit;
  metric_regex: TextLimit;
  environment_name: TextLimit;
  environment_value: TextLimit;
  hyperparameter_value: TextLimit;
  max_runtime_seconds: NumberLimit;
  max_hyperparameters: number;
  max_channels: number;
  max_metric_definitions: number;
  max_environment: number;
  max_tags: number;
}

/**
 * What a job measured.
 *
 * Attributes:
 * source: where the values were read: the job's log (every value), or CloudWatch (an average for each period).
 * period_seconds: of CloudWatch's averages.
 * truncated: the log is longer than what was read.
 */
export interface TrainingMetrics {
  source: 'log' | 'cloudwatch';
  period_seconds: number | null;
  truncated: boolean;
  metrics: MetricSeries[];
}

/**
 * What the form offers on a target.
 *
 * Attributes:
 * output_s3_uri: where models go when the field is left empty; none when the default bucket is not known.
 */
export interface TrainingOptions {
  algorithms: Algorithm[];
  frameworks: Framework[];
  instance_types: InstanceTypeOption[];
  limits: TrainingLimits;
  output_s3_uri: string | null;
  role_arn: string | null;
}

/** What the form of a training or tuning job would send. */
export interface TrainingPlan {
  problems: FieldProblem[];
  cost: CostEstimate | null;
  request: Record<string, unknown>;
  boto3: string;
  sdk_v2: string;
  sdk_v3: string;
}

/**
 * The user's own program for a framework's image.
 *
 * Attributes:
 * path: a file or a folder of the Jupyter server; it is packed and sent to S3.
 * s3_uri: or a sourcedir.tar.gz that is in S3 already.
 * entry_point: the program inside the folder or archive; for a file its own name.
 */
export interface TrainingScript {
  path?: string | null;
  s3_uri?: string | null;
  entry_point?: string | null;
}

/**
 * The form "Create batch transform job".
 *
 * Attributes:
 * further: members of CreateTransformJob that the form has no field for, in AWS's own form.
 */
export interface TransformForm {
  name?: string;
  model_name?: string;
  input_s3_uri?: string;
  data_type?: 'S3Prefix' | 'ManifestFile';
  content_type?: string | null;
  compression?: 'None' | 'Gzip';
  split?: 'None' | 'Line' | 'RecordIO' | 'TFRecord';
  output_s3_uri?: string | null;
  accept?: string | null;
  assemble?: 'None' | 'Line';
  instance_type?: string;
  instance_count?: number;
  strategy?: 'MultiRecord' | 'SingleRecord' | null;
  max_payload_mb?: number | null;
  max_concurrent?: number | null;
  input_filter?: string | null;
  output_filter?: string | null;
  join?: boolean;
  environment?: Record<string, string>;
  tags?: Tag[];
  further?: Record<string, unknown>;
}

/** A transform job's page. */
export interface TransformJob {
  name: string;
  arn: string;
  status: 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped';
  status_text: string;
  created: string;
  started: string | null;
  ended: string | null;
  elapsed_seconds: number;
  can_stop: boolean;
  failure_reason: string | null;
  model_name: string;
  input_s3_uri: string;
  data_type: string;
  content_type: string | null;
  compression: string;
  split: string;
  output_s3_uri: string | null;
  accept: string | null;
  assemble: string;
  instance_type: string | null;
  instance_count: number | null;
  strategy: string | null;
  max_payload_mb: number | null;
  max_concurrent: number | null;
  input_filter: string | null;
  output_filter: string | null;
  join: string;
  environment: Record<string, string>;
  automl_job: string | null;
  log_group: string;
}

/** One page of the transform jobs list. */
export interface TransformJobPage {
  items: TransformJobSummary[];
  next_token: string | null;
}

/** One row of the transform jobs list. */
export interface TransformJobSummary {
  name: string;
  arn: string;
  status: 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped';
  created: string;
  modified: string;
  ended: string | null;
  elapsed_seconds: number;
  failure_reason: string | null;
}

/** Limits of the form, read from AWS's own service model. */
export interface TransformLimits {
  name: TextLimit;
  model_name: TextLimit;
  filter: TextLimit;
  instance_count: NumberLimit;
  max_payload_mb: NumberLimit;
  max_concurrent: NumberLimit;
  max_environment: number;
  max_tags: number;
}

/**
 * What the form offers on a target.
 *
 * Attributes:
 * models: names of the newest ones.
 * output_s3_uri: where results go when the field is left empty; none when the default bucket is not known.
 */
export interface TransformOptions {
  models: string[];
  instance_types: InstanceTypeOption[];
  limits: TransformLimits;
  output_s3_uri: string | null;
}

/** One object that a job wrote; `name` is what follows the output path. */
export interface TransformOutputObject {
  name: string;
  s3_uri: string;
  size: number;
  modified: string;
}

/** One page of what a job wrote. */
export interface TransformOutputPage {
  items: TransformOutputObject[];
  next_token: string | null;
}

/** What a transform form would send. */
export interface TransformPlan {
  problems: FieldProblem[];
  cost: CostEstimate | null;
  request: Record<string, unknown>;
  boto3: string;
  sdk_v2: string;
  sdk_v3: string;
}

/** One step of a job's life. */
export interface Transition {
  status: string;
  message: string;
  started: string;
  ended: string | null;
}

/**
 * One training job of a tuning job.
 *
 * Attributes:
 * hyperparameters: the tuned ones alone.
 */
export interface Trial {
  name: string;
  arn: string;
  definition: string | null;
  status: 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped' | 'Deleting';
  created: string;
  started: string | null;
  ended: string | null;
  elapsed_seconds: number;
  metric: string | null;
  objective: number | null;
  objective_status: 'Succeeded' | 'Pending' | 'Failed' | null;
  hyperparameters: Record<string, string>;
  failure_reason: string | null;
}

/**
 * An input or output.
 *
 * Attributes:
 * uri: what it is, mostly an s3:// location; a text for others, e.g. an image of a container.
 * graph: one of the SDK's graphs (ConfusionMatrix, ROCCurve, PrecisionRecallCurve), if it is one.
 */
export interface TrialArtifact {
  name: string;
  uri: string;
  media_type: string | null;
  graph: string | null;
}

/** How many trials are in which state; `failed` are those that are not tried again. */
export interface TrialCounters {
  completed: number;
  in_progress: number;
  retryable: number;
  failed: number;
  stopped: number;
  objective_succeeded: number;
  objective_pending: number;
  objective_failed: number;
}

/** Artifacts of a component that are drawn on the Charts tab. */
export interface TrialGraphs {
  graphs: TrialArtifact[];
}

/** A trial that a component is in. */
export interface TrialMapping {
  experiment: string;
  trial: string;
}

/** One page of a tuning job's trials. */
export interface TrialPage {
  items: Trial[];
  next_token: string | null;
}

/**
 * What Clarify or Autopilot reported of a component's model or data.
 *
 * Attributes:
 * source: the analysis that was read.
 * report: an HTML report beside it.
 */
export interface TrialReports {
  source: string | null;
  report: string | null;
  explanations: Explanation[];
  bias: BiasMetric[];
}

/**
 * Settings of the job behind a component.
 *
 * Attributes:
 * missing: the job is not there any more, or there never was one.
 */
export interface TrialSettings {
  facts: JobFact[];
  rules: DebugRule[];
  can_stop: boolean;
  missing: boolean;
}

/** One component of a trial. */
export interface TrialStage {
  name: string;
  display_name: string;
  type: string;
  status: string;
}

/** Components of a component's trials, itself among them. */
export interface TrialStages {
  stages: TrialStage[];
}

/** What AWS recommends to search a hyperparameter in: numbers between two bounds, or some values. */
export interface TuneRange {
  min: number | null;
  max: number | null;
  scaling: 'Auto' | 'Linear' | 'Logarithmic' | 'ReverseLogarithmic';
  values: string[];
}

/** What one hyperparameter is to be searched in. */
export interface TuneRangeForm {
  name: string;
  kind: 'Integer' | 'Continuous' | 'Categorical';
  min?: string;
  max?: string;
  scaling?: 'Auto' | 'Linear' | 'Logarithmic' | 'ReverseLogarithmic';
  values?: string[];
}

/**
 * What the trials of one algorithm are made of.
 *
 * Attributes:
 * objective: metric of these trials; `direction` says which way is better.
 * name: none when the tuning job has only one.
 */
export interface TuningDefinition {
  name: string | null;
  algorithm: string | null;
  image: string | null;
  objective: string | null;
  direction: 'Maximize' | 'Minimize' | null;
  ranges: ParameterRange[];
  static_hyperparameters: Record<string, string>;
  instance_type: string | null;
  instance_count: number | null;
  max_runtime_seconds: number | null;
  inputs: InputChannel[];
  output_s3_uri: string | null;
  role_arn: string | null;
}

/**
 * The form "Create tuning job".
 *
 * Attributes:
 * training: what each trial does; its name is not used, and its hyperparameters are those that stay as they are.
 * further: members of CreateHyperParameterTuningJob that the form has no field for, in AWS's own form.
 */
export interface TuningForm {
  name?: string;
  strategy?: 'Bayesian' | 'Random' | 'Hyperband' | 'Grid';
  objective?: string;
  direction?: 'Maximize' | 'Minimize';
  ranges?: TuneRangeForm[];
  max_jobs?: number | null;
  max_parallel?: number;
  max_runtime_seconds?: number | null;
  early_stopping?: 'Off' | 'Auto';
  target_value?: number | null;
  max_not_improving?: number | null;
  random_seed?: number | null;
  min_resource?: number | null;
  max_resource?: number | null;
  warm_start?: 'IdenticalDataAndAlgorithm' | 'TransferLearning' | null;
  parents?: string[];
  training: TrainingForm;
  further?: Record<string, unknown>;
}

/**
 * A tuning job's page.
 *
 * Attributes:
 * best: best training job of this tuning job.
 * overall_best: best one among it and its warm-start parents, when there are any.
 * automl_job: name of the experiment that made it.
 */
export interface TuningJob {
  name: string;
  arn: string;
  status: 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped' | 'Deleting' | 'DeleteFailed';
  status_text: string;
  created: string;
  modified: string;
  ended: string | null;
  elapsed_seconds: number;
  can_stop: boolean;
  failure_reason: string | null;
  strategy: 'Bayesian' | 'Random' | 'Hyperband' | 'Grid';
  strategy_config: Record<string, unknown>;
  objective: string | null;
  direction: 'Maximize' | 'Minimize' | null;
  early_stopping: string;
  max_jobs: number | null;
  max_parallel: number | null;
  max_runtime_seconds: number | null;
  consumed_seconds: number | null;
  target_value: number | null;
  max_not_improving: number | null;
  not_improving: number | null;
  stop_on_convergence: boolean;
  random_seed: number | null;
  autotune: boolean;
  counters: TrialCounters;
  definitions: TuningDefinition[];
  best: Trial | null;
  overall_best: Trial | null;
  warm_start: 'IdenticalDataAndAlgorithm' | 'TransferLearning' | null;
  parents: string[];
}

/** One page of the tuning jobs list. */
export interface TuningJobPage {
  items: TuningJobSummary[];
  next_token: string | null;
}

/** One row of the tuning jobs list. */
export interface TuningJobSummary {
  name: string;
  arn: string;
  status: 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped' | 'Deleting' | 'DeleteFailed';
  strategy: 'Bayesian' | 'Random' | 'Hyperband' | 'Grid';
  created: string;
  modified: string;
  ended: string | null;
  elapsed_seconds: number;
  counters: TrialCounters;
  max_jobs: number | null;
  max_parallel: number | null;
}

/** Settings of a domain that can be changed; what is none stays. */
export interface UpdateDomain {
  execution_role?: string | null;
  sharing?: Sharing | null;
}

/**
 * Moves an endpoint to another configuration: a named one, or a new one with changes.
 *
 * Attributes:
 * config_name: an endpoint configuration that is there; `variants` and `capture` must be empty then.
 * retain: keep the weights and instance counts that the endpoint has now.
 */
export interface UpdateEndpoint {
  config_name?: string | null;
  variants?: VariantChange[];
  capture?: CaptureForm | null;
  policy?: UpdatePolicy;
  retain?: boolean;
}

/** What the form of an update offers, the newest first; alarms are none where the target keeps none. */
export interface UpdateOptions {
  configs: string[];
  models: string[];
  alarms: AlarmChoice[];
}

/**
 * How traffic moves to the new fleet.
 *
 * Attributes:
 * size: of the canary, of a linear step, or of a rolling batch, in `size_kind`.
 * wait_seconds: baking time after each shift.
 * alarms: names of CloudWatch alarms; when one goes off, the update is rolled back.
 */
export interface UpdatePolicy {
  kind?: 'ALL_AT_ONCE' | 'CANARY' | 'LINEAR' | 'ROLLING';
  size?: number;
  size_kind?: 'INSTANCE_COUNT' | 'CAPACITY_PERCENT';
  wait_seconds?: number;
  termination_wait_seconds?: number;
  timeout_seconds?: number | null;
  alarms?: string[];
}

/** An update was begun. */
export interface Updated {
  name: string;
  config_name: string;
  created_config: boolean;
}

/**
 * Sends a file of the Jupyter server to S3.
 *
 * Attributes:
 * bucket: empty takes the default bucket, which is made when it is missing.
 * key: empty makes `uploads/<file name>`; one that ends in / is a folder.
 */
export interface UploadRequest {
  path: string;
  bucket?: string | null;
  key?: string | null;
}

/** Where a file went. */
export interface Uploaded {
  s3_uri: string;
  bucket: string;
  key: string;
  size: number;
  created_bucket: string | null;
}

/**
 * What processes use of an instance.
 *
 * Attributes:
 * cpu_percent: of all vCPUs of the instance, 0 to 100; None at the first look.
 * memory_bytes: resident memory.
 * memory_percent: of the instance's memory, 0 to 100.
 */
export interface Usage {
  cpu_percent: number | null;
  memory_bytes: number;
  memory_percent: number;
}

/**
 * Hours and cost per day and type.
 *
 * Attributes:
 * missing: what could not be counted, and why.
 */
export interface UsageHistory {
  target: 'local' | 'aws';
  timezone: string;
  days: number;
  rows: UsageRow[];
  totals: UsageTotal[];
  cost: number;
  unpriced: string[];
  missing: string[];
  prices: PriceSource;
}

/**
 * What everything on this machine uses now.
 *
 * Attributes:
 * states: of this server's kernels.
 * machine: this machine as a whole.
 */
export interface UsageNow {
  kernels: NamedUsage[];
  states: KernelState[];
  instances: NamedUsage[];
  machine: Usage;
  machine_vcpus: number;
  machine_memory_bytes: number;
}

/**
 * What instances of one type did for one purpose on one day.
 *
 * Attributes:
 * day: ISO 8601.
 * hours: of all instances of the type together.
 * cost: at the price of the list; None when it is not known.
 */
export interface UsageRow {
  day: string;
  metered: 'Studio' | 'NotebookInstance' | 'Endpoint' | 'Training' | 'Processing' | 'Transform';
  instance_type: string;
  hours: number;
  hourly: number | null;
  cost: number | null;
}

/** The same over all days. */
export interface UsageTotal {
  metered: 'Studio' | 'NotebookInstance' | 'Endpoint' | 'Training' | 'Processing' | 'Transform';
  instance_type: string;
  hours: number;
  hourly: number | null;
  cost: number | null;
}

/**
 * One production or shadow variant.
 *
 * Attributes:
 * status: what goes on with it right now, e.g. Creating or Baking, in AWS's words.
 * direct: each request names one of its containers.
 */
export interface Variant {
  name: string;
  shadow: boolean;
  model_name: string | null;
  instance_type: string | null;
  current_instances: number | null;
  desired_instances: number | null;
  current_weight: number | null;
  desired_weight: number | null;
  status: string | null;
  serverless: boolean;
  memory_mb: number | null;
  max_concurrency: number | null;
  multi_model: boolean;
  direct: boolean;
  containers: VariantContainer[];
}

/**
 * What a variant becomes in a new configuration; none leaves it as it is.
 *
 * Attributes:
 * new: the variant is added; it needs a model.
 */
export interface VariantChange {
  name: string;
  new?: boolean;
  model_name?: string | null;
  instance_type?: string | null;
  instance_count?: number | null;
  weight?: number | null;
  remove?: boolean;
}

/**
 * One container of a variant's model.
 *
 * Attributes:
 * hostname: by which a request chooses it, when the model's containers are asked directly.
 * mode: MultiModel for a folder of models of which each request names one.
 */
export interface VariantContainer {
  image: string;
  model_data_url: string;
  environment: Record<string, string>;
  hostname: string | null;
  mode: string;
}

/**
 * How a variant scales; `min` and `max` are none while it does not.
 *
 * Attributes:
 * activities_problem: why the target does not tell the activities, as a missing permission.
 */
export interface VariantScaling {
  variant: string;
  min: number | null;
  max: number | null;
  policies: ScalingPolicy[];
  schedules: ScheduledAction[];
  activities: ScalingActivity[];
  activities_problem: string | null;
}

/** What one variant is to have; none leaves it. */
export interface VariantTraffic {
  name: string;
  weight?: number | null;
  instances?: number | null;
}

/**
 * Who the target takes us for, or why it does not say.
 *
 * Attributes:
 * signs_in: whether signing in to IAM Identity Center can help.
 * mfa_serial: device whose code is asked for.
 */
export interface Whoami {
  identity: Identity | null;
  credentials: Credentials | null;
  signs_in: boolean;
  mfa_serial: string | null;
  code: string | null;
  message: string | null;
  hint: string | null;
}

/** Every operation of the REST API: its types, under the same names as in OpenAPI. */
export interface Operations {
  /** Target, engine, identity, version */
  getStatus: { method: 'GET'; path: 'status'; query: StatusQuery; body: undefined; answer: Status };
  /** Local engine and AWS profiles */
  getTargets: { method: 'GET'; path: 'targets'; query: undefined; body: undefined; answer: Targets };
  /** Choose the target */
  chooseTarget: { method: 'PUT'; path: 'target'; query: undefined; body: ChooseTarget; answer: Status };
  /** Start the local engine */
  startEngine: { method: 'POST'; path: 'engine/start'; query: undefined; body: undefined; answer: EngineStatus };
  /** Stop the local engine */
  stopEngine: { method: 'POST'; path: 'engine/stop'; query: undefined; body: undefined; answer: EngineStatus };
  /** A page is visible or not */
  reportPresence: { method: 'POST'; path: 'presence'; query: undefined; body: Presence; answer: PresenceReply };
  /** What forms offer */
  getOptions: { method: 'GET'; path: 'options'; query: undefined; body: undefined; answer: Options };
  /** Who the target takes us for */
  getIdentity: { method: 'GET'; path: 'identity'; query: undefined; body: undefined; answer: Whoami };
  /** Read the credentials again */
  renewIdentity: { method: 'POST'; path: 'identity/renew'; query: undefined; body: undefined; answer: Whoami };
  /** Roles that SageMaker may take for new jobs */
  listExecutionRoles: { method: 'GET'; path: 'execution-roles'; query: undefined; body: undefined; answer: ExecutionRoles };
  /** Begin to sign in to IAM Identity Center */
  startSignIn: { method: 'POST'; path: 'sign-ins'; query: undefined; body: StartSignIn; answer: SignIn };
  /** How far a signing in is */
  describeSignIn: { method: 'GET'; path: 'sign-ins/{name}'; query: undefined; body: undefined; answer: SignIn };
  /** End a signing in */
  cancelSignIn: { method: 'DELETE'; path: 'sign-ins/{name}'; query: undefined; body: undefined; answer: SignIn };
  /** Accounts of somebody who signed in */
  listSignInAccounts: { method: 'GET'; path: 'sign-ins/{name}/accounts'; query: undefined; body: undefined; answer: Accounts };
  /** Roles in an account of somebody who signed in */
  listAccountRoles: { method: 'GET'; path: 'sign-ins/{name}/accounts/{account}'; query: undefined; body: undefined; answer: AccountRoles };
  /** Add a profile to the AWS configuration */
  saveProfile: { method: 'POST'; path: 'profiles'; query: undefined; body: SaveProfile; answer: SavedProfile };
  /** Autopilot experiments */
  listAutoMLJobs: { method: 'GET'; path: 'automl-jobs'; query: ListAutoMLJobs; body: undefined; answer: AutoMLJobPage };
  /** Create an Autopilot experiment */
  createAutoMLJob: { method: 'POST'; path: 'automl-jobs'; query: undefined; body: CreateAutoMLJob; answer: CreatedAutoMLJob };
  /** An experiment's page */
  describeAutoMLJob: { method: 'GET'; path: 'automl-jobs/{name}'; query: undefined; body: undefined; answer: AutoMLJob };
  /** An experiment's leaderboard */
  listCandidates: { method: 'GET'; path: 'automl-jobs/{name}/candidates'; query: ListCandidates; body: undefined; answer: CandidatePage };
  /** Stop an experiment */
  stopAutoMLJob: { method: 'POST'; path: 'automl-jobs/{name}/stop'; query: undefined; body: undefined; answer: Accepted };
  /** Deploy a candidate */
  deployCandidate: { method: 'POST'; path: 'automl-jobs/{name}/deploy'; query: undefined; body: DeployCandidate; answer: Deployed };
  /** The form of an experiment like this one */
  cloneAutoMLJob: { method: 'GET'; path: 'automl-jobs/{name}/form'; query: undefined; body: undefined; answer: CreateAutoMLJob };
  /** What the form of an experiment would send */
  planAutoMLJob: { method: 'POST'; path: 'automl-form/plan'; query: undefined; body: CreateAutoMLJob; answer: AutoMLPlan };
  /** What an experiment does now */
  getAutoMLActivity: { method: 'GET'; path: 'automl-jobs/{name}/activity'; query: ActivityQuery; body: undefined; answer: AutoMLActivity };
  /** A notebook that Autopilot wrote */
  readAutoMLNotebook: { method: 'GET'; path: 'automl-jobs/{name}/notebooks/{kind}'; query: undefined; body: undefined; answer: AutoMLNotebook };
  /** Make a model of a candidate */
  createCandidateModel: { method: 'POST'; path: 'automl-jobs/{name}/model'; query: undefined; body: CreateCandidateModel; answer: CreatedCandidateModel };
  /** A candidate's page */
  describeCandidate: { method: 'GET'; path: 'automl-jobs/{name}/candidates/{candidate}'; query: undefined; body: undefined; answer: CandidateDetails };
  /** A candidate's explainability report */
  getExplainability: { method: 'GET'; path: 'automl-jobs/{name}/candidates/{candidate}/explainability'; query: undefined; body: undefined; answer: Explainability };
  /** A candidate's performance report */
  getPerformance: { method: 'GET'; path: 'automl-jobs/{name}/candidates/{candidate}/performance'; query: undefined; body: undefined; answer: Performance };
  /** Jupyter gateways and the kernels they offer */
  listGateways: { method: 'GET'; path: 'gateways'; query: undefined; body: undefined; answer: Gateways };
  /** Set a Jupyter gateway up */
  addGateway: { method: 'POST'; path: 'gateways'; query: undefined; body: AddGateway; answer: GatewayOffer };
  /** Ask a Jupyter gateway that is not set up what it offers; nothing is kept */
  testGateway: { method: 'POST'; path: 'gateway-form/test'; query: undefined; body: AddGateway; answer: GatewayOffer };
  /** One Jupyter gateway, and what it offers now */
  describeGateway: { method: 'GET'; path: 'gateways/{name}'; query: undefined; body: undefined; answer: GatewayOffer };
  /** Change a Jupyter gateway's settings */
  updateGateway: { method: 'PUT'; path: 'gateways/{name}'; query: undefined; body: AddGateway; answer: GatewayOffer };
  /** Forget a Jupyter gateway */
  removeGateway: { method: 'DELETE'; path: 'gateways/{name}'; query: undefined; body: undefined; answer: GatewayOffer };
  /** Clusters that a notebook can attach to */
  listClusters: { method: 'GET'; path: 'clusters'; query: undefined; body: undefined; answer: Clusters };
  /** The cell that attaches a notebook to a cluster */
  writeClusterCell: { method: 'POST'; path: 'clusters/cell'; query: undefined; body: AttachCluster; answer: ClusterCell };
  /** Training jobs */
  listTrainingJobs: { method: 'GET'; path: 'training-jobs'; query: ListTrainingJobs; body: undefined; answer: TrainingJobPage };
  /** A training job's page */
  describeTrainingJob: { method: 'GET'; path: 'training-jobs/{name}'; query: undefined; body: undefined; answer: TrainingJob };
  /** A training job's log */
  getTrainingJobLogs: { method: 'GET'; path: 'training-jobs/{name}/logs'; query: LogsQuery; body: undefined; answer: LogLines };
  /** Stop a training job */
  stopTrainingJob: { method: 'POST'; path: 'training-jobs/{name}/stop'; query: undefined; body: undefined; answer: Accepted };
  /** Create a training job */
  createTrainingJob: { method: 'POST'; path: 'training-jobs'; query: undefined; body: TrainingForm; answer: CreatedTrainingJob };
  /** Delete a training job */
  deleteTrainingJob: { method: 'DELETE'; path: 'training-jobs/{name}'; query: undefined; body: undefined; answer: Accepted };
  /** The whole log as text */
  downloadTrainingJobLog: { method: 'GET'; path: 'training-jobs/{name}/logs/download'; query: DownloadLog; body: undefined; answer: unknown };
  /** What a training job measured, over time */
  getTrainingJobMetrics: { method: 'GET'; path: 'training-jobs/{name}/metrics'; query: undefined; body: undefined; answer: TrainingMetrics };
  /** What the instances of a training job used, over time */
  getTrainingInstanceMetrics: { method: 'GET'; path: 'training-jobs/{name}/instance-metrics'; query: undefined; body: undefined; answer: InstanceMetrics };
  /** The form of a training job like this one */
  cloneTrainingJob: { method: 'GET'; path: 'training-jobs/{name}/form'; query: undefined; body: undefined; answer: TrainingForm };
  /** The form of a tuning job whose trials are like this job */
  tuneTrainingJob: { method: 'GET'; path: 'training-jobs/{name}/tune'; query: undefined; body: undefined; answer: TuningForm };
  /** Deploy what a training job made */
  deployTrainingJob: { method: 'POST'; path: 'training-jobs/{name}/deploy'; query: undefined; body: DeployTrainingJob; answer: Deployed };
  /** What the training form offers */
  getTrainingOptions: { method: 'GET'; path: 'training-form/options'; query: undefined; body: undefined; answer: TrainingOptions };
  /** What a training form would send, and what is wrong with it */
  planTrainingJob: { method: 'POST'; path: 'training-form/plan'; query: undefined; body: TrainingForm; answer: TrainingPlan };
  /** Tuning jobs */
  listTuningJobs: { method: 'GET'; path: 'tuning-jobs'; query: ListTuningJobs; body: undefined; answer: TuningJobPage };
  /** Create a tuning job */
  createTuningJob: { method: 'POST'; path: 'tuning-jobs'; query: undefined; body: TuningForm; answer: CreatedTuningJob };
  /** A tuning job's page */
  describeTuningJob: { method: 'GET'; path: 'tuning-jobs/{name}'; query: undefined; body: undefined; answer: TuningJob };
  /** Delete a tuning job */
  deleteTuningJob: { method: 'DELETE'; path: 'tuning-jobs/{name}'; query: undefined; body: undefined; answer: Accepted };
  /** A tuning job's trials */
  listTrials: { method: 'GET'; path: 'tuning-jobs/{name}/trials'; query: ListTrials; body: undefined; answer: TrialPage };
  /** Stop a tuning job */
  stopTuningJob: { method: 'POST'; path: 'tuning-jobs/{name}/stop'; query: undefined; body: undefined; answer: Accepted };
  /** The form of a tuning job like this one */
  cloneTuningJob: { method: 'GET'; path: 'tuning-jobs/{name}/form'; query: undefined; body: undefined; answer: TuningForm };
  /** What a tuning form would send, and what is wrong with it */
  planTuningJob: { method: 'POST'; path: 'tuning-form/plan'; query: undefined; body: TuningForm; answer: TrainingPlan };
  /** Batch transform jobs */
  listTransformJobs: { method: 'GET'; path: 'transform-jobs'; query: ListTransformJobs; body: undefined; answer: TransformJobPage };
  /** Create a batch transform job */
  createTransformJob: { method: 'POST'; path: 'transform-jobs'; query: undefined; body: TransformForm; answer: CreatedTransformJob };
  /** A batch transform job's page */
  describeTransformJob: { method: 'GET'; path: 'transform-jobs/{name}'; query: undefined; body: undefined; answer: TransformJob };
  /** What a batch transform job wrote */
  listTransformOutputs: { method: 'GET'; path: 'transform-jobs/{name}/outputs'; query: ListTransformOutputs; body: undefined; answer: TransformOutputPage };
  /** A batch transform job's log */
  getTransformJobLogs: { method: 'GET'; path: 'transform-jobs/{name}/logs'; query: LogsQuery; body: undefined; answer: LogLines };
  /** The whole log as text */
  downloadTransformJobLog: { method: 'GET'; path: 'transform-jobs/{name}/logs/download'; query: DownloadLog; body: undefined; answer: unknown };
  /** Stop a batch transform job */
  stopTransformJob: { method: 'POST'; path: 'transform-jobs/{name}/stop'; query: undefined; body: undefined; answer: Accepted };
  /** The form of a batch transform job like this one */
  cloneTransformJob: { method: 'GET'; path: 'transform-jobs/{name}/form'; query: undefined; body: undefined; answer: TransformForm };
  /** What the batch transform form offers */
  getTransformOptions: { method: 'GET'; path: 'transform-form/options'; query: undefined; body: undefined; answer: TransformOptions };
  /** What a batch transform form would send, and what is wrong with it */
  planTransformJob: { method: 'POST'; path: 'transform-form/plan'; query: undefined; body: TransformForm; answer: TransformPlan };
  /** Experiments, or an experiment's trials */
  browseExperiments: { method: 'POST'; path: 'experiments/browse'; query: undefined; body: BrowseQuery; answer: ExperimentPage };
  /** Create an experiment */
  createExperiment: { method: 'POST'; path: 'experiments'; query: undefined; body: NewExperiment; answer: Accepted };
  /** Put trial components into a trial */
  assignComponents: { method: 'POST'; path: 'experiments/assign'; query: undefined; body: AssignComponents; answer: Done };
  /** Take trial components out of a trial */
  removeComponents: { method: 'POST'; path: 'experiments/remove'; query: undefined; body: RemoveComponents; answer: Done };
  /** What a deletion takes with it */
  planDeletion: { method: 'POST'; path: 'experiments/deletion'; query: undefined; body: DeleteThings; answer: DeletePlan };
  /** Delete experiments, trials or components, for a few seconds at a time */
  deleteThings: { method: 'POST'; path: 'experiments/delete'; query: undefined; body: DeleteThings; answer: Deleted };
  /** Rows of the Trial Component List */
  listComponentRows: { method: 'POST'; path: 'components/rows'; query: undefined; body: RowsQuery; answer: ComponentRows };
  /** Names of a range of rows */
  listComponentNames: { method: 'POST'; path: 'components/names'; query: undefined; body: NamesQuery; answer: ComponentNames };
  /** Columns that the table can show */
  listComponentColumns: { method: 'POST'; path: 'components/columns'; query: undefined; body: ComponentQuery; answer: ComponentColumns };
  /** Columns that other trial components have */
  suggestComponentColumns: { method: 'GET'; path: 'components/suggested-columns'; query: undefined; body: undefined; answer: ComponentColumns };
  /** The table's rows in groups */
  groupComponents: { method: 'POST'; path: 'components/groups'; query: undefined; body: GroupsQuery; answer: ComponentGroups };
  /** Code that reads the table into pandas */
  getComponentsCode: { method: 'POST'; path: 'components/code'; query: undefined; body: ExportQuery; answer: PandasCode };
  /** A ticket with which the table is fetched as a file */
  prepareExport: { method: 'POST'; path: 'components/export'; query: undefined; body: ExportQuery; answer: ExportTicket };
  /** The table as a file */
  downloadExport: { method: 'GET'; path: 'components/export/{name}'; query: undefined; body: undefined; answer: unknown };
  /** Stop the jobs that components describe */
  stopComponents: { method: 'POST'; path: 'components/stop'; query: undefined; body: StopComponents; answer: Done };
  /** Domains */
  listDomains: { method: 'GET'; path: 'domains'; query: undefined; body: undefined; answer: DomainList };
  /** Create a domain */
  createDomain: { method: 'POST'; path: 'domains'; query: undefined; body: CreateDomain; answer: DomainMade };
  /** What the forms of domains offer */
  getDomainOptions: { method: 'GET'; path: 'domain-form/options'; query: undefined; body: undefined; answer: DomainFormOptions };
  /** A domain's page */
  describeDomain: { method: 'GET'; path: 'domains/{name}'; query: undefined; body: undefined; answer: Domain };
  /** Change settings of a domain */
  updateDomain: { method: 'PUT'; path: 'domains/{name}'; query: undefined; body: UpdateDomain; answer: Accepted };
  /** Delete a domain */
  deleteDomain: { method: 'DELETE'; path: 'domains/{name}'; query: DeleteDomain; body: undefined; answer: Accepted };
  /** Start-up scripts that a domain and its users have */
  listDomainScripts: { method: 'GET'; path: 'domains/{name}/scripts'; query: undefined; body: undefined; answer: DomainAttachments };
  /** Create a user profile */
  createUserProfile: { method: 'POST'; path: 'domains/{name}/users'; query: undefined; body: CreateProfile; answer: Accepted };
  /** Delete a user profile */
  deleteUserProfile: { method: 'DELETE'; path: 'domains/{name}/users/{user}'; query: undefined; body: undefined; answer: Accepted };
  /** Create a space */
  createSpace: { method: 'POST'; path: 'domains/{name}/spaces'; query: undefined; body: CreateSpace; answer: Accepted };
  /** Delete a space */
  deleteSpace: { method: 'DELETE'; path: 'domains/{name}/spaces/{space}'; query: undefined; body: undefined; answer: Accepted };
  /** Apps of a domain */
  listDomainApps: { method: 'GET'; path: 'domains/{name}/apps'; query: undefined; body: undefined; answer: AppList };
  /** Start an app */
  createApp: { method: 'POST'; path: 'domains/{name}/apps'; query: undefined; body: CreateApp; answer: Accepted };
  /** End an app */
  deleteApp: { method: 'POST'; path: 'domains/{name}/apps/delete'; query: undefined; body: AppPlace; answer: Accepted };
  /** Why an app failed */
  getAppFailure: { method: 'POST'; path: 'domains/{name}/apps/failure'; query: undefined; body: AppPlace; answer: AppFailure };
  /** The log of an app's start-up script */
  getAppLog: { method: 'GET'; path: 'domains/{name}/apps/log'; query: AppLogQuery; body: undefined; answer: LogLines };
  /** The whole log of an app's start-up script as text */
  downloadAppLog: { method: 'GET'; path: 'domains/{name}/apps/log/download'; query: AppLogDownload; body: undefined; answer: unknown };
  /** An address that opens the domain once */
  presignDomain: { method: 'POST'; path: 'domains/{name}/url'; query: undefined; body: PresignDomain; answer: PresignedUrl };
  /** Start-up scripts */
  listScripts: { method: 'GET'; path: 'lifecycle-configs'; query: undefined; body: undefined; answer: ScriptList };
  /** Create a start-up script */
  createScript: { method: 'POST'; path: 'lifecycle-configs'; query: undefined; body: CreateScript; answer: Accepted };
  /** The text of a start-up script */
  describeScript: { method: 'GET'; path: 'lifecycle-configs/{name}'; query: undefined; body: undefined; answer: Script };
  /** Delete a start-up script */
  deleteScript: { method: 'DELETE'; path: 'lifecycle-configs/{name}'; query: undefined; body: undefined; answer: Accepted };
  /** Attach a start-up script, or detach it */
  attachScript: { method: 'PUT'; path: 'lifecycle-configs/{name}/attached'; query: undefined; body: AttachScript; answer: Accepted };
  /** Own images */
  listOwnImages: { method: 'GET'; path: 'own-images'; query: undefined; body: undefined; answer: OwnImageList };
  /** Attach an image */
  attachImage: { method: 'POST'; path: 'own-images'; query: undefined; body: AttachImage; answer: ImageAttached };
  /** Versions of an own image */
  listImageVersions: { method: 'GET'; path: 'own-images/{name}'; query: undefined; body: undefined; answer: OwnImageVersions };
  /** Delete an own image */
  deleteOwnImage: { method: 'DELETE'; path: 'own-images/{name}'; query: undefined; body: undefined; answer: Accepted };
  /** Trial components of charts, and the columns that they have */
  getChartSource: { method: 'POST'; path: 'experiment-charts/source'; query: undefined; body: ComponentSet; answer: ChartSource };
  /** Values of columns for each trial component */
  getChartSummary: { method: 'POST'; path: 'experiment-charts/summary'; query: undefined; body: SummaryRequest; answer: SummaryData };
  /** A metric over time for each trial component */
  getChartSeries: { method: 'POST'; path: 'experiment-charts/series'; query: undefined; body: SeriesRequest; answer: SeriesData };
  /** A trial component's page */
  describeTrialDetails: { method: 'GET'; path: 'trial-details/{name}'; query: undefined; body: undefined; answer: ComponentDetails };
  /** Components of the trials of a trial component */
  listTrialStages: { method: 'GET'; path: 'trial-details/{name}/stages'; query: undefined; body: undefined; answer: TrialStages };
  /** Graphs that were logged for a trial component */
  listTrialGraphs: { method: 'GET'; path: 'trial-details/{name}/graphs'; query: undefined; body: undefined; answer: TrialGraphs };
  /** Several trial components with all that they hold */
  compareTrials: { method: 'POST'; path: 'trial-details'; query: undefined; body: CompareTrials; answer: Comparison };
  /** How much each parameter tells of a metric */
  getChartImportance: { method: 'POST'; path: 'experiment-charts/importance'; query: undefined; body: ImportanceRequest; answer: ImportanceData };
  /** Python that draws a chart in a notebook */
  getChartCode: { method: 'POST'; path: 'experiment-charts/code'; query: undefined; body: ChartCodeRequest; answer: ChartCode };
  /** Settings and Debugger rules of the job behind a trial component */
  getTrialSettings: { method: 'GET'; path: 'trial-details/{name}/settings'; query: undefined; body: undefined; answer: TrialSettings };
  /** Explainability and bias of a trial component */
  getTrialReports: { method: 'GET'; path: 'trial-details/{name}/reports'; query: undefined; body: undefined; answer: TrialReports };
  /** How an artifact in S3 looks */
  previewArtifact: { method: 'GET'; path: 'artifact-preview'; query: PreviewArtifact; body: undefined; answer: ArtifactPreview };
  /** What led to something and what came of it */
  getLineage: { method: 'GET'; path: 'lineage'; query: LineageQuery; body: undefined; answer: LineageGraph };
  /** Models */
  listModels: { method: 'GET'; path: 'models'; query: ListModels; body: undefined; answer: ModelPage };
  /** A model's page */
  describeModel: { method: 'GET'; path: 'models/{name}'; query: undefined; body: undefined; answer: Model };
  /** Endpoints that serve a model */
  listModelEndpoints: { method: 'GET'; path: 'models/{name}/endpoints'; query: undefined; body: undefined; answer: ModelUsers };
  /** Running batch transform jobs that use a model */
  listModelTransformJobs: { method: 'GET'; path: 'models/{name}/transform-jobs'; query: undefined; body: undefined; answer: ModelUsers };
  /** Delete a model */
  deleteModel: { method: 'DELETE'; path: 'models/{name}'; query: undefined; body: undefined; answer: Accepted };
  /** Deploy a model */
  deployModel: { method: 'POST'; path: 'models/{name}/deploy'; query: undefined; body: DeployModel; answer: Deployed };
  /** Endpoints */
  listEndpoints: { method: 'GET'; path: 'endpoints'; query: ListEndpoints; body: undefined; answer: EndpointPage };
  /** An endpoint's page */
  describeEndpoint: { method: 'GET'; path: 'endpoints/{name}'; query: undefined; body: undefined; answer: Endpoint };
  /** Delete an endpoint, also its configuration and models */
  deleteEndpoint: { method: 'DELETE'; path: 'endpoints/{name}'; query: DeleteEndpoint; body: undefined; answer: Deletion };
  /** Test inference */
  invokeEndpoint: { method: 'POST'; path: 'endpoints/{name}/invoke'; query: undefined; body: InvokeEndpoint; answer: Invocation };
  /** Queue a request of an asynchronous endpoint */
  invokeEndpointAsync: { method: 'POST'; path: 'endpoints/{name}/invoke-async'; query: undefined; body: InvokeEndpoint; answer: AsyncInvocation };
  /** The answer of an asynchronous endpoint */
  getAsyncResult: { method: 'GET'; path: 'endpoints/{name}/async-result'; query: AsyncResultQuery; body: undefined; answer: AsyncResult };
  /** Code that sends a request */
  getInvocationCode: { method: 'POST'; path: 'endpoints/{name}/code'; query: undefined; body: InvokeEndpoint; answer: InvocationCode };
  /** Shift traffic among variants, change their instance counts */
  changeTraffic: { method: 'PUT'; path: 'endpoints/{name}/traffic'; query: undefined; body: ChangeTraffic; answer: Accepted };
  /** Invocations, errors, latencies, use of the instances */
  getEndpointMetrics: { method: 'GET'; path: 'endpoints/{name}/metrics'; query: MetricsQuery; body: undefined; answer: EndpointMetrics };
  /** How variants scale by themselves */
  getEndpointScaling: { method: 'GET'; path: 'endpoints/{name}/scaling'; query: undefined; body: undefined; answer: EndpointScaling };
  /** Let a variant scale with its invocations */
  setScaling: { method: 'PUT'; path: 'endpoints/{name}/scaling'; query: undefined; body: SetScaling; answer: Accepted };
  /** End the scaling of a variant */
  stopScaling: { method: 'DELETE'; path: 'endpoints/{name}/scaling'; query: StopScaling; body: undefined; answer: Accepted };
  /** Take a scaling policy away */
  removeScalingPolicy: { method: 'DELETE'; path: 'endpoints/{name}/scaling/policy'; query: RemovePolicy; body: undefined; answer: Accepted };
  /** Give a scaling variant other limits at certain times */
  setScalingSchedule: { method: 'PUT'; path: 'endpoints/{name}/scaling/schedule'; query: undefined; body: SetSchedule; answer: Accepted };
  /** Take a scheduled action away */
  removeScalingSchedule: { method: 'DELETE'; path: 'endpoints/{name}/scaling/schedule'; query: RemoveSchedule; body: undefined; answer: Accepted };
  /** What the form of an update offers */
  getUpdateOptions: { method: 'GET'; path: 'endpoints/{name}/update'; query: undefined; body: undefined; answer: UpdateOptions };
  /** Move an endpoint to another configuration */
  updateEndpoint: { method: 'POST'; path: 'endpoints/{name}/update'; query: undefined; body: UpdateEndpoint; answer: Updated };
  /** What an endpoint captured last */
  getCapturedData: { method: 'GET'; path: 'endpoints/{name}/capture'; query: CaptureQuery; body: undefined; answer: CapturedData };
  /** The log of a model server */
  getEndpointLogs: { method: 'GET'; path: 'endpoints/{name}/logs'; query: LogsQuery; body: undefined; answer: LogLines };
  /** The whole log as text */
  downloadEndpointLog: { method: 'GET'; path: 'endpoints/{name}/logs/download'; query: DownloadLog; body: undefined; answer: unknown };
  /** An endpoint's tags */
  getEndpointTags: { method: 'GET'; path: 'endpoints/{name}/tags'; query: undefined; body: undefined; answer: EndpointTags };
  /** Give an endpoint these tags and no others */
  setEndpointTags: { method: 'PUT'; path: 'endpoints/{name}/tags'; query: undefined; body: SetTags; answer: Accepted };
  /** What the instances of a form will cost */
  estimateCosts: { method: 'POST'; path: 'cost-estimates'; query: undefined; body: EstimateRequest; answer: CostEstimate };
  /** What runs, and its cost so far */
  getRunning: { method: 'GET'; path: 'running'; query: RunningQuery; body: undefined; answer: Running };
  /** CPU and memory of what runs here */
  getUsage: { method: 'GET'; path: 'running/usage'; query: undefined; body: undefined; answer: UsageNow };
  /** CPU and memory of a kernel and of its instance */
  getKernelUsage: { method: 'GET'; path: 'running/kernels/{name}/usage'; query: undefined; body: undefined; answer: KernelUsage };
  /** Shut down instances, apps, kernels, terminals, endpoints or jobs */
  shutDown: { method: 'POST'; path: 'running/shutdown'; query: undefined; body: Shutdown; answer: ShutdownResult };
  /** Hours of instances per day and type, and their cost */
  getUsageHistory: { method: 'GET'; path: 'running/history'; query: HistoryQuery; body: undefined; answer: UsageHistory };
  /** The same as CSV */
  downloadUsageHistory: { method: 'GET'; path: 'running/history/download'; query: HistoryQuery; body: undefined; answer: unknown };
  /** Prices of instances an hour, with their source and date */
  getPrices: { method: 'GET'; path: 'running/prices'; query: PricesQuery; body: undefined; answer: PriceList };
  /** Fetch the newest prices from AWS */
  fetchPrices: { method: 'POST'; path: 'running/prices'; query: undefined; body: FetchPrices; answer: PriceList };
  /** The idle policy and idle instances */
  getIdle: { method: 'GET'; path: 'running/idle'; query: undefined; body: undefined; answer: IdleState };
  /** Set the idle policy */
  setIdle: { method: 'PUT'; path: 'running/idle'; query: undefined; body: IdlePolicy; answer: IdleState };
  /** Keep an idle instance */
  keepInstance: { method: 'POST'; path: 'running/idle/keep'; query: undefined; body: KeepInstance; answer: Accepted };
  /** Output of an app's start-up script */
  getScriptLogs: { method: 'GET'; path: 'running/script-logs'; query: ScriptLogsQuery; body: undefined; answer: LogLines };
  /** The whole output of an app's start-up script as text */
  downloadScriptLog: { method: 'GET'; path: 'running/script-logs/download'; query: DownloadLog; body: undefined; answer: unknown };
  /** Whether and how a notebook can be shared */
  getSharingOptions: { method: 'GET'; path: 'sharing'; query: SharingQuery; body: undefined; answer: SharingOptions };
  /** One's own snapshots of notebooks */
  listSnapshots: { method: 'GET'; path: 'snapshots'; query: ListSnapshots; body: undefined; answer: SnapshotPage };
  /** Create a shareable snapshot of a notebook */
  createSnapshot: { method: 'POST'; path: 'snapshots'; query: undefined; body: CreateSnapshot; answer: Snapshot };
  /** A snapshot with its notebook */
  describeSnapshot: { method: 'GET'; path: 'snapshots/{name}'; query: undefined; body: undefined; answer: SnapshotView };
  /** Delete one's own snapshot */
  deleteSnapshot: { method: 'DELETE'; path: 'snapshots/{name}'; query: undefined; body: undefined; answer: Accepted };
  /** Copy a snapshot to the files of this server */
  copySnapshot: { method: 'POST'; path: 'snapshots/{name}/copy'; query: undefined; body: CreateCopy; answer: CreatedCopy };
  /** The example notebooks */
  listExamples: { method: 'GET'; path: 'examples'; query: undefined; body: undefined; answer: Examples };
  /** Add a Git repository or S3 folder to the gallery, or read it again */
  addExampleSource: { method: 'POST'; path: 'example-sources'; query: undefined; body: AddExampleSource; answer: ExampleSource };
  /** Take a source out of the gallery */
  removeExampleSource: { method: 'DELETE'; path: 'example-sources/{name}'; query: undefined; body: undefined; answer: Accepted };
  /** An example notebook */
  readExample: { method: 'GET'; path: 'examples/{name}'; query: undefined; body: undefined; answer: ExampleView };
  /** Copy an example to the files of this server */
  copyExample: { method: 'POST'; path: 'examples/{name}/copy'; query: undefined; body: CreateCopy; answer: CreatedCopy };
  /** Notebook instances */
  listNotebookInstances: { method: 'GET'; path: 'notebook-instances'; query: ListNotebookInstances; body: undefined; answer: NotebookInstancePage };
  /** Create a notebook instance */
  createNotebookInstance: { method: 'POST'; path: 'notebook-instances'; query: undefined; body: NotebookInstanceForm; answer: CreatedNotebookInstance };
  /** A notebook instance's page */
  describeNotebookInstance: { method: 'GET'; path: 'notebook-instances/{name}'; query: undefined; body: undefined; answer: NotebookInstance };
  /** Change the settings of a stopped notebook instance */
  updateNotebookInstance: { method: 'PUT'; path: 'notebook-instances/{name}'; query: undefined; body: NotebookInstanceForm; answer: Accepted };
  /** Delete a stopped notebook instance and its folder */
  deleteNotebookInstance: { method: 'DELETE'; path: 'notebook-instances/{name}'; query: undefined; body: undefined; answer: Accepted };
  /** Start a notebook instance */
  startNotebookInstance: { method: 'POST'; path: 'notebook-instances/{name}/start'; query: undefined; body: undefined; answer: Accepted };
  /** Stop a notebook instance */
  stopNotebookInstance: { method: 'POST'; path: 'notebook-instances/{name}/stop'; query: undefined; body: undefined; answer: Accepted };
  /** A link that opens a notebook instance once within five minutes */
  openNotebookInstance: { method: 'POST'; path: 'notebook-instances/{name}/open'; query: undefined; body: OpenNotebookInstance; answer: NotebookInstanceLink };
  /** Logs of a notebook instance: progress, scripts, server */
  getNotebookInstanceLogs: { method: 'GET'; path: 'notebook-instances/{name}/logs'; query: LogsQuery; body: undefined; answer: LogLines };
  /** A whole log as text */
  downloadNotebookInstanceLog: { method: 'GET'; path: 'notebook-instances/{name}/logs/download'; query: DownloadLog; body: undefined; answer: unknown };
  /** What the form of notebook instances offers */
  getNotebookOptions: { method: 'GET'; path: 'notebook-form/options'; query: undefined; body: undefined; answer: NotebookOptions };
  /** Lifecycle configurations of notebook instances */
  listNotebookLifecycleConfigs: { method: 'GET'; path: 'notebook-lifecycle-configs'; query: ListNotebookLifecycleConfigs; body: undefined; answer: NotebookLifecycleConfigPage };
  /** Create a lifecycle configuration */
  createNotebookLifecycleConfig: { method: 'POST'; path: 'notebook-lifecycle-configs'; query: undefined; body: NotebookLifecycleConfigForm; answer: Accepted };
  /** A lifecycle configuration with its scripts */
  describeNotebookLifecycleConfig: { method: 'GET'; path: 'notebook-lifecycle-configs/{name}'; query: undefined; body: undefined; answer: NotebookLifecycleConfig };
  /** Change the scripts of a lifecycle configuration */
  updateNotebookLifecycleConfig: { method: 'PUT'; path: 'notebook-lifecycle-configs/{name}'; query: undefined; body: NotebookLifecycleConfigForm; answer: Accepted };
  /** Delete a lifecycle configuration */
  deleteNotebookLifecycleConfig: { method: 'DELETE'; path: 'notebook-lifecycle-configs/{name}'; query: undefined; body: undefined; answer: Accepted };
  /** Images, kernels and defaults of notebooks */
  listEnvironments: { method: 'GET'; path: 'environments'; query: undefined; body: undefined; answer: Environments };
  /** What a notebook runs on */
  getNotebookEnvironment: { method: 'GET'; path: 'environments/of'; query: EnvironmentQuery; body: undefined; answer: NotebookEnvironment };
  /** Choose the environment of a notebook's next kernel */
  chooseEnvironment: { method: 'PUT'; path: 'environments/chosen'; query: undefined; body: ChooseEnvironment; answer: ChosenEnvironment };
  /** Instance types of notebooks */
  listStudioInstanceTypes: { method: 'GET'; path: 'environments/instance-types'; query: undefined; body: undefined; answer: StudioInstanceTypes };
  /** Start-up scripts that may be chosen */
  listStartupScripts: { method: 'GET'; path: 'environments/startup-scripts'; query: undefined; body: undefined; answer: StartupScripts };
  /** The text of a start-up script */
  readStartupScript: { method: 'GET'; path: 'environments/startup-scripts/{name}'; query: undefined; body: undefined; answer: StartupScriptText };
  /** Open a terminal in an image */
  openImageTerminal: { method: 'POST'; path: 'environments/terminals'; query: undefined; body: OpenTerminal; answer: OpenedTerminal };
  /** How the building of an image goes */
  getImageBuild: { method: 'GET'; path: 'environments/images/{name}/build'; query: BuildQuery; body: undefined; answer: ImageBuild };
  /** Build an image */
  startImageBuild: { method: 'POST'; path: 'environments/images/{name}/build'; query: undefined; body: undefined; answer: ImageBuild };
  /** Stop building an image */
  cancelImageBuild: { method: 'DELETE'; path: 'environments/images/{name}/build'; query: undefined; body: undefined; answer: ImageBuild };
  /** Buckets */
  listBuckets: { method: 'GET'; path: 'buckets'; query: undefined; body: undefined; answer: Buckets };
  /** One folder of a bucket */
  listObjects: { method: 'GET'; path: 'objects'; query: ListObjects; body: undefined; answer: ObjectPage };
  /** How an object begins */
  peekObject: { method: 'GET'; path: 'objects/peek'; query: PeekObject; body: undefined; answer: ObjectStart };
  /** One object, as a download */
  downloadObject: { method: 'GET'; path: 'objects/download'; query: DownloadObject; body: undefined; answer: unknown };
  /** Look into a CSV */
  previewData: { method: 'POST'; path: 'data/preview'; query: undefined; body: PreviewRequest; answer: DataPreview };
  /** Send a Jupyter file to S3 */
  uploadData: { method: 'POST'; path: 'data/upload'; query: undefined; body: UploadRequest; answer: Uploaded };
  /** Sample data sets */
  listSamples: { method: 'GET'; path: 'samples'; query: undefined; body: undefined; answer: Samples };
  /** Put a sample into S3 */
  putSample: { method: 'POST'; path: 'samples/{name}'; query: undefined; body: PutSample; answer: SampleLocation };
  /** This API in OpenAPI 3.1 */
  getOpenApi: { method: 'GET'; path: 'openapi.json'; query: undefined; body: undefined; answer: unknown };
}
