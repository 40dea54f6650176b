"""Metrics in files of a job: each line is counted once, whatever happens to the engine that reads them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from smstudio_ext.engine.context import EngineContext
from smstudio_ext.engine.experiments.part import Experiments
from smstudio_ext.engine.runtime.metric_files import DIRECTORY, MetricFiles
from smstudio_ext.engine.server.wiring import build_context
from smstudio_ext.engine.settings import Settings

REGION = "us-east-1"


@pytest.fixture
def ctx(tmp_path: Path) -> EngineContext:
    made = build_context(Settings(data_dir=tmp_path / "data"))
    Experiments.of(made).components.create(REGION, {"TrialComponentName": "job"}, {})
    return made


def line(step: int, **members: object) -> str:
    point = {"MetricName": "score", "Value": step / 2, "Timestamp": 1000.0 + step, "IterationNumber": step}
    return json.dumps(point | members) + "\n"


def counted(ctx: EngineContext) -> dict[str, tuple[int, float]]:
    metrics = Experiments.of(ctx).metrics
    number = metrics.number(REGION, "job")
    assert number is not None
    found = metrics.summaries([number])[number]
    return {name: (summary.count, summary.last) for name, summary in found.items()}


def test_lines_are_read_once_also_by_a_new_engine(ctx: EngineContext, tmp_path: Path) -> None:
    folder = tmp_path / "ml" / DIRECTORY
    folder.mkdir(parents=True)
    files = MetricFiles(REGION, "job", [tmp_path / "ml"])
    files.look(ctx)
    assert counted(ctx) == {}
    with (folder / "7.json").open("a") as file:
        file.write(line(0) + line(1) + line(2)[:20])
        file.flush()
        files.look(ctx)
        assert counted(ctx) == {"score": (2, 0.5)}
        file.write(line(2)[20:])
        file.flush()
        later = MetricFiles(REGION, "job", [tmp_path / "ml"])
        later.look(ctx)
        later.look(ctx)
        assert counted(ctx) == {"score": (3, 1.0)}
    (folder / "8.json").write_text(line(9, MetricName="other"))
    MetricFiles(REGION, "job", [tmp_path / "ml"]).look(ctx)
    assert counted(ctx) == {"score": (3, 1.0), "other": (1, 4.5)}


def test_lines_that_are_no_points_are_left_out(ctx: EngineContext, tmp_path: Path) -> None:
    folder = tmp_path / "ml" / DIRECTORY
    folder.mkdir(parents=True)
    lines = ["nothing\n", "[]\n", "{}\n", line(1, Value="much"), line(2, Value=float("nan")), line(3)]
    (folder / "7.json").write_text("".join(lines))
    MetricFiles(REGION, "job", [tmp_path / "ml"]).look(ctx)
    assert counted(ctx) == {"score": (1, 1.5)}
