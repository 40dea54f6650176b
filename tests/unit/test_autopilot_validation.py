"""Rules of CreateAutoMLJob and CreateAutoMLJobV2 and their messages."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.autopilot import algorithms, controller
from smstudio_ext.engine.autopilot.specification import Specification, specification_v1, specification_v2
from smstudio_ext.engine.autopilot.validation import (
    check,
    check_feature_document,
    check_problem_type_config,
)
from smstudio_ext.engine.clock import ManualClock
from smstudio_ext.engine.context import EngineContext
from smstudio_ext.engine.errors import ResourceInUse, ValidationException
from smstudio_ext.engine.server.wiring import build_context
from smstudio_ext.engine.settings import Settings

REGION = "us-east-1"
ROLE = "arn:aws:iam::000000000000:role/service-role/AmazonSageMaker-ExecutionRole"


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[EngineContext]:
    context = build_context(Settings(data_dir=tmp_path / "engine", cpus=2), ManualClock())
    context.reconciler.attach(context)
    context.objects.create_bucket("data", REGION)
    context.objects.create_bucket("results", REGION)
    context.objects.put_bytes("data", "churn/train.csv", b"a,y\n1,0\n2,1\n")
    context.objects.put_bytes("data", "valid/valid.csv", b"a,y\n1,0\n2,1\n")
    context.objects.put_bytes("data", "good.manifest", b'[{"prefix": "s3://data/churn/"}, "train.csv"]')
    context.objects.put_bytes("data", "lost.manifest", b'[{"prefix": "s3://data/churn/"}, "lost.csv"]')
    yield context
    context.store.close()


def channel(uri: str = "s3://data/churn/", kind: str | None = None, **members: Any) -> dict[str, Any]:
    found = {
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}},
        "TargetAttributeName": "y",
        **members,
    }
    return found if kind is None else {**found, "ChannelType": kind}


def manifest(uri: str, kind: str = "ManifestFile") -> dict[str, Any]:
    return channel(uri) | {"DataSource": {"S3DataSource": {"S3DataType": kind, "S3Uri": uri}}}


def v1(**members: Any) -> dict[str, Any]:
    return {
        "AutoMLJobName": "churn",
        "InputDataConfig": [channel()],
        "OutputDataConfig": {"S3OutputPath": "s3://results/out"},
        "RoleArn": ROLE,
        **members,
    }


def v2(tabular: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    source = channel()
    source.pop("TargetAttributeName")
    return {
        "AutoMLJobName": "churn",
        "AutoMLJobInputDataConfig": [source],
        "OutputDataConfig": {"S3OutputPath": "s3://results/out"},
        "RoleArn": ROLE,
        "AutoMLProblemTypeConfig": {"TabularJobConfig": {"TargetAttributeName": "y", **(tabular or {})}},
        **members,
    }


def config(**members: Any) -> dict[str, Any]:
    return {"AutoMLJobConfig": members}


GOOD = [
    v1(),
    v1(ProblemType="BinaryClassification", AutoMLJobObjective={"MetricName": "F1"}),
    v1(ProblemType="Regression", AutoMLJobObjective={"MetricName": "R2"}),
    v1(
        **config(
            Mode="HYPERPARAMETER_TUNING",
            CandidateGenerationConfig={"AlgorithmsConfig": [{"AutoMLAlgorithms": ["xgboost"]}]},
        )
    ),
    v1(**config(CompletionCriteria={"MaxCandidates": 750, "MaxAutoMLJobRuntimeInSeconds": 2592000})),
    v1(InputDataConfig=[channel(kind="training"), channel("s3://data/valid/", "validation")]),
    v1(ModelDeployConfig={"AutoGenerateEndpointName": True}),
    v1(ModelDeployConfig={"EndpointName": "mine"}),
    v1(InputDataConfig=[channel(ContentType="text/csv;header=present", CompressionType="None")]),
    v1(InputDataConfig=[channel(ContentType="x-application/vnd.amazon+parquet", CompressionType="Gzip")]),
    v1(
        InputDataConfig=[manifest("s3://data/good.manifest")],
        OutputDataConfig={"S3OutputPath": "s3://data/churn"},
    ),
    v1(InputDataConfig=[channel("https://data.s3.us-east-1.amazonaws.com/churn/train.csv")]),
]


@pytest.mark.parametrize("request_", GOOD, ids=range(len(GOOD)))
def test_check_accepts_good_requests(ctx: EngineContext, request_: dict[str, Any]) -> None:
    check(ctx, specification_v1(request_), REGION)


BAD: list[tuple[dict[str, Any], str]] = [
    (v1(ProblemType="BinaryClassification"), "you must either provide both of them or none at all"),
    (v1(AutoMLJobObjective={"MetricName": "F1"}), "you must either provide both of them or none at all"),
    (
        v1(ProblemType="Regression", AutoMLJobObjective={"MetricName": "F1"}),
        "Objective metric F1 is not supported for problem type Regression. Supported metrics: [MAE, MSE, R2, RMSE].",
    ),
    (
        v1(GenerateCandidateDefinitionsOnly=True, **config(Mode="ENSEMBLING")),
        "GenerateCandidateDefinitionsOnly cannot be used with Mode ENSEMBLING",
    ),
    (
        v1(**config(CandidateGenerationConfig={"AlgorithmsConfig": [{"AutoMLAlgorithms": ["xgboost"]}]})),
        "AlgorithmsConfig cannot be specified when Mode is AUTO",
    ),
    (
        v1(
            **config(
                Mode="HYPERPARAMETER_TUNING",
                CandidateGenerationConfig={"AlgorithmsConfig": [{"AutoMLAlgorithms": ["catboost"]}]},
            )
        ),
        "are not supported in mode HYPERPARAMETER_TUNING",
    ),
    (v1(**config(DataSplitConfig={"ValidationFraction": 0.0})), "greater than 0 and less than 1"),
    (v1(**config(DataSplitConfig={"ValidationFraction": 1.0})), "greater than 0 and less than 1"),
    (
        v1(
            InputDataConfig=[channel(kind="training"), channel("s3://data/valid/", "validation")],
            **config(DataSplitConfig={"ValidationFraction": 0.2}),
        ),
        "ValidationFraction cannot be specified when a validation channel is provided",
    ),
    (v1(InputDataConfig=[channel(kind="validation")]), "exactly one channel of ChannelType training"),
    (
        v1(InputDataConfig=[channel(kind="training"), channel(kind="training")]),
        "exactly one channel of ChannelType training",
    ),
    (
        v1(ModelDeployConfig={"AutoGenerateEndpointName": True, "EndpointName": "mine"}),
        "EndpointName cannot be specified when AutoGenerateEndpointName is set to True",
    ),
    (v1(ModelDeployConfig={"AutoGenerateEndpointName": False}), "EndpointName must be specified"),
    (v1(InputDataConfig=[channel("s3://nowhere/x.csv")]), "The S3 bucket nowhere does not exist."),
    (v1(OutputDataConfig={"S3OutputPath": "s3://nowhere/out"}), "The S3 bucket nowhere does not exist."),
    (v1(InputDataConfig=[channel("s3://data/other/")]), "No S3 objects found under S3 URL s3://data/other/"),
    (v1(InputDataConfig=[channel("https://example.com/x")]), "is not a valid S3 URI"),
    (v1(OutputDataConfig={"S3OutputPath": "s3://data/churn/out"}), "lies inside the input data"),
    (
        v1(InputDataConfig=[channel(ContentType="application/json")]),
        "ContentType application/json is not supported",
    ),
    (v1(InputDataConfig=[channel(ContentType="text/csv;header=absent")]), "is not supported"),
    (
        v1(InputDataConfig=[channel(SampleWeightAttributeName="w")], **config(Mode="HYPERPARAMETER_TUNING")),
        "SampleWeightAttributeName is supported in mode ENSEMBLING only",
    ),
    (
        v1(InputDataConfig=[channel(SampleWeightAttributeName="y")]),
        "SampleWeightAttributeName cannot be the target",
    ),
    (
        v1(**config(CompletionCriteria={"MaxCandidates": 751})),
        "MaxCandidates 751 is above the limit of 750",
    ),
    (
        v1(InputDataConfig=[manifest("s3://data/none.manifest")]),
        "No S3 objects found under S3 URL",
    ),
    (
        v1(InputDataConfig=[manifest("s3://data/churn/train.csv")]),
        'The manifest "s3://data/churn/train.csv" cannot be read',
    ),
    (
        v1(InputDataConfig=[manifest("s3://data/lost.manifest")]),
        "names s3://data/churn/lost.csv, which does not exist",
    ),
    (
        v1(InputDataConfig=[manifest("s3://data/good.manifest", "AugmentedManifestFile")]),
        "S3DataType AugmentedManifestFile is not supported for tabular data",
    ),
    (v1(**config(CompletionCriteria={"MaxAutoMLJobRuntimeInSeconds": 2592001})), "30 days"),
    (
        v1(**config(CandidateGenerationConfig={"FeatureSpecificationS3Uri": "s3://data/none.json"})),
        "the object does not exist",
    ),
]


@pytest.mark.parametrize(("request_", "message"), BAD, ids=range(len(BAD)))
def test_check_refuses_with_a_clear_message(
    ctx: EngineContext, request_: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationException) as caught:
        controller.create_automl_job(ctx, REGION, specification_v1(request_))
    assert message in caught.value.message
    assert ctx.store.resources.count("AutoMLJob", REGION) == 0


def test_name_in_use_is_resource_in_use(ctx: EngineContext) -> None:
    controller.create_automl_job(ctx, REGION, specification_v1(v1()))
    with pytest.raises(ResourceInUse, match="already exists"):
        controller.create_automl_job(ctx, REGION, specification_v1(v1()))
    controller.create_automl_job(ctx, "eu-west-1", specification_v1(v1()))


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        ({}, "exactly one problem type configuration"),
        ({"TabularJobConfig": {}, "TextClassificationJobConfig": {}}, "but 2 were given"),
        ({"TextGenerationJobConfig": {}}, "TextGenerationJobConfig is not offered"),
    ],
)
def test_problem_type_config_takes_one_that_is_offered(problem: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException, match=message):
        check_problem_type_config(v2() | {"AutoMLProblemTypeConfig": problem})


def test_both_versions_give_the_same_specification() -> None:
    criteria = {
        "MaxCandidates": 7,
        "MaxRuntimePerTrainingJobInSeconds": 60,
        "MaxAutoMLJobRuntimeInSeconds": 600,
    }
    first = specification_v1(
        v1(
            ProblemType="Regression",
            AutoMLJobObjective={"MetricName": "MSE"},
            GenerateCandidateDefinitionsOnly=True,
            AutoMLJobConfig={"CompletionCriteria": criteria, "DataSplitConfig": {"ValidationFraction": 0.3}},
        )
    )
    second = specification_v2(
        v2(
            {
                "ProblemType": "Regression",
                "CompletionCriteria": criteria,
                "GenerateCandidateDefinitionsOnly": True,
            },
            AutoMLJobObjective={"MetricName": "MSE"},
            DataSplitConfig={"ValidationFraction": 0.3},
        )
    )
    ours, theirs = first.to_document(), second.to_document()
    for member in ("v2", "request"):
        ours.pop(member)
        theirs.pop(member)
    assert ours == theirs
    written = json.loads(json.dumps(copy.deepcopy(first.to_document())))
    assert Specification.from_document(written) == first


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"{", "it is not JSON"),
        (b"[]", "must be a JSON object"),
        (b'{"FeatureAttributeNames": ["a", "a"]}', "a name twice"),
        (b'{"FeatureAttributeNames": ["a", "y"]}', "must not contain the target attribute y"),
        (b'{"FeatureDataTypes": {"y": "numeric"}}', "must not contain the target attribute y"),
        (b'{"FeatureDataTypes": {"a": "number"}}', "the types are numeric, categorical"),
        (
            b'{"FeatureAttributeNames": ["b"], "FeatureDataTypes": {"a": "numeric"}}',
            "but not in FeatureAttributeNames",
        ),
    ],
)
def test_feature_specification_refuses_bad_documents(document: bytes, message: str) -> None:
    with pytest.raises(ValidationException, match=message):
        check_feature_document(document, "y")


def test_feature_specification_accepts_names_and_types() -> None:
    check_feature_document(
        b'{"FeatureAttributeNames": ["a", "b"], "FeatureDataTypes": {"a": "numeric"}}', "y"
    )


def test_mlp_without_pytorch_says_what_to_install(
    ctx: EngineContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = v1(
        **config(
            Mode="HYPERPARAMETER_TUNING",
            CandidateGenerationConfig={"AlgorithmsConfig": [{"AutoMLAlgorithms": ["mlp"]}]},
        )
    )
    monkeypatch.setattr(algorithms, "offered_algorithms", lambda: ("xgboost", "linear-learner"))
    with pytest.raises(ValidationException, match=r'mlp cannot run.*pip install "smstudio-ext\[deep\]"'):
        controller.create_automl_job(ctx, REGION, specification_v1(asked))
    assert algorithms.left_out(("xgboost",)) is None
