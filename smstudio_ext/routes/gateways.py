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


class GatewayHandler(SmStudioHandler):
    """One gateway."""

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
