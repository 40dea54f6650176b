"""Routes of the endpoints' pages."""

from __future__ import annotations

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
