"""Notebooks of SageMaker SDK 1, cell by cell, in the kernel "Python 3 (Data Science)" and unmodified SDK 2."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.companion.version1.bank_clean import bank_clean_csv
from smstudio_ext.notebooks.kernelspecs import DATA_SCIENCE, offer_kernels
from tests.conftest import RunningEngine
from tests.e2e.notebooks import seed001, seeds, version1

ROOT = Path(__file__).resolve().parents[2]

Run = Callable[[list[str]], list[str]]


@pytest.fixture
def notebook(engine: RunningEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs cells in the kernel, in an empty folder, and gives what each printed; a cell that fails raises."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))  # a source tree that is not installed
    monkeypatch.setenv("SMSTUDIO_HOME", str(engine.data_dir))
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    monkeypatch.setenv("SMSTUDIO_DOWNLOADS", str(downloads))
    work = tmp_path / "work"
    work.mkdir()

    def run(cells: list[str]) -> list[str]:
        import nbformat
        from jupyter_client.kernelspec import KernelSpecManager
        from jupyter_client.manager import AsyncKernelManager
        from nbclient import NotebookClient

        specs = KernelSpecManager()
        offer_kernels(specs)
        manager = AsyncKernelManager(kernel_name=DATA_SCIENCE, kernel_spec_manager=specs)
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        NotebookClient(made, km=manager, resources={"metadata": {"path": str(work)}}, timeout=560).execute()
        return [_printed(cell) for cell in made.cells]

    return run


def _printed(cell: Any) -> str:
    return "".join(output.text for output in cell.outputs if output.get("name") == "stdout")


@pytest.mark.sdk
def test_the_first_tutorial_runs_word_for_word(engine: RunningEngine, notebook: Run) -> None:
    folder = Path(os.environ["SMSTUDIO_DOWNLOADS"])
    (folder / "bank_clean.csv").write_bytes(bank_clean_csv())

    said = notebook(seed001.CELLS)

    assert said[0].splitlines()[-1] == (
        "Success - the MySageMakerInstance is in the us-east-1 region. You will use the "
        "811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:latest container for your SageMaker endpoint."
    )
    assert "S3 bucket created successfully" in said[1]
    assert said[2].splitlines() == [
        "Success: downloaded bank_clean.csv.",
        "Success: Data loaded into dataframe.",
    ]
    assert said[3].strip() == "(28831, 61) (12357, 61)"
    assert "Train matrix has 28831 rows and 59 columns" in said[6]
    assert "Training job completed" in said[6]
    assert len(re.findall(r"train-error:", said[6])) == 100
    assert said[8].strip() == "(12357,)"
    right, counts = said[9].splitlines()
    tn, fp, fn, tp = (int(number) for number in counts.split())
    assert tn + fp + fn + tp == 12357
    rate = 100 * (tn + tp) / 12357
    assert right == f"Overall Classification Rate: {rate:.1f}%"
    assert tn + tp > tn + fp, "a model that learned beats one that always says no"
    assert engine.client("s3").list_objects_v2(Bucket="your-s3-bucket-name")["KeyCount"] == 0
    names = [found["EndpointName"] for found in engine.client("sagemaker").list_endpoints()["Endpoints"]]
    assert not [name for name in names if name.startswith("xgboost-")]


@pytest.mark.sdk
def test_other_habits_of_version_1_work(notebook: Run) -> None:
    _walk(notebook, version1.CELLS, version1.EXPECTED)


@pytest.mark.sdk
def test_the_notes_on_algorithms_formats_and_models_run(notebook: Run) -> None:
    _walk(notebook, seeds.NOTES, seeds.NOTES_EXPECTED)


@pytest.mark.sdk
def test_the_notes_on_processing_variants_scaling_and_batches_run(notebook: Run) -> None:
    _walk(notebook, seeds.GUIDE, seeds.GUIDE_EXPECTED)


@pytest.mark.sdk
def test_the_workshops_tuning_of_two_candidates_runs(notebook: Run) -> None:
    _walk(notebook, seeds.TUNING, seeds.TUNING_EXPECTED)


def _walk(notebook: Run, cells: list[str], expected: dict[str, str]) -> None:
    """Runs the cells and compares what they print as `name = value`."""
    lines = [
        line.lstrip("-!.") for text in notebook(cells) for line in text.splitlines()
    ]  # after a progress bar
    said = dict(line.split(" = ", 1) for line in lines if " = " in line)
    assert {name: said.get(name) for name in expected} == expected
