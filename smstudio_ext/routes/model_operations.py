"""The REST API's operations on models."""

from __future__ import annotations

from smstudio_ext.routes.operation import Operation

_MODEL = "models/{name}"

MODEL_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "models",
        "listModels",
        "Models",
        "model_pages.ModelPage",
        query="model_pages.ListModels",
        runs="model_pages.list_models",
    ),
    Operation(
        "GET",
        _MODEL,
        "describeModel",
        "A model's page",
        "model_pages.Model",
        runs="model_pages.describe_model",
    ),
    Operation(
        "GET",
        f"{_MODEL}/endpoints",
        "listModelEndpoints",
        "Endpoints that serve a model",
        "model_pages.ModelUsers",
        runs="model_pages.model_endpoints",
    ),
    Operation(
        "GET",
        f"{_MODEL}/transform-jobs",
        "listModelTransformJobs",
        "Running batch transform jobs that use a model",
        "model_pages.ModelUsers",
        runs="model_pages.model_transform_jobs",
    ),
    Operation(
        "DELETE",
        _MODEL,
        "deleteModel",
        "Delete a model",
        "base.Accepted",
        runs="model_pages.delete_model",
    ),
    Operation(
        "POST",
        f"{_MODEL}/deploy",
        "deployModel",
        "Deploy a model",
        "automl.Deployed",
        body="model_pages.DeployModel",
        status=201,
        runs="model_pages.deploy_model",
    ),
)
