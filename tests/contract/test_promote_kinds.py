"""Jobs of every kind, from the local engine to AWS (moto) and back again."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from smstudio_ext.studio import promote
from smstudio_ext.studio.image_uris import image_in_region
from smstudio_ext.studio.jobs import describe_job, kind_named, stop_job
from smstudio_ext.studio.problems import BadInput
from smstudio_ext.studio.promote_inputs import copied, manifests_of
from smstudio_ext.target import Target
from tests.conftest import RunningEngine, eventually
from tests.contract.studio_targets import engine_target

BUCKET = "promote-kinds"
XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
PROGRAM = b"""
import pathlib
rows = pathlib.Path('/opt/ml/processing/input/data/part.csv').read_text().splitlines()
pathlib.Path('/opt/ml/processing/output/rows.txt').write_text(str(len(rows)))
"""


@dataclass(frozen=True)
class Both:
    """The two targets, with the same inputs in each."""

    local: Target
    aws: Target

    def of(self, kind: str) -> Target:
        return self.local if kind == "local" else self.aws


@pytest.fixture(scope="module")
def both(engine: RunningEngine, moto_target: Target) -> Both:
    rows = np.random.default_rng(0).normal(size=(120, 3))
    text = "\n".join(",".join(f"{value:.4f}" for value in row) for row in rows).encode()
    found = Both(engine_target(engine), moto_target)
    for target in (found.local, found.aws):
        s3 = target.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key="train/part.csv", Body=text)
        s3.put_object(Bucket=BUCKET, Key="rows/part.csv", Body=b"0.1,0.2\n0.3,0.4\n")
        s3.put_object(Bucket=BUCKET, Key="table/data.csv", Body=b"y,a,b\n" + text)
        s3.put_object(Bucket=BUCKET, Key="code/program.py", Body=PROGRAM)
    sagemaker = found.local.client("sagemaker")
    sagemaker.create_training_job(**_training("kinds-training", found.local))
    eventually(
        lambda: _status(found.local, "training", "kinds-training") == "Completed", what="the training job"
    )
    artifact = sagemaker.describe_training_job(TrainingJobName="kinds-training")["ModelArtifacts"]
    model = (
        found.local.client("s3")
        .get_object(Bucket=BUCKET, Key=artifact["S3ModelArtifacts"].partition(f"{BUCKET}/")[2])["Body"]
        .read()
    )
    for target in (found.local, found.aws):
        target.client("s3").put_object(Bucket=BUCKET, Key="model/model.tar.gz", Body=model)
        target.client("sagemaker").create_model(
            ModelName="kinds-model",
            ExecutionRoleArn=target.role_arn(),
            PrimaryContainer={"Image": XGBOOST, "ModelDataUrl": f"s3://{BUCKET}/model/model.tar.gz"},
            VpcConfig={"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
        )
    return found


def _channel(prefix: str, name: str = "train") -> dict[str, Any]:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{prefix}"}}
    return {"ChannelName": name, "ContentType": "text/csv", "DataSource": source}


def _training(name: str, target: Target) -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
        "RoleArn": target.role_arn(),
        "HyperParameters": {"num_round": "2", "objective": "reg:squarederror"},
        "InputDataConfig": [_channel("train/"), _channel("train/", "validation")],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    }


def _processing(name: str, target: Target) -> dict[str, Any]:
    def given(key: str) -> dict[str, Any]:
        where = {"S3Uri": f"s3://{BUCKET}/{key}/", "LocalPath": f"/opt/ml/processing/input/{key}"}
        return {**where, "S3DataType": "S3Prefix", "S3InputMode": "File"}

    output = {
        "S3Uri": f"s3://{BUCKET}/counted",
        "LocalPath": "/opt/ml/processing/output",
        "S3UploadMode": "EndOfJob",
    }
    inputs = [
        {"InputName": "code", "S3Input": given("code")},
        {"InputName": "data", "S3Input": {**given("rows"), "LocalPath": "/opt/ml/processing/input/data"}},
    ]
    return {
        "ProcessingJobName": name,
        "RoleArn": target.role_arn(),
        "AppSpecification": {
            "ImageUri": SKLEARN,
            "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/program.py"],
        },
        "ProcessingInputs": inputs,
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "counted", "S3Output": output}]},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    }


def _tuning(name: str, target: Target) -> dict[str, Any]:
    training = _training("", target)
    definition = {
        key: value for key, value in training.items() if key not in ("TrainingJobName", "HyperParameters")
    }
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:rmse"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1},
            "ParameterRanges": {
                "ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}]
            },
        },
        "TrainingJobDefinition": {**definition, "StaticHyperParameters": training["HyperParameters"]},
    }


def _transform(name: str, target: Target) -> dict[str, Any]:
    return {
        "TransformJobName": name,
        "ModelName": "kinds-model",
        "TransformInput": {
            "ContentType": "text/csv",
            "SplitType": "Line",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/rows/"}},
        },
        "TransformOutput": {"S3OutputPath": f"s3://{BUCKET}/transformed"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }


def _autopilot(name: str, target: Target) -> dict[str, Any]:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/table/data.csv"}}
    return {
        "AutoMLJobName": name,
        "AutoMLJobInputDataConfig": [{"ChannelType": "training", "DataSource": source}],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/automl"},
        "AutoMLProblemTypeConfig": {
            "TabularJobConfig": {
                "TargetAttributeName": "y",
                "ProblemType": "Regression",  # moto fails without one
                "CompletionCriteria": {"MaxCandidates": 1},
            }
        },
        "RoleArn": target.role_arn(),
        "AutoMLJobObjective": {"MetricName": "MSE"},
    }


REQUESTS = {"processing": _processing, "tuning": _tuning, "transform": _transform, "autopilot": _autopilot}
COMPLETES = ("processing", "tuning", "transform")
"""Kinds whose job runs to its end here; an experiment is stopped once it runs."""


def _status(target: Target, word: Any, name: str) -> str:
    kind = kind_named(word)
    return str(describe_job(target, kind, name)[kind.status])


def _create(target: Target, word: Any, name: str) -> None:
    getattr(target.client("sagemaker"), promote._CREATE[word][1])(**REQUESTS[word](name, target))


@pytest.mark.parametrize("word", REQUESTS)
def test_a_local_job_is_created_on_aws(both: Both, word: Any) -> None:
    name = f"kinds-{word}"
    _create(both.local, word, name)
    if word == "autopilot":
        with contextlib.suppress(BadInput):
            stop_job(both.local, kind_named(word), name)
    found = promote.promotion(both.local, both.aws, name, name=f"{name}-there")
    lines: list[str] = []
    arn = promote.send(both.local, both.aws, found, lines.append)
    assert arn.endswith(f"/{name}-there")
    assert any(line.startswith("Copied ") for line in lines)
    there = describe_job(both.aws, kind_named(word), f"{name}-there")
    text = json.dumps(there, default=str)
    assert "000000000000" not in text
    assert f"s3://{both.aws.default_bucket()}/promoted/{BUCKET}/" in text
    if word == "transform":
        assert found.left_out == ["VpcConfig"]
        model = both.aws.client("sagemaker").describe_model(ModelName=there["ModelName"])
        assert model["ExecutionRoleArn"] == both.aws.role_arn()
        assert model["PrimaryContainer"]["ModelDataUrl"].startswith(f"s3://{both.aws.default_bucket()}/")
    if word in COMPLETES:
        eventually(lambda: _status(both.local, word, name) == "Completed", what="the end of the job here")


@pytest.mark.parametrize("word", REQUESTS)
def test_a_job_of_aws_runs_here(both: Both, word: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"kinds-{word}-away"
    _create(both.aws, word, name)
    if word == "processing":  # moto's descriptions lack what AWS's have
        lacking = {"ProcessingResources": _processing(name, both.aws)["ProcessingResources"]}
        monkeypatch.setattr(promote, "describe_job", lambda *given: {**describe_job(*given), **lacking})
    found = promote.promotion(both.aws, both.local, name, name=f"{name}-here"[:32])
    promote.send(both.aws, both.local, found, lambda line: None)
    if word in COMPLETES:
        eventually(lambda: _status(both.local, word, found.name) == "Completed", 60, "the job taken over")
    else:
        assert _status(both.local, word, found.name) in ("InProgress", "Completed")
        with contextlib.suppress(BadInput):  # it has ended by itself
            stop_job(both.local, kind_named(word), found.name)


def test_what_was_made_for_a_refused_job_is_taken_back(both: Both) -> None:
    name = "kinds-refused"
    _create(both.aws, "transform", name)
    found = promote.promotion(both.aws, both.local, name)
    found.request["TransformResources"]["InstanceType"] = "ml.nothing.large"
    with pytest.raises(Exception, match=r"ml\.nothing\.large"):
        promote.send(both.aws, both.local, found, lambda line: None)
    models = both.local.client("sagemaker").list_models(NameContains=name)["Models"]
    assert not models


def test_a_manifest_moves_with_what_it_lists(both: Both) -> None:
    s3 = both.local.client("s3")
    s3.put_object(
        Bucket=BUCKET,
        Key="lists/a.manifest",
        Body=json.dumps([{"prefix": f"s3://{BUCKET}/rows/"}, "part.csv"]),
    )
    line = json.dumps({"source-ref": f"s3://{BUCKET}/rows/part.csv", "class": 1})
    s3.put_object(Bucket=BUCKET, Key="lists/b.manifest", Body=f"{line}\n")
    s3.put_object(Bucket=BUCKET, Key="lists/c.manifest", Body="no manifest")
    source = {"S3DataType": "ManifestFile", "S3Uri": f"s3://{BUCKET}/lists/a.manifest"}
    assert manifests_of({"DataSource": [{"S3DataSource": source}]}) == {source["S3Uri"]}
    there = both.aws.client("s3")
    for name in "ab":
        objects, _ = copied(
            both.local,
            both.aws,
            f"s3://{BUCKET}/lists/{name}.manifest",
            f"s3://{BUCKET}/moved/{name}",
            manifest=True,
        )
        assert objects == 2
        text = there.get_object(Bucket=BUCKET, Key=f"moved/{name}")["Body"].read().decode()
        assert f"s3://{BUCKET}/moved/{name}.objects/{BUCKET}/rows/" in text
        listed = there.list_objects_v2(Bucket=BUCKET, Prefix=f"moved/{name}.objects/")["Contents"]
        assert [each["Key"] for each in listed] == [f"moved/{name}.objects/{BUCKET}/rows/part.csv"]
    with pytest.raises(BadInput, match="cannot be read"):
        copied(
            both.local, both.aws, f"s3://{BUCKET}/lists/c.manifest", f"s3://{BUCKET}/moved/c", manifest=True
        )


def test_images_of_aws_take_a_regions_registry_and_others_stay() -> None:
    inference = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.0.1-gpu-py310"
    there = image_in_region(inference, "eu-south-1")
    assert there == "692866216735.dkr.ecr.eu-south-1.amazonaws.com/pytorch-inference:2.0.1-gpu-py310"
    assert image_in_region("123456789012.dkr.ecr.us-east-1.amazonaws.com/own:1", "eu-west-1") is None
    assert image_in_region("own:1", "eu-west-1") is None
