"""Routes of the experiments list and of the Trial Component List."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado.web import HTTPError, authenticated

from smstudio_ext.routes.base import SmStudioHandler

_TICKETS: OrderedDict[str, Any] = OrderedDict()
_MOST_TICKETS = 50


class BrowseHandler(SmStudioHandler):
    """The sidebar's list."""

    @authenticated
    @authorized("read")  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """One page of experiments or trials."""
        await self.answer("browseExperiments")


class ExperimentsHandler(SmStudioHandler):
    """Experiments."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Makes one."""
        await self.answer("createExperiment")
        self.announce("Experiment", "", "Created")


class AssignHandler(SmStudioHandler):
    """Components into a trial."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Puts them there."""
        await self.answer("assignComponents")
        self.announce("Experiment", "", "Updated")


class RemoveHandler(SmStudioHandler):
    """Components out of a trial."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Takes them out."""
        await self.answer("removeComponents")
        self.announce("Experiment", "", "Updated")


class DeletionHandler(SmStudioHandler):
    """What a deletion would take with it."""

    @authenticated
    @authorized("read")  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Says so; deletes nothing."""
        await self.answer("planDeletion")


class DeleteHandler(SmStudioHandler):
    """Deletion of experiments, trials and components."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Deletes for a few seconds."""
        await self.answer("deleteThings")
        self.announce("Experiment", "", "Updated")


class RowsHandler(SmStudioHandler):
    """Rows of the table."""

    @authenticated
    @authorized("read")  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """A range of them."""
        await self.answer("listComponentRows")


class NamesHandler(SmStudioHandler):
    """Names of rows."""

    @authenticated
    @authorized("read")  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Those of a range."""
        await self.answer("listComponentNames")


class ColumnsHandler(SmStudioHandler):
    """Columns of the table."""

    @authenticated
    @authorized("read")  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """All of them."""
        await self.answer("listComponentColumns")


class SuggestedColumnsHandler(SmStudioHandler):
    """Columns that other rows may have."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """As far as the target tells them."""
        await self.answer("suggestComponentColumns")


class GroupsHandler(SmStudioHandler):
    """Groups of rows."""

    @authenticated
    @authorized("read")  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """All of them."""
        await self.answer("groupComponents")


class ComponentsCodeHandler(SmStudioHandler):
    """The table as code."""

    @authenticated
    @authorized("read")  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Writes it."""
        await self.answer("getComponentsCode")


class ExportHandler(SmStudioHandler):
    """The table as a file."""

    @authenticated
    @authorized("read")  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Keeps what is wanted and answers a ticket: the browser fetches files with GET, whose address is short."""

        def work(query: Any) -> Any:
            from smstudio_ext.studio.component_query import expression
            from smstudio_ext.studio.models.components import ExportTicket

            expression(self.session.switch.current(), query.query)  # says now what is wrong with it
            ticket = secrets.token_urlsafe(12)
            _TICKETS[ticket] = query
            while len(_TICKETS) > _MOST_TICKETS:
                _TICKETS.popitem(last=False)
            return ExportTicket(id=ticket, file_name=f"trial-components.{query.format}")

        await self.answer_with("prepareExport", work)


class DownloadExportHandler(SmStudioHandler):
    """The file of a ticket."""

    @authenticated
    @authorized
    async def get(self, ticket: str) -> None:
        """Sends it."""
        query = _TICKETS.get(ticket)
        if query is None:
            raise HTTPError(404, "This download is over; export the table again.")

        def work(_: Any) -> Iterator[bytes]:
            from smstudio_ext.studio.component_export import export_components

            return export_components(self.session.switch.current(), query)

        kind = "text/csv" if query.format == "csv" else "application/vnd.apache.parquet"
        await self.answer_text(
            "downloadExport", work, file_name=f"trial-components.{query.format}", kind=kind
        )


class StopComponentsHandler(SmStudioHandler):
    """Jobs that components describe."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Stops them."""
        await self.answer("stopComponents")
