"""The Jupyter server of a notebook instance: an extension that the engine enables in a server of its own."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

MODULE = "smstudio_ext.notebooks.instance_server"
_REFRESH_MS = 2000.0


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": MODULE}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    """Puts the entrance before Jupyter's own pages and tells the engine when the server answers."""
    from jupyter_server.utils import url_path_join
    from tornado.ioloop import PeriodicCallback
    from tornado.routing import Rule

    from smstudio_ext.notebooks.instance_server.handlers import (
        ElsewhereHandler,
        ElsewhereMatcher,
        EntranceHandler,
    )
    from smstudio_ext.notebooks.instance_server.settings import read_settings

    settings = read_settings()
    application = serverapp.web_app
    entrance = url_path_join(serverapp.base_url, "/?")
    application.add_handlers(".*$", [(entrance, EntranceHandler)])
    elsewhere = Rule(ElsewhereMatcher(serverapp.identity_provider.gate), ElsewhereHandler)
    application.default_router.rules.insert(0, elsewhere)
    environment = Environment(settings.control / "environment.json")
    environment.refresh()
    PeriodicCallback(environment.refresh, _REFRESH_MS).start()
    serverapp.io_loop.add_callback(_tell_ready, serverapp, settings.control / "ready.json")


class Environment:
    """What kernels and terminals inherit: variables that the engine may change while the server runs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = -1.0
        user_path = os.environ.pop("SMSTUDIO_USER_PYTHONPATH", None)
        if user_path is not None:  # this process has read its own already
            os.environ["PYTHONPATH"] = user_path

    def refresh(self) -> None:
        """Takes over what the engine wrote since the last look."""
        try:
            changed = self._path.stat().st_mtime
        except OSError:
            return
        if changed != self._read:
            os.environ.update(json.loads(self._path.read_text()))
            self._read = changed


def _tell_ready(serverapp: Any, path: Path) -> None:
    """Runs once the loop runs, which is after the server listens."""
    facts = {"port": serverapp.port, "kernels": sorted(serverapp.kernel_spec_manager.find_kernel_specs())}
    aside = path.with_name(".ready")
    aside.write_text(json.dumps(facts))
    aside.rename(path)
