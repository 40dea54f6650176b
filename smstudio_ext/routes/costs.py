"""Route of cost estimates for forms that are being filled in."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext.routes.base import SmStudioHandler


class CostEstimateHandler(SmStudioHandler):
    """What the instances of a form will cost."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Estimates it at the newest prices; nothing is created and AWS is not asked."""
        await self.answer("estimateCosts")
