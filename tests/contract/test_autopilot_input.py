"""What Autopilot jobs take as input, through a real engine: formats, manifests, weights, odd cells, bad data."""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError

from tests.autopilot_jobs import BUCKET, ROLE, analysis_of, put_data, wait_for
from tests.conftest import RunningEngine, eventually

PREFIX = "input-kinds"
OUTPUT = f"{PREFIX}-output"
PARQUET = "x-application/vnd.amazon+parquet"


def odd_rows(count: int) -> list[list[str]]:
    """Rows whose cells need reading: a currency, dates in three formats, decimal commas, lists, missing values."""
    rng = np.random.default_rng(0)
    forms = ["%Y-%m-%d", "%d.%m.%Y", "%b %d, %Y"]
    rows = []
    for at in range(count):
        price, curve = rng.random() * 5000, rng.random(6).round(2)
        day = datetime.date(2020, 1, 1) + datetime.timedelta(days=int(rng.integers(0, 700)))
        label = "yes" if price / 5000 + curve.mean() > 1 else "no"
        euro = f"{rng.random() * 1000:.2f}".replace(".", ",")
        state = ["KS", "OH", "-"][at % 3]
        rows.append([f"${price:,.2f}", day.strftime(forms[at % 3]), euro, str(curve.tolist()), state, label])
    return rows


HEADER = ["price", "when", "euro", "curve", "state", "y"]


def as_csv(rows: list[list[Any]], header: list[str] | None = None) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows([header] if header else [])
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode()


def channel(uri: str, kind: str = "training", data_type: str = "S3Prefix", **members: Any) -> dict[str, Any]:
    source = {"S3DataSource": {"S3DataType": data_type, "S3Uri": uri}}
    return {"DataSource": source, "TargetAttributeName": "y", "ChannelType": kind, **members}


def create(engine: RunningEngine, name: str, channels: list[dict[str, Any]], **members: Any) -> None:
    config = {"CompletionCriteria": {"MaxCandidates": 2}, "Mode": "HYPERPARAMETER_TUNING"}
    engine.client("sagemaker").create_auto_ml_job(
        AutoMLJobName=name,
        InputDataConfig=channels,
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/{OUTPUT}"},
        RoleArn=ROLE,
        AutoMLJobConfig={**config, **members.pop("config", {})},
        **members,
    )


def test_odd_cells_are_read_alike_in_training_and_at_the_endpoint(engine: RunningEngine) -> None:
    rows = odd_rows(600)
    parts = {"a.txt": as_csv(rows[:300], HEADER), "b.csv.gz": gzip.compress(as_csv(rows[300:]))}
    for name, body in parts.items():
        put_data(engine, f"{PREFIX}/odd/{name}", body)
    create(
        engine,
        "input-odd",
        [channel(f"s3://{BUCKET}/{PREFIX}/odd/")],
        ModelDeployConfig={"EndpointName": "input-odd"},
    )
    job = wait_for(engine, "input-odd")
    assert job["AutoMLJobStatus"] == "Completed", job.get("FailureReason")
    analysis = analysis_of(engine, "input-odd", OUTPUT)
    found = {one["Name"]: one["Type"] for one in analysis["Columns"]}
    assert found == dict(
        zip(HEADER, ["numeric", "datetime", "numeric", "sequence", "categorical", "categorical"], strict=True)
    )
    assert any("'b.csv.gz' has no header" in text for text in analysis["Warnings"])
    answer = engine.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="input-odd", Body=as_csv([row[:-1] for row in rows[:100]]), ContentType="text/csv"
    )
    predicted = answer["Body"].read().decode().split()
    assert sum(one == row[-1] for one, row in zip(predicted, rows, strict=False)) > 80
    engine.client("sagemaker").delete_endpoint(EndpointName="input-odd")


def test_parquet_by_manifest_with_a_validation_channel(engine: RunningEngine) -> None:
    rng = np.random.default_rng(1)

    def part(count: int, state: str) -> bytes:
        x = rng.random(count)
        columns = {
            "x": x,
            "state": [state] * count,
            "since": [datetime.datetime(2020, 1, 1 + at % 28) for at in range(count)],
        }
        stream = io.BytesIO()
        pq.write_table(pa.table({**columns, "y": x * 3 + rng.random(count)}), stream)
        return stream.getvalue()

    for name, state in (("one", "KS"), ("two", "OH"), ("three", "NJ")):
        put_data(engine, f"{PREFIX}/parquet/{name}.parquet", part(300, state))
    put_data(engine, f"{PREFIX}/unseen/v.parquet", part(100, "never seen"))
    listed = [{"prefix": f"s3://{BUCKET}/{PREFIX}/"}, "parquet/one.parquet", "parquet/three.parquet"]
    manifest = put_data(engine, f"{PREFIX}/train.manifest", json.dumps(listed).encode())
    training = channel(manifest, data_type="ManifestFile", ContentType=PARQUET)
    validation = channel(f"s3://{BUCKET}/{PREFIX}/unseen/", "validation", ContentType=PARQUET)
    create(engine, "input-manifest", [training, validation])
    job = wait_for(engine, "input-manifest")
    assert job["AutoMLJobStatus"] == "Completed", job.get("FailureReason")
    assert job["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3DataType"] == "ManifestFile"
    analysis = analysis_of(engine, "input-manifest", OUTPUT)
    assert (analysis["ProblemType"], analysis["TrainRows"], analysis["ValidationRows"]) == (
        "Regression",
        600,
        100,
    )
    assert analysis["Files"] == ["parquet/one.parquet", "parquet/three.parquet"]
    assert "DataSplitConfig" not in job["AutoMLJobConfig"]


