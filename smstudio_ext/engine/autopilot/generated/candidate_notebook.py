"""Writes the candidate definition notebook: the pipelines that the analysis proposes, and the code that runs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from smstudio_ext.engine.autopilot.generated import notebook_texts as texts
from smstudio_ext.engine.autopilot.generated.literals import literal, ranges_source

Document = dict[str, Any]

LOCAL_NAME_LETTERS = 10
MAX_JOBS = 250
INSTANCE_TYPE = "ml.m5.4xlarge"


@dataclass(frozen=True)
class NotebookFacts:
    """What the notebook is written from.

    Attributes:
        job: AutoMLJobName.
        output: S3OutputPath of the job.
        module: S3 URI of the folder with `generated_module` and `notebooks`.
        region: of the job.
        transformer_version: tag of the data transformer's image.
        columns, target: number of columns, and the target's name.
        candidates: the content of `candidates.json`.
    """

    job: str
    output: str
    module: str
    region: str
    transformer_version: str
    columns: int
    target: str
    candidates: Document

    @property
    def algorithms(self) -> list[str]:
        """The algorithms of the candidates, in order."""
        return list(dict.fromkeys(candidate["Algorithm"] for candidate in self.candidates["Candidates"]))

    @property
    def artifacts(self) -> str:
        """The folder that the notebook downloads the generated code to."""
        return f"{self.job}-artifacts"


def candidate_notebook(facts: NotebookFacts) -> Document:
    """The notebook, as nbformat 4 has it."""
    cells: list[tuple[str, str]] = [
        *_setup(facts),
        *_candidates(facts),
        *_transformation(facts),
        *_tuning(facts),
        *_deployment(facts),
    ]
    return {
        "cells": [_cell(at, kind, source.strip("\n")) for at, (kind, source) in enumerate(cells)],
        "metadata": {
            # No kernel is named: whoever opens the copy chooses one.
            "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"},
            "smstudio": {"automl_job_name": facts.job},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(at: int, kind: str, source: str) -> Document:
    cell: Document = {
        "id": f"cell-{at:03d}",
        "cell_type": kind,
        "metadata": {},
        "source": source.splitlines(keepends=True),
    }
    return cell if kind == "markdown" else {**cell, "execution_count": None, "outputs": []}


def _setup(facts: NotebookFacts) -> list[tuple[str, str]]:
    return [
        ("markdown", texts.title(facts)),
        ("markdown", texts.SETUP),
        ("markdown", texts.DOWNLOAD),
        (
            "code",
            f"""
import os
import sys

from sagemaker.s3 import S3Downloader

AUTOML_JOB_ARTIFACTS = {facts.artifacts!r}
AUTOML_JOB_CODE = {facts.module!r}

S3Downloader.download(
    f"{{AUTOML_JOB_CODE}}/generated_module/", os.path.join(AUTOML_JOB_ARTIFACTS, "generated_module")
)
S3Downloader.download(
    f"{{AUTOML_JOB_CODE}}/notebooks/sagemaker_automl/", os.path.join(AUTOML_JOB_ARTIFACTS, "sagemaker_automl")
)

if AUTOML_JOB_ARTIFACTS not in sys.path:
    sys.path.append(AUTOML_JOB_ARTIFACTS)
""",
        ),
        ("markdown", texts.CONFIGURATION),
        ("code", _configuration(facts)),
    ]


def _configuration(facts: NotebookFacts) -> str:
    training = {
        one["Algorithm"]: one["TrainingImage"].partition(":")[2] for one in facts.candidates["Candidates"]
    }
    inference = {
        one["Algorithm"]: one["InferenceImage"].partition(":")[2] for one in facts.candidates["Candidates"]
    }
    return f"""
from sagemaker import get_execution_role

from sagemaker_automl import AutoMLLocalRunConfig, uid

SAGEMAKER_ROLE = get_execution_role()

BASE_AUTOML_JOB_NAME = {facts.job!r}
BASE_AUTOML_JOB_CONFIG = {{
    "automl_job_name": BASE_AUTOML_JOB_NAME,
    "automl_output_s3_base_path": {f"{facts.output.rstrip('/')}/{facts.job}"!r},
    "data_transformer_image_repo_version": {facts.transformer_version!r},
    "algo_image_repo_versions": {literal(training)},
    "algo_inference_image_repo_versions": {literal(inference)},
}}

LOCAL_AUTOML_JOB_NAME = "{facts.job[:LOCAL_NAME_LETTERS]}-notebook-run-{{}}".format(uid())
LOCAL_AUTOML_JOB_CONFIG = {{
    "local_automl_job_name": LOCAL_AUTOML_JOB_NAME,
    "local_automl_job_output_s3_base_path": "{facts.output.rstrip("/")}/{{}}".format(LOCAL_AUTOML_JOB_NAME),
    "data_processing_model_dir": "data-processor-models",
    "data_processing_transformed_output_dir": "transformed-data",
    "multi_algo_tuning_output_dir": "multi-algo-tuning",
}}

