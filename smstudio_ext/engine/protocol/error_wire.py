"""Errors in the shape of each wire, so that every client reads code, message and request id."""

from __future__ import annotations

from xml.sax.saxutils import escape

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.protocol.http import HttpResponse
from smstudio_ext.engine.protocol.json_wire import dump


def error_response(
    error: AwsError,
    protocol: str,
    request_id: str,
    *,
    version: str = "1.1",
    path: str = "",
    query_compatible: bool = False,
) -> HttpResponse:
    """The answer that carries an error.

    Args:
        protocol: `json`, `rest-json`, `rest-xml` (S3) or `query`.
        version: of the json protocol.
        path: of the request, S3's `Resource`.
        query_compatible: the service moved from query to json; old codes travel in a header.
    """
    if protocol == "rest-xml":
        return _s3(error, request_id, path)
    if protocol in ("query", "ec2"):
        return _query(error, request_id)
    body = {"message": error.message, **_members(error)}
    headers = [("x-amzn-errortype", error.code)]
    if protocol == "json":
        body = {"__type": error.code, **body}
        headers.append(("content-type", f"application/x-amz-json-{version}"))
        if query_compatible:
            headers.append(
                ("x-amzn-query-error", f"{error.code};{'Sender' if error.status < 500 else 'Receiver'}")
            )
    else:
        headers.append(("content-type", "application/json"))
    return HttpResponse(error.status, headers, dump(body))


def _members(error: AwsError) -> dict[str, object]:
    return {name: value for name, value in error.members.items() if value is not None}


def _query(error: AwsError, request_id: str) -> HttpResponse:
    kind = "Sender" if error.status < 500 else "Receiver"
    body = (
        f"<ErrorResponse><Error><Type>{kind}</Type><Code>{escape(error.code)}</Code>"
        f"<Message>{escape(_printable(error.message))}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return HttpResponse(error.status, [("content-type", "text/xml")], body.encode())


def _s3(error: AwsError, request_id: str, path: str) -> HttpResponse:
    members = "".join(
        f"<{name}>{escape(_printable(str(value)))}</{name}>" for name, value in _members(error).items()
    )
    resource = "" if "Resource" in error.members else f"<Resource>{escape(_printable(path))}</Resource>"
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(error.code)}</Code><Message>{escape(_printable(error.message))}</Message>{members}{resource}"
        f"<RequestId>{request_id}</RequestId><HostId>smstudio</HostId></Error>"
    )
    return HttpResponse(error.status, [("content-type", "application/xml")], body.encode())


def _printable(text: str) -> str:
    """XML 1.0 has no control characters."""
    return "".join(character if character >= " " or character in "\t\n\r" else "?" for character in text)
