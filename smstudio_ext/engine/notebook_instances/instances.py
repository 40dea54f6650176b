"""Notebook instances: what the operations write down; the controller makes it so."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.notebook_instances.configs import get_config
from smstudio_ext.engine.notebook_instances.repositories import clone_order
from smstudio_ext.engine.notebook_instances.states import NOTEBOOK_INSTANCE, require_status
from smstudio_ext.engine.store.resources import Resource

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

KIND = "NotebookInstance"
DEFAULT_VOLUME_GB = 5
_KEPT = ("InstanceType", "RoleArn", "KmsKeyId", "SubnetId", "AcceleratorTypes", "DefaultCodeRepository", "AdditionalCodeRepositories", "IpAddressType", "InstanceMetadataServiceConfiguration")  # fmt: skip
_CHANGEABLE = ("InstanceType", "RoleArn", "VolumeSizeInGB", "DefaultCodeRepository", "AdditionalCodeRepositories", "AcceleratorTypes", "RootAccess", "PlatformIdentifier", "IpAddressType", "InstanceMetadataServiceConfiguration")  # fmt: skip
# flag of the request -> member that it takes away
_TAKEN_AWAY = {
    "DisassociateLifecycleConfig": ("NotebookInstanceLifecycleConfigName", "LifecycleConfigName"),
    "DisassociateAcceleratorTypes": ("AcceleratorTypes", "AcceleratorTypes"),
    "DisassociateDefaultCodeRepository": ("DefaultCodeRepository", "DefaultCodeRepository"),
    "DisassociateAdditionalCodeRepositories": ("AdditionalCodeRepositories", "AdditionalCodeRepositories"),
}


def create_instance(ctx: EngineContext, region: str, request: dict[str, Any]) -> Resource:
    """Writes a new notebook instance in status Pending.

    Raises:
        ValidationException: the name is taken; its lifecycle configuration or a repository is missing.
    """
    name = request["NotebookInstanceName"]
    if not name:
        raise ValidationException("NotebookInstanceName must not be empty.")
    arn = sagemaker_arn(KIND, region, name)
    _check_named(ctx, region, request)
    now = ctx.clock.now()
    document: dict[str, Any] = {
        "NotebookInstanceArn": arn,
        "NotebookInstanceName": name,
        "NotebookInstanceStatus": "Pending",
        **{key: request[key] for key in _KEPT if request.get(key)},
        "SecurityGroups": request.get("SecurityGroupIds") or [],
        "CreationTime": now,
        "LastModifiedTime": now,
        "DirectInternetAccess": request.get("DirectInternetAccess", "Enabled"),
        "VolumeSizeInGB": request.get("VolumeSizeInGB", DEFAULT_VOLUME_GB),
        "RootAccess": request.get("RootAccess", "Enabled"),
        "PlatformIdentifier": request.get("PlatformIdentifier") or "notebook-al2023-v1",
    }
    if document["DirectInternetAccess"] == "Disabled" and not request.get("SubnetId"):
        raise ValidationException("DirectInternetAccess can only be Disabled when a SubnetId is given.")
    if request.get("LifecycleConfigName"):
        document["NotebookInstanceLifecycleConfigName"] = request["LifecycleConfigName"]
    internal = {
        "id": secrets.token_hex(4),
        "secret": secrets.token_hex(32),
        "run": 1,
        "lost": [],
        "update": None,
    }
    resource = Resource(KIND, region, name, arn, "Pending", now, now, document, internal)
    taken = ValidationException(f"Cannot create a duplicate Notebook Instance ({arn})")
    ctx.store.resources.create(resource, request.get("Tags") or (), taken=taken)
    ctx.reconciler.wake(KIND, region, name)
    return resource


def get_instance(ctx: EngineContext, region: str, name: str) -> Resource:
    """The notebook instance.

    Raises:
        ValidationException: `RecordNotFound`, as AWS says it.
    """
    return ctx.store.resources.get(KIND, region, name, missing=ValidationException("RecordNotFound"))


def start_instance(ctx: EngineContext, region: str, name: str) -> None:
    """Starts a stopped instance; one that failed too, which AWS refuses.

    Raises:
        ValidationException: there is none, or it runs.
    """
    _transition(ctx, region, name, ("Stopped", "Failed"), "Pending", _begin_run)


def stop_instance(ctx: EngineContext, region: str, name: str) -> None:
    """Begins to stop an instance; its folder `SageMaker` is kept.

    Raises:
        ValidationException: there is none, or it does not run.
    """
    _transition(ctx, region, name, ("InService",), "Stopping")


def delete_instance(ctx: EngineContext, region: str, name: str) -> None:
    """Begins to take an instance away, with its folder `SageMaker`.

    Raises:
        ValidationException: there is none, or it was not stopped.
    """
    _transition(ctx, region, name, ("Stopped", "Failed"), "Deleting")


def update_instance(ctx: EngineContext, region: str, request: dict[str, Any]) -> None:
    """Begins to change settings of a stopped instance; of one that failed too, so that it can be mended.

    Raises:
        ValidationException: there is none, it runs, or the change breaks a rule.
    """
    name = request["NotebookInstanceName"]
    present = get_instance(ctx, region, name)
    _check_named(ctx, region, request)
    for flag, (_, member) in _TAKEN_AWAY.items():
        if request.get(flag) and request.get(member):
            raise ValidationException(f"{member} and {flag} cannot be given together.")
    if request.get("VolumeSizeInGB", 1 << 20) < present.document["VolumeSizeInGB"]:
        raise ValidationException(
            f"VolumeSizeInGB cannot be decreased: the volume of Notebook Instance ({present.arn}) has "
            f"{present.document['VolumeSizeInGB']} GB."
        )
    wanted = {key: request[key] for key in _CHANGEABLE if request.get(key) is not None}
    if request.get("LifecycleConfigName"):
        wanted["NotebookInstanceLifecycleConfigName"] = request["LifecycleConfigName"]
    removed = [member for flag, (member, _) in _TAKEN_AWAY.items() if request.get(flag)]

    def note(resource: Resource) -> None:
        resource.internal["update"] = {"set": wanted, "remove": removed}

    _transition(ctx, region, name, ("Stopped", "Failed"), "Updating", note)


def set_status(resource: Resource, status: str, now: float) -> None:
    """Moves a row on along the table of states."""
    NOTEBOOK_INSTANCE.check(resource.status, status)
    resource.status = resource.document["NotebookInstanceStatus"] = status
    resource.document["LastModifiedTime"] = now
    resource.finished = status in ("Stopped", "Failed")
    if status != "Failed":
        resource.document.pop("FailureReason", None)


def _begin_run(resource: Resource) -> None:
    resource.internal["run"] += 1
    resource.internal["lost"] = []


def _transition(
    ctx: EngineContext, region: str, name: str, allowed: tuple[str, ...], aim: str, edit: Any = None
) -> None:
    missing = ValidationException("RecordNotFound")
    with ctx.store.resources.changing(KIND, region, name, missing=missing) as resource:
        require_status(resource.status, allowed, aim, resource.arn)
        set_status(resource, aim, ctx.clock.now())
        if edit is not None:
            edit(resource)
    ctx.reconciler.wake(KIND, region, name)


def _check_named(ctx: EngineContext, region: str, request: dict[str, Any]) -> None:
    if request.get("LifecycleConfigName"):
        get_config(ctx, region, request["LifecycleConfigName"], "find")
    named = [request.get("DefaultCodeRepository"), *(request.get("AdditionalCodeRepositories") or ())]
    orders = [clone_order(ctx, region, one) for one in named if one]
    if len({order["folder"] for order in orders}) < len(orders):
        raise ValidationException(
            "Two repositories of a notebook instance cannot have folders of the same name."
        )
