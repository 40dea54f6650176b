"""Tells the local engine where this Jupyter server is, so that presigned addresses of domains open it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.notebooks.entrance import open_entrance
from smstudio_ext.notebooks.home import data_dir, read_json

if TYPE_CHECKING:
    from smstudio_ext.routes.session import StudioSession
    from smstudio_ext.target import LocalEngine

log = logging.getLogger("smstudio_ext.server_record")

_APP_TYPE, _APP_NAME = "JupyterServer", "default"


def servers_dir() -> Path:
    """Folder with one file a Jupyter server; the engine reads it."""
    return data_dir() / "studio" / "servers"


class ServerRecord:
    """The file of this server and its app `default` of type JupyterServer.

    Made when the panel first looks, taken back at the server's end. Its methods block.

    Args:
        find: the running engine; starts none.
        address: this server's URL, known once it listens.
        entrance: it opens sessions for presigned addresses; else one signs in by its own sign-in page.
    """

    def __init__(
        self,
        find: Callable[[], LocalEngine | None],
        address: Callable[[], str],
        *,
        entrance: bool = False,
    ) -> None:
        self._find = find
        self._address = address
        self._entrance = entrance
        self._lock = threading.Lock()
        self._engine: LocalEngine | None = None
        self._owner: tuple[str, str] | None = None

    @property
    def path(self) -> Path:
        """The file of this server."""
        return servers_dir() / f"{os.getpid()}.json"

    def ensure(self) -> None:
        """Makes file and app, unless that was done for this engine; without an engine it does nothing."""
        engine = self._find()
        if engine is None or engine == self._engine:
            return
        with self._lock:
            if engine == self._engine:
                return
            try:
                self._make(engine)
            except Exception as error:  # noqa: BLE001 - the panel works without it; whatever boto3 raises is told
                log.warning("The engine was not told where this server is: %s", error)
                return
            self._engine = engine

    def end(self) -> None:
        """Takes the file back, and the app when no other server of this data directory runs."""
        with self._lock, contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
            if self._owner is None or any(_lives(path) for path in servers_dir().glob("*.json")):
                return
            engine, owner, self._owner = self._find(), self._owner, None
            if engine is None:
                return
            from botocore.exceptions import BotoCoreError, ClientError

            with contextlib.suppress(ClientError, BotoCoreError):
                _client(engine).delete_app(**_key(owner))

    def _make(self, engine: LocalEngine) -> None:
        from botocore.exceptions import ClientError

        from smstudio_ext.notebooks.apps import owner_of

        client = _client(engine)
        self._owner = owner_of(client)
        user = self._owner[1] if self._owner else None
        content = {"url": self._address(), "entrance": self._entrance, "pid": os.getpid(), "user": user}
        _write_private(self.path, content)
        if self._owner is None:
            return  # the region's domain was deleted
        try:
            client.create_app(**_key(self._owner))
        except ClientError as error:
            if (
                error.response["Error"]["Code"] != "ResourceInUse"
            ):  # another server made it, or this one before
                raise


def _key(owner: tuple[str, str]) -> dict[str, str]:
    return {
        "DomainId": owner[0],
        "UserProfileName": owner[1],
        "AppType": _APP_TYPE,
        "AppName": _APP_NAME,
    }


def _client(engine: LocalEngine) -> Any:
    from smstudio_ext.target import Target

    return Target.local(engine).client("sagemaker")


def _lives(path: Path) -> bool:
    """Whether the server of a file runs; the file of one that was killed is taken away."""
    pid = read_json(path).get("pid")
    if not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        path.unlink(missing_ok=True)
        return False
    except PermissionError:
        return True
    return True


def _write_private(path: Path, content: dict[str, Any]) -> None:
    """Writes a file that this user alone can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.with_name(f".{path.name}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file)
    aside.replace(path)


def record_server(serverapp: Any, session: StudioSession) -> None:
    """Has a Jupyter server recorded as soon as a page is visible, until its end."""

    entrance = open_entrance(serverapp)
    record = ServerRecord(session.engine.find, lambda: str(serverapp.connection_url), entrance=entrance)

    def look() -> None:
        session.workers.submit(record.ensure)

    session.presence.when_visible(look)
    session.when_closing(record.end)
