"""InvokeEndpoint: chooses a variant and a server, passes the request on, and words what went wrong as AWS does."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smstudio_ext.engine.arns import partition
from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.hosting.endpoints import KIND
from smstudio_ext.engine.hosting.metrics import InvocationMetrics
from smstudio_ext.engine.hosting.routes import EndpointRoute, RouteTable, VariantRoute
from smstudio_ext.engine.hosting.servers import log_group
from smstudio_ext.engine.hosting.unix_client import (
    ConnectionBroken,
    Reply,
    ServerTimeout,
    ServerUnreachable,
    UnixServerPool,
)
from smstudio_ext.engine.settings import ACCOUNT_ID

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

BODY_LIMIT = 6 * 1024 * 1024
"""Largest body of an invocation, bytes."""
TIME_LIMIT = 60.0
"""Seconds that a model may take for an invocation."""

_PART = "hosting.router"
_MESSAGE_LIMIT = 4096
CUSTOM_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"


@dataclass
class Invocation:
    """One request to a model.

    Attributes:
        headers: what is passed on to the model server.
        variant: TargetVariant, if the caller chose one.
    """

    region: str
    endpoint: str
    body: bytes
    headers: list[tuple[str, str]]
    variant: str | None = None


@dataclass
class Answer:
    """A model's answer; `custom_attributes` if the model gave any."""

    body: bytes
    content_type: str
    variant: str
    custom_attributes: str | None = None


class ValidationError(AwsError):
    """The runtime's name for a bad request."""

    code = "ValidationError"
    status = 400


class ServiceUnavailable(AwsError):
    """No model server of the variant answers at the moment."""

    code = "ServiceUnavailable"
    status = 503


class Router:
    """Passes invocations on. Belongs to the event loop of the engine."""

    def __init__(self, ctx: EngineContext) -> None:
        self._ctx = ctx
        self._routes = RouteTable(ctx.store, ctx.settings)
        self.metrics = InvocationMetrics(ctx.store.database, ctx.clock)

    async def invoke(self, invocation: Invocation) -> Answer:
        """Answers an invocation.

        Raises:
            AwsError: ValidationError, ModelError, ServiceUnavailable, or 413 for too large a body.
        """
        begin = time.perf_counter()
        if len(invocation.body) > BODY_LIMIT:
            raise AwsError(f"HTTP content length exceeded {BODY_LIMIT} bytes.", code="413", status=413)
        variant = self._variant(invocation)
        status, model_seconds = 500, None
        try:
            sent = time.perf_counter()
            reply = await self._send(invocation, variant)
            model_seconds = time.perf_counter() - sent
            status = reply.status
            if reply.status >= 400:
                raise self._model_error(invocation, variant, reply)
        finally:
            self.metrics.record(
                invocation.region,
                invocation.endpoint,
                variant.name,
                status=status,
                instances=variant.size,
                model_seconds=model_seconds,
                total_seconds=time.perf_counter() - begin,
            )
        attributes = reply.headers.get(CUSTOM_ATTRIBUTES.encode())
        return Answer(
            reply.body,
            reply.headers.get(b"content-type", b"application/octet-stream").decode("latin-1"),
            variant.name,
            attributes.decode("latin-1") if attributes else None,
        )

    def close(self) -> None:
        """Writes the last metrics and closes the connections."""
        self.metrics.flush()
        self._routes.close()

    def _variant(self, invocation: Invocation) -> VariantRoute:
        name = invocation.endpoint
        route = self._routes.find(invocation.region, name)
        if route is None:
            raise self._not_serving(invocation)
        if invocation.variant is not None:
            chosen = route.variants.get(invocation.variant)
            if chosen is None:
                raise ValidationError(
                    f"Variant {invocation.variant} not found for endpoint {name} of account {ACCOUNT_ID}."
                )
            return chosen
        return self._by_weight(route, name)

    def _by_weight(self, route: EndpointRoute, name: str) -> VariantRoute:
        chosen = route.choose()
        if chosen is None:
            raise ValidationError(
                f"Every variant of endpoint {name} of account {ACCOUNT_ID} has weight 0; name one with TargetVariant."
            )
        return chosen

    def _not_serving(self, invocation: Invocation) -> AwsError:
        name = invocation.endpoint
        found = self._ctx.store.resources.find(KIND, invocation.region, name)
        if found is None or found.status == "Deleting":
            return ValidationError(f"Endpoint {name} of account {ACCOUNT_ID} not found.")
        return ValidationError(
            f"Endpoint {name} of account {ACCOUNT_ID} is not in service: its status is {found.status}."
        )

    async def _send(self, invocation: Invocation, variant: VariantRoute) -> Reply:
        """Sends to one server, and to another one if the first has just gone."""
        server = variant.pick()
        if server is None:
            raise self._unavailable(invocation, variant)
        try:
            return await self._post(server, invocation)
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
            return await self._post(other, invocation)
        except ServerUnreachable as error:
            raise self._unavailable(invocation, variant) from error
        except ConnectionBroken as error:
            raise self._no_answer(invocation, variant, str(error)) from error
        except ServerTimeout as error:
            raise self._no_answer(invocation, variant, _timeout_message(variant)) from error

    async def _post(self, server: UnixServerPool, invocation: Invocation) -> Reply:
        return await server.post("/invocations", invocation.headers, invocation.body, TIME_LIMIT)

    def _current(self, invocation: Invocation, variant: VariantRoute) -> VariantRoute | None:
        route = self._routes.find(invocation.region, invocation.endpoint)
        return None if route is None else route.variants.get(variant.name)

    def _still_serves(self, invocation: Invocation, variant: VariantRoute, server: UnixServerPool) -> bool:
        """Whether the server is one of the endpoint's, so that the request itself may have ended it."""
        current = self._current(invocation, variant)
        return current is not None and server in current.servers

    def _another(
        self, invocation: Invocation, variant: VariantRoute, server: UnixServerPool
    ) -> UnixServerPool | None:
        current = self._current(invocation, variant)
        return None if current is None else current.pick(avoid=server)

    def _unavailable(self, invocation: Invocation, variant: VariantRoute) -> AwsError:
        return ServiceUnavailable(
            f"No model server of variant {variant.name} of endpoint {invocation.endpoint} is running at the moment. "
            "It is being started again; wait and try again."
        )

    def _model_error(self, invocation: Invocation, variant: VariantRoute, reply: Reply) -> AwsError:
        text = reply.body[:_MESSAGE_LIMIT].decode("utf-8", "replace")
        kind = "client" if reply.status < 500 else "server"
        return self._error(
            invocation,
            f'Received {kind} error ({reply.status}) from {variant.container} with message "{text}".',
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


def _timeout_message(variant: VariantRoute) -> str:
    return (
        f"Your invocation timed out while waiting for a response from container {variant.container}. Review the latency "
        "metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
    )
