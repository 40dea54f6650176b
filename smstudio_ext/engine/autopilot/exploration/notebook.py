"""Writes the data exploration notebook and its insights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from smstudio_ext.engine.autopilot.exploration import details, overview
from smstudio_ext.engine.autopilot.exploration.facts import Facts, work_out
from smstudio_ext.engine.autopilot.exploration.insights import Insight, find_insights
from smstudio_ext.engine.autopilot.reports.document import Document
from smstudio_ext.engine.autopilot.reports.markup import to_notebook

NAME = "SageMakerAutopilotDataExplorationNotebook.ipynb"
INSIGHTS = "insights.json"


def write_exploration(
    job: str, analysis: dict[str, Any], preprocessed: Path, folder: Path, seed: int = 0
) -> list[Insight]:
    """Writes `SageMakerAutopilotDataExplorationNotebook.ipynb` and `insights.json` into a folder.

    Args:
        job: name of the Autopilot job.
        analysis: content of `analysis.json`.
        preprocessed: the job's `preprocessed-data` folder (`header/`, `tuning_data/`).
        folder: is made when it is not there.
        seed: for what is drawn at random.

    Returns:
        The insights, high severity first.
    """
    facts = work_out(job, analysis, preprocessed, seed)
    insights = find_insights(facts)
    folder.mkdir(parents=True, exist_ok=True)
    notebook = to_notebook(exploration_document(facts, insights))
    (folder / NAME).write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    listed = {"AutoMLJobName": job, "Insights": [insight.document() for insight in insights]}
    (folder / INSIGHTS).write_text(json.dumps(listed, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return insights


def exploration_document(facts: Facts, insights: list[Insight]) -> Document:
    """The report, section by section."""
    document = Document(overview.TITLE)
    document.add(*overview.summary(facts, insights))
    document.add(*overview.target_analysis(facts, insights))
    document.add(*overview.data_sample(facts))
    document.add(*details.feature_summary(facts, insights))
    document.add(*details.duplicate_rows(facts, insights))
    document.add(*details.cross_columns(facts, insights))
    document.add(*details.anomalous_rows(facts, insights))
    document.add(*details.column_analysis(facts))
    document.add(*details.missing_values(facts, insights))
    document.add(*details.cardinality(facts, insights))
    document.add(*details.descriptive_stats(facts, insights))
    document.add(*details.definitions(facts))
    return document
