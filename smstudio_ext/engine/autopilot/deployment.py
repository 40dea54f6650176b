"""The automatic deployment of a job's best candidate (ModelDeployConfig)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.hosting import configs, endpoints, models

if TYPE_CHECKING:
    from smstudio_ext.engine.autopilot.children import Family
    from smstudio_ext.engine.store import Resource

# What AWS's quota page names for Autopilot's own deployments.
INSTANCE_TYPE = "ml.m5.2xlarge"


@dataclass(frozen=True)
class Outcome:
    """How the deployment ended; `failure` is None when the endpoint is in service."""

    endpoint: str
    failure: str | None = None


def advance(family: Family, job: Resource) -> Outcome | None:
    """Makes what is missing of model, endpoint configuration and endpoint; None while the endpoint is not in service."""
    name = family.spec.endpoint_name or family.names.endpoint()
    try:
        return _advance(family, job, name)
    except AwsError as error:
        return Outcome(name, error.message)


def withdraw(family: Family, job: Resource) -> None:
    """Takes back what a stopped job has made of a deployment that was not finished."""
    if job.document.get("ModelDeployResult") or family.spec.endpoint_name is None:
        return
    ctx, region = family.ctx, family.region
    name = family.spec.endpoint_name or family.names.endpoint()
    endpoint = family.find(endpoints.KIND, name)
    if endpoint is not None and endpoint.parent == job.parent_key and endpoint.status != "Deleting":
        endpoints.delete_endpoint(ctx, region, name)
    for kind, child, delete in (
        (configs.KIND, family.names.endpoint(), configs.delete_endpoint_config),
        (models.KIND, family.names.model(), models.delete_model),
    ):
        found = family.find(kind, child)
        if found is not None and found.parent == job.parent_key:
            delete(ctx, region, child)


def _advance(family: Family, job: Resource, name: str) -> Outcome | None:
    ctx, region = family.ctx, family.region
    endpoint = family.find(endpoints.KIND, name)
    if endpoint is not None and endpoint.parent == job.parent_key:
        if endpoint.status == "InService":
            return Outcome(name)
        if endpoint.status in ("Failed", "OutOfService", "Deleting"):
            reason = endpoint.document.get("FailureReason") or f"it is in status {endpoint.status}."
            return Outcome(name, f"Endpoint {name} could not be deployed: {reason}")
        return None
    model, config = family.names.model(), family.names.endpoint()
    if family.find(models.KIND, model) is None:
        request = {
            "ModelName": model,
            "Containers": job.document["BestCandidate"]["InferenceContainers"],
            "ExecutionRoleArn": family.spec.role,
        }
        models.create_model(ctx, region, request, parent=job.parent_key)
    if family.find(configs.KIND, config) is None:
        variant = {
            "VariantName": "AllTraffic",
            "ModelName": model,
            "InitialInstanceCount": 1,
            "InstanceType": INSTANCE_TYPE,
            "InitialVariantWeight": 1.0,
        }
        request = {"EndpointConfigName": config, "ProductionVariants": [variant]}
        configs.create_endpoint_config(ctx, region, request, parent=job.parent_key)
    endpoints.create_endpoint(
        ctx, region, {"EndpointName": name, "EndpointConfigName": config}, parent=job.parent_key
    )
    return None
