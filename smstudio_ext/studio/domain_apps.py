"""Apps of a domain over boto3: rows, create, delete, the log of a start-up script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from smstudio_ext.studio.job_logs import log_page, streams_text
from smstudio_ext.studio.models.base import Accepted
from smstudio_ext.studio.models.domains import (
    AppFailure,
    AppKind,
    AppLogDownload,
    AppLogQuery,
    AppPlace,
    AppRow,
    CreateApp,
    OwnerKind,
)
from smstudio_ext.studio.models.training import LogLines, LogsQuery
from smstudio_ext.studio.problems import BadInput
from smstudio_ext.target import Target

Document = dict[str, Any]
LOG_GROUP = "/aws/sagemaker/studio"
_NO_SCRIPT = "None"


def offered_app_types(target: Target) -> list[AppKind]:
    """Types of apps that the form offers: on AWS those that it still lets everybody create."""
    return (
        ["KernelGateway", "JupyterServer", "JupyterLab"]
        if target.kind == "local"
        else ["JupyterLab", "CodeEditor"]
    )


def app_rows(target: Target, rows: list[Document]) -> list[AppRow]:
    """Rows of the list of apps, newest first."""
    found = []
    for row in rows:
        specification = row.get("ResourceSpec") or {}
        kind: OwnerKind = "Space" if row.get("SpaceName") else "UserProfile"
        owner = row.get("SpaceName") or row.get("UserProfileName") or ""
        script = specification.get("LifecycleConfigArn")
        script = script.rsplit("/", 1)[1] if script and script != _NO_SCRIPT else None
        image = specification.get("SageMakerImageArn")
        stream = log_stream(row["DomainId"], owner, row["AppType"], row["AppName"])
        found.append(
            AppRow(
                type=row["AppType"],
                name=row["AppName"],
                status=row["Status"],
                owner_kind=kind,
                owner=owner,
                created=row.get("CreationTime"),
                instance_type=specification.get("InstanceType"),
                image=image.rsplit("/", 1)[1] if image else None,
                script=script,
                log_stream=stream if script else None,
            )
        )
    return sorted(found, key=lambda app: app.created.timestamp() if app.created else 0.0, reverse=True)


def log_stream(domain_id: str, owner: str, app_type: str, name: str) -> str:
    """The log stream of the start-up script of an app."""
    return f"{domain_id}/{owner}/{app_type}/{name}/LifecycleConfigOnStart"


def create_app(target: Target, domain_id: str, form: CreateApp) -> Accepted:
    """Starts an app.

    Raises:
        BadInput: on AWS an app of a user profile that only spaces can have.
    """
    if (
        target.kind == "aws"
        and form.owner_kind == "UserProfile"
        and form.type in ("JupyterLab", "CodeEditor")
    ):
        text = "On AWS apps of this type are made in a space: create one and choose it as the owner."
        raise BadInput(text, fields=[("owner", text)])
    specification: Document = {}
    if form.instance_type:
        specification["InstanceType"] = form.instance_type
    if form.image_arn:
        specification["SageMakerImageArn"] = form.image_arn
    if form.script_arn:
        specification["LifecycleConfigArn"] = form.script_arn
    request = _key(domain_id, form)
    if specification:
        request["ResourceSpec"] = specification
    target.client("sagemaker").create_app(**request)
    return Accepted(name=form.name)


def delete_app(target: Target, domain_id: str, place: AppPlace) -> Accepted:
    """Starts the end of an app."""
    target.client("sagemaker").delete_app(**_key(domain_id, place))
    return Accepted(name=place.name)


def app_failure(target: Target, domain_id: str, place: AppPlace) -> AppFailure:
    """Why an app failed, if it did."""
    found = target.client("sagemaker").describe_app(**_key(domain_id, place))
    return AppFailure(reason=found.get("FailureReason"))


def app_log(target: Target, domain_id: str, query: AppLogQuery) -> LogLines:
    """Part of the log of an app's start-up script; one that wrote nothing has none.

    Raises:
        BadInput: the stream is not one of this domain.
    """
    from botocore.exceptions import ClientError

    _check_stream(domain_id, query.stream)
    logs = target.client("logs")
    part = LogsQuery(
        stream=query.stream,
        next_token=query.next_token,
        from_start=query.from_start,
        max_results=query.max_results,
    )
    try:
        return log_page(logs, LOG_GROUP, [query.stream], query.stream, part)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return log_page(logs, LOG_GROUP, [], None, part)


def app_log_text(target: Target, domain_id: str, query: AppLogDownload) -> Iterator[bytes]:
    """The whole log of an app's start-up script as text.

    Raises:
        BadInput: the stream is not one of this domain.
    """
    _check_stream(domain_id, query.stream)
    return streams_text(target.client("logs"), LOG_GROUP, [query.stream])


def _check_stream(domain_id: str, stream: str) -> None:
    if not stream.startswith(f"{domain_id}/"):
        raise BadInput(f"{stream!r} is no log stream of the domain {domain_id}.")


def _key(domain_id: str, place: AppPlace) -> Document:
    owner = "UserProfileName" if place.owner_kind == "UserProfile" else "SpaceName"
    return {"DomainId": domain_id, owner: place.owner, "AppType": place.type, "AppName": place.name}
