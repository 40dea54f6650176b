"""`smstudio endpoints logs`, `metrics`, `captured`, `code`, `invoke-async` and `result`: what an endpoint does and did."""

from __future__ import annotations

import base64
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from smstudio_ext.cli.logs import Follow, Stream, Streams, Tail, show_log
from smstudio_ext.cli.options import Accept, AskedVariant, Body, ContentType, EndpointName
from smstudio_ext.cli.places import Printer, on_target
from smstudio_ext.cli.session import fail

if TYPE_CHECKING:
    from smstudio_ext.studio.models.endpoints import InvokeEndpoint
    from smstudio_ext.target import Target
else:
    Target = Any


_SHOWN = 60
"""Characters of a request or an answer in a table."""


def install(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    for command in (logs, metrics, captured, code, result):
        app.command()(on_target(command))
    app.command("invoke-async")(on_target(invoke_async))


def logs(
    place: Target,
    printer: Printer,
    name: EndpointName,
    stream: Stream = None,
    streams: Streams = False,
    tail: Tail = None,
    follow: Follow = False,
) -> None:
    """Print the log of a model server, unless named of the one that wrote last."""
    from smstudio_ext.studio.endpoint_logs import endpoint_logs

    read = partial(endpoint_logs, place, name)
    show_log(place, printer, read, stream=stream, streams=streams, tail=tail, follow=follow)


def metrics(
    place: Target,
    printer: Printer,
    name: EndpointName,
    minutes: Annotated[int, typer.Option(min=1, max=21_600, help="Until now.")] = 60,
) -> None:
    """Show invocations, errors, latencies and use of the instances; --json has every point."""
    from smstudio_ext.studio.endpoint_metrics import endpoint_metrics
    from smstudio_ext.studio.models.hosting import MetricsQuery

    found = endpoint_metrics(place, name, MetricsQuery(minutes=minutes))
    if printer.as_json:
        printer.document(found.model_dump(mode="json"))
        return
    rows = []
    for each in found.series:
        values = [point.value for point in each.points]
        whole = sum(values) if each.statistic == "Sum" else sum(values) / len(values)
        rows.append(
            [each.variant, each.metric, each.statistic, each.unit, whole, max(values), each.points[-1].time]
        )
    headings = ["Variant", "Metric", "Statistic", "Unit", "Whole time", "Highest", "Last at"]
    printer.rows(headings, rows, empty=f"Nothing was measured in the last {minutes} minutes.")


def captured(
    place: Target,
    printer: Printer,
    name: EndpointName,
    variant: Annotated[str | None, typer.Option(help="Only of this production variant.")] = None,
    most: Annotated[int, typer.Option("-n", min=1, max=500, help="How many, the newest first.")] = 20,
) -> None:
    """Show the requests and answers that an endpoint captured last."""
    from smstudio_ext.studio.endpoint_capture import captured_data
    from smstudio_ext.studio.models.capture import CapturedPart, CaptureQuery

    def shown(part: CapturedPart | None) -> str | None:
        text = " ".join(part.data.split()) if part else None
        return text if text is None or len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"

    found = captured_data(place, name, CaptureQuery(variant=variant, records=most))
    if printer.as_json:
        printer.document(found.model_dump(mode="json"))
        return
    rows = [[each.time, each.variant, shown(each.input), shown(each.output)] for each in found.records]
    empty = f"Nothing was captured yet in {found.prefix}" if found.prefix else f"{name} captures nothing."
    printer.rows(["Time", "Variant", "Request", "Answer"], rows, empty=empty)
    if found.records:
        typer.echo(f"In {found.prefix}", err=True)


def code(
    place: Target,
    printer: Printer,
    name: EndpointName,
    file: Body = "-",
    language: Annotated[
        Literal["boto3", "sdk-v2", "sdk-v3", "curl", "aws-cli"], typer.Option("--as", help="In what.")
    ] = "boto3",
    content_type: ContentType = "text/csv",
    accept: Accept = None,
    variant: AskedVariant = None,
) -> None:
    """Print a program that sends a request to an endpoint."""
    from smstudio_ext.studio.endpoint_code import invocation_code

    found = invocation_code(place, name, _request(file, content_type, accept, variant))
    if printer.as_json:
        printer.document(found.model_dump(mode="json"))
    else:
        typer.echo(getattr(found, language.replace("-", "_")).rstrip("\n"))


def invoke_async(
    place: Target,
    printer: Printer,
    name: EndpointName,
    file: Body = "-",
    content_type: ContentType = "text/csv",
    accept: Accept = None,
) -> None:
    """Queue a request of an asynchronous endpoint; `result` fetches the answer."""
    from smstudio_ext.studio.endpoint_invocation import invoke_endpoint_async

    found = invoke_endpoint_async(place, name, _request(file, content_type, accept, None))
    printer.facts(
        found,
        [
            ("Request", found.input_s3_uri),
            ("Answer", found.output_s3_uri),
            ("Failure", found.failure_s3_uri),
            ("Inference id", found.inference_id),
        ],
    )


def result(
    place: Target,
    printer: Printer,
    name: EndpointName,
    output: Annotated[str, typer.Argument(help="s3:// address of the answer, as `invoke-async` told it.")],
    failure: Annotated[str | None, typer.Option(help="s3:// address of the failure.")] = None,
) -> None:
    """Print the answer of an asynchronous endpoint. Exit codes: 0 it is there, 1 it failed, 3 it is not there yet."""
    from smstudio_ext.studio.endpoint_invocation import async_result
    from smstudio_ext.studio.models.endpoints import AsyncResultQuery

    found = async_result(place, name, AsyncResultQuery(output_s3_uri=output, failure_s3_uri=failure))
    if printer.as_json:
        printer.document(found.model_dump(mode="json"))
    elif found.status == "Complete":
        content = base64.b64decode(found.body) if found.body_is_base64 else found.body.encode()
        sys.stdout.buffer.write(content if content.endswith(b"\n") else content + b"\n")
        sys.stdout.buffer.flush()
    if found.status == "Failed":
        fail(f"It failed: {found.failure_reason}")
    if found.status == "Pending":
        fail("It is not there yet.", code=3)


def _request(file: str, content_type: str, accept: str | None, variant: str | None) -> InvokeEndpoint:
    """What a file or standard input has, as a request."""
    from smstudio_ext.studio.models.endpoints import InvokeEndpoint

    if file != "-" and not Path(file).is_file():
        fail(f"There is no file {file}.", code=2)
    body = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        text, binary = body.decode(), False
    except UnicodeDecodeError:
        text, binary = base64.b64encode(body).decode(), True
    return InvokeEndpoint(
        body=text, body_is_base64=binary, content_type=content_type, accept=accept, target_variant=variant
    )