AUTOML_LOCAL_RUN_CONFIG = AutoMLLocalRunConfig(
    role=SAGEMAKER_ROLE,
    base_automl_job_config=BASE_AUTOML_JOB_CONFIG,
    local_automl_job_config=LOCAL_AUTOML_JOB_CONFIG,
    security_config={{"EnableInterContainerTrafficEncryption": False, "VpcConfig": {{}}}},
)

AUTOML_LOCAL_RUN_CONFIG.display()
"""


def _candidates(facts: NotebookFacts) -> list[tuple[str, str]]:
    cells = [
        ("markdown", texts.PIPELINES),
        (
            "code",
            """
from sagemaker_automl import AutoMLInteractiveRunner, AutoMLLocalCandidate

automl_interactive_runner = AutoMLInteractiveRunner(AUTOML_LOCAL_RUN_CONFIG)
""",
        ),
        ("markdown", texts.generated_candidates(len(facts.candidates["Candidates"]), facts.algorithms)),
    ]
    strategies = {one["Name"]: one for one in facts.candidates["Strategies"]}
    shared = shared_hyperparameters(facts.candidates["Candidates"])
    for candidate in facts.candidates["Candidates"]:
        strategy = strategies[candidate["Strategy"]]
        cells += [
            ("markdown", texts.candidate(facts.artifacts, candidate["Name"], strategy)),
            ("code", _selection(candidate, strategy, shared)),
        ]
    cells += [
        ("markdown", texts.SELECTED),
        ("code", "automl_interactive_runner.display_candidates()"),
    ]
    return cells


def _selection(candidate: Document, strategy: Document, shared: dict[str, dict[str, str]]) -> str:
    instances = {"instance_type": INSTANCE_TYPE, "instance_count": 1}
    algorithm: Document = {"name": candidate["Algorithm"], "training_resource_config": instances}
    common = shared[candidate["Algorithm"]]
    own = {
        name: value for name, value in candidate["StaticHyperparameters"].items() if common.get(name) != value
    }
    if own:
        algorithm["candidate_specific_static_hyperparameters"] = own
    definition = {
        "data_transformer": {
            "name": strategy["Name"],
            "training_resource_config": {**instances, "volume_size_in_gb": 50},
            "transform_resource_config": instances,
            "transforms_label": strategy["TransformsLabel"],
            "transformed_data_format": strategy["TransformedDataFormat"],
            "sparse_encoding": strategy["SparseEncoding"],
        },
        "algorithm": algorithm,
    }
    return f"automl_interactive_runner.select_candidate({literal(definition)})"


def shared_hyperparameters(candidates: Sequence[Document]) -> dict[str, dict[str, str]]:
    """Algorithm -> the hyperparameters that all its candidates have alike."""
    shared: dict[str, dict[str, str]] = {}
    for candidate in candidates:
        given: dict[str, str] = candidate["StaticHyperparameters"]
        before = shared.get(candidate["Algorithm"], given)
        shared[candidate["Algorithm"]] = {
            name: value for name, value in before.items() if given.get(name) == value
        }
    return shared


def _transformation(facts: NotebookFacts) -> list[tuple[str, str]]:
    return [
        ("markdown", texts.transformation(len(facts.candidates["Candidates"]))),
        ("code", "automl_interactive_runner.fit_data_transformers(parallel_jobs=2)"),
    ]


def _tuning(facts: NotebookFacts) -> list[tuple[str, str]]:
    candidates = facts.candidates["Candidates"]
    metrics = {one["Algorithm"]: one["ObjectiveMetricName"] for one in candidates}
    ranges = {one["Algorithm"]: one["ParameterRanges"] for one in candidates}
    return [
        ("markdown", texts.tuning(facts)),
        ("code", f"ALGORITHM_OBJECTIVE_METRICS = {literal(metrics)}"),
        ("markdown", texts.STATIC),
        ("code", f"STATIC_HYPERPARAMETERS = {literal(shared_hyperparameters(candidates))}"),
        ("markdown", texts.RANGES),
        (
            "code",
            f"""
from sagemaker.parameter import CategoricalParameter, ContinuousParameter, IntegerParameter

ALGORITHM_TUNABLE_HYPERPARAMETER_RANGES = {ranges_source(ranges)}
""",
        ),
        ("markdown", texts.TUNER_INPUT),
        (
            "code",
            """
multi_algo_tuning_parameters = automl_interactive_runner.prepare_multi_algo_parameters(
    objective_metrics=ALGORITHM_OBJECTIVE_METRICS,
    static_hyperparameters=STATIC_HYPERPARAMETERS,
    hyperparameters_search_ranges=ALGORITHM_TUNABLE_HYPERPARAMETER_RANGES,
)
""",
        ),
        ("markdown", texts.TUNER_DATA),
        ("code", "multi_algo_tuning_inputs = automl_interactive_runner.prepare_multi_algo_inputs()"),
        ("markdown", texts.CREATE_TUNER),
        (
            "code",
            f"""
from sagemaker.tuner import HyperparameterTuner

