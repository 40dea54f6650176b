"""The REST API as a table: every method and path with what it takes, answers and runs.

Models and functions stand here by name, so that the server starts without importing pydantic and the pages' code.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from smstudio_ext.routes.automl_operations import AUTOML_OPERATIONS
from smstudio_ext.routes.domain_operations import DOMAIN_OPERATIONS
from smstudio_ext.routes.endpoint_operations import ENDPOINT_OPERATIONS
from smstudio_ext.routes.environment_operations import ENVIRONMENT_OPERATIONS
from smstudio_ext.routes.experiment_chart_operations import EXPERIMENT_CHART_OPERATIONS
from smstudio_ext.routes.experiment_operations import EXPERIMENT_OPERATIONS
from smstudio_ext.routes.gateway_operations import GATEWAY_OPERATIONS
from smstudio_ext.routes.model_operations import MODEL_OPERATIONS
from smstudio_ext.routes.notebook_instance_operations import NOTEBOOK_INSTANCE_OPERATIONS
from smstudio_ext.routes.operation import Operation
from smstudio_ext.routes.running_operations import RUNNING_OPERATIONS
from smstudio_ext.routes.sharing_operations import SHARING_OPERATIONS
from smstudio_ext.routes.target_operations import TARGET_OPERATIONS
from smstudio_ext.routes.transform_operations import TRANSFORM_OPERATIONS

if TYPE_CHECKING:
    from pydantic import BaseModel

API_PREFIX = "smstudio/api"


def model(name: str) -> type[BaseModel]:
    """The model of a name such as `automl.AutoMLJob`."""
    module, attribute = name.split(".")
    found: type[BaseModel] = getattr(import_module(f"smstudio_ext.studio.models.{module}"), attribute)
    return found


def function(name: str) -> Any:
    """The function of a name such as `automl.list_automl_jobs`."""
    module, attribute = name.split(".")
    return getattr(import_module(f"smstudio_ext.studio.{module}"), attribute)


_TRAINING = "training-jobs/{name}"
_TUNING = "tuning-jobs/{name}"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "status",
        "getStatus",
        "Target, engine, identity, version",
        "status.Status",
        query="status.StatusQuery",
    ),
    Operation("GET", "targets", "getTargets", "Local engine and AWS profiles", "status.Targets"),
    Operation(
        "PUT", "target", "chooseTarget", "Choose the target", "status.Status", body="status.ChooseTarget"
    ),
    Operation("POST", "engine/start", "startEngine", "Start the local engine", "status.EngineStatus"),
    Operation("POST", "engine/stop", "stopEngine", "Stop the local engine", "status.EngineStatus"),
    Operation(
        "POST",
        "presence",
        "reportPresence",
        "A page is visible or not",
        "status.PresenceReply",
        body="status.Presence",
    ),
    Operation(
        "GET", "options", "getOptions", "What forms offer", "options.Options", runs="options.get_options"
    ),
    *TARGET_OPERATIONS,
    *AUTOML_OPERATIONS,
    *GATEWAY_OPERATIONS,
    Operation(
        "GET",
        "training-jobs",
        "listTrainingJobs",
        "Training jobs",
        "training.TrainingJobPage",
        query="training.ListTrainingJobs",
        runs="training.list_training_jobs",
    ),
    Operation(
        "GET",
        _TRAINING,
        "describeTrainingJob",
        "A training job's page",
        "training.TrainingJob",
        runs="training.describe_training_job",
    ),
    Operation(
        "GET",
        f"{_TRAINING}/logs",
        "getTrainingJobLogs",
        "A training job's log",
        "training.LogLines",
        query="training.LogsQuery",
        runs="training.training_job_logs",
    ),
    Operation(
        "POST",
        f"{_TRAINING}/stop",
        "stopTrainingJob",
        "Stop a training job",
        "base.Accepted",
        status=202,
        runs="training.stop_training_job",
    ),
    Operation(
        "POST",
        "training-jobs",
        "createTrainingJob",
        "Create a training job",
        "training_form.CreatedTrainingJob",
        body="training_form.TrainingForm",
        status=201,
    ),
    Operation(
        "DELETE",
        _TRAINING,
        "deleteTrainingJob",
        "Delete a training job",
        "base.Accepted",
        status=202,
        runs="training.delete_training_job",
    ),
    Operation(
        "GET",
        f"{_TRAINING}/logs/download",
        "downloadTrainingJobLog",
        "The whole log as text",
        None,
        query="training.DownloadLog",
    ),
    Operation(
        "GET",
        f"{_TRAINING}/metrics",
        "getTrainingJobMetrics",
        "What a training job measured, over time",
        "training.TrainingMetrics",
        runs="training_metrics.training_metrics",
    ),
    Operation(
        "GET",
        f"{_TRAINING}/instance-metrics",
        "getTrainingInstanceMetrics",
        "What the instances of a training job used, over time",
        "training.InstanceMetrics",
        runs="training_metrics.instance_metrics",
    ),
    Operation(
        "GET",
        f"{_TRAINING}/form",
        "cloneTrainingJob",
        "The form of a training job like this one",
        "training_form.TrainingForm",
        runs="training_create.clone_training_job",
    ),
    Operation(
        "GET",
        f"{_TRAINING}/tune",
        "tuneTrainingJob",
        "The form of a tuning job whose trials are like this job",
        "tuning.TuningForm",
        runs="tuning_create.tune_training_job",
    ),
    Operation(
        "POST",
        f"{_TRAINING}/deploy",
        "deployTrainingJob",
        "Deploy what a training job made",
        "automl.Deployed",
        body="training.DeployTrainingJob",
        status=201,
        runs="deployment.deploy_training_job",
    ),
    Operation(
        "GET",
        "training-form/options",
        "getTrainingOptions",
        "What the training form offers",
        "training_form.TrainingOptions",
        runs="training_create.training_options",
    ),
    Operation(
        "POST",
        "training-form/plan",
        "planTrainingJob",
        "What a training form would send, and what is wrong with it",
        "training_form.TrainingPlan",
        body="training_form.TrainingForm",
        runs="training_create.plan_training_job",
    ),
    Operation(
        "GET",
        "tuning-jobs",
        "listTuningJobs",
        "Tuning jobs",
        "tuning.TuningJobPage",
        query="tuning.ListTuningJobs",
        runs="tuning.list_tuning_jobs",
    ),
    Operation(
        "POST",
        "tuning-jobs",
        "createTuningJob",
        "Create a tuning job",
        "tuning.CreatedTuningJob",
        body="tuning.TuningForm",
        status=201,
    ),
    Operation(
        "GET",
        _TUNING,
        "describeTuningJob",
        "A tuning job's page",
        "tuning.TuningJob",
        runs="tuning.describe_tuning_job",
    ),
    Operation(
        "DELETE",
        _TUNING,
        "deleteTuningJob",
        "Delete a tuning job",
        "base.Accepted",
        status=202,
        runs="tuning.delete_tuning_job",
    ),
    Operation(
        "GET",
        f"{_TUNING}/trials",
        "listTrials",
        "A tuning job's trials",
        "tuning.TrialPage",
        query="tuning.ListTrials",
        runs="tuning.list_trials",
    ),
    Operation(
        "POST",
        f"{_TUNING}/stop",
        "stopTuningJob",
        "Stop a tuning job",
        "base.Accepted",
        status=202,
        runs="tuning.stop_tuning_job",
    ),
    Operation(
        "GET",
        f"{_TUNING}/form",
        "cloneTuningJob",
        "The form of a tuning job like this one",
        "tuning.TuningForm",
        runs="tuning_create.clone_tuning_job",
    ),
    Operation(
        "POST",
        "tuning-form/plan",
        "planTuningJob",
        "What a tuning form would send, and what is wrong with it",
        "training_form.TrainingPlan",
        body="tuning.TuningForm",
        runs="tuning_create.plan_tuning_job",
    ),
    *TRANSFORM_OPERATIONS,
    *EXPERIMENT_OPERATIONS,
    *DOMAIN_OPERATIONS,
    *EXPERIMENT_CHART_OPERATIONS,
    *MODEL_OPERATIONS,
    *ENDPOINT_OPERATIONS,
    Operation(
        "POST",
        "cost-estimates",
        "estimateCosts",
        "What the instances of a form will cost",
        "costs.CostEstimate",
        body="costs.EstimateRequest",
        runs="billable.estimate_items",
    ),
    *RUNNING_OPERATIONS,
    *SHARING_OPERATIONS,
    *NOTEBOOK_INSTANCE_OPERATIONS,
    *ENVIRONMENT_OPERATIONS,
    Operation("GET", "buckets", "listBuckets", "Buckets", "data.Buckets", runs="buckets.list_buckets"),
    Operation(
        "GET",
        "objects",
        "listObjects",
        "One folder of a bucket",
        "data.ObjectPage",
        query="data.ListObjects",
        runs="buckets.list_objects",
    ),
    Operation(
        "GET",
        "objects/peek",
        "peekObject",
        "How an object begins",
        "data.ObjectStart",
        query="data.PeekObject",
        runs="buckets.peek_object",
    ),
    Operation(
        "GET",
        "objects/download",
        "downloadObject",
        "One object, as a download",
        None,
        query="data.DownloadObject",
    ),
    Operation(
        "POST",
        "data/preview",
        "previewData",
        "Look into a CSV",
        "data.DataPreview",
        body="data.PreviewRequest",
    ),
    Operation(
        "POST",
        "data/upload",
        "uploadData",
        "Send a Jupyter file to S3",
        "data.Uploaded",
        body="data.UploadRequest",
        status=201,
    ),
    Operation("GET", "samples", "listSamples", "Sample data sets", "data.Samples"),
    Operation(
        "POST",
        "samples/{name}",
        "putSample",
        "Put a sample into S3",
        "data.SampleLocation",
        body="data.PutSample",
        status=201,
        runs="buckets.put_sample_data",
    ),
    Operation("GET", "openapi.json", "getOpenApi", "This API in OpenAPI 3.1", None),
)

EVENT_MODELS: tuple[str, ...] = ("status.Change", "base.ApiError", "costs.CostQuestion")

BY_ID: dict[str, Operation] = {operation.id: operation for operation in OPERATIONS}
