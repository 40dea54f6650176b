"""Every example of the gallery, run from top to bottom in the kernel "Python 3 (Data Science)"."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.companion.version1.bank_clean import bank_clean_csv
from smstudio_ext.notebooks.kernelspecs import DATA_SCIENCE, offer_kernels
from smstudio_ext.studio.examples import list_examples, read_example
from tests.conftest import RunningEngine

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = {example.name: example for example in list_examples().items}

Run = Callable[[str], Any]


@pytest.fixture(scope="module")
def run(engine: RunningEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Runs an example. All share one kernel, so that the SDK is imported once; none sees another's names or files."""
    import nbformat
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import KernelManager
    from nbclient import NotebookClient

    folder = tmp_path_factory.mktemp("examples")
    (folder / "downloads").mkdir()
    (folder / "downloads" / "bank_clean.csv").write_bytes(bank_clean_csv())
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        patch.setenv("PYTHONPATH", os.pathsep.join(paths))  # a source tree that is not installed
        patch.setenv("SMSTUDIO_HOME", str(engine.data_dir))
        patch.setenv("SMSTUDIO_DOWNLOADS", str(folder / "downloads"))
        specs = KernelSpecManager()
        offer_kernels(specs)
        kernel = KernelManager(kernel_name=DATA_SCIENCE, kernel_spec_manager=specs)

        def run_example(name: str) -> Any:
            notebook = nbformat.reads(json.dumps(read_example(name, shipped).notebook), 4)  # type: ignore[no-untyped-call]
            own = folder / name
            own.mkdir()
            fresh = f"%reset -f\n%cd -q {own}"
            notebook.cells.insert(0, nbformat.v4.new_code_cell(fresh))  # type: ignore[no-untyped-call]
            NotebookClient(notebook, km=kernel, timeout=560).execute()
            return notebook

        yield run_example
        kernel.shutdown_kernel(now=True)


def shipped() -> Any:
    raise AssertionError("an example that is shipped needs no target")


def missing(name: str) -> str | None:
    """The module without which an example cannot run here."""
    modules = {"smstudio-ext[deep]": "torch", "smstudio-ext[text]": "gensim"}
    return next((modules[need] for need in EXAMPLES[name].needs), None)


def printed(notebook: Any) -> str:
    return "".join(
        output.get("text", "")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.get("name") == "stdout"
    )


@pytest.mark.sdk
@pytest.mark.parametrize("name", [name for name in EXAMPLES if EXAMPLES[name].section == "algorithms"])
def test_an_algorithms_example_runs_and_leaves_no_endpoint(
    run: Run, engine: RunningEngine, name: str
) -> None:
    module = missing(name)
    if module:
        pytest.importorskip(module)
    client = engine.client("sagemaker")
    before = {found["EndpointName"] for found in client.list_endpoints()["Endpoints"]}
    run(name)
    after = {found["EndpointName"]: found for found in client.list_endpoints()["Endpoints"]}
    left = [each for each in set(after) - before if after[each]["EndpointStatus"] != "Deleting"]
    assert not left
    trained = {
        algorithm
        for job in client.list_training_jobs(MaxResults=100)["TrainingJobSummaries"]
        for algorithm in EXAMPLES[name].algorithms
        if algorithm in _image(client, job["TrainingJobName"])
    }
    assert trained == set(EXAMPLES[name].algorithms)


@pytest.mark.sdk
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("studio-and-autopilot-ja", ["ノートブックの合計: 6 時間", "が正解"]),
        ("xgboost-tutorial-ja", ["(28831, 61) (12357, 61)", "Overall Classification Rate:", "(12357,)"]),
        ("autopilot-workshop-ko", ["CandidateDefinitionsGenerated", "8 개의 trial component"]),
        ("sagemaker-notes", ["pca ['model_algo-1']", "The first line seems to be a header"]),
        ("developer-guide", ["300 rows before, 299 after", "{200} {'many'}"]),
    ],
    ids=["seed-000", "seed-001", "seed-002", "seed-003", "seed-004"],
)
def test_a_walkthrough_runs(run: Run, name: str, says: list[str]) -> None:
    said = printed(run(name))
    for words in says:
        assert words in said


def _image(client: Any, job: str) -> str:
    image: str = client.describe_training_job(TrainingJobName=job)["AlgorithmSpecification"]["TrainingImage"]
    return image
