"""The REST API as a table: every method and path with what it takes and answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from smstudio_ext.studio.models import automl, base, data, endpoints, options, status, training
from smstudio_ext.studio.samples import SampleLocation

API_PREFIX = "smstudio/api"

Method = Literal["GET", "POST", "PUT", "DELETE"]


@dataclass(frozen=True)
class Operation:
    """One method of one path.

    Attributes:
        path: under `<base_url>/smstudio/api/`, with `{name}` for a path part.
        id: name of the operation in OpenAPI and in the generated types.
        query: model of the query string.
        body: model of the JSON body.
        answer: model of the answer; none for a document of its own.
    """

    method: Method
    path: str
    id: str
    summary: str
    answer: type[BaseModel] | None
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    status: int = 200


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET", "status", "getStatus", "Target, engine, identity, version", status.Status, status.StatusQuery
    ),
    Operation("GET", "targets", "getTargets", "Local engine and AWS profiles", status.Targets),
    Operation("PUT", "target", "chooseTarget", "Choose the target", status.Status, body=status.ChooseTarget),
    Operation("POST", "engine/start", "startEngine", "Start the local engine", status.EngineStatus),
    Operation("POST", "engine/stop", "stopEngine", "Stop the local engine", status.EngineStatus),
    Operation(
        "POST",
        "presence",
        "reportPresence",
        "A page is visible or not",
        status.PresenceReply,
        body=status.Presence,
    ),
    Operation("GET", "options", "getOptions", "What forms offer", options.Options),
    Operation(
        "GET",
        "automl-jobs",
        "listAutoMLJobs",
        "Autopilot experiments",
        automl.AutoMLJobPage,
        automl.ListAutoMLJobs,
    ),
    Operation(
        "POST",
        "automl-jobs",
        "createAutoMLJob",
        "Create an Autopilot experiment",
        automl.CreatedAutoMLJob,
        body=automl.CreateAutoMLJob,
        status=201,
    ),
    Operation("GET", "automl-jobs/{name}", "describeAutoMLJob", "An experiment's page", automl.AutoMLJob),
    Operation(
        "GET",
        "automl-jobs/{name}/candidates",
        "listCandidates",
        "An experiment's leaderboard",
        automl.CandidatePage,
        automl.ListCandidates,
    ),
    Operation(
        "POST", "automl-jobs/{name}/stop", "stopAutoMLJob", "Stop an experiment", base.Accepted, status=202
    ),
    Operation(
        "POST",
        "automl-jobs/{name}/deploy",
        "deployCandidate",
        "Deploy a candidate",
        automl.Deployed,
        body=automl.DeployCandidate,
        status=201,
    ),
    Operation(
        "GET",
        "training-jobs",
        "listTrainingJobs",
        "Training jobs",
        training.TrainingJobPage,
        training.ListTrainingJobs,
    ),
    Operation(
        "GET", "training-jobs/{name}", "describeTrainingJob", "A training job's page", training.TrainingJob
    ),
    Operation(
        "GET",
        "training-jobs/{name}/logs",
        "getTrainingJobLogs",
        "A training job's log",
        training.LogLines,
        training.LogsQuery,
    ),
    Operation(
        "POST",
        "training-jobs/{name}/stop",
        "stopTrainingJob",
        "Stop a training job",
        base.Accepted,
        status=202,
    ),
    Operation(
        "GET", "endpoints", "listEndpoints", "Endpoints", endpoints.EndpointPage, endpoints.ListEndpoints
    ),
    Operation("GET", "endpoints/{name}", "describeEndpoint", "An endpoint's page", endpoints.Endpoint),
    Operation(
        "DELETE",
        "endpoints/{name}",
        "deleteEndpoint",
        "Delete an endpoint, also its configuration and models",
        endpoints.Deletion,
        endpoints.DeleteEndpoint,
    ),
    Operation(
        "POST",
        "endpoints/{name}/invoke",
        "invokeEndpoint",
        "Test inference",
        endpoints.Invocation,
        body=endpoints.InvokeEndpoint,
    ),
    Operation("GET", "buckets", "listBuckets", "Buckets", data.Buckets),
    Operation("GET", "objects", "listObjects", "One folder of a bucket", data.ObjectPage, data.ListObjects),
    Operation(
        "POST", "data/preview", "previewData", "Look into a CSV", data.DataPreview, body=data.PreviewRequest
    ),
    Operation(
        "POST",
        "data/upload",
        "uploadData",
        "Send a Jupyter file to S3",
        data.Uploaded,
        body=data.UploadRequest,
        status=201,
    ),
    Operation("GET", "samples", "listSamples", "Sample data sets", data.Samples),
    Operation(
        "POST",
        "samples/{name}",
        "putSample",
        "Put a sample into S3",
        SampleLocation,
        body=data.PutSample,
        status=201,
    ),
    Operation("GET", "openapi.json", "getOpenApi", "This API in OpenAPI 3.1", None),
)

EVENT_MODELS: tuple[type[BaseModel], ...] = (status.Change, base.ApiError)
