"""Text and image classification jobs of Autopilot through a real engine and plain boto3, from files to endpoints."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.autopilot_jobs import BUCKET, FINAL, ROLE, analysis_of, candidates, put_data
from tests.conftest import RunningEngine, eventually
from tests.unit.classification_runs import SHAPES, picture, picture_files, text_csv, text_rows

TEXT, PICTURES = "classify-texts", "classify-pictures"
OUTPUT = "classify-output"
METRICS = {"Accuracy", "BalancedAccuracy", "F1macro", "PrecisionMacro", "RecallMacro"}


def create(
    engine: RunningEngine, name: str, uri: str, config: dict[str, Any], kind: str = "", **members: Any
) -> None:
    channel: dict[str, Any] = {
        "DataSource": {"S3DataSource": {"S3DataType": members.pop("data_type", "S3Prefix"), "S3Uri": uri}}
    }
    if kind:
        channel["ContentType"] = kind
    engine.client("sagemaker").create_auto_ml_job_v2(
        AutoMLJobName=name,
        AutoMLJobInputDataConfig=[channel],
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/{OUTPUT}"},
        AutoMLProblemTypeConfig=config,
        RoleArn=ROLE,
        **members,
    )


def ended(engine: RunningEngine, name: str) -> dict[str, Any]:
    client = engine.client("sagemaker")

    def reached() -> dict[str, Any] | None:
        job: dict[str, Any] = client.describe_auto_ml_job_v2(AutoMLJobName=name)
        return job if job["AutoMLJobStatus"] in FINAL else None

    return eventually(reached, 180.0, f"{name} in a final state")  # type: ignore[return-value]


def texts_config(**criteria: int) -> dict[str, Any]:
    own = {"ContentColumn": "text", "TargetLabelColumn": "topic", "CompletionCriteria": criteria}
    return {"TextClassificationJobConfig": own}


@pytest.fixture(scope="module")
def texts(engine: RunningEngine) -> dict[str, Any]:
    """A finished text job of two candidates and their ensemble, deployed."""
    uri = put_data(engine, f"{TEXT}/data.csv", text_csv(text_rows(240)))
    create(
        engine,
        TEXT,
        uri,
        texts_config(MaxCandidates=3),
        AutoMLJobObjective={"MetricName": "Accuracy"},
        ModelDeployConfig={"EndpointName": TEXT},
    )
    return ended(engine, TEXT)


@pytest.fixture(scope="module")
def pictures(engine: RunningEngine) -> dict[str, Any]:
    """A finished image job of two candidates, by a manifest."""
    files = picture_files(60)
    for path, data in files.items():
        put_data(engine, f"{PICTURES}/{path}", data)
    manifest = [{"prefix": f"s3://{BUCKET}/{PICTURES}/"}, *files]
    uri = put_data(engine, f"{PICTURES}.manifest", json.dumps(manifest).encode())
    config = {"ImageClassificationJobConfig": {"CompletionCriteria": {"MaxCandidates": 2}}}
    create(engine, PICTURES, uri, config, "image/*", data_type="ManifestFile")
    return ended(engine, PICTURES)


def test_text_job_finds_a_classifier(engine: RunningEngine, texts: dict[str, Any]) -> None:
    assert texts["AutoMLJobStatus"] == "Completed", texts.get("FailureReason")
    assert texts["AutoMLProblemTypeConfigName"] == "TextClassification"
    assert texts["AutoMLProblemTypeConfig"] == texts_config(MaxCandidates=3)
    assert texts["ResolvedAttributes"]["AutoMLJobObjective"] == {"MetricName": "Accuracy"}
    listed = candidates(engine, TEXT, SortBy="FinalObjectiveMetricValue", SortOrder="Descending")
    assert len(listed) == 3
    assert any("WeightedEnsemble" in one["CandidateName"] for one in listed)
    best = texts["BestCandidate"]
    assert best["CandidateName"] == listed[0]["CandidateName"]
    assert best["FinalAutoMLJobObjectiveMetric"]["Value"] > 0.85
    metrics = best["CandidateProperties"]["CandidateMetrics"]
    assert {one["MetricName"] for one in metrics if "MetricName" in one} >= METRICS
    found = analysis_of(engine, TEXT, OUTPUT)
    assert (found["TrainRows"], found["ValidationRows"]) == (192, 48)


def test_text_endpoint_answers(engine: RunningEngine, texts: dict[str, Any]) -> None:
    assert texts["ModelDeployResult"] == {"EndpointName": TEXT}
    runtime = engine.client("sagemaker-runtime")
    body = b'the ship in the harbor\n"soup, bread"\n'
    answer = runtime.invoke_endpoint(EndpointName=TEXT, ContentType="text/csv", Body=body)
    assert answer["Body"].read() == b"sea\nfood\n"
    answer = runtime.invoke_endpoint(
        EndpointName=TEXT,
        ContentType="application/json",
        Accept="application/json",
        Body=json.dumps({"instances": [{"text": "the coach of the team"}]}),
    )
    assert json.loads(answer["Body"].read()) == {"predictions": [{"predicted_label": "sport"}]}
    with pytest.raises(ClientError, match="has 2 columns"):
        runtime.invoke_endpoint(EndpointName=TEXT, ContentType="text/csv", Body=b"1,a text\n")


def test_batch_transform_answers_the_chosen_keys(engine: RunningEngine, texts: dict[str, Any]) -> None:
    client = engine.client("sagemaker")
    (container,) = texts["BestCandidate"]["InferenceContainers"]
    container["Environment"]["SAGEMAKER_INFERENCE_OUTPUT"] = "predicted_label,probability"
    name = f"{TEXT}-batch"
    client.create_model(ModelName=name, Containers=[container], ExecutionRoleArn=ROLE)
    uri = put_data(engine, f"{name}/in.csv", b"anchor and sail\noven and salt\n")
    client.create_transform_job(
        TransformJobName=name,
        ModelName=name,
        TransformInput={
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        TransformOutput={"S3OutputPath": f"s3://{BUCKET}/{name}/out", "AssembleWith": "Line"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )

    def done() -> dict[str, Any] | None:
        job: dict[str, Any] = client.describe_transform_job(TransformJobName=name)
        return job if job["TransformJobStatus"] in FINAL else None

    job: dict[str, Any] = eventually(done, 120.0, "the transform job")  # type: ignore[assignment]
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    stored = engine.client("s3").get_object(Bucket=BUCKET, Key=f"{name}/out/in.csv.out")
    rows = [line.split(",") for line in stored["Body"].read().decode().splitlines()]
    assert [row[0] for row in rows] == ["sea", "food"]
    assert all(0 < float(row[1]) <= 1 for row in rows)


def test_image_job_finds_a_classifier(engine: RunningEngine, pictures: dict[str, Any]) -> None:
    assert pictures["AutoMLJobStatus"] == "Completed", pictures.get("FailureReason")
    assert pictures["AutoMLProblemTypeConfigName"] == "ImageClassification"
    assert len(candidates(engine, PICTURES)) == 2
    assert pictures["BestCandidate"]["FinalAutoMLJobObjectiveMetric"]["MetricName"] == "Accuracy"
    client, runtime = engine.client("sagemaker"), engine.client("sagemaker-runtime")
    client.create_model(
        ModelName=PICTURES,
        Containers=pictures["BestCandidate"]["InferenceContainers"],
        ExecutionRoleArn=ROLE,
    )
    variant = {
        "VariantName": "v",
        "ModelName": PICTURES,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    client.create_endpoint_config(EndpointConfigName=PICTURES, ProductionVariants=[variant])
    client.create_endpoint(EndpointName=PICTURES, EndpointConfigName=PICTURES)
    eventually(
        lambda: client.describe_endpoint(EndpointName=PICTURES)["EndpointStatus"] != "Creating",
        120.0,
        "the endpoint",
    )
    source = random.Random(7)
    for kind, form in (("image/png", "PNG"), ("image/jpeg", "JPEG")):
        answer = runtime.invoke_endpoint(
            EndpointName=PICTURES, ContentType=kind, Body=picture("circle", source, form)
        )
        assert answer["Body"].read().decode().strip() in SHAPES
    with pytest.raises(ClientError, match="no picture that can be decoded"):
        runtime.invoke_endpoint(EndpointName=PICTURES, ContentType="image/png", Body=b"no picture")
    client.delete_endpoint(EndpointName=PICTURES)


def test_bad_data_end_the_job_with_a_reason(engine: RunningEngine) -> None:
    uri = put_data(engine, "classify-bad/data.csv", text_csv([("some text", "food")] * 30))
    create(engine, "classify-bad", uri, texts_config(MaxCandidates=1))
    job = ended(engine, "classify-bad")
    assert job["AutoMLJobStatus"] == "Failed"
    assert "All 30 rows have the same label 'food'" in job["FailureReason"]


@pytest.mark.parametrize(
    ("config", "kind", "message"),
    [
        pytest.param(
            {"TextClassificationJobConfig": {"ContentColumn": "y", "TargetLabelColumn": "y"}},
            "",
            "must be different columns",
            id="one-column",
        ),
        pytest.param({"ImageClassificationJobConfig": {}}, "text/csv", "Supported content types", id="csv"),
        pytest.param(texts_config(), "image/png", "Supported content types", id="png"),
    ],
)
def test_bad_requests_are_refused(
    engine: RunningEngine, config: dict[str, Any], kind: str, message: str
) -> None:
    uri = put_data(engine, "classify-small/data.csv", b"text,topic\na,b\n")
    with pytest.raises(ClientError, match=message):
        create(engine, "classify-refused", uri, config, kind)


def test_other_objectives_are_refused(engine: RunningEngine) -> None:
    uri = put_data(engine, "classify-small/data.csv", b"text,topic\na,b\n")
    with pytest.raises(ClientError, match=r"Supported metrics: \[Accuracy\]"):
        create(engine, "classify-refused", uri, texts_config(), AutoMLJobObjective={"MetricName": "F1macro"})
