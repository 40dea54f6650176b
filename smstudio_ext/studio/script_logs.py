"""Output of start-up scripts of apps in CloudWatch Logs."""

from __future__ import annotations

from smstudio_ext.studio.job_logs import log_page
from smstudio_ext.studio.models.running import ScriptLogsQuery
from smstudio_ext.studio.models.training import LogLines, LogsQuery
from smstudio_ext.studio.problems import BadInput
from smstudio_ext.target import Target

LOG_GROUP = "/aws/sagemaker/studio"
ENDING = "/LifecycleConfigOnStart"


def script_logs(target: Target, query: ScriptLogsQuery) -> LogLines:
    """Part of what a start-up script wrote; nothing before it wrote.

    Raises:
        BadInput: the stream is none of a start-up script.
    """
    from botocore.exceptions import ClientError

    stream = checked(query.stream)
    asked = LogsQuery(next_token=query.next_token, from_start=query.from_start, max_results=query.max_results)
    try:
        return log_page(target.client("logs"), LOG_GROUP, [stream], stream, asked)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return log_page(target.client("logs"), LOG_GROUP, [], None, asked)
        raise


def checked(stream: str | None) -> str:
    """The name of a stream, if it is one of start-up scripts.

    Raises:
        BadInput: it is not.
    """
    if not stream or not stream.endswith(ENDING):
        raise BadInput(f"{stream!r} is no stream of a start-up script.")
    return stream
