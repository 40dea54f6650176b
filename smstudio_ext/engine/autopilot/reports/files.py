"""Writes a report's document as notebook, HTML page and PDF, as far as the time goes."""

from __future__ import annotations

import json
from pathlib import Path

from smstudio_ext.engine.autopilot.reports.document import Document
from smstudio_ext.engine.autopilot.reports.markup import to_html, to_notebook
from smstudio_ext.engine.autopilot.reports.pages import write_pdf
from smstudio_ext.engine.autopilot.reports.task import Task

_PDF_SECONDS = 0.4


def write_files(document: Document, task: Task, output: Path) -> None:
    """Writes `report.ipynb`, `report.html` and `report.pdf`; the last is left out when the job's time limit is too near."""
    notebook = json.dumps(to_notebook(document), indent=1, ensure_ascii=False)
    (output / "report.ipynb").write_text(notebook + "\n", encoding="utf-8")
    (output / "report.html").write_text(to_html(document), encoding="utf-8")
    if task.has_time(_PDF_SECONDS):
        write_pdf(document, output / "report.pdf")
    else:
        print("report.pdf is left out: the time limit of the AutoML job is too near.", flush=True)
