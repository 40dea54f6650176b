"""The Jupyter server extension: its settings, and how its parts are wired together."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Dict, Enum, List, Unicode

from smstudio_ext.aws_rules import NO_QUESTIONS
from smstudio_ext.events import CHANGE_SCHEMA, SCHEMA_FILE
from smstudio_ext.notebooks.adopting import let_go
from smstudio_ext.notebooks.kernelspecs import offer_kernels
from smstudio_ext.notebooks.server_record import record_server
from smstudio_ext.notebooks.serving import serve_kernels
from smstudio_ext.routes import all_handlers
from smstudio_ext.routes.running_watch import WATCH, RunningWatch
from smstudio_ext.routes.session import SETTING, StudioSession
from smstudio_ext.target import EngineAway, LocalEngine
from smstudio_ext.target_switch import Choice, TargetMemory, TargetSwitch

if TYPE_CHECKING:
    from smstudio_ext.engine.server.lifecycle import EngineInfo
    from smstudio_ext.events.follower import Follower

_OTHERS_START = 20.0
"""Seconds that another process may take to start the same engine."""


class SmStudioApp(ExtensionApp):
    """SageMaker panels of a Jupyter server."""

    name = "smstudio_ext"
    extension_url = "/lab"
    load_other_extensions = True

    data_dir = Unicode(
        "", help="Data directory of the local engine; $SMSTUDIO_HOME or the user's data directory by default."
    ).tag(config=True)
    autostart_engine = Bool(
        True, help="Start the local engine when a page first needs it, unless someone stopped it."
    ).tag(config=True)
    target = Enum(
        ["local", "aws"], "local", help="Target that pages show until somebody chooses another one."
    ).tag(config=True)
    aws_profile = Unicode("", help="AWS profile of target aws; the default chain when empty.").tag(
        config=True
    )
    region = Unicode("", help="AWS region; the profile's, or the engine's, when empty.").tag(config=True)
    role_arn = Unicode("", help="Execution role for new jobs on AWS.").tag(config=True)
    read_only = Bool(
        False,
        help="Protect the AWS account: pages refuse what would create, change, stop or delete something.",
    ).tag(config=True)

    confirm_costs = Bool(
        True,
        help="Ask before anything is created on AWS that costs money: pages, magics, commands and AI tools of this server.",
    ).tag(config=True)

    gateways = List(
        Dict(),
        help="Jupyter gateways (Enterprise Gateway, Kernel Gateway, other Jupyter servers) whose kernels notebooks can choose: "
        "tables with name, url, and token or token_env; see docs/gateways.md.",
    ).tag(config=True)

    keep_kernels = Bool(
        False,
        help="Let kernels of smstudio's images run on when the server is shut down; the next server finds them again. After "
        "a crash of the server they are found in any case.",
    ).tag(config=True)

    def initialize_settings(self) -> None:
        """Makes the session that all handlers share, and registers the event schema."""
        assert self.serverapp is not None
        if self.data_dir:  # kernels and terminals of this server use the same engine
            os.environ["SMSTUDIO_HOME"] = str(Path(self.data_dir).expanduser().absolute())
        if not self.confirm_costs:
            os.environ[NO_QUESTIONS] = "0"
        offer_kernels(self.serverapp.kernel_spec_manager)
        self._know_gateways()
        engine = EngineOfDirectory(self.data_dir, autostart=self.autostart_engine)
        contents = self.serverapp.contents_manager
        root = getattr(contents, "root_dir", "")
        session = StudioSession(
            switch=TargetSwitch(engine.need, memory=self._memory(engine.directory)),
            engine=engine,
            root_dir=Path(root) if root else None,
            allow_hidden=bool(getattr(contents, "allow_hidden", False)),
            announce=self._announce,
            announce_later=self._announce_later,
        )
        self._session = session
        self._follower: Follower | None = None
        session.presence.when_visible(self._start_following)
        record_server(self.serverapp, session)
        self.settings[SETTING] = session
        self.settings[WATCH] = RunningWatch(self.settings, session)
        assert self.serverapp.event_logger is not None
        self.serverapp.event_logger.register_event_schema(SCHEMA_FILE)
        serve_kernels(self.serverapp, session.switch, self._announce)

    def _memory(self, directory: Path) -> TargetMemory:
        configured = Choice(
            kind="aws" if self.target == "aws" else "local",
            profile=self.aws_profile or None,
            region=self.region or None,
            role_arn=self.role_arn or None,
            read_only=self.read_only and self.target == "aws",
        )
        return TargetMemory(directory / "studio" / "target.json", configured)

    def _know_gateways(self) -> None:
        """Takes the gateways of the configuration over, and asks all in the background which kernels they have."""
        from smstudio_ext.notebooks.gateway import config

        for problem in config.give(self.gateways):
            self.log.warning("SmStudioApp.gateways: %s", problem)
        if config.gateways():
            from smstudio_ext.notebooks.gateway.specs import offers

            threading.Thread(target=offers, name="gateways", daemon=True).start()

    def initialize_handlers(self) -> None:
        """Adds the routes."""
        self.handlers.extend(all_handlers())

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Begins what needs the server's event loop."""
        self.settings[WATCH].start()

    async def stop_extension(self) -> None:
        """Ends what runs in this server; the engine and its jobs go on."""
        if self.keep_kernels and self.serverapp is not None:
            let_go(self.serverapp.kernel_manager)
        await self.settings[WATCH].close()
        if self._follower:
            await self._follower.close()
        self._session.close()

    def _start_following(self) -> None:
        if self._follower is None:
            from smstudio_ext.events.follower import Follower

            self._follower = Follower(self._session)
            self._follower.wake()

    def _announce_later(self, change: dict[str, Any]) -> None:
        assert self.serverapp is not None

        def announce() -> None:
            self._announce(change)
            self._session.presence.nudge()

        self.serverapp.io_loop.add_callback(announce)

    def _announce(self, change: dict[str, Any]) -> None:
        assert self.serverapp is not None
        assert self.serverapp.event_logger is not None
        self.settings[WATCH].notice(change)
        data = {"target": self._session.switch.kind, **change}
        self.serverapp.event_logger.emit(schema_id=CHANGE_SCHEMA, data=data)