base_tuning_job_name = "{{}}-tuning".format(AUTOML_LOCAL_RUN_CONFIG.local_automl_job_name)

tuner = HyperparameterTuner.create(
    base_tuning_job_name=base_tuning_job_name,
    strategy='Bayesian',
    objective_type={facts.candidates["ObjectiveType"]!r},
    max_parallel_jobs=2,
    max_jobs={MAX_JOBS},
    **multi_algo_tuning_parameters,
)
""",
        ),
        ("markdown", texts.RUN_TUNER),
        (
            "code",
            """
from IPython.display import Markdown, display

# Run tuning
tuner.fit(inputs=multi_algo_tuning_inputs, include_cls_metadata=None)
tuning_job_name = tuner.latest_tuning_job.name

display(
    Markdown(
        "Tuning Job **{name}** started, please track the progress from [here](https://{region}.console.aws.amazon.com/"
        "sagemaker/home?region={region}#/hyper-tuning-jobs/{name})".format(
            name=tuning_job_name, region=AUTOML_LOCAL_RUN_CONFIG.region
        )
    )
)

# Wait for tuning job to finish
tuner.wait()
""",
        ),
    ]


def _deployment(facts: NotebookFacts) -> list[tuple[str, str]]:
    problem = facts.candidates["ProblemType"]
    cells = [
        ("markdown", texts.OVERVIEW),
        (
            "code",
            """
from sagemaker.analytics import HyperparameterTuningJobAnalytics

SAGEMAKER_SESSION = AUTOML_LOCAL_RUN_CONFIG.sagemaker_session
SAGEMAKER_ROLE = AUTOML_LOCAL_RUN_CONFIG.role

tuner_analytics = HyperparameterTuningJobAnalytics(tuner.latest_tuning_job.name, sagemaker_session=SAGEMAKER_SESSION)

df_tuning_job_analytics = tuner_analytics.dataframe()

# Sort the tuning job analytics by the final metrics value
df_tuning_job_analytics = df_tuning_job_analytics.sort_values(
    by=["FinalObjectiveValue"], ascending=tuner.objective_type == "Minimize"
)

# Show detailed analytics for the top 20 models
df_tuning_job_analytics.head(20)
""",
        ),
        ("markdown", texts.BEST_JOB),
        (
            "code",
            """
attached_tuner = HyperparameterTuner.attach(tuner.latest_tuning_job.name, sagemaker_session=SAGEMAKER_SESSION)
best_training_job = attached_tuner.best_training_job()

print("Best Multi Algorithm HPO training job name is {}".format(best_training_job))
""",
        ),
        ("markdown", texts.LINK),
        ("code", _pipeline_model(problem)),
        ("markdown", texts.DEPLOY),
        (
            "code",
            """
pipeline_model.deploy(
    initial_instance_count=1,
    instance_type='ml.m5.2xlarge',
    endpoint_name=pipeline_model.name,
    wait=True,
)
""",
        ),
        ("markdown", texts.deployed(facts.region)),
    ]
    return cells


def _pipeline_model(problem: str) -> str:
    keys = ""
    if problem != "Regression":
        keys = f"""
# Choose what the endpoint answers: predicted_label, probability, probabilities, labels
from sagemaker_automl import select_inference_output

model_containers = select_inference_output(
    {problem!r}, model_containers, output_keys=['predicted_label']
)
"""
    return f"""
from sagemaker.estimator import Estimator
from sagemaker.pipeline import PipelineModel

# Get a data transformation model from the chosen candidate
best_candidate = automl_interactive_runner.choose_candidate(df_tuning_job_analytics, best_training_job)
best_data_transformer_model = best_candidate.get_data_transformer_model(
    role=SAGEMAKER_ROLE, sagemaker_session=SAGEMAKER_SESSION
)

# The data transformer answers what the algorithm reads
best_data_transformer_model.env["SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT"] = best_candidate.content_type
if best_candidate.data_transformer_step.sparse_encoding:
    best_data_transformer_model.env["AUTOML_SPARSE_ENCODE_RECORDIO_PROTOBUF"] = "1"

# Get the best trained algorithm estimator
best_algo_estimator = Estimator.attach(best_training_job, sagemaker_session=SAGEMAKER_SESSION)
best_algo_model = best_algo_estimator.create_model(**best_candidate.algo_step.get_inference_container_config())

# The final pipeline: features, algorithm and, for classes, their names
model_containers = [best_data_transformer_model, best_algo_model]
if best_candidate.transforms_label:
    model_containers.append(
        best_candidate.get_data_transformer_model(
            transform_mode="inverse-label-transform", role=SAGEMAKER_ROLE, sagemaker_session=SAGEMAKER_SESSION
        )
    )
{keys}
pipeline_model = PipelineModel(
    name="AutoML-{{}}".format(AUTOML_LOCAL_RUN_CONFIG.local_automl_job_name),
    role=SAGEMAKER_ROLE,
    models=model_containers,
    vpc_config=AUTOML_LOCAL_RUN_CONFIG.vpc_config,
    sagemaker_session=SAGEMAKER_SESSION,
)
"""
