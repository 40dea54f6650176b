"""An AWS account behind the pages, played by moto: what it holds, what it does not offer, and the one poller."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest

from smstudio_ext.routes.base import CONFIRM_HEADER
from tests.conftest import eventually
from tests.server.test_walk import EventListener

if TYPE_CHECKING:
    from tests.server.conftest import JupyterServer, StartServer

CONFIG = """\
[profile moto]
region = us-east-2
endpoint_url = {url}
aws_access_key_id = testing
aws_secret_access_key = testing
[profile empty]
region = us-east-2
endpoint_url = {url}
[profile away]
region = us-east-2
endpoint_url = http://127.0.0.1:9
aws_access_key_id = testing
aws_secret_access_key = testing
"""


@pytest.fixture
def aws_server(start_server: StartServer, moto_url: str) -> JupyterServer:
    settings = {
        "target": "aws",
        "aws_profile": "moto",
        "role_arn": "arn:aws:iam::123456789012:role/Autopilot",
    }
    return start_server(settings, CONFIG.format(url=moto_url))


def test_pages_show_what_moto_holds_and_say_what_it_does_not_offer(aws_server: JupyterServer) -> None:
    status = aws_server.get("status", identity="true")
    assert (status["target"]["kind"], status["target"]["region"]) == ("aws", "us-east-2")
    assert status["identity"]["account"] == "123456789012"
    assert status["engine"]["state"] == "stopped"
    location = aws_server.post("samples/churn", status=201)
    assert location["bucket"] == "sagemaker-us-east-2-123456789012"
    form = {
        "name": "on-aws",
        "input_s3_uri": location["s3_uri"],
        "target": "Churn?",
        "problem_type": "BinaryClassification",
        "max_candidates": 5,
    }
    question = aws_server.expect(428, "POST", "automl-jobs", json=form)
    assert (question["code"], question["estimate"]["operation"]) == ("ConfirmCost", "CreateAutoMLJobV2")
    before = [job["name"] for job in aws_server.get("automl-jobs")["items"]]  # of other tests on this moto
    assert "on-aws" not in before
    agreed = {CONFIRM_HEADER: question["token"]}
    aws_server.expect(201, "POST", "automl-jobs", json=form, headers=agreed)
    aws_server.expect(428, "POST", "automl-jobs", json={**form, "name": "again"}, headers=agreed)  # good once
    after = [job["name"] for job in aws_server.get("automl-jobs")["items"]]
    assert sorted(after) == sorted([*before, "on-aws"])
    assert aws_server.get("automl-jobs/on-aws")["target"] == "Churn?"
    refused = aws_server.fails(501, "GET", "automl-jobs/on-aws/candidates")
    assert refused["code"] == "NotOffered"
    assert isinstance(aws_server.get("training-jobs")["items"], list)
    assert aws_server.get("status")["engine"]["state"] == "stopped"


def test_credentials_and_connections_that_fail_say_what_to_do(aws_server: JupyterServer) -> None:
    aws_server.expect(200, "PUT", "target", json={"kind": "aws", "profile": "empty"})
    missing = aws_server.fails(403, "GET", "automl-jobs")
    assert missing["code"] == "NoCredentialsError"
    assert "aws sso login" in missing["hint"]
    status = aws_server.get("status", identity="true")
    assert status["identity"] is None
    assert status["identity_error"]
    aws_server.expect(200, "PUT", "target", json={"kind": "aws", "profile": "away"})
    away = aws_server.fails(503, "GET", "automl-jobs")
    assert away["code"] == "EndpointConnectionError"


def test_changes_on_aws_reach_every_page(aws_server: JupyterServer, moto_url: str) -> None:
    pages = [EventListener(aws_server), EventListener(aws_server)]
    aws_server.post("presence", {"page": "one", "visible": True})
    aws_server.post("presence", {"page": "two", "visible": True})
    sagemaker = boto3.client(
        "sagemaker",
        region_name="us-east-2",
        endpoint_url=moto_url,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    eventually(lambda: all(page.seen("*", "*") for page in pages), what="the poller's first look")
    sagemaker.create_training_job(
        TrainingJobName="by-someone-else",
        AlgorithmSpecification={"TrainingImage": "image", "TrainingInputMode": "File"},
        RoleArn="arn:aws:iam::123456789012:role/Autopilot",
        OutputDataConfig={"S3OutputPath": "s3://bucket/out"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
    )
    eventually(
        lambda: all(page.seen("TrainingJob", "by-someone-else") for page in pages),
        60,
        "the event at both pages",
    )
    event = pages[0].seen("TrainingJob", "by-someone-else")[0]
    assert (event["target"], event["region"], event["status"]) == ("aws", "us-east-2", "Completed")
    for page in pages:
        page.close()
