"""Tells the local engine of a kernel's app, beside the kernel's start and not before it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from smstudio_ext.notebooks import apps, placing
from smstudio_ext.notebooks.wording import Said

SCRIPT_SECONDS = 330.0
"""How long a kernel waits for its app's start-up script, which the engine ends after five minutes."""

_ENGINE_SECONDS = 30.0


class Recorder:
    """The app of one kernel that starts.

    Args:
        image: id of the image.
        choice: instance type and start-up script.
        log: gets what goes wrong; the kernel starts all the same.
        know: is told the app's name.
        tell: is told what the notebook's reader should know: that a default start-up script failed.
    """

    def __init__(
        self,
        image: str,
        choice: placing.Choice,
        log: Any,
        know: Callable[[str], None],
        tell: Callable[[Said], None] = lambda said: None,
    ) -> None:
        self._image = image
        self._choice = choice
        self._log = log
        self._know = know
        self._tell = tell
        self._app: apps.App | None = None

    async def started(self) -> None:
        """Makes the app and waits for its start-up script.

        Raises:
            RuntimeError: the script failed, or nobody can run it.
        """
        try:
            self._app = await asyncio.to_thread(self._ensure)
            if self._app is None:
                raise apps.AppFailed(
                    "Start-up scripts are run by the local engine, which does not run: smstudio engine start"
                )
            self._app = await asyncio.to_thread(apps.wait_in_service, self._app, SCRIPT_SECONDS)
        except apps.AppFailed as failure:
            raise RuntimeError(str(failure)) from failure
        self._know(self._app.name)

    def note(self, kernel_id: str) -> None:
        """Writes the app into the registry's entry of a kernel; makes it first, in a thread, where it is not known."""
        if self._app is not None:
            placing.note_app(kernel_id, self._app.name, self._app.domain_id, self._app.user_profile)
            return
        threading.Thread(
            target=self._record, args=(kernel_id,), name=f"app-of-{kernel_id[:8]}", daemon=True
        ).start()

    def _record(self, kernel_id: str) -> None:
        try:
            app = self._ensure()
            if app is None:
                return
            self._write(kernel_id, app)
            if app.status == "Pending":  # a default start-up script runs beside the kernel
                self._watch_script(kernel_id, app)
        except (apps.AppFailed, OSError) as failure:
            self._log.warning("The kernel %s is not recorded as an app: %s", kernel_id, failure)

    def _watch_script(self, kernel_id: str, app: apps.App) -> None:
        """Sees a default script end. After one that failed, the kernels count to an app without a script: not each makes
        an app that fails, too."""
        try:
            apps.wait_in_service(app, SCRIPT_SECONDS)
        except apps.AppFailed as failure:
            if placing.placement(kernel_id) is None:
                return  # the kernel ended first, and its app with it
            instead = self._ensure(placing.NO_SCRIPT)
            if instead is not None:
                self._write(kernel_id, instead)
            stream = f"{app.domain_id}/{app.user_profile}/KernelGateway/{app.name}/LifecycleConfigOnStart"
            reason = str(failure).partition(" Check its logs")[0]  # the page has a button for them
            self._tell(Said("script", (reason, stream)))

    def _write(self, kernel_id: str, app: apps.App) -> None:
        self._app = app
        self._know(app.name)
        placing.note_app(kernel_id, app.name, app.domain_id, app.user_profile)

    def _ensure(self, script: str | None = None) -> apps.App | None:
        return apps.ensure_app(
            self._image,
            self._choice.instance_type,
            lifecycle_config_arn=script or self._choice.lifecycle_config_arn,
            wait=_ENGINE_SECONDS,
        )
