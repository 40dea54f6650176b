"""InvokeEndpoint: chooses a variant and a server, passes the request on, and words what went wrong as AWS does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smstudio_ext.engine.arns import partition
from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.hosting import frames, targets
from smstudio_ext.engine.hosting.capture import Capture
from smstudio_ext.engine.hosting.endpoints import KIND
from smstudio_ext.engine.hosting.frames import Frame
from smstudio_ext.engine.hosting.link import (
    ConnectionBroken,
    Reply,
    ServerLink,
    ServerTimeout,
    ServerUnreachable,
)
from smstudio_ext.engine.hosting.metrics import InvocationMetrics
from smstudio_ext.engine.hosting.routes import EndpointRoute, RouteTable, VariantRoute
from smstudio_ext.engine.hosting.runtime_errors import ServiceUnavailable, ValidationError
from smstudio_ext.engine.hosting.servers import log_group
from smstudio_ext.engine.hosting.shadows import Shadows
from smstudio_ext.engine.settings import ACCOUNT_ID

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

__all__ = [
    "Answer",
    "Invocation",
    "Router",
    "ServiceUnavailable",
    "ValidationError",
    "flush_invocations",
    "flush_metrics",
    "router",
]

BODY_LIMIT = 6 * 1024 * 1024
"""Largest body of an invocation, bytes."""
SERVERLESS_BODY_LIMIT = 4 * 1024 * 1024
TIME_LIMIT = 60.0
"""Seconds that a model may take for an invocation."""
STREAM_TIME_LIMIT = 480.0

_PART = "hosting.router"
_MESSAGE_LIMIT = 4096
CUSTOM_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
SESSION_ID = "x-amzn-sagemaker-session-id"


@dataclass
class Invocation:
    """One request to a model.

    Attributes:
        headers: further headers for the model, names in lower case.
        variant: TargetVariant, if the caller chose one.
        model: TargetModel of a multi-model endpoint.
        container: TargetContainerHostname of a model whose containers are called one by one.
        stream: the answer is wanted piece by piece.
        timeout: seconds that the model may take.
    """

    region: str
    endpoint: str
    body: bytes
    content_type: str = ""
    accept: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    variant: str | None = None
    model: str | None = None
    container: str | None = None
    stream: bool = False
    timeout: float | None = None


@dataclass
class Answer:
    """A model's answer.

    Attributes:
        headers: those that the model set, names in lower case (custom attributes, sessions).
        parts: the body piece by piece, for a stream; `body` is empty then.
    """

    body: bytes
    content_type: str
    variant: str
    headers: dict[str, str] = field(default_factory=dict)
    parts: AsyncIterator[bytes] | None = None

    @property
    def custom_attributes(self) -> str | None:
        """Custom attributes, if the model gave any."""
        return self.headers.get(CUSTOM_ATTRIBUTES)


class Router:
    """Passes invocations on. Belongs to the event loop of the engine."""

    def __init__(self, ctx: EngineContext) -> None:
        self._ctx = ctx
        self.routes = RouteTable(ctx.store, ctx.settings)
        self.metrics = InvocationMetrics(ctx.store.database, ctx.clock)
        self.capture = Capture(ctx)
        self._shadows = Shadows(ctx, self.metrics)

    async def invoke(self, invocation: Invocation) -> Answer:
        """Answers a real-time invocation.

        Raises:
            AwsError: ValidationError, ModelError, ServiceUnavailable, ThrottlingException, or 413 for too large a body.
        """
        route = self.route(invocation)
        if route.asynchronous is not None:
            raise ValidationError(
                f"Endpoint {invocation.endpoint} of account {ACCOUNT_ID} is an asynchronous endpoint; call InvokeEndpointAsync."
            )
        variant = self._variant(invocation, route)
        limit = SERVERLESS_BODY_LIMIT if variant.serverless is not None else BODY_LIMIT
        if len(invocation.body) > limit:
            raise AwsError(f"HTTP content length exceeded {limit} bytes.", code="413", status=413)
        if route.shadows:
            self._shadows.mirror(invocation, route)
        answer = await self.ask(invocation, route, variant)
        if route.capture is not None:
            self.capture.add(route.capture, invocation, answer)
        return answer

    async def ask(self, invocation: Invocation, route: EndpointRoute, variant: VariantRoute) -> Answer:
        """Asks one variant; counts the request in its metrics.

        Raises:
            AwsError: as `invoke`.
        """
        begin = time.perf_counter()
        status, model_seconds = 500, None
        try:
            async with targets.admitted(self._ctx, self, invocation, variant):
                headers = await targets.headers_for(self._ctx, invocation, route, variant)
                sent = time.perf_counter()
                reply = await self._send(invocation, headers, variant)
            model_seconds = time.perf_counter() - sent
            status = reply.status
            targets.count_models(self.metrics, invocation, variant, reply)
            if status >= 400:
                raise self.model_error(invocation, variant, reply)
        except ValidationError:
            status = 400
            raise
        finally:
            self._count(invocation, variant, status, model_seconds, begin)
        return Answer(
            reply.body,
            reply.content_type or "application/octet-stream",
            variant.name,
            reply.headers,
            reply.parts,
        )

    def send_plain(self, invocation: Invocation, done: Callable[[Answer | AwsError | None], None]) -> bool:
        """The quick way for the usual request: no task, no coroutine.

        Args:
            done: gets the answer or the error, or None when the request must be sent again by `invoke`: the server was
                gone before it took it.

        Returns:
            False: the request needs `invoke`; nothing was done.
        """
        route = self.routes.known((invocation.region, invocation.endpoint))
        if route is None or not route.plain or len(invocation.body) > BODY_LIMIT:
            return False
        variant = route.choose() if invocation.variant is None else route.named(invocation.variant)
        server = None if variant is None else variant.pick()
        if variant is None or server is None or not server.connected:
            return False
        begin = time.perf_counter()

        def answered(frame: Frame | Exception) -> None:
            assert variant is not None
            if isinstance(frame, Frame):
                seconds = time.perf_counter() - begin
                # counted once the answer is on its way
                asyncio.get_running_loop().call_soon(
                    self._count, invocation, variant, frame.code, seconds, begin
                )
                if frame.code < 400:
                    headers = frame.headers() if frame.extra else {}
                    done(Answer(frame.body, frame.first, variant.name, headers))
                    return
                reply = Reply(frame.code, frame.first, frame.second, {}, frame.body)
                done(self.model_error(invocation, variant, reply))
            elif isinstance(frame, ServerTimeout):
                self._count(invocation, variant, 500, None, begin)
                done(self._no_answer(invocation, variant, _timeout_message(variant)))
            elif self._still_serves(invocation, variant, server):
                self._count(invocation, variant, 500, None, begin)
                done(self._no_answer(invocation, variant, str(frame)))
            else:
                done(None)

        server.send(
            frames.INVOKE,
            invocation.content_type,
            invocation.accept,
            invocation.headers,
            invocation.body,
            TIME_LIMIT,
            answered,
        )
        return True

    def flush(self) -> None:
        """Writes metrics and captured data; may be called from any thread."""
        self.metrics.flush()
        self.capture.flush()

    def close(self) -> None:
        """Writes the last metrics and captured data, and closes the connections."""
        self.metrics.flush()
        self.capture.close()
        self.routes.close()

    def route(self, invocation: Invocation) -> EndpointRoute:
        """The route of an invocation's endpoint.

        Raises:
            ValidationError: there is no such endpoint, or it is not in service.
        """
        name = invocation.endpoint
        route = self.routes.find(invocation.region, name)
        if route is not None:
            return route
        found = self._ctx.store.resources.find(KIND, invocation.region, name)
        if found is None or found.status == "Deleting":
            raise ValidationError(f"Endpoint {name} of account {ACCOUNT_ID} not found.")
        raise ValidationError(
            f"Endpoint {name} of account {ACCOUNT_ID} is not in service: its status is {found.status}."
        )

    def _variant(self, invocation: Invocation, route: EndpointRoute) -> VariantRoute:
        name = invocation.endpoint
        if invocation.variant is not None:
            chosen = route.named(invocation.variant)
            if chosen is None:
                raise ValidationError(
                    f"Variant {invocation.variant} not found for endpoint {name} of account {ACCOUNT_ID}."
                )
            return chosen
        chosen = route.choose()
        if chosen is None:
            raise ValidationError(
                f"Every variant of endpoint {name} of account {ACCOUNT_ID} has weight 0; name one with TargetVariant."
            )
        return chosen

    def _count(
        self,
        invocation: Invocation,
        variant: VariantRoute,
        status: int,
        model_seconds: float | None,
        begin: float,
    ) -> None:
        self.metrics.record(
            invocation.region,
            invocation.endpoint,
            variant.name,
            config=variant.config,
            status=status,
            instances=variant.size,
            model_seconds=model_seconds,
            total_seconds=time.perf_counter() - begin,
        )

    async def _send(self, invocation: Invocation, headers: dict[str, str], variant: VariantRoute) -> Reply:
        """Sends to one server, and to another one if the first has just gone."""
        server = variant.pick(session=invocation.headers.get(SESSION_ID))
        if server is None:
            server = self._another(invocation, variant, None)
        if server is None:
            raise self._unavailable(invocation, variant)
        try:
            return await self._post(server, invocation, headers)
        except ServerUnreachable:
            other = self._another(invocation, variant, server)
        except ConnectionBroken as error:
            if self._still_serves(invocation, variant, server):
                raise self._no_answer(invocation, variant, str(error)) from error
            other = self._another(invocation, variant, server)
        except ServerTimeout as error:
            raise self._no_answer(invocation, variant, _timeout_message(variant)) from error
        if other is None:
            raise self._unavailable(invocation, variant)
        try:
            return await self._post(other, invocation, headers)
        except ServerUnreachable as error:
            raise self._unavailable(invocation, variant) from error
        except ConnectionBroken as error:
            raise self._no_answer(invocation, variant, str(error)) from error
        except ServerTimeout as error:
            raise self._no_answer(invocation, variant, _timeout_message(variant)) from error

    async def _post(self, server: ServerLink, invocation: Invocation, headers: dict[str, str]) -> Reply:
        stream = invocation.stream
        limit = invocation.timeout or (STREAM_TIME_LIMIT if stream else TIME_LIMIT)
        return await server.post(
            invocation.content_type,
            invocation.accept,
            headers,
            invocation.body,
            limit,
            kind=frames.STREAM if stream else frames.INVOKE,
        )

    def _current(self, invocation: Invocation, variant: VariantRoute) -> VariantRoute | None:
        route = self.routes.find(invocation.region, invocation.endpoint)
        return None if route is None else route.named(variant.name) or route.choose()

    def _still_serves(self, invocation: Invocation, variant: VariantRoute, server: ServerLink) -> bool:
        """Whether the server is one of the endpoint's, so that the request itself may have ended it."""
        route = self.routes.find(invocation.region, invocation.endpoint)
        return route is not None and server in route.links()

    def _another(
        self, invocation: Invocation, variant: VariantRoute, server: ServerLink | None
    ) -> ServerLink | None:
        current = self._current(invocation, variant)
        return None if current is None else current.pick(avoid=server)

    def _unavailable(self, invocation: Invocation, variant: VariantRoute) -> AwsError:
        return ServiceUnavailable(
            f"No model server of variant {variant.name} of endpoint {invocation.endpoint} is running at the moment. "
            "It is being started again; wait and try again."
        )

    def model_error(self, invocation: Invocation, variant: VariantRoute, reply: Reply) -> AwsError:
        """The ModelError of an answer with an error status."""
        text = reply.body[:_MESSAGE_LIMIT].decode("utf-8", "replace")
        kind = "client" if reply.status < 500 else "server"
        return self._error(
            invocation,
            f'Received {kind} error ({reply.status}) from {reply.container or variant.container} with message "{text}".',
            reply.status,
            text,
        )

    def _no_answer(self, invocation: Invocation, variant: VariantRoute, text: str) -> AwsError:
        message = f'Received server error (0) from {variant.container} with message "{text}".'
        return self._error(invocation, message, 0, text)

    def _error(self, invocation: Invocation, message: str, status: int, original: str) -> AwsError:
        region, group = invocation.region, log_group(invocation.endpoint)
        return AwsError(
            f"{message} See the log group {group} of {region} in account {ACCOUNT_ID} for more information.",
            code="ModelError",
            status=424,
            OriginalStatusCode=status,
            OriginalMessage=original,
            LogStreamArn=f"arn:{partition(region)}:logs:{region}:{ACCOUNT_ID}:log-group:{group}",
        )


def router(ctx: EngineContext) -> Router:
    """The router of an engine, made at its first use."""
    found = ctx.parts.get(_PART)
    if found is None:
        found = ctx.parts[_PART] = Router(ctx)
    assert isinstance(found, Router)
    return found


def last_answer(ctx: EngineContext, region: str, endpoint: str, path: str) -> float:
    """`time.monotonic()` of the last answer that a server of an endpoint gave; 0 when none is known."""
    found = ctx.parts.get(_PART)
    return found.routes.heard((region, endpoint), path) if isinstance(found, Router) else 0.0


def flush_metrics(ctx: EngineContext) -> None:
    """Writes the metrics of this engine's invocations, if there were any; may be called from any thread."""
    found = ctx.parts.get(_PART)
    if isinstance(found, Router):
        found.metrics.flush()


def flush_invocations(ctx: EngineContext) -> None:
    """Writes metrics and captured data of this engine's invocations, if there were any; may be called from any thread."""
    found = ctx.parts.get(_PART)
    if isinstance(found, Router):
        found.flush()


def _timeout_message(variant: VariantRoute) -> str:
    return (
        f"Your invocation timed out while waiting for a response from container {variant.container}. Review the latency "
        "metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
    )
