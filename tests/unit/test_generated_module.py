"""Autopilot's generated code: readable, complete, and what a user changes takes effect; AWS's form of it runs too."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smstudio_ext.engine.autopilot.generated import names
from smstudio_ext.engine.autopilot.generated.candidate_notebook import NotebookFacts, candidate_notebook
from smstudio_ext.engine.autopilot.generated.module import PROCESSORS, write_generated_module
from smstudio_ext.engine.autopilot.generated.processors import processor_source
from smstudio_ext.engine.autopilot.generated.program import LIBRARY, write_library
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.sklearn_automl import serve
from smstudio_ext.engine.images.sklearn_automl.train import train
from smstudio_ext.formats import recordio
from tests.unit.jobfolders import job_folder
from tests.unit.test_transformers import RECORDIO, as_csv, features_only, rows, specification

AWS_PROCESSOR = '''
from numpy import nan
from sagemaker_sklearn_extension.externals import Header
from sagemaker_sklearn_extension.impute import RobustImputer
from sagemaker_sklearn_extension.preprocessing import RobustLabelEncoder
from sagemaker_sklearn_extension.preprocessing import RobustStandardScaler
from sagemaker_sklearn_extension.preprocessing import ThresholdOneHotEncoder
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

HEADER = Header(
    column_names=["age", "city", "Churn?", "when", "note", "pay day", "pay eve", "pay night"],
    target_column_name="Churn?",
)


def build_feature_transform():
    """ Returns the model definition representing feature processing."""
    numeric = HEADER.as_feature_indices(["age", "pay day"])
    categorical = HEADER.as_feature_indices(["city"])
    numeric_processors = Pipeline(
        steps=[("robustimputer", RobustImputer(strategy="constant", fill_values=nan))]
    )
    categorical_processors = Pipeline(
        steps=[("thresholdonehotencoder", ThresholdOneHotEncoder(threshold=2))]
    )
    column_transformer = ColumnTransformer(
        transformers=[
            ("numeric_processing", numeric_processors, numeric),
            ("categorical_processing", categorical_processors, categorical),
        ]
    )
    return Pipeline(
        steps=[("column_transformer", column_transformer), ("robuststandardscaler", RobustStandardScaler())]
    )


def build_label_transform():
    """Returns the model definition representing feature processing."""
    return RobustLabelEncoder(labels=["False."], fill_label_value="True.", include_unseen_class=True)
'''

AWS_SERVE = """
import http.client as http_client
import os

import numpy as np
from joblib import load
from sagemaker_containers.beta.framework import encoders
from sagemaker_containers.beta.framework import worker
from sagemaker_sklearn_extension.externals import read_csv_data


def model_fn(model_dir):
    return load(filename=os.path.join(model_dir, "model.joblib"))


def input_fn(request_body, request_content_type):
    body = request_body.encode() if isinstance(request_body, str) else request_body
    return read_csv_data(source=body)


def predict_fn(input_object, model):
    if os.getenv("AUTOML_TRANSFORM_MODE") == "inverse-label-transform":
        return model.inverse_label_transform(input_object.ravel().astype(np.float).astype(np.int))
    try:
        return model.transform(input_object)
    except ValueError as e:
        return worker.Response(response=str(e), status=http_client.BAD_REQUEST)


def output_fn(prediction, accept_type):
    if isinstance(prediction, worker.Response):
        return prediction
    if accept_type == "application/x-recordio-protobuf":
        response = encoders.array_to_recordio_protobuf(prediction.astype("float32"), None)
    else:
        response = encoders.encode(prediction, accept_type)
    return worker.Response(response=response, status=http_client.OK, mimetype=accept_type)
