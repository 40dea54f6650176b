"""Routes of usage and cost: history per day and type, its export, price lists, the idle policy, logs of start-up scripts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext.routes.base import SmStudioHandler
from smstudio_ext.routes.running import data_dir, ledger_of, watch_of


class HistoryHandler(SmStudioHandler):
    """Hours and cost per day and type."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Of the last days, brought up to date."""
        await self.answer_with("getUsageHistory", self.history)

    def history(self, request: Any) -> Any:
        """The history; blocks."""
        from smstudio_ext.studio.running import target_time
        from smstudio_ext.studio.usage_history import usage_history

        target = self.session.switch.current()
        return usage_history(
            target,
            request,
            ledger_of(self.settings, self.session.engine),
            now=target_time(target),
            data_dir=data_dir(self.session.engine),
        )


class DownloadHistoryHandler(HistoryHandler):
    """The history as a file."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Sends it as CSV."""

        def work(query: Any) -> Iterator[bytes]:
            from smstudio_ext.studio.usage_history import history_csv

            return history_csv(self.history(query))

        await self.answer_text(
            "downloadUsageHistory", work, file_name="sagemaker-usage.csv", kind="text/csv; charset=utf-8"
        )


class PricesHandler(SmStudioHandler):
    """Price lists."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """The list that is used for a region."""

        def work(request: Any) -> Any:
            from smstudio_ext.studio.prices import list_prices

            return list_prices(self.session.switch.current(), request.region, data_dir(self.session.engine))

        await self.answer_with("getPrices", work)

    @authenticated
    @authorized
    async def post(self) -> None:
        """Fetches the newest list of a region from AWS."""

        def work(request: Any) -> Any:
            from smstudio_ext.studio.prices import update_prices

            today = datetime.now(timezone.utc).date().isoformat()
            return update_prices(
                self.session.switch.current(), request.region, data_dir(self.session.engine), today
            )

        await self.answer_with("fetchPrices", work)
        self.announce("Running", "*", "Changed")


class IdleHandler(SmStudioHandler):
    """The idle policy."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """The policy, and how long each instance has been idle."""
        await self.answer_with("getIdle", lambda request: self._state())

    @authenticated
    @authorized
    async def put(self) -> None:
        """Sets the policy for all servers of the data directory."""

        def work(request: Any) -> Any:
            from smstudio_ext.notebooks.idle import Policy, write_policy

            write_policy(data_dir(self.session.engine), Policy(**request.model_dump()))
            return self._state()

        await self.answer_with("setIdle", work)

    def _state(self) -> Any:
        from dataclasses import asdict

        from smstudio_ext.notebooks.idle import read_policy
        from smstudio_ext.studio.models.running import IdleInstance, IdlePolicy, IdleState

        policy = read_policy(data_dir(self.session.engine))
        whole = policy.timeout_minutes * 60
        return IdleState(
            offered=self.session.switch.kind == "local",
            policy=IdlePolicy(**asdict(policy)),
            instances=[
                IdleInstance(
                    name=name,
                    idle_seconds=idle,
                    left_seconds=max(0.0, whole - idle) if policy.enabled else None,
                )
                for name, idle in watch_of(self.settings).idle_instances().items()
            ],
        )


class KeepHandler(SmStudioHandler):
    """Keeps an idle instance."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Its idle time begins anew."""

        def work(request: Any) -> Any:
            from smstudio_ext.studio.models.base import Accepted

            watch_of(self.settings).keep(request.name)
            return Accepted(name=request.name)

        await self.answer_with("keepInstance", work)


class ScriptLogsHandler(SmStudioHandler):
    """Output of a start-up script."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Part of it."""
        await self.answer("getScriptLogs")


class DownloadScriptLogHandler(SmStudioHandler):
    """The whole output of a start-up script."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Sends it as a text file."""

        def work(query: Any) -> Iterator[bytes]:
            from smstudio_ext.studio.job_logs import streams_text
            from smstudio_ext.studio.script_logs import LOG_GROUP, checked

            logs = self.session.switch.current().client("logs")
            return streams_text(logs, LOG_GROUP, [checked(query.stream)])

        await self.answer_text(
            "downloadScriptLog", work, file_name="start-up-script.log", kind="text/plain; charset=utf-8"
        )
