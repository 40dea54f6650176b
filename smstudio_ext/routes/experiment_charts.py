"""Routes of charts over trial components, and of a component's page."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext.routes.base import SmStudioHandler


class ChartSourceHandler(SmStudioHandler):
    """What charts can draw."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Components of a set and their columns."""
        await self.answer("getChartSource")


class ChartSummaryHandler(SmStudioHandler):
    """Values of columns."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """A list for each column."""
        await self.answer("getChartSummary")


class ChartSeriesHandler(SmStudioHandler):
    """Metrics over time."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """A series for each component."""
        await self.answer("getChartSeries")


class TrialDetailsHandler(SmStudioHandler):
    """One trial component."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Its page."""
        await self.answer("describeTrialDetails", name)


class TrialStagesHandler(SmStudioHandler):
    """Components of the trials of a trial component."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Itself among them."""
        await self.answer("listTrialStages", name)


class TrialGraphsHandler(SmStudioHandler):
    """Graphs that were logged for a trial component."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """All of them."""
        await self.answer("listTrialGraphs", name)


class CompareTrialsHandler(SmStudioHandler):
    """Several trial components."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """All that they hold."""
        await self.answer("compareTrials")


class ChartImportanceHandler(SmStudioHandler):
    """Importance of parameters."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """By fANOVA."""
        await self.answer("getChartImportance")


class ChartCodeHandler(SmStudioHandler):
    """A chart for a notebook."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Python that draws it."""
        await self.answer("getChartCode")


class TrialSettingsHandler(SmStudioHandler):
    """The job behind a trial component."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Its settings and rules."""
        await self.answer("getTrialSettings", name)


class TrialReportsHandler(SmStudioHandler):
    """Reports on a trial component."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Explainability and bias."""
        await self.answer("getTrialReports", name)


class ArtifactPreviewHandler(SmStudioHandler):
    """An artifact."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """How it looks."""
        await self.answer("previewArtifact")


class LineageHandler(SmStudioHandler):
    """The lineage graph."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Around one thing."""
        await self.answer("getLineage")
