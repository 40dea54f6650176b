"""The sample data sets: same bytes for the same seed, the columns they promise, learnable and not trivial."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from smstudio_ext.cli.lab import write_samples
from smstudio_ext.studio.samples import UnknownSample, list_samples, sample_csv

NAMES = [sample.name for sample in list_samples()]


def _table(name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(sample_csv(name).decode())))


@pytest.mark.parametrize("name", NAMES)
def test_sample_has_its_columns_and_rows(name: str) -> None:
    sample = next(sample for sample in list_samples() if sample.name == name)
    table = _table(name)
    assert table[0] == sample.columns
    assert sample.target in sample.columns
    assert len(table) == sample.rows + 1
    assert all(len(row) == len(sample.columns) for row in table)
    assert sample.rows >= 500


@pytest.mark.parametrize("name", NAMES)
def test_sample_is_the_same_for_the_same_seed(name: str) -> None:
    assert sample_csv(name, rows=50) == sample_csv(name, rows=50)
    assert sample_csv(name, rows=50) != sample_csv(name, rows=50, seed=1)


def test_churn_has_the_share_of_the_workshop() -> None:
    table = _table("churn")
    leaving = sum(row[-1] == "True." for row in table[1:]) / (len(table) - 1)
    assert 0.10 < leaving < 0.20
    assert table[0][-1] == "Churn?"


@pytest.mark.parametrize(("name", "classes"), [("churn", 2), ("bank", 2), ("wheat", 4)])
def test_classification_sample_has_its_classes(name: str, classes: int) -> None:
    sample = next(sample for sample in list_samples() if sample.name == name)
    column = sample.columns.index(sample.target)
    assert len({row[column] for row in _table(name)[1:]}) == classes


def test_unknown_sample_names_those_there_are() -> None:
    with pytest.raises(UnknownSample, match="churn, bank, houses, wheat"):
        sample_csv("iris")


def test_write_samples_keeps_files_that_are_there(tmp_path: Path) -> None:
    write_samples(tmp_path / "samples")
    own = tmp_path / "samples" / "churn.csv"
    own.write_text("mine")
    write_samples(tmp_path / "samples")
    assert own.read_text() == "mine"
    assert {path.name for path in own.parent.iterdir()} == {sample.file_name for sample in list_samples()}
