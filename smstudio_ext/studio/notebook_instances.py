"""Notebook instances over boto3: list, page, start, stop, delete, open, logs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from smstudio_ext.studio.job_logs import log_page, log_streams, streams_text
from smstudio_ext.studio.listing import list_request
from smstudio_ext.studio.models.base import Accepted
from smstudio_ext.studio.models.notebook_instances import (
    ListNotebookInstances,
    NotebookInstance,
    NotebookInstanceLink,
    NotebookInstancePage,
    NotebookInstanceSummary,
    OpenNotebookInstance,
)
from smstudio_ext.studio.models.training import DownloadLog, LogLines, LogsQuery
from smstudio_ext.studio.problems import Missing
from smstudio_ext.studio.training_request import tags_of
from smstudio_ext.target import Target

Document = dict[str, Any]

LOG_GROUP = "/aws/sagemaker/NotebookInstances"
PROGRESS = "progress"
"""Stream (after the name) in which the local engine tells the steps of a start; AWS has none."""
ALLOWED_TAG = "smstudio:AllowedSourceIps"
"""Tag by which the local engine is told who may open an instance."""
_DOING = {
    "Pending": "The instance is being started.",
    "InService": "The instance is running: its Jupyter server can be opened.",
    "Stopping": "The instance is stopping.",
    "Stopped": "The instance is stopped; its folder SageMaker is kept.",
    "Deleting": "The instance is being deleted.",
    "Updating": "The settings of the instance are being changed.",
    "PendingMaintenance": "AWS is going to maintain the instance.",
    "InMaintenance": "AWS maintains the instance.",
}


def list_notebook_instances(target: Target, query: ListNotebookInstances) -> NotebookInstancePage:
    """One page of the list."""
    request = list_request(query)
    if request is None:
        return NotebookInstancePage(items=[], next_token=None)
    answer = target.client("sagemaker").list_notebook_instances(**request)
    return NotebookInstancePage(
        items=[
            NotebookInstanceSummary(
                name=item["NotebookInstanceName"],
                arn=item["NotebookInstanceArn"],
                status=item["NotebookInstanceStatus"],
                instance_type=item["InstanceType"],
                lifecycle_config=item.get("NotebookInstanceLifecycleConfigName"),
                created=item["CreationTime"],
                modified=item.get("LastModifiedTime") or item["CreationTime"],
            )
            for item in answer.get("NotebookInstances", [])
        ],
        next_token=answer.get("NextToken"),
    )


def describe_notebook_instance(target: Target, name: str) -> NotebookInstance:
    """An instance's page.

    Raises:
        Missing: there is none of that name.
    """
    found = _describe(target, name)
    status, local = found["NotebookInstanceStatus"], target.kind == "local"
    tags = tags_of(target, found["NotebookInstanceArn"])
    allowed = next((tag.value for tag in tags if tag.key == ALLOWED_TAG), "").split()
    # a failed instance can be started and changed again here; AWS only lets it be deleted
    resting = ("Stopped", "Failed") if local else ("Stopped",)
    return NotebookInstance(
        name=name,
        arn=found["NotebookInstanceArn"],
        status=status,
        status_text=_DOING.get(status) or found.get("FailureReason") or status,
        failure_reason=found.get("FailureReason"),
        created=found["CreationTime"],
        modified=found.get("LastModifiedTime") or found["CreationTime"],
        url=found.get("Url"),
        instance_type=found["InstanceType"],
        platform=found.get("PlatformIdentifier"),
        volume_gb=found.get("VolumeSizeInGB", 5),
        lifecycle_config=found.get("NotebookInstanceLifecycleConfigName"),
        role_arn=found["RoleArn"],
        root_access=found.get("RootAccess", "Enabled") == "Enabled",
        kms_key=found.get("KmsKeyId"),
        subnet_id=found.get("SubnetId"),
        security_groups=found.get("SecurityGroups") or [],
        network_interface=found.get("NetworkInterfaceId"),
        direct_internet=found.get("DirectInternetAccess", "Enabled") == "Enabled",
        minimum_imds=(found.get("InstanceMetadataServiceConfiguration") or {}).get(
            "MinimumInstanceMetadataServiceVersion"
        ),
        accelerators=found.get("AcceleratorTypes") or [],
        default_repository=found.get("DefaultCodeRepository"),
        additional_repositories=found.get("AdditionalCodeRepositories") or [],
        allowed_ips=allowed,
        ip_policy=ip_policy(found["NotebookInstanceArn"], allowed),
        tags=[tag for tag in tags if tag.key != ALLOWED_TAG],
        can_open=status == "InService",
        can_start=status in resting,
        can_stop=status == "InService",
        can_edit=status in resting,
        can_delete=status in ("Stopped", "Failed"),
        log_group=LOG_GROUP,
    )


def ip_policy(arn: str, networks: list[str]) -> str:
    """IAM policy that lets only these networks open an instance, as AWS documents it."""
    statement = {
        "Sid": "NotebookAccessByAddress",
        "Effect": "Allow",
        "Action": ["sagemaker:CreatePresignedNotebookInstanceUrl", "sagemaker:DescribeNotebookInstance"],
        "Resource": arn,
        "Condition": {"IpAddress": {"aws:SourceIp": networks or ["192.0.2.0/24", "203.0.113.0/24"]}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)


def start_notebook_instance(target: Target, name: str) -> Accepted:
    """Starts it."""
    target.client("sagemaker").start_notebook_instance(NotebookInstanceName=name)
    return Accepted(name=name)


def stop_notebook_instance(target: Target, name: str) -> Accepted:
    """Stops it; its folder SageMaker is kept."""
    target.client("sagemaker").stop_notebook_instance(NotebookInstanceName=name)
    return Accepted(name=name)


def delete_notebook_instance(target: Target, name: str) -> Accepted:
    """Deletes it with its folder SageMaker."""
    target.client("sagemaker").delete_notebook_instance(NotebookInstanceName=name)
    return Accepted(name=name)


def open_notebook_instance(target: Target, name: str, request: OpenNotebookInstance) -> NotebookInstanceLink:
    """A link for one use within five minutes."""
    asked: Document = {"NotebookInstanceName": name}
    if request.session_seconds is not None:
        asked["SessionExpirationDurationInSeconds"] = request.session_seconds
    url = target.client("sagemaker").create_presigned_notebook_instance_url(**asked)["AuthorizedUrl"]
    return NotebookInstanceLink(url=f"{url}&view={request.view}")


def notebook_instance_logs(target: Target, name: str, query: LogsQuery) -> LogLines:
    """Part of a log; unless named that of the start's steps, or of the server where there is none.

    Raises:
        Missing: the stream is not one of the instance's.
    """
    logs = target.client("logs")
    streams = _ordered(log_streams(logs, LOG_GROUP, name), name)
    if query.stream and not query.stream.startswith(f"{name}/"):
        raise Missing(f"{query.stream!r} is no log stream of the notebook instance {name!r}.")
    return log_page(logs, LOG_GROUP, streams, query.stream or next(iter(streams), None), query)


def notebook_log_text(target: Target, name: str, query: DownloadLog) -> Iterator[bytes]:
    """A whole log as text; all streams one after the other unless one is named.

    Raises:
        Missing: the stream is not one of the instance's.
    """
    logs = target.client("logs")
    streams = _ordered(log_streams(logs, LOG_GROUP, name), name)
    if query.stream is not None and query.stream not in streams:
        raise Missing(f"{query.stream!r} is no log stream of the notebook instance {name!r}.")
    return streams_text(logs, LOG_GROUP, streams if query.stream is None else [query.stream])


def _ordered(streams: list[str], name: str) -> list[str]:
    first = f"{name}/{PROGRESS}"
    return sorted(streams, key=lambda stream: (stream != first, stream))


def _describe(target: Target, name: str) -> Document:
    from botocore.exceptions import ClientError

    try:
        found: Document = target.client("sagemaker").describe_notebook_instance(NotebookInstanceName=name)
    except ClientError as error:
        if (
            error.response["Error"].get("Message") == "RecordNotFound"
        ):  # AWS says it with a ValidationException
            raise Missing(f"There is no notebook instance named {name!r}.") from error
        raise
    return found
