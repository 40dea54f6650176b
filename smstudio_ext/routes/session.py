"""What all handlers of one server work with: the target, the engine's life, who looks, where files are."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from smstudio_ext.aws.signin import SignIns, SignInState
    from smstudio_ext.target import LocalEngine
    from smstudio_ext.target_switch import TargetSwitch

SETTING = "smstudio_session"
PRESENCE_SECONDS = 90.0
"""How long a page counts as visible after it said so."""
_WORKERS = 16


class EngineControl(Protocol):
    """The life of the local engine; `app.py` knows how. All methods block: call them from worker threads."""

    def find(self) -> LocalEngine | None:
        """The running engine; starts none."""

    def need(self) -> LocalEngine | None:
        """The running engine; starts it when the server may."""

    def start(self) -> None:
        """Starts it; raises EngineAway with the reason when it does not start."""

    def stop(self) -> None:
        """Stops it; it stays stopped until it is started again."""

    def describe(self) -> dict[str, str | None]:
        """Members of `EngineStatus`."""


class Presence:
    """Which pages are visible; a page that says nothing any more is forgotten."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}
        self._on_visible: list[Callable[[], None]] = []

    def report(self, page: str, visible: bool) -> None:
        """A page says whether it is visible."""
        if visible:
            self._until[page] = self._clock() + PRESENCE_SECONDS
            self.nudge()
        else:
            self._until.pop(page, None)

    def nudge(self) -> None:
        """Lets everyone look at once who waits for a visible page."""
        for callback in list(self._on_visible):
            callback()

    @property
    def anyone(self) -> bool:
        """Whether a page is visible."""
        now = self._clock()
        self._until = {page: until for page, until in self._until.items() if until > now}
        return bool(self._until)

    def when_visible(self, callback: Callable[[], None]) -> None:
        """Calls back on every report of a visible page."""
        self._on_visible.append(callback)


@dataclass
class StudioSession:
    """One server's session.

    Attributes:
        root_dir: root of the Jupyter server's files; None when its contents are not files.
        announce: tells all pages of a change (`kind`, `name`, `status`...), from the event loop.
        announce_later: the same, from any thread.
    """

    switch: TargetSwitch
    engine: EngineControl
    root_dir: Path | None
    allow_hidden: bool = False
    announce: Callable[[dict[str, Any]], None] = lambda change: None
    announce_later: Callable[[dict[str, Any]], None] = lambda change: None
    presence: Presence = field(default_factory=Presence)
    _workers: ThreadPoolExecutor | None = None
    _sign_ins: SignIns | None = None
    _warm: bool = False
    _closing: list[Callable[[], None]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def warm_up(self) -> None:
        """Loads in a thread, once, what the first list will need; starts nothing."""
        if not self._warm:
            self._warm = True
            self.workers.submit(self._load)

    def _load(self) -> None:
        from smstudio_ext.studio import automl, endpoints, training  # noqa: F401 - imported for their cost
        from smstudio_ext.target import warm_up

        warm_up()
        if self.switch.kind == "local" and self.engine.find():
            self.switch.current().client("sagemaker")

    @property
    def workers(self) -> ThreadPoolExecutor:
        """Threads for calls that block; made on first use."""
        if self._workers is None:
            self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="smstudio")
        return self._workers

    @property
    def sign_ins(self) -> SignIns:
        """Sign-ins to AWS that are under way; made on first use, from a worker thread."""
        with self._lock:
            if self._sign_ins is None:
                from smstudio_ext.aws.signin import SignIns

                self._sign_ins = SignIns(self._signed_in)
                self.when_closing(self._sign_ins.close)
            return self._sign_ins

    def _signed_in(self, state: SignInState) -> None:
        """There is a new token: calls that follow use it, and pages look again."""
        self.switch.renew()
        for kind in ("Target", "*"):
            self.announce_later(
                {
                    "kind": kind,
                    "name": "*",
                    "status": "SignedIn",
                    "region": self.switch.effective_region(),
                }
            )

    def when_closing(self, callback: Callable[[], None]) -> None:
        """Calls back at the server's end, which waits for it."""
        self._closing.append(callback)

    def close(self) -> None:
        """Ends the threads."""
        for callback in self._closing:
            callback()
        if self._workers:
            self._workers.shutdown(wait=False, cancel_futures=True)
