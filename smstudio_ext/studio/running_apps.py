"""Apps of SageMaker Studio over boto3: the live ones, the ended ones, and the instances that they make up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from smstudio_ext.studio.search import hints
from smstudio_ext.target import Target

LIVE = frozenset({"Pending", "InService", "Deleting"})
"""States in which an app holds its instance."""

UNMETERED = "system"
"""Instance type of apps that AWS does not bill: the Jupyter server of Studio Classic."""

_LOG_GROUP_TYPE = "LifecycleConfigOnStart"


@dataclass(frozen=True)
class App:
    """One app as AWS lists it.

    Attributes:
        owner: its user profile, or its space.
        instance_type: empty when AWS does not say.
        created, ended: seconds since the epoch; `ended` None while it holds its instance, and where AWS does not say.
    """

    domain_id: str
    owner: str
    space: bool
    app_type: str
    name: str
    status: str
    instance_type: str
    image_arn: str
    lifecycle_config: str
    created: float
    ended: float | None = None
    failure_reason: str | None = None

    @property
    def live(self) -> bool:
        """Whether it holds its instance."""
        return self.status in LIVE

    @property
    def metered(self) -> bool:
        """Whether AWS bills its instance."""
        return bool(self.instance_type) and self.instance_type != UNMETERED

    @property
    def key(self) -> str:
        """What tells it from all others, also from earlier ones of the same name."""
        return f"{self.domain_id}/{self.owner}/{self.app_type}/{self.name}@{self.created:.3f}"

    @property
    def image(self) -> str | None:
        """Id of its image, e.g. `datascience-1.0`; None when AWS does not say."""
        return self.image_arn.rpartition("image/")[2] or None if self.image_arn else None

    @property
    def script_logs(self) -> str | None:
        """Stream of `/aws/sagemaker/studio` with the output of its start-up script; None when it has none."""
        if not self.lifecycle_config:
            return None
        return f"{self.domain_id}/{self.owner}/{self.app_type}/{self.name}/{_LOG_GROUP_TYPE}"

    def request(self) -> dict[str, str]:
        """The members that name it in a request."""
        owner = "SpaceName" if self.space else "UserProfileName"
        return {
            "DomainId": self.domain_id,
            owner: self.owner,
            "AppType": self.app_type,
            "AppName": self.name,
        }


def list_apps(
    target: Target, *, history: bool = False, ended_at: Callable[[App], float | None] = lambda app: None
) -> list[App]:
    """All apps that run or failed, newest last.

    Args:
        history: also those that were deleted: on AWS those of the last day, locally all.
        ended_at: when an ended app ended, if that is known; AWS is asked about the others, one by one.

    Raises:
        botocore.exceptions.ClientError: the target does not list apps, or not to us.
    """
    sagemaker = target.client("sagemaker")
    found: list[App] = []
    with hints(sagemaker, history=history):
        for page in sagemaker.get_paginator("list_apps").paginate():
            found += [_app(entry) for entry in page["Apps"]]
    result = []
    for app in found:
        if app.status == "Deleted":
            if history:
                known = ended_at(app)
                result.append(_with_end(app, known) if known is not None else _described(sagemaker, app))
        else:
            plain = app.live and bool(app.instance_type)
            result.append(app if plain else _described(sagemaker, app))
    return sorted(result, key=lambda app: app.created)


def delete_app(target: Target, app: App) -> None:
    """Shuts an app down; one that is gone already is no error."""
    from botocore.exceptions import ClientError

    try:
        target.client("sagemaker").delete_app(**app.request())
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("ResourceNotFound", "ResourceNotFoundException"):
            raise


def _app(entry: dict[str, Any]) -> App:
    resources = entry.get("ResourceSpec") or {}
    return App(
        domain_id=entry["DomainId"],
        owner=entry.get("UserProfileName") or entry.get("SpaceName") or "",
        space=not entry.get("UserProfileName") and bool(entry.get("SpaceName")),
        app_type=entry["AppType"],
        name=entry["AppName"],
        status=entry["Status"],
        instance_type=resources.get("InstanceType", ""),
        image_arn=resources.get("SageMakerImageArn", ""),
        lifecycle_config=resources.get("LifecycleConfigArn", ""),
        created=entry["CreationTime"].timestamp(),
        failure_reason=entry.get("FailureReason"),
        ended=entry["LastHealthCheckTimestamp"].timestamp()
        if entry.get("LastHealthCheckTimestamp")
        else None,
    )


def _described(sagemaker: Any, app: App) -> App:
    """The same app with what only DescribeApp tells; its name may have been taken again meanwhile."""
    from botocore.exceptions import ClientError

    try:
        with hints(sagemaker, created=app.created):
            answer = sagemaker.describe_app(**app.request())
    except ClientError:
        return app  # it vanished between the two calls
    if abs(answer["CreationTime"].timestamp() - app.created) > 1:
        return app
    described = _app({**answer, "DomainId": app.domain_id})
    return _with_end(described, described.ended if not described.live else None)


def _with_end(app: App, ended: float | None) -> App:
    return App(**{**app.__dict__, "ended": ended})
