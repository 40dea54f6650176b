"""Waiting for what runs on a target: how often to look, and an endpoint until it changes no more."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from smstudio_ext.studio.problems import Conflict
from smstudio_ext.target import Target, TargetKind

LOOK_SECONDS: dict[TargetKind, float] = {"local": 0.3, "aws": 5.0}
"""Pause between two looks at something that runs."""

CHANGING = ("Creating", "Updating", "SystemUpdating", "RollingBack")
"""States of an endpoint that end by themselves."""

NOT_THERE = ("ValidationException", "ResourceNotFound", "ResourceNotFoundException")
"""Codes by which SageMaker says, of a name that is well formed, that nothing has it."""


def moments(kind: TargetKind) -> Iterator[float]:
    """Seconds since the start, again and again with a pause that suits the target; ends with its reader."""
    began = time.monotonic()
    while True:
        yield time.monotonic() - began
        time.sleep(LOOK_SECONDS[kind])


def settling(target: Target, endpoint: str) -> Iterator[tuple[dict[str, Any], float]]:
    """An endpoint's descriptions with the seconds since the start, a pair a look; the last one is of its end.

    Raises:
        botocore.exceptions.ClientError: there is no such endpoint (any more).
    """
    sagemaker = target.client("sagemaker")
    for seconds in moments(target.kind):
        found: dict[str, Any] = sagemaker.describe_endpoint(EndpointName=endpoint)
        yield found, seconds
        if found["EndpointStatus"] not in CHANGING:
            return


def endpoint_status(target: Target, name: str) -> str | None:
    """The status of an endpoint; None when there is none of this name."""
    from botocore.exceptions import ClientError

    try:
        return str(target.client("sagemaker").describe_endpoint(EndpointName=name)["EndpointStatus"])
    except ClientError as error:
        if error.response["Error"]["Code"] not in NOT_THERE:
            raise
        return None


def in_service(endpoint: dict[str, Any]) -> None:
    """Looks whether an endpoint that changes no more can be asked.

    Raises:
        Conflict: it cannot; the message says why.
    """
    status = endpoint["EndpointStatus"]
    if status == "InService":
        return
    why = endpoint.get("FailureReason") or "no reason was given"
    raise Conflict(
        f"The endpoint {endpoint['EndpointName']} is {status}: {why}",
        hint="Its log in CloudWatch (/aws/sagemaker/Endpoints/NAME) has more; delete it before you try again.",
    )
