"""Routes of the endpoints' pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext.routes.base import SmStudioHandler


class EndpointsHandler(SmStudioHandler):
    """Lists endpoints."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """One page of the list."""
        await self.answer("listEndpoints")


class EndpointHandler(SmStudioHandler):
    """One endpoint."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Its page."""
        await self.answer("describeEndpoint", name)

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Deletes it, on request with its configuration and models."""
        await self.answer("deleteEndpoint", name)


class InvokeEndpointHandler(SmStudioHandler):
    """Test inference."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Sends one request to the endpoint."""
        await self.answer("invokeEndpoint", name)


class InvokeEndpointAsyncHandler(SmStudioHandler):
    """Test inference of an asynchronous endpoint."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Queues one request."""
        await self.answer("invokeEndpointAsync", name)


class AsyncResultHandler(SmStudioHandler):
    """The answer of an asynchronous endpoint."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """The answer, or that it is not there yet."""
        await self.answer("getAsyncResult", name)


class InvocationCodeHandler(SmStudioHandler):
    """Code that sends a request."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Writes it; nothing is sent."""
        await self.answer("getInvocationCode", name)


class TrafficHandler(SmStudioHandler):
    """Weights and instance counts."""

    @authenticated
    @authorized
    async def put(self, name: str) -> None:
        """Changes them."""
        await self.answer("changeTraffic", name)


class EndpointMetricsHandler(SmStudioHandler):
    """What CloudWatch knows of an endpoint."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Lines of the charts."""
        await self.answer("getEndpointMetrics", name)


class ScalingHandler(SmStudioHandler):
    """How variants scale by themselves."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Limits, policies, schedules, history."""
        await self.answer("getEndpointScaling", name)

    @authenticated
    @authorized
    async def put(self, name: str) -> None:
        """Lets a variant scale."""
        await self.answer("setScaling", name)

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Ends the scaling of a variant."""
        await self.answer("stopScaling", name)


class ScalingPolicyHandler(SmStudioHandler):
    """One scaling policy."""

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Takes it away."""
        await self.answer("removeScalingPolicy", name)


class ScalingScheduleHandler(SmStudioHandler):
    """One scheduled action."""

    @authenticated
    @authorized
    async def put(self, name: str) -> None:
        """Writes it."""
        await self.answer("setScalingSchedule", name)

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Takes it away."""
        await self.answer("removeScalingSchedule", name)


class UpdateEndpointHandler(SmStudioHandler):
    """Updates of an endpoint."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """What the form offers."""
        await self.answer("getUpdateOptions", name)

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Begins an update."""
        await self.answer("updateEndpoint", name)


class CapturedDataHandler(SmStudioHandler):
    """What an endpoint captured."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Its newest files and records."""
        await self.answer("getCapturedData", name)


class EndpointLogsHandler(SmStudioHandler):
    """Logs of model servers."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Part of one."""
        await self.answer("getEndpointLogs", name)


class DownloadEndpointLogHandler(SmStudioHandler):
    """The whole log of an endpoint."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Sends it as a text file."""

        def work(query: Any) -> Iterator[bytes]:
            from smstudio_ext.studio.endpoint_logs import endpoint_log_text

            return endpoint_log_text(self.session.switch.current(), name, query)

        await self.answer_text(
            "downloadEndpointLog", work, file_name=f"{name}.log", kind="text/plain; charset=utf-8"
        )


class EndpointTagsHandler(SmStudioHandler):
    """Tags of an endpoint."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """All of them."""
        await self.answer("getEndpointTags", name)

    @authenticated
    @authorized
    async def put(self, name: str) -> None:
        """Writes them all."""
        await self.answer("setEndpointTags", name)