@pytest.mark.parametrize("version", [1, 2])
def test_sample_weights_count_in_ensembling(engine: RunningEngine, version: int) -> None:
    # The label is x > 0.5 where the weight is 1, and its opposite in the many rows of next to no weight.
    rng = np.random.default_rng(2)
    rows = []
    for at in range(600):
        x, heavy = rng.random(), at % 3 == 0
        label = (x > 0.5) == heavy
        rows.append([f"{x:.4f}", "1" if heavy else "" if at % 50 == 1 else "0.001", "yes" if label else "no"])
    uri = put_data(engine, f"{PREFIX}/weights.csv", as_csv(rows, ["x", "w", "y"]))
    name, client = f"input-weights-{version}", engine.client("sagemaker")
    algorithms = {"AlgorithmsConfig": [{"AutoMLAlgorithms": ["xgboost"]}]}
    if version == 1:
        mode = {"Mode": "ENSEMBLING", "CandidateGenerationConfig": algorithms}
        create(engine, name, [channel(uri, SampleWeightAttributeName="w")], config=mode)
        with pytest.raises(ClientError, match="supported in mode ENSEMBLING only"):
            create(engine, "input-no-weights", [channel(uri, SampleWeightAttributeName="w")])
    else:
        source = channel(uri)
        source.pop("TargetAttributeName")
        client.create_auto_ml_job_v2(
            AutoMLJobName=name,
            AutoMLJobInputDataConfig=[source],
            OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/{OUTPUT}"},
            RoleArn=ROLE,
            AutoMLProblemTypeConfig={
                "TabularJobConfig": {
                    "TargetAttributeName": "y",
                    "SampleWeightAttributeName": "w",
                    "CompletionCriteria": {"MaxCandidates": 2},
                }
            },
        )
        described = client.describe_auto_ml_job_v2(AutoMLJobName=name)
        tabular = described["AutoMLProblemTypeConfig"]["TabularJobConfig"]
        assert (tabular["SampleWeightAttributeName"], tabular["Mode"]) == ("w", "ENSEMBLING")
    job = wait_for(engine, name)
    assert job["AutoMLJobStatus"] == "Completed", job.get("FailureReason")
    assert analysis_of(engine, name, OUTPUT)["InvalidWeight"] == 8
    client.create_model(
        ModelName=name, Containers=job["BestCandidate"]["InferenceContainers"], ExecutionRoleArn=ROLE
    )
    variant = {
        "VariantName": "v",
        "ModelName": name,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    client.create_endpoint(EndpointName=name, EndpointConfigName=name)
    status = eventually(
        lambda: (one := client.describe_endpoint(EndpointName=name)["EndpointStatus"]) != "Creating" and one,
        60,
    )
    assert status == "InService"
    body = as_csv([["0.95", "1"], ["0.9", "1"], ["0.1", "1"], ["0.05", "1"]])
    answer = engine.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=name, Body=body, ContentType="text/csv"
    )
    assert answer["Body"].read().decode().split() == ["yes", "yes", "no", "no"]
    client.delete_endpoint(EndpointName=name)


@pytest.mark.parametrize(
    ("body", "members", "reason"),
    [
        (as_csv([[at, f"n{at}"] for at in range(300)], ["x", "y"]), {}, "Unable to infer the problem type"),
        (b"x,y\n1,a\n2,b\xe9\n", {}, "not encoded in UTF-8: byte 0xe9 in line 3"),
        (b"x,y\n1,a\n2,b,c\n", {}, "line 3 has 3"),
        (b"PAR1 and nothing else", {"ContentType": PARQUET}, "cannot be read as Parquet"),
        (as_csv([[1, 1, "a"]] * 9, ["x", "x", "y"]), {}, "duplicate column names: x"),
    ],
    ids=["identifier", "encoding", "ragged", "parquet", "duplicate-names"],
)
def test_bad_data_end_the_job_with_the_reason(
    engine: RunningEngine, request: pytest.FixtureRequest, body: bytes, members: dict[str, Any], reason: str
) -> None:
    name = f"bad-{request.node.callspec.id}"
    uri = put_data(engine, f"{PREFIX}/{name}", body)
    create(engine, name, [channel(uri, **members)])
    job = wait_for(engine, name)
    assert (job["AutoMLJobStatus"], job["AutoMLJobSecondaryStatus"]) == ("Failed", "Failed")
    assert reason in job["FailureReason"]


def test_a_manifest_of_missing_objects_is_refused_at_once(engine: RunningEngine) -> None:
    listed = [{"prefix": f"s3://{BUCKET}/{PREFIX}/nowhere/"}, "a.csv"]
    uri = put_data(engine, f"{PREFIX}/lost.manifest", json.dumps(listed).encode())
    with pytest.raises(ClientError, match=r"names s3://.*/nowhere/a\.csv, which does not exist") as caught:
        create(engine, "input-lost", [channel(uri, data_type="ManifestFile")])
    assert caught.value.response["Error"]["Code"] == "ValidationException"
