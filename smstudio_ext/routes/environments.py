"""Routes of notebooks' environments: images, kernels, instance types, start-up scripts, builds, image terminals."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext.routes.base import SmStudioHandler


class EnvironmentHandler(SmStudioHandler):
    """Base of what asks for notebooks by the browser's path."""

    def session_name(self, path: str, name: str | None = None) -> str:
        """How a session's kernel hears of its notebook (`JPY_SESSION_NAME`), by the server's own rule; empty for no path.

        Args:
            path: as the browser knows it.
            name: of the session; that of the file by default.
        """
        if not path:
            return ""
        return os.path.join(self.folder_of(path), name or path.rpartition("/")[2])

    def folder_of(self, path: str) -> str:
        """The folder in which the server starts the kernel of a path of the browser's."""
        kernels: Any = self.kernel_manager
        return str(kernels.cwd_for_path(path))


class EnvironmentsHandler(SmStudioHandler):
    """What the dialog "Change environment" offers."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Images, kernels, defaults; asks neither engine nor AWS."""
        local = self.session.switch.kind == "local"

        def work(_: Any) -> Any:
            from smstudio_ext.studio.environments import list_environments

            return list_environments(local=local)

        await self.answer_with("listEnvironments", work)


class NotebookEnvironmentHandler(EnvironmentHandler):
    """What a notebook runs on."""

    _track_activity = False  # toolbars ask by themselves

    @authenticated
    @authorized
    async def get(self) -> None:
        """Now, or when its kernel starts."""

        def work(query: Any) -> Any:
            from smstudio_ext.notebooks.diffs import leave_out_environment
            from smstudio_ext.studio.environments import notebook_environment

            leave_out_environment()
            return notebook_environment(query, session_name=self.session_name(query.path))

        await self.answer_with("getNotebookEnvironment", work)


class ChosenEnvironmentHandler(EnvironmentHandler):
    """The choice for a notebook's next kernel."""

    @authenticated
    @authorized
    async def put(self) -> None:
        """Remembers it until the kernel starts, and for those after it."""
        local = self.session.switch.kind == "local"

        def work(form: Any) -> Any:
            from smstudio_ext.studio.environments import choose_environment

            return choose_environment(form, session_name=self.session_name(form.path, form.name), local=local)

        await self.answer_with("chooseEnvironment", work)


class InstanceTypesHandler(SmStudioHandler):
    """The table of the dialog "Select instance"."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """All types that Studio's notebooks offer."""
        region = self.session.switch.region

        def work(_: Any) -> Any:
            from smstudio_ext.studio.instance_table import list_instance_types
            from smstudio_ext.target import DEFAULT_REGION

            return list_instance_types(region or DEFAULT_REGION)

        await self.answer_with("listStudioInstanceTypes", work)


class StartupScriptsHandler(SmStudioHandler):
    """Start-up scripts that may be chosen."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Those attached to the user or the domain."""
        await self.answer("listStartupScripts")


class StartupScriptHandler(SmStudioHandler):
    """One start-up script."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Its text."""
        await self.answer("readStartupScript", name)


class ImageBuildHandler(SmStudioHandler):
    """The building of an image."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """How it goes, with its log's new lines."""

        def work(query: Any) -> Any:
            from smstudio_ext.studio.image_builds import image_build

            return image_build(name, after=query.after)

        await self.answer_with("getImageBuild", work)

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Starts it; one that runs goes on."""

        def work(_: Any) -> Any:
            from smstudio_ext.studio.image_builds import start_build

            return start_build(name)

        await self.answer_with("startImageBuild", work)

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Stops it; nothing half made stays."""

        def work(_: Any) -> Any:
            from smstudio_ext.studio.image_builds import cancel_build

            return cancel_build(name)

        await self.answer_with("cancelImageBuild", work)


class ImageTerminalsHandler(EnvironmentHandler):
    """Terminals in images."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Opens one; Lab then connects to it by its name."""
        loop = asyncio.get_running_loop()

        def work(form: Any) -> Any:
            from smstudio_ext.studio.image_terminals import prepare_terminal
            from smstudio_ext.studio.models.environments import OpenedTerminal

            prepared = prepare_terminal(form)
            # Terminals live in the event loop.
            opened = asyncio.run_coroutine_threadsafe(self._open(prepared, form.cwd), loop)
            return OpenedTerminal(name=opened.result())

        await self.answer_with("openImageTerminal", work)

    async def _open(self, prepared: Any, cwd: str) -> str:
        from smstudio_ext.notebooks.serving import target_variables
        from smstudio_ext.notebooks.terminals import engine_variables, open_terminal
        from smstudio_ext.studio.problems import NotOffered

        manager = self.settings.get("terminal_manager")
        if manager is None:
            raise NotOffered(
                "This Jupyter server has no terminals.", hint="pip install jupyter_server_terminals"
            )
        switch = self.session.switch
        target = engine_variables() if switch.kind == "local" else target_variables(switch)
        return open_terminal(manager, prepared, cwd=self.folder_of(cwd), target=target)
