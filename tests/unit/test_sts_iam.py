"""STS as SDKs use it."""

from __future__ import annotations

from typing import Any


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
