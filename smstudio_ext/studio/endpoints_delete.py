"""Deletes an endpoint, and on request its configuration and the models that nothing else uses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from smstudio_ext.studio.models.endpoints import DeleteEndpoint, Deletion
from smstudio_ext.target import Target

_MOST_LOOKED_AT = 200
"""Endpoints and configurations that are looked through for other uses; with more of them nothing shared is deleted."""


@dataclass
class _Plan:
    config: str | None = None
    models: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def delete_endpoint(target: Target, name: str, request: DeleteEndpoint) -> Deletion:
    """Deletes the endpoint first, then its configuration, then its models; `dry_run` only lists them.

    Raises:
        botocore.exceptions.ClientError: it is not there, or it changes right now.
    """
    sagemaker = target.client("sagemaker")
    endpoint = sagemaker.describe_endpoint(EndpointName=name)
    plan = _plan(sagemaker, name, endpoint.get("EndpointConfigName"), request)
    if not request.dry_run:
        sagemaker.delete_endpoint(EndpointName=name)
        if plan.config:
            _delete(
                sagemaker.delete_endpoint_config,
                plan,
                "endpoint configuration",
                EndpointConfigName=plan.config,
            )
        for model in plan.models:
            _delete(sagemaker.delete_model, plan, "model", ModelName=model)
    return Deletion(
        endpoint=name, config=plan.config, models=plan.models, kept=plan.kept, done=not request.dry_run
    )


def _plan(sagemaker: Any, name: str, config_name: str | None, request: DeleteEndpoint) -> _Plan:
    from botocore.exceptions import ClientError

    plan = _Plan()
    if not config_name or not (request.config or request.models):
        return plan
    try:
        config = sagemaker.describe_endpoint_config(EndpointConfigName=config_name)
    except ClientError:
        return plan  # deleted before
    models = [v["ModelName"] for v in config.get("ProductionVariants", []) if v.get("ModelName")]
    if request.config:
        others = _other_endpoints(sagemaker, name, config_name)
        if others is None:
            plan.kept.append(
                f"endpoint configuration {config_name}: too many endpoints to see whether it is shared"
            )
        elif others:
            plan.kept.append(f"endpoint configuration {config_name}: used by {', '.join(others)}")
        else:
            plan.config = config_name
    if request.models:
        users = _model_users(sagemaker, config_name)
        for model in dict.fromkeys(models):
            if users is None:
                plan.kept.append(
                    f"model {model}: too many endpoint configurations to see whether it is shared"
                )
            elif users.get(model):
                plan.kept.append(f"model {model}: used by endpoint configuration {', '.join(users[model])}")
            else:
                plan.models.append(model)
    return plan


def _other_endpoints(sagemaker: Any, name: str, config_name: str) -> list[str] | None:
    names = _names(sagemaker, "list_endpoints", "Endpoints", "EndpointName")
    if names is None:
        return None
    used = []
    for other in names:
        if other == name:
            continue
        if (
            _described(sagemaker.describe_endpoint, EndpointName=other).get("EndpointConfigName")
            == config_name
        ):
            used.append(other)
    return used


def _model_users(sagemaker: Any, config_name: str) -> dict[str, list[str]] | None:
    names = _names(sagemaker, "list_endpoint_configs", "EndpointConfigs", "EndpointConfigName")
    if names is None:
        return None
    users: dict[str, list[str]] = {}
    for other in names:
        if other == config_name:
            continue
        config = _described(sagemaker.describe_endpoint_config, EndpointConfigName=other)
        for variant in [*config.get("ProductionVariants", []), *config.get("ShadowProductionVariants", [])]:
            if variant.get("ModelName"):
                users.setdefault(variant["ModelName"], []).append(other)
    return users


def _names(sagemaker: Any, operation: str, key: str, name: str) -> list[str] | None:
    """All names of a list, or None when there are too many."""
    found: list[str] = []
    request: dict[str, Any] = {"MaxResults": 100}
    while True:
        answer = getattr(sagemaker, operation)(**request)
        found += [entry[name] for entry in answer.get(key, [])]
        token = answer.get("NextToken")
        if not token:
            return found
        if len(found) >= _MOST_LOOKED_AT:
            return None
        request["NextToken"] = token


def _described(describe: Any, **name: str) -> dict[str, Any]:
    from botocore.exceptions import ClientError

    try:
        answer: dict[str, Any] = describe(**name)
    except ClientError:
        return {}  # deleted in between: it uses nothing any more
    return answer


def _delete(delete: Any, plan: _Plan, what: str, **name: str) -> None:
    """The endpoint is gone already, so a part that cannot be deleted is reported, not raised."""
    from botocore.exceptions import ClientError

    try:
        delete(**name)
    except ClientError as error:
        value = next(iter(name.values()))
        plan.kept.append(
            f"{what} {value}: {error.response['Error'].get('Message', 'it could not be deleted')}"
        )
        if plan.config == value and what == "endpoint configuration":
            plan.config = None
        elif value in plan.models:
            plan.models = [model for model in plan.models if model != value]