"""


def job_with(root: Path, processors: Path) -> Path:
    """A training job of `dpp0` with these processors."""
    job = job_folder(
        root,
        {"processor_module": "dpp0"},
        {"train": ("text/csv", as_csv(rows())), "processors": ("text/x-python", b"")},
    )
    shutil.rmtree(job / "input/data/processors")
    shutil.copytree(processors, job / "input/data/processors")
    train(job)
    return job / "model"


def processors_of(folder: Path, **changes: Any) -> Path:
    write_generated_module(folder, [specification(description="Made for tests.", **changes)])
    return folder / PROCESSORS


def width(model: Path) -> int:
    body, _ = serve.load(model, {}).invoke(as_csv(features_only(rows()[:2])), "text/csv", RECORDIO)
    return int(recordio.read(body).features.shape[1])


def test_a_processor_names_every_column_and_how_it_is_used() -> None:
    source = processor_source(
        specification(
            description='A "strategy".',
            numeric=["age", "pay day", "pay eve", "pay night"],
            decimal_comma=["pay eve"],
            families={"pay": ["pay day", "pay eve", "pay night"]},
            pairs=2,
            impute=True,
            indicators=True,
            extremes="log",
            standardise=True,
            components=3,
        )
    )
    compile(source, "dpp0.py", "exec")
    assert "NumberReader(decimal_comma=[2])" in source
    assert "FamilyFeatures(families={'pay': [1, 2, 3]})" in source
    assert "PairFeatures(columns=2, classification=True, among=4)" in source
    assert "DateFeatures(formats=['%Y-%m-%d'])" in source
    assert "RobustPCA(n_components=3, random_state=0)" in source
    assert "labels=['False.', 'True.']," in source
    regression = processor_source(specification(problem="Regression", classes=[], description=""))
    assert "return NumberLabelEncoder()" in regression
    numbered = processor_source(specification(classes=["2", "10"], description=""))
    assert "return OrderedLabelEncoder(" in numbered


def test_what_a_user_changes_takes_effect(tmp_path: Path) -> None:
    code = processors_of(tmp_path / "plain")
    before = width(job_with(tmp_path / "a", code))
    changed = code / "dpp0.py"
    text = changed.read_text().replace("['age', 'pay day', 'pay eve', 'pay night']", "['age']")
    changed.write_text(text)
    assert width(job_with(tmp_path / "b", code)) == before - 3
    serving = code / "sagemaker_serve.py"
    serving.write_text(serving.read_text().replace("A missing value is an empty cell", "As before"))
    (code / "own_steps.py").write_text(
        "from sklearn.base import BaseEstimator, TransformerMixin\n\n\n"
        "class Twice(TransformerMixin, BaseEstimator):\n"
        "    def fit(self, X, y=None):\n        return self\n\n"
        "    def transform(self, X):\n        return X * 2\n"
    )
    text = text.replace(
        '("robustimputer",', '("twice", own_steps.Twice()),\n            ("robustimputer",', 1
    )
    changed.write_text("import own_steps\n" + text)
    model = job_with(tmp_path / "c", code)
    body, _ = serve.load(model, {}).invoke(as_csv(features_only(rows()[:1])), "text/csv", "text/csv")
    assert float(body.split(b",")[0]) == 2 * float(rows()[0][0])


def test_two_models_in_one_process_keep_their_code_apart(tmp_path: Path) -> None:
    first = job_with(tmp_path / "a", processors_of(tmp_path / "one"))
    second = job_with(tmp_path / "b", processors_of(tmp_path / "two", numeric=["age"], encoding="frequency"))
    features = serve.load(first, {"AUTOML_TRANSFORM_MODE": "feature-transform"})
    labels = serve.load(first, {"AUTOML_TRANSFORM_MODE": "inverse-label-transform"})
    assert width(second) != width(first)
    assert labels.invoke(b"1\n", "text/csv", "")[0] == b"True.\n"
    assert features.invoke(as_csv(features_only(rows()[:1])), "text/csv", "")[1] == "text/csv"


def test_code_in_the_form_of_aws_trains_and_serves(tmp_path: Path) -> None:
    code = processors_of(tmp_path / "aws")
    (code / "dpp0.py").write_text(AWS_PROCESSOR)
    (code / "sagemaker_serve.py").write_text(AWS_SERVE)
    model = job_with(tmp_path / "job", code)
    assert width(model) == 4
    labels = serve.load(model, {"AUTOML_TRANSFORM_MODE": "inverse-label-transform"})
    assert labels.invoke(b"1\n0\n", "text/csv", "text/csv")[0] == b"True.\nFalse.\n"


def test_broken_code_says_what_is_wrong(tmp_path: Path) -> None:
    code = processors_of(tmp_path / "broken")
    (code / "dpp0.py").write_text("import no_such_module\n")
    with pytest.raises(AlgorithmError, match="ModuleNotFoundError: No module named 'no_such_module'"):
        job_with(tmp_path / "job", code)


def facts(problem: str = "BinaryClassification") -> NotebookFacts:
    candidate = {
        "Name": "dpp0-xgboost",
        "Strategy": "dpp0",
        "Algorithm": "xgboost",
        "TrainingImage": "sagemaker-xgboost:1.7-1",
        "InferenceImage": "sagemaker-xgboost:1.7-1",
        "StaticHyperparameters": {"objective": "binary:logistic"},
        "ParameterRanges": {
            "IntegerParameterRanges": [
                {"Name": "max_depth", "MinValue": "2", "MaxValue": "8", "ScalingType": "Logarithmic"}
            ],
            "CategoricalParameterRanges": [{"Name": "layers", "Values": ["256", "50, 25"]}],
        },
        "ObjectiveMetricName": "validation:f1_binary",
    }
    perceptron = {
        **candidate,
        "Name": "dpp1-mlp",
        "Strategy": "dpp1",
        "Algorithm": "mlp",
        "TrainingImage": "mlp:training-cpu",
    }
    strategy = {
        "Name": "dpp0",
        "Description": "This strategy.",
        "TransformsLabel": True,
        "TransformedDataFormat": RECORDIO,
        "SparseEncoding": False,
    }
    return NotebookFacts(
        job="autopilot-hol-gildong",
        output="s3://bucket/output/",
        module="s3://bucket/output/autopilot-hol-gildong/sagemaker-automl-candidates/pr-1",
        region="us-east-1",
        transformer_version="2.5-1-cpu-py3",
        columns=21,
        target="Churn?",
        candidates={
            "ProblemType": problem,
            "Objective": "F1",
            "ObjectiveType": "Maximize",
            "Strategies": [strategy, {**strategy, "Name": "dpp1"}],
            "Candidates": [candidate, perceptron],
        },
    )


def test_the_candidate_notebook_has_its_sections_and_a_cell_for_each_candidate() -> None:
    import nbformat

    made = candidate_notebook(facts())
    notebook = nbformat.reads(json.dumps(made), 4)
    nbformat.validate(notebook)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    for source in code:
        compile(source, "cell", "exec")
    words = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for heading in (
        "# Amazon SageMaker Autopilot Candidate Definition Notebook",
        "## Sagemaker Setup",
        "### Downloading Generated Modules",
        "## Candidate Pipelines",
        "### Generated Candidates",
        "### Selected Candidates",
        "### Run Data Transformation Steps",
        "### Multi Algorithm Hyperparameter Tuning",
        "#### Create Multi-Algorithm Tuner",
        "### Tuning Job Result Overview",
        "### Deploying Best Pipeline",
    ):
        assert heading in words
    assert "**2** machine learning pipeline(s)" in words
    assert "**[dpp1-mlp](autopilot-hol-gildong-artifacts/generated_module/" in words
    selections = [source for source in code if "automl_interactive_runner.select_candidate({" in source]
    assert len(selections) == 2
    assert "max_jobs=250," in "\n".join(code)
    assert "max_depth': IntegerParameter(2, 8, scaling_type='Logarithmic')" in "\n".join(code)
    assert 'LOCAL_AUTOML_JOB_NAME = "autopilot--notebook-run-{}".format(uid())' in "\n".join(code)
    assert "select_inference_output" not in json.dumps(candidate_notebook(facts("Regression")))


def test_the_library_chooses_response_keys_and_retries_throttled_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.exceptions import ClientError

    from smstudio_ext.engine.autopilot.generated.sagemaker_automl import common

    write_library(tmp_path / LIBRARY)
    assert {path.name for path in (tmp_path / LIBRARY).iterdir()} == {
        *("__init__.py", "common.py", "config.py"),
        *("interactive_runner.py", "local_candidate.py", "steps.py"),
    }

    class Container:
        def __init__(self) -> None:
            self.env: dict[str, str] = {}

    containers = [Container(), Container(), Container()]
    common.select_inference_output("BinaryClassification", containers, ["labels", "probability"])
    assert containers[1].env["SAGEMAKER_INFERENCE_OUTPUT"] == "probability"
    assert containers[2].env["SAGEMAKER_INFERENCE_OUTPUT"] == "labels,probability"
    with pytest.raises(ValueError, match=r"\[colour\] are unsupported"):
        common.select_inference_output("BinaryClassification", containers, ["colour"])
    with pytest.raises(ValueError, match="Regression does not support"):
        common.select_inference_output("Regression", containers, None)
    waited: list[float] = []
    monkeypatch.setattr(common, "sleep", waited.append)
    failures = iter(["ThrottlingException", "ThrottlingException", None])

    def action(context: dict[str, Any]) -> None:
        code = next(failures)
        if code is not None:
            raise ClientError({"Error": {"Code": code, "Message": ""}}, "CreateTrainingJob")
        context["done"] = True

    context: dict[str, Any] = {}
    common.execute_steps("dpp0-xgboost", [common.AutoMLLocalCandidateStep("train", action)], context, 0)
    assert context == {"done": True}
    assert waited == [0, 1, 2]
    assert re.fullmatch(r"\d\d-\d\d-\d\d-\d\d", common.uid())
    assert names.NOTEBOOKS["CandidateDefinitionNotebookLocation"].endswith("DefinitionNotebook.ipynb")


def test_features_of_both_paths_are_finite_where_the_strategy_fills(tmp_path: Path) -> None:
    model = job_with(
        tmp_path / "job",
        processors_of(tmp_path / "code", impute=True, indicators=True, extremes="quantile", standardise=True),
    )
    body, _ = serve.load(model, {}).invoke(as_csv(rows()), "text/csv", RECORDIO)
    assert np.isfinite(recordio.read(body).features).all()
