"""Routes of the target, the engine's life, presence, options, and the API's own description."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado.web import HTTPError, authenticated

from smstudio_ext.routes.base import SmStudioHandler
from smstudio_ext.routes.session import PRESENCE_SECONDS


class StatusHandler(SmStudioHandler):
    """What the status bar shows."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Target, engine, and on request who we are."""

        def work(request: Any) -> Any:
            from smstudio_ext.studio.status import get_status

            session = self.session
            return get_status(session.switch, session.engine.describe(), identity=request.identity)

        await self.answer_with("getStatus", work)
        self.session.warm_up()


class TargetsHandler(SmStudioHandler):
    """What the target switch offers."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """The local engine and the AWS profiles of this machine."""

        def work(request: Any) -> Any:
            from smstudio_ext.studio.status import get_targets

            return get_targets(self.session.switch)

        await self.answer_with("getTargets", work)


class TargetHandler(SmStudioHandler):
    """The chosen target."""

    @authenticated
    @authorized
    async def put(self) -> None:
        """Chooses it for all pages of this server."""

        def work(request: Any) -> Any:
            from smstudio_ext.studio.aws_sessions import choose_target
            from smstudio_ext.studio.status import get_status

            session = self.session
            choose_target(session.switch, request)
            return get_status(session.switch, session.engine.describe(), identity=False)

        await self.answer_with("chooseTarget", work)
        switch = self.session.switch
        self.announce("Target", switch.profile or switch.kind, "Chosen")


class EngineStartHandler(SmStudioHandler):
    """Starts the local engine."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Returns when it answers."""

        def work(request: Any) -> Any:
            from smstudio_ext.studio.models.status import EngineStatus

            self.session.engine.start()
            return EngineStatus.model_validate(self.session.engine.describe())

        await self.answer_with("startEngine", work)
        self.announce("Engine", "local", "Running")


class EngineStopHandler(SmStudioHandler):
    """Stops the local engine; jobs that run go on."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Returns when it has ended."""

        def work(request: Any) -> Any:
            from smstudio_ext.studio.models.status import EngineStatus

            self.session.engine.stop()
            return EngineStatus.model_validate(self.session.engine.describe())

        await self.answer_with("stopEngine", work)
        self.announce("Engine", "local", "Stopped")


class PresenceHandler(SmStudioHandler):
    """Pages say whether they are visible."""

    _track_activity = False  # an open but unused page must not keep an idle server alive

    @authenticated
    @authorized
    async def post(self) -> None:
        """Remembers it for a minute and a half."""
        reported: list[Any] = []

        def work(request: Any) -> Any:
            from smstudio_ext.studio.models.status import PresenceReply

            reported.append(request)
            return PresenceReply(again_in_seconds=PRESENCE_SECONDS * 2 / 3)

        await self.answer_with("reportPresence", work)
        for request in reported:
            self.session.presence.report(request.page, request.visible)


class OptionsHandler(SmStudioHandler):
    """What forms offer."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Problem types, instance types, limits, defaults."""
        await self.answer("getOptions")


class OpenApiHandler(SmStudioHandler):
    """The API's own description."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """OpenAPI 3.1."""

        def work() -> dict[str, Any]:
            from smstudio_ext.routes.openapi import openapi_document

            return openapi_document(self.base_url)

        self.finish(await self.run(work))


class UnknownPathHandler(SmStudioHandler):
    """Paths that are none of the API's."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """There is no such path."""
        raise HTTPError(404, "There is no such path in this API; see openapi.json.")

    post = put = delete = patch = get
