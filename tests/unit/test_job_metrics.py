"""Metrics from logs: what is found, at what cost, and how series are kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import select

from smstudio_ext.engine.images.catalogue import XGBOOST_METRICS
from smstudio_ext.engine.images.registry import ImageRegistry
from smstudio_ext.engine.runtime.metrics import (
    MetricPoint,
    MetricReader,
    final_values,
    replace_series,
    required_text,
)
from smstudio_ext.engine.store import Database, tables

XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"


def log(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{1_700_000_000_000 + n:013d} {line}\n" for n, line in enumerate(lines)))
    return path


def test_values_are_read_in_order_and_the_last_is_final(tmp_path: Path) -> None:
    path = log(tmp_path / "log", "loss=0.5;", "nothing", "loss=nan;", "loss=0.25; acc=1e-3;", "loss=x;")
    points = MetricReader({"loss": r"loss=([^;]+);", "acc": r"acc=([0-9e.-]+);"}).read(path)
    assert [(p.name, p.value) for p in points] == [("loss", 0.5), ("loss", 0.25), ("acc", 0.001)]
    assert points[1].timestamp == 1_700_000_000.003
    assert [(p.name, p.value) for p in final_values(points)] == [("acc", 0.001), ("loss", 0.25)]


@pytest.mark.parametrize(
    ("expression", "needed"),
    [
        (r"\[[0-9]+\].*(?:#011|\t)train-f1:([0-9.]+)(?:#011|\s|$)", "train-f1:"),
        (r"loss=(.*?);", "loss="),
        (r"colou?r: (\d+)", "colo"),
        (r"a*bc{2}d", "b"),
        (r"x|yy", ""),
        (r"(?i)LOSS: (.*)", ""),
        (r"[abc]+\.txt", ".txt"),
        (r"[]x]end", "end"),
        (r"\d+", ""),
    ],
)
def test_the_text_that_every_match_holds_is_found(expression: str, needed: str) -> None:
    re.compile(expression)
    assert required_text(expression) == needed


@pytest.mark.parametrize(
    ("expression", "line", "value"),
    [
        (".*loss=([0-9.]+);.*", "loss=1; loss=2;", 2.0),  # the last, as `.*` takes what it can
        (".*?loss=([0-9.]+);", "loss=1; loss=2;", 1.0),
        (".*nothing|loss=([0-9.]+);", "a loss=3;", 3.0),
        ("loss=([0-9.]+);", "loss=9; " * 100_000 + "loss=4; " * 512, 4.0),  # a progress bar's end
        (".*[a-z]+.*loss=([0-9.]+);", "a loss=x; " * 100_000, None),
    ],
)
def test_expressions_are_found_in_lines_of_any_length(
    tmp_path: Path, expression: str, line: str, value: float | None
) -> None:
    path = log(tmp_path / "log", line)
    found = MetricReader({"loss": expression}).read(path)
    assert [point.value for point in found] == ([] if value is None else [value])


def test_the_metrics_of_the_xgboost_image_are_found_among_all_its_definitions(tmp_path: Path) -> None:
    image = ImageRegistry(discover=False).resolve(XGBOOST)
    reader = MetricReader({d.name: d.regex for d in image.metric_definitions})
    assert all(needed.startswith(("train-", "validation-")) for _, _, needed in reader._patterns)
    assert len(reader._patterns) >= 2 * len(XGBOOST_METRICS) - 2
    path = log(
        tmp_path / "log",
        "[0]#011train-rmse:1.5#011validation-rmse:2.5",
        "[1]\ttrain-rmse:1.25\tvalidation-rmse:2.25",
    )
    assert [(p.name, p.value) for p in final_values(reader.read(path))] == [
        ("train:rmse", 1.25),
        ("validation:rmse", 2.25),
    ]


def test_writing_a_series_again_doubles_nothing(tmp_path: Path) -> None:
    database = Database.at(tmp_path)
    points = [MetricPoint("loss", 1.0, 0.5), MetricPoint("loss", 2.0, 0.25)]
    for _ in range(2):
        replace_series(database, "us-east-1", "ns", {"TrainingJobName": "a"}, points)
    replace_series(database, "us-east-1", "ns", {"TrainingJobName": "b"}, points[:1])
    with database.read() as connection:
        rows = connection.execute(
            select(tables.metric_points.c.dimensions, tables.metric_points.c.value)
        ).fetchall()
    database.close()
    assert sorted(map(tuple, rows)) == [
        ('{"TrainingJobName": "a"}', 0.25),
        ('{"TrainingJobName": "a"}', 0.5),
        ('{"TrainingJobName": "b"}', 0.5),
    ]
