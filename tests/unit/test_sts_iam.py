"""STS, IAM, ECR and CloudWatch as SDKs use them."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


def test_caller_identity_is_an_assumed_role(engine: Any) -> None:
    identity = engine.client("sts").get_caller_identity()
    assert identity["Account"] == "000000000000"
    assert ":assumed-role/" in identity["Arn"]


def test_assumed_credentials_sign_requests(engine: Any) -> None:
    answer = engine.client("sts").assume_role(
        RoleArn="arn:aws:iam::000000000000:role/Team", RoleSessionName="ana"
    )
    credentials = answer["Credentials"]
    other = engine.client(
        "sts",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
    assert other.get_caller_identity()["Arn"] == "arn:aws:sts::000000000000:assumed-role/Team/ana"


def test_every_role_exists_and_made_ones_are_kept(engine: Any) -> None:
    iam = engine.client("iam")
    assert iam.get_role(RoleName="NeverMade")["Role"]["Arn"] == "arn:aws:iam::000000000000:role/NeverMade"
    iam.create_role(RoleName="Made", AssumeRolePolicyDocument=TRUST, Path="/service-role/", Description="d")
    role = iam.get_role(RoleName="Made")["Role"]
    assert role["Arn"] == "arn:aws:iam::000000000000:role/service-role/Made"
    assert role["AssumeRolePolicyDocument"] == json.loads(TRUST)
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName="Made", AssumeRolePolicyDocument=TRUST)
    assert "Made" in [item["RoleName"] for item in iam.list_roles()["Roles"]]


def test_policies_are_attached_and_protect_their_role(engine: Any) -> None:
    iam = engine.client("iam")
    iam.create_role(RoleName="Held", AssumeRolePolicyDocument=TRUST)
    arn = iam.create_policy(PolicyName="Buckets", PolicyDocument=TRUST)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="Held", PolicyArn=arn)
    iam.put_role_policy(RoleName="Held", PolicyName="inline", PolicyDocument=TRUST)
    assert iam.list_attached_role_policies(RoleName="Held")["AttachedPolicies"] == [
        {"PolicyName": "Buckets", "PolicyArn": arn}
    ]
    assert iam.get_role_policy(RoleName="Held", PolicyName="inline")["PolicyDocument"] == json.loads(TRUST)
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_role(RoleName="Held")
    iam.detach_role_policy(RoleName="Held", PolicyArn=arn)
    iam.delete_role_policy(RoleName="Held", PolicyName="inline")
    iam.delete_policy(PolicyArn=arn)
    iam.delete_role(RoleName="Held")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.delete_role(RoleName="Held")


def test_everything_is_allowed(engine: Any) -> None:
    answer = engine.client("iam").simulate_principal_policy(
        PolicySourceArn="arn:aws:iam::000000000000:role/x",
        ActionNames=["s3:GetObject", "sagemaker:CreateModel"],
    )
    assert {result["EvalDecision"] for result in answer["EvaluationResults"]} == {"allowed"}


def test_a_broken_policy_is_refused(engine: Any) -> None:
    iam = engine.client("iam")
    with pytest.raises(iam.exceptions.MalformedPolicyDocumentException):
        iam.create_role(RoleName="Broken", AssumeRolePolicyDocument="{")


def test_ecr_gives_a_login_and_knows_the_images_that_run_here(engine: Any) -> None:
    ecr = engine.client("ecr")
    data = ecr.get_authorization_token()["authorizationData"][0]
    assert data["proxyEndpoint"] == "https://000000000000.dkr.ecr.us-east-1.amazonaws.com"
    images = ecr.describe_images(
        registryId="683313688378", repositoryName="sagemaker-xgboost", imageIds=[{"imageTag": "1.7-1"}]
    )
    assert images["imageDetails"][0]["imageTags"] == ["1.7-1"]
    with pytest.raises(ecr.exceptions.ImageNotFoundException):
        ecr.describe_images(repositoryName="nothing-here", imageIds=[{"imageTag": "1"}])


def test_metrics_are_aggregated_by_period(engine: Any) -> None:
    cloudwatch = engine.client("cloudwatch")
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    where = [{"Name": "TrainingJobName", "Value": "job"}]
    points = [
        {
            "MetricName": "loss",
            "Dimensions": where,
            "Timestamp": start + datetime.timedelta(seconds=second),
            "Value": value,
        }
        for second, value in ((0, 1.0), (30, 3.0), (60, 5.0))
    ]
    cloudwatch.put_metric_data(Namespace="Tests", MetricData=points)
    span = {"StartTime": start, "EndTime": start + datetime.timedelta(minutes=5)}
    answer = cloudwatch.get_metric_statistics(
        Namespace="Tests",
        MetricName="loss",
        Dimensions=where,
        Period=60,
        Statistics=["Average", "SampleCount"],
        **span,
    )
    assert [(point["Average"], point["SampleCount"]) for point in answer["Datapoints"]] == [
        (2.0, 2.0),
        (5.0, 1.0),
    ]
    query = {
        "Id": "q",
        "MetricStat": {
            "Metric": {"Namespace": "Tests", "MetricName": "loss", "Dimensions": where},
            "Period": 60,
            "Stat": "Maximum",
        },
    }
    series = cloudwatch.get_metric_data(MetricDataQueries=[query], ScanBy="TimestampAscending", **span)
    assert series["MetricDataResults"][0]["Values"] == [3.0, 5.0]
    listed = cloudwatch.list_metrics(Namespace="Tests", Dimensions=[{"Name": "TrainingJobName"}])["Metrics"]
    assert listed == [{"Namespace": "Tests", "MetricName": "loss", "Dimensions": where}]
