"""Routes of the models' pages."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext.routes.base import SmStudioHandler


class ModelsHandler(SmStudioHandler):
    """Lists models."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """One page of the list."""
        await self.answer("listModels")


class ModelHandler(SmStudioHandler):
    """One model."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Its page."""
        await self.answer("describeModel", name)

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Deletes it; its artifact in S3 stays."""
        await self.answer("deleteModel", name)


class ModelEndpointsHandler(SmStudioHandler):
    """Endpoints that serve a model."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Their names."""
        await self.answer("listModelEndpoints", name)


class ModelTransformJobsHandler(SmStudioHandler):
    """Running batch transform jobs that use a model."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Their names."""
        await self.answer("listModelTransformJobs", name)


class DeployModelHandler(SmStudioHandler):
    """Deploys a model."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Makes configuration and endpoint."""
        await self.answer("deployModel", name)
