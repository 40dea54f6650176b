"""Routes of Jupyter gateways and of the clusters that notebooks attach to."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext.routes.base import SmStudioHandler


class GatewaysHandler(SmStudioHandler):
    """All gateways."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """What they offer now."""

        def work(_: Any) -> Any:
            from smstudio_ext.studio.gateways import list_gateways

            return list_gateways()

        await self.answer_with("listGateways", work)

    @authenticated
    @authorized
    async def post(self) -> None:
        """Sets one up."""

        def work(form: Any) -> Any:
            from smstudio_ext.studio.gateways import add_gateway

            return add_gateway(form)

        await self.answer_with("addGateway", work)


class TestGatewayHandler(SmStudioHandler):
    """A gateway that is not set up."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """What it offers; nothing is kept."""

        def work(form: Any) -> Any:
            from smstudio_ext.studio.gateways import try_gateway

            return try_gateway(form)

        await self.answer_with("testGateway", work)


class GatewayHandler(SmStudioHandler):
    """One gateway."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """What it offers now."""

        def work(_: Any) -> Any:
            from smstudio_ext.studio.gateways import describe_gateway

            return describe_gateway(name)

        await self.answer_with("describeGateway", work)

    @authenticated
    @authorized
    async def put(self, name: str) -> None:
        """Changes its settings."""

        def work(form: Any) -> Any:
            from smstudio_ext.studio.gateways import update_gateway

            return update_gateway(name, form)

        await self.answer_with("updateGateway", work)

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Forgets it."""

        def work(_: Any) -> Any:
            from smstudio_ext.studio.gateways import remove_gateway

            return remove_gateway(name)

        await self.answer_with("removeGateway", work)


class ClustersHandler(SmStudioHandler):
    """Clusters."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Those of the target's account."""
        await self.answer("listClusters")


class ClusterCellHandler(SmStudioHandler):
    """The cell that attaches a notebook."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Its text; nothing is started."""
        await self.answer("writeClusterCell")
