"""The charts of the magics are those of the page: both are held against one file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.magics import chart_specs

GOLDEN = Path(__file__).parents[2] / "src" / "features" / "trialdetails" / "__tests__" / "specs.json"
CASES = json.loads(GOLDEN.read_text(encoding="utf-8"))


def made(chart: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    if chart["data"] == "series":
        metric = chart["y"].removeprefix("Metrics.").rpartition(".")[0]
        return chart_specs.lines(metric, chart["dimension"], names=context["names"], rows=context["rows"])
    if chart["type"] == "histogram":
        return chart_specs.histogram(chart["x"], numeric=context["numeric"])
    return chart_specs.scatter(chart["x"], chart["y"], **context)


@pytest.mark.parametrize("case", CASES, ids=[case["title"].replace(" ", "-") for case in CASES])
def test_the_spec_is_the_pages(case: dict[str, Any]) -> None:
    assert json.loads(json.dumps(made(case["chart"], case["context"]))) == case["spec"]
