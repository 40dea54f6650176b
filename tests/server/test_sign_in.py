"""Signing in to AWS from the panel: the code, the token that all tools share, and what nobody may see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.conftest import eventually
from tests.identity_center import CONFIG, IdentityCenter, identity_center
from tests.server.conftest import JupyterServer


@pytest.fixture(scope="module")
def center() -> Iterator[IdentityCenter]:
    with identity_center() as found:
        yield found


@pytest.fixture(scope="module")
def signing_server(
    tmp_path_factory: pytest.TempPathFactory, moto_url: str, center: IdentityCenter
) -> Iterator[JupyterServer]:
    running = JupyterServer(
        tmp_path_factory.mktemp("signing"),
        {"target": "aws", "aws_profile": "work", "read_only": True},
        CONFIG.format(moto=moto_url, center=center.url),
    )
    yield running
    running.close()


@pytest.fixture
def server(signing_server: JupyterServer, center: IdentityCenter, moto_url: str) -> JupyterServer:
    """The server as if nobody had ever signed in."""
    for token in (signing_server.home / ".aws" / "sso" / "cache").glob("*.json"):
        token.unlink()
    config(signing_server).write_text(CONFIG.format(moto=moto_url, center=center.url))
    center.answer = "AuthorizationPendingException"
    center.device_seconds = 600
    choose(signing_server, profile="work")
    signing_server.post("identity/renew")
    return signing_server


def config(server: JupyterServer) -> Path:
    return server.home / "aws-config"


def choose(server: JupyterServer, **choice: Any) -> Any:
    return server.expect(200, "PUT", "target", json={"kind": "aws", **choice})["target"]


def begin(server: JupyterServer, **request: Any) -> dict[str, Any]:
    found: dict[str, Any] = server.post("sign-ins", request, status=201)
    assert found["status"] == "Waiting"
    return found


def ended(server: JupyterServer, sign_in: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = server.get(f"sign-ins/{sign_in}")
        return found if found["status"] != "Waiting" else None

    found = eventually(look, what="the end of signing in")
    assert found is not None
    return found


def sign_in(server: JupyterServer, center: IdentityCenter, **request: Any) -> str:
    center.confirm()
    begun = begin(server, **request)
    assert ended(server, begun["id"])["status"] == "SignedIn"
    found: str = begun["id"]
    return found


def test_a_profile_signs_in_and_every_tool_has_its_token(
    server: JupyterServer, center: IdentityCenter
) -> None:
    before = server.get("identity")
    assert before["identity"] is None
    assert before["signs_in"]
    assert "Press Sign in" in before["hint"]
    assert server.fails(403, "GET", "automl-jobs")["hint"] == before["hint"]
    asked = center.asked
    begun = begin(server, profile="work")
    assert begun["user_code"] == "ABCD-EFGH"
    assert begun["verification_uri_complete"].startswith(center.url)
    eventually(lambda: center.asked >= asked + 2, what="two questions of the server")
    assert server.get(f"sign-ins/{begun['id']}")["status"] == "Waiting"
    center.confirm()
    assert ended(server, begun["id"])["status"] == "SignedIn"
    after = server.get("identity")
    assert after["identity"]["account"]
    assert (after["credentials"]["method"], after["credentials"]["renews"]) == ("sso", True)
    assert after["credentials"]["expires_at"]
    assert isinstance(server.get("automl-jobs")["items"], list)
    (token,) = (server.home / ".aws" / "sso" / "cache").glob("*.json")
    assert token.stat().st_mode & 0o777 == 0o600
    assert "refreshToken" in json.loads(token.read_text())
    told = subprocess.run(  # as any other program: plain boto3
        [
            sys.executable,
            "-c",
            "import boto3; print(boto3.Session(profile_name='work').client('sts').get_caller_identity()['Account'])",
        ],
        env={
            **os.environ,
            "HOME": str(server.home),
            "AWS_CONFIG_FILE": str(config(server)),
            "AWS_SHARED_CREDENTIALS_FILE": str(server.home / "no-credentials"),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == after["identity"]["account"]


def test_a_profile_of_the_older_form_signs_in_too(server: JupyterServer, center: IdentityCenter) -> None:
    choose(server, profile="old")
    sign_in(server, center, profile="old")
    after = server.get("identity")
    assert after["identity"]["account"]
    assert after["credentials"]["signed_in_until"]
    assert "scopes" not in center.registrations[-1]


@pytest.mark.parametrize(
    ("answer", "status", "message"),
    [
        ("AccessDeniedException", "Denied", "refused"),
        ("ExpiredTokenException", "Expired", "expired"),
        ("InvalidGrantException", "Failed", "InvalidGrantException"),
    ],
)
def test_signing_in_that_fails_says_how(
    server: JupyterServer, center: IdentityCenter, answer: str, status: str, message: str
) -> None:
    center.answer = answer
    found = ended(server, begin(server, profile="work")["id"])
    assert found["status"] == status
    assert message in found["message"]


def test_a_code_that_nobody_confirms_expires(server: JupyterServer, center: IdentityCenter) -> None:
    center.device_seconds = 0
    assert ended(server, begin(server, profile="work")["id"])["status"] == "Expired"


def test_a_signing_in_is_cancelled_and_another_one_takes_its_place(
    server: JupyterServer, center: IdentityCenter
) -> None:
    first = begin(server, profile="work")["id"]
    second = begin(server, profile="work")["id"]
    assert server.get(f"sign-ins/{first}")["status"] == "Cancelled"
    assert server.expect(200, "DELETE", f"sign-ins/{second}")["status"] == "Cancelled"
    center.confirm()
    assert server.get("identity")["identity"] is None
    assert server.get(f"sign-ins/{second}")["status"] == "Cancelled"
    assert server.fails(404, "GET", "sign-ins/nothing")["code"] == "NotFound"


def test_somebody_without_a_profile_makes_one(server: JupyterServer, center: IdentityCenter) -> None:
    text = config(server).read_text()
    # Only the address is typed; where the services are is for tests alone.
    config(server).write_text(text + f"[default]\nendpoint_url = {center.url}\n")
    waiting = begin(server, start_url="https://new.example.com/start", sso_region="eu-west-1")["id"]
    assert server.fails(409, "GET", f"sign-ins/{waiting}/accounts")["code"] == "Conflict"
    signed = sign_in(server, center, start_url="https://new.example.com/start", sso_region="eu-west-1")
    accounts = server.get(f"sign-ins/{signed}/accounts")["items"]
    assert [account["name"] for account in accounts] == ["Development", "Research"]
    roles = server.get(f"sign-ins/{signed}/accounts/{accounts[1]['id']}")["items"]
    assert roles == ["Administrator", "Scientist"]
    profile = {
        "name": "research",
        "region": "ap-northeast-1",
        "sign_in": signed,
        "account_id": accounts[1]["id"],
        "role_name": "Scientist",
    }
    saved = server.post("profiles", profile, status=201)
    assert saved == {"name": "research", "file": str(config(server))}
    written = config(server).read_text()
    assert written.startswith(text)
    assert (
        "[sso-session new]\nsso_start_url = https://new.example.com/start\nsso_region = eu-west-1\n"
        in written
    )
    assert choose(server, profile="research")["region"] == "ap-northeast-1"
    assert server.fails(409, "POST", "profiles", json=profile)["hint"] == "Choose another name."
    server.post("profiles", {**profile, "name": "second"}, status=201)
    assert config(server).read_text().count("[sso-session new]") == 1
    missing = server.fails(400, "POST", "profiles", json={"name": "third", "sign_in": signed})
    assert {each["field"] for each in missing["fields"]} == {"account_id", "role_name"}


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ({"profile": "keys"}, "does not sign in"),
        ({"profile": "lacking"}, "nowhere"),
        ({"profile": "nobody"}, "does not sign in"),
        ({"start_url": "not an address"}, "start_url"),
        ({"start_url": "https://x.example.com"}, "region"),
    ],
    ids=["keys", "lacking", "nobody", "no-address", "no-region"],
)
def test_what_cannot_sign_in_is_told(server: JupyterServer, request_: dict[str, str], told: str) -> None:
    found = server.fails(400, "POST", "sign-ins", json=request_)
    assert told in found["message"]


def test_a_sign_in_that_was_ended_elsewhere_is_asked_for_again(
    server: JupyterServer, center: IdentityCenter
) -> None:
    sign_in(server, center, profile="work")
    assert server.get("identity")["identity"]
    center.revoke()
    ended_there = server.post("identity/renew")
    assert ended_there["identity"] is None
    assert ended_there["code"] == "UnauthorizedSSOTokenError"
    assert "Press Sign in" in ended_there["hint"]


def test_nothing_that_leaves_the_server_holds_a_secret(server: JupyterServer, center: IdentityCenter) -> None:
    signed = sign_in(server, center, profile="work")
    answers = [
        server.client.get(path).text
        for path in ("identity", "status?identity=true", "targets", f"sign-ins/{signed}", "automl-jobs")
    ]
    answers.append(server.client.get(f"sign-ins/{signed}/accounts").text)
    kept = [
        path.read_bytes().decode(errors="replace")
        for folder in (server.engine_dir, server.root, server.home / "data", server.home / "runtime")
        for path in folder.rglob("*")
        if path.is_file()
    ]
    assert center.secrets
    for text in (*answers, server.log.read_text(), *kept):
        for secret in (*center.secrets, *center.access_keys):
            assert secret not in text


def test_a_role_is_assumed_and_left(server: JupyterServer) -> None:
    role = {
        "role_arn": "arn:aws:iam::123456789012:role/Other",
        "external_id": "company-7",
        "session_name": "ann",
        "duration_seconds": 900,
    }
    chosen = choose(server, profile="keys", assume=role)
    assert chosen["assume"] == {**role, "mfa_serial": None}
    found = server.get("identity")
    assert found["identity"]["arn"] == "arn:aws:sts::123456789012:assumed-role/Other/ann"
    assert (found["credentials"]["method"], found["credentials"]["renews"]) == ("assume-role", True)
    assert isinstance(server.get("automl-jobs")["items"], list)
    moved = choose(server, profile="keys", region="us-west-2", assume=role)
    assert moved["region"] == "us-west-2"
    assert choose(server, profile="keys")["assume"] is None
    assert "assumed-role" not in server.get("identity")["identity"]["arn"]
    saved = server.post("profiles", {"name": "other", "source_profile": "keys", "assume": role}, status=201)
    assert saved["name"] == "other"
    assert "external_id = company-7" in config(server).read_text()


def test_a_role_with_a_device_asks_for_its_code(server: JupyterServer) -> None:
    role = {
        "role_arn": "arn:aws:iam::123456789012:role/Careful",
        "mfa_serial": "arn:aws:iam::123456789012:mfa/ann",
    }
    refused = server.fails(403, "PUT", "target", json={"kind": "aws", "profile": "keys", "assume": role})
    assert refused["code"] == "MfaCodeNeeded"
    assert server.get("status")["target"]["profile"] == "work"  # what was chosen before stays
    choose(server, profile="keys", assume=role, mfa_code="123456")
    found = server.get("identity")
    assert found["identity"]["arn"].endswith("assumed-role/Careful/smstudio")
    assert found["mfa_serial"] == role["mfa_serial"]
    assert not found["credentials"]["renews"]
    # Another region needs no other code.
    choose(server, profile="keys", region="eu-west-1", assume=role)
    assert server.get("identity")["identity"]["arn"].endswith("Careful/smstudio")
    assert "123456" not in server.log.read_text().replace("123456789012", "")
    assert server.fails(400, "PUT", "target", json={"kind": "aws", "mfa_code": "12"})["code"] == "BadInput"


def test_a_profile_with_a_device_asks_in_the_panel_not_at_the_terminal(
    server: JupyterServer, moto_url: str
) -> None:
    with config(server).open("a") as file:
        file.write(
            "[profile device]\nrole_arn = arn:aws:iam::123456789012:role/Careful\nsource_profile = keys\n"
            f"mfa_serial = arn:aws:iam::123456789012:mfa/ann\nendpoint_url = {moto_url}\n"
        )
    choose(server, profile="device")
    asked = server.get("identity")
    assert asked["code"] == "MfaCodeNeeded"
    assert asked["mfa_serial"] == "arn:aws:iam::123456789012:mfa/ann"
    assert "MFA" in server.fails(403, "GET", "automl-jobs")["message"]
    choose(server, profile="device", mfa_code="654321")
    assert server.get("identity")["identity"]["arn"].startswith(
        "arn:aws:sts::123456789012:assumed-role/Careful"
    )
    assert isinstance(server.get("automl-jobs")["items"], list)


def test_roles_for_jobs_are_those_that_sagemaker_may_take(server: JupyterServer, moto_url: str) -> None:
    choose(server, profile="keys")
    iam = boto3.client(
        "iam",
        region_name="us-east-1",
        endpoint_url=moto_url,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    for name, service in (("Jobs", "sagemaker"), ("Functions", "lambda")):
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": f"{service}.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(policy))
    found = server.get("execution-roles")
    assert [role["name"] for role in found["items"]] == ["Jobs"]
    chosen = choose(server, profile="keys", role_arn=found["items"][0]["arn"])
    assert chosen["role_arn"] == "arn:aws:iam::123456789012:role/Jobs"


def test_a_configuration_that_is_broken_is_told_and_the_engine_works_on(server: JupyterServer) -> None:
    config(server).write_text("[profile work\nregion = us-east-2\n")
    targets = server.get("targets")
    assert [option["kind"] for option in targets["options"]] == ["local"]
    assert "Unable to parse config file" in targets["problem"]
    broken = server.fails(400, "GET", "automl-jobs")
    assert broken["code"] == "ConfigParseError"
    assert "brackets" in broken["hint"]
    assert server.get("identity")["code"] == "ConfigParseError"
    server.expect(200, "PUT", "target", json={"kind": "local"})
    assert isinstance(server.get("automl-jobs")["items"], list)
    assert server.get("identity")["identity"]["account"] == "000000000000"


def test_a_profile_that_went_is_told(server: JupyterServer) -> None:
    config(server).write_text("[profile others]\nregion = us-east-2\n")
    gone = server.fails(404, "GET", "automl-jobs")
    assert gone["code"] == "ProfileNotFound"
    assert "aws configure sso" in gone["hint"]


def test_the_choice_is_kept_when_the_server_starts_again(server: JupyterServer) -> None:
    role = {"role_arn": "arn:aws:iam::123456789012:role/Other", "external_id": "company-7"}
    choose(server, profile="keys", region="eu-central-1", assume=role)
    server.process.kill()
    server.process.wait()
    server.client.close()
    server.start()
    target = server.get("status")["target"]
    assert (target["profile"], target["region"]) == ("keys", "eu-central-1")
    assert target["assume"]["external_id"] == "company-7"
    assert target["read_only"]  # the server's configuration protects the account, again after each start
    assert server.get("identity")["identity"]["arn"].endswith("assumed-role/Other/smstudio")
