"""The REST API's operations on charts over trial components, and on a component's page."""

from __future__ import annotations

from smstudio_ext.routes.operation import Operation

_TRIAL = "trial-details/{name}"

EXPERIMENT_CHART_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "experiment-charts/source",
        "getChartSource",
        "Trial components of charts, and the columns that they have",
        "experiment_charts.ChartSource",
        body="experiment_charts.ComponentSet",
        runs="experiment_charts.chart_source",
    ),
    Operation(
        "POST",
        "experiment-charts/summary",
        "getChartSummary",
        "Values of columns for each trial component",
        "experiment_charts.SummaryData",
        body="experiment_charts.SummaryRequest",
        runs="experiment_charts.summary_data",
    ),
    Operation(
        "POST",
        "experiment-charts/series",
        "getChartSeries",
        "A metric over time for each trial component",
        "experiment_charts.SeriesData",
        body="experiment_charts.SeriesRequest",
        runs="chart_series.series_data",
    ),
    Operation(
        "GET",
        _TRIAL,
        "describeTrialDetails",
        "A trial component's page",
        "trial_details.TrialDetails",
        runs="trial_details.describe_trial",
    ),
    Operation(
        "POST",
        "trial-details",
        "compareTrials",
        "Several trial components with all that they hold",
        "trial_details.Comparison",
        body="trial_details.CompareTrials",
        runs="trial_details.compare_trials",
    ),
    Operation(
        "POST",
        "experiment-charts/importance",
        "getChartImportance",
        "How much each parameter tells of a metric",
        "experiment_charts.ImportanceData",
        body="experiment_charts.ImportanceRequest",
        runs="chart_importance.parameter_importance",
    ),
    Operation(
        "POST",
        "experiment-charts/code",
        "getChartCode",
        "Python that draws a chart in a notebook",
        "experiment_charts.ChartCode",
        body="experiment_charts.ChartCodeRequest",
        runs="chart_code.chart_code",
    ),
    Operation(
        "GET",
        f"{_TRIAL}/settings",
        "getTrialSettings",
        "Settings and Debugger rules of the job behind a trial component",
        "trial_details.TrialSettings",
        runs="trial_settings.trial_settings",
    ),
    Operation(
        "GET",
        f"{_TRIAL}/reports",
        "getTrialReports",
        "Explainability and bias of a trial component",
        "trial_details.TrialReports",
        runs="trial_reports.trial_reports",
    ),
    Operation(
        "GET",
        "artifact-preview",
        "previewArtifact",
        "How an artifact in S3 looks",
        "trial_details.ArtifactPreview",
        query="trial_details.PreviewArtifact",
        runs="artifact_preview.preview_artifact",
    ),
    Operation(
        "GET",
        "lineage",
        "getLineage",
        "What led to something and what came of it",
        "lineage.LineageGraph",
        query="lineage.LineageQuery",
        runs="lineage_graph.lineage_graph",
    ),
)
