"""Routes of what runs: instances, apps, kernels, terminals, endpoints and jobs; what they use and cost; shutting down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext.routes.base import SmStudioHandler
from smstudio_ext.routes.running_sessions import list_kernels, list_terminals


class RunningHandler(SmStudioHandler):
    """What runs."""

    _track_activity = False  # a panel that looks again and again must not keep an idle server alive

    @authenticated
    @authorized
    async def get(self) -> None:
        """Everything that runs, with its cost so far."""
        kernels, terminals = await list_kernels(self.settings), list_terminals(self.settings)

        def work(request: Any) -> Any:
            from smstudio_ext.studio.running import get_running

            return get_running(
                self.session.switch.current(), kernels, terminals, data_dir=data_dir(self.session.engine)
            )

        await self.answer_with("getRunning", work)


def data_dir(engine: Any) -> Path:
    """Where the local engine, and what this server notes beside it, keep their files."""
    return Path(engine.describe()["data_dir"])