class EngineOfDirectory:
    """The local engine of one data directory: finds, starts and stops it. Its methods block."""

    def __init__(self, data_dir: str, *, autostart: bool) -> None:
        self._given = data_dir
        self._autostart = autostart
        self._stopped = False  # by someone: then only someone starts it again
        self._lock = threading.Lock()
        self._starting = False
        self._failure: str | None = None

    @property
    def directory(self) -> Path:
        """Its data directory."""
        from smstudio_ext.engine.settings import default_data_dir

        return Path(self._given).expanduser() if self._given else default_data_dir()

    def find(self) -> LocalEngine | None:
        """The running engine; starts none."""
        info = self._read()
        return _address(info) if info else None

    def need(self) -> LocalEngine | None:
        """The running engine; starts it when the server may and nobody stopped it."""
        found = self.find()
        if found is None and self._autostart and not self._stopped:
            self.start()
            found = self.find()
        return found

    def start(self) -> None:
        """Starts it, unless it runs.

        Raises:
            EngineAway: it did not start; the message says why.
        """
        from smstudio_ext.engine.server import lifecycle

        with self._lock:
            if self._read():
                self._stopped = False
                return
            self._starting = True
            try:
                lifecycle.start_engine(self.directory)
                self._failure = None
            except lifecycle.EngineHeld:
                if not self._soon():  # an older engine holds the directory
                    self._failure = f"Another engine works on {self.directory}; try again in a moment."
                    raise EngineAway(self._failure) from None
            except lifecycle.EngineError as error:
                self._failure = str(error)
                raise EngineAway(self._failure) from None
            finally:
                self._starting = False
            self._stopped = False

    def _soon(self) -> bool:
        """Whether the engine that somebody else starts right now answers before long."""
        deadline = time.monotonic() + _OTHERS_START
        while self._read() is None:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def stop(self) -> None:
        """Stops it; it stays stopped until someone starts it."""
        from smstudio_ext.engine.server import lifecycle

        self._stopped = True
        try:
            lifecycle.stop_engine(self.directory)
        except lifecycle.EngineError as error:
            raise EngineAway(str(error)) from None

    def describe(self) -> dict[str, str | None]:
        """Members of `EngineStatus`."""
        info = self._read()
        state = (
            "running" if info else "starting" if self._starting else "failed" if self._failure else "stopped"
        )
        return {
            "state": state,
            "url": info.url if info else None,
            "version": info.version if info else None,
            "data_dir": str(self.directory),
            "message": None if info else self._failure,
        }

    def _read(self) -> EngineInfo | None:
        from smstudio_ext.engine.server import lifecycle

        return lifecycle.read_engine(self.directory)


def _address(info: EngineInfo) -> LocalEngine:
    return LocalEngine(info.url, info.access_key, info.secret_key, info.region)
