"""What tests of the endpoint page share: models and endpoints made quickly."""

from __future__ import annotations

import io
import os
import secrets
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smstudio_ext.studio import (
    buckets,
    endpoint_invocation,
    endpoints,
)
from smstudio_ext.studio.models.endpoints import InvokeEndpoint
from smstudio_ext.studio.models.hosting import (
    UpdateEndpoint,
)
from smstudio_ext.studio.problems import BadInput
from tests.conftest import RunningEngine, eventually
from tests.contract.studio_targets import engine_target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from smstudio_ext.studio.models.endpoints import Endpoint
    from smstudio_ext.target import Target


SDK3 = os.environ.get(
    "SMSTUDIO_SDK3_PYTHON", str(Path(__file__).parents[2] / ".venv" / "sdk3" / "bin" / "python")
)
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"


def unique(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(4)}"


def archive() -> bytes:
    """A model.tar.gz of a small XGBoost classifier."""
    import numpy as np
    import xgboost as xgb

    features = np.random.default_rng(3).normal(size=(200, 4))
    labels = (features[:, 0] > 0).astype(int)
    trained = xgb.train({"objective": "binary:logistic", "nthread": 1}, xgb.DMatrix(features, labels), 5)
    content = bytes(trained.save_raw("ubj"))
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo("xgboost-model")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def create_model(target: Target) -> str:
    bucket, _ = buckets.ensure_bucket(target, None)
    target.client("s3").put_object(Bucket=bucket, Key="endpoint-page/model.tar.gz", Body=archive())
    name = unique("model")
    target.client("sagemaker").create_model(
        ModelName=name,
        ExecutionRoleArn=target.role_arn(),
        PrimaryContainer={
            "Image": IMAGE,
            "ModelDataUrl": f"s3://{bucket}/endpoint-page/model.tar.gz",
            "ContainerHostname": "first",
        },
    )
    return name


def variant_of(model: str, name: str = "AllTraffic") -> dict[str, Any]:
    return {
        "VariantName": name,
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        "InitialVariantWeight": 1.0,
    }


def deploy(target: Target, *variants: str, **config: Any) -> str:
    """An endpoint with such variants, InService."""
    sagemaker, name = target.client("sagemaker"), unique("endpoint")
    if variants:
        model = create_model(target)
        config["ProductionVariants"] = [variant_of(model, variant) for variant in variants]
    sagemaker.create_endpoint_config(EndpointConfigName=name, **config)
    sagemaker.create_endpoint(
        EndpointName=name, EndpointConfigName=name, Tags=[{"Key": "team", "Value": "churn"}]
    )
    in_service(target, name)
    return name


def in_service(target: Target, name: str) -> Endpoint:
    def settled() -> Endpoint | None:
        page = endpoints.describe_endpoint(target, name)
        return page if page.status not in ("Creating", "Updating", "RollingBack") else None

    page = eventually(settled, what=f"{name} InService")
    assert page is not None
    assert page.status == "InService", page.failure_reason
    return page


@pytest.fixture(scope="module")
def local(engine: RunningEngine) -> Target:
    return engine_target(engine)


@pytest.fixture(scope="module")
def shared(local: Target) -> Iterator[str]:
    """An endpoint with the variants blue and green that captures everything."""
    bucket, _ = buckets.ensure_bucket(local, None)
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{bucket}/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
    }
    name = deploy(local, "blue", "green", DataCaptureConfig=capture)
    # metrics and captured data are written some seconds later, while other tests run
    for variant in ("blue", "green"):
        request = InvokeEndpoint(body="4,3,2,1", target_variant=variant, inference_id=f"to-{variant}")
        assert endpoint_invocation.invoke_endpoint(local, name, request).variant == variant
    yield name
    local.client("sagemaker").delete_endpoint(EndpointName=name)


def field_errors(work: Callable[[], object]) -> dict[str, str]:
    with pytest.raises(BadInput) as caught:
        work()
    return dict(caught.value.fields)


# updates


def update(**values: Any) -> UpdateEndpoint:
    return UpdateEndpoint.model_validate(values)


# ready code, run as a user runs it


def environment(target: Target) -> dict[str, str]:
    credentials = target.client("s3")._request_signer._credentials
    base = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **base,
        "AWS_ENDPOINT_URL": str(target.client("s3").meta.endpoint_url),
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "AWS_DEFAULT_REGION": target.region,
        "PATH": f"{Path(sys.executable).parent}:{base['PATH']}",
    }


def run(target: Target, command: list[str], folder: Path | None = None) -> str:
    done = subprocess.run(
        command, env=environment(target), cwd=folder, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_python(target: Target, code: str, python: str = sys.executable) -> str:
    return run(target, [python, "-c", code])
