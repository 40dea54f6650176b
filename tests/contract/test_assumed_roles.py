"""Roles that are assumed with moto's STS, their renewal and MFA codes; roles of machines; keys of the environment."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from smstudio_ext.aws.account import AwsAccount, OneTimeCode, RoleToAssume
from smstudio_ext.aws.problems import MfaNeeded
from smstudio_ext.studio.aws_sessions import whoami
from smstudio_ext.studio.status import get_targets
from smstudio_ext.target import Target
from smstudio_ext.target_switch import TargetSwitch

ROLE = "arn:aws:iam::123456789012:role/Renewed"


def account_of(moto_target: Target, role: RoleToAssume, code: OneTimeCode | None = None) -> AwsAccount:
    return AwsAccount(role=role, ask_for_code=code or OneTimeCode(), endpoint_url=moto_target._endpoint_url)


def key_of(account: AwsAccount) -> str:
    return str(account.core().get_credentials().get_frozen_credentials().access_key)


def later(account: AwsAccount, seconds: float) -> None:
    """Lets time pass for the credentials."""
    credentials = account.core().get_credentials()
    credentials._time_fetcher = lambda: datetime.now(timezone.utc) + timedelta(seconds=seconds)


@pytest.mark.parametrize(("duration", "before", "after"), [(900, 600, 840), (3600, 2600, 3100)])
def test_a_session_is_renewed_in_time_and_not_at_every_call(
    moto_target: Target, duration: int, before: float, after: float
) -> None:
    account = account_of(moto_target, RoleToAssume(ROLE, duration_seconds=duration))
    first = key_of(account)
    assert key_of(account) == first
    later(account, before)
    assert key_of(account) == first
    later(account, after)
    assert key_of(account) != first
    found = account.lifetime()
    assert found is not None
    assert found.renews


def test_targets_in_other_regions_share_the_session(moto_target: Target) -> None:
    account = account_of(moto_target, RoleToAssume(ROLE, session_name="shared"))
    target = Target.aws(None, "us-east-1", endpoint_url=moto_target._endpoint_url, account=account)
    elsewhere = target.in_region("eu-west-1")
    assert elsewhere.identity()["Arn"] == "arn:aws:sts::123456789012:assumed-role/Renewed/shared"
    assert elsewhere.client("sagemaker").meta.region_name == "eu-west-1"
    signers: list[Any] = [each.client("sts")._request_signer for each in (target, elsewhere)]
    assert signers[0]._credentials is signers[1]._credentials


def test_a_code_is_used_once_and_the_session_lives_to_its_end(moto_target: Target) -> None:
    code = OneTimeCode()
    account = account_of(moto_target, RoleToAssume(ROLE, mfa_serial="arn:aws:iam::1:mfa/me"), code)
    with pytest.raises(MfaNeeded, match="arn:aws:iam::1:mfa/me"):
        account.lifetime()
    code.give("123456")
    first = key_of(account)
    later(account, 3590)
    assert key_of(account) == first
    later(account, 3610)
    with pytest.raises(MfaNeeded):
        key_of(account)
    code.give("654321")
    account.core().get_credentials()._time_fetcher = lambda: datetime.now(timezone.utc)
    assert account.lifetime() is not None


class MachineRole:
    """The addresses at which containers and instances find their role's credentials."""

    def __init__(self) -> None:
        role = self
        self.seen: list[str] = []
        found = {
            "AccessKeyId": "ASIAMACHINE",
            "SecretAccessKey": "machine-secret",
            "Token": "machine-token",
            "Code": "Success",
            "Type": "AWS-HMAC",
            "LastUpdated": "2026-01-01T00:00:00Z",
            "Expiration": (datetime.now(timezone.utc) + timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                self._answer("metadata-token")

            def do_GET(self) -> None:
                role.seen.append(self.path)
                listing = self.path.endswith("security-credentials/")
                self._answer("MachineRole" if listing else json.dumps(found))

            def _answer(self, text: str) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                """Keeps quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def machine_role(monkeypatch: pytest.MonkeyPatch) -> Iterator[MachineRole]:
    """A machine whose only credentials are those of its role."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_EC2_METADATA_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    role = MachineRole()
    yield role
    role.server.shutdown()
    role.server.server_close()


@pytest.mark.parametrize(
    ("variable", "path", "method", "title"),
    [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "/role", "container-role", "AWS: container's role"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "/", "iam-role", "AWS: instance's role"),
    ],
    ids=["container", "instance"],
)
def test_a_machine_s_own_role_is_offered_and_taken(
    moto_target: Target,
    machine_role: MachineRole,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    path: str,
    method: str,
    title: str,
) -> None:
    monkeypatch.setenv(variable, f"{machine_role.url}{path}")
    switch = TargetSwitch(lambda: None, endpoint_url=moto_target._endpoint_url)
    offered = [option for option in get_targets(switch).options if option.kind == "aws"]
    assert [(option.profile, option.title) for option in offered] == [(None, title)]
    switch.choose("aws")
    found = whoami(switch)
    assert found.identity is not None
    assert found.credentials is not None
    assert (found.credentials.method, found.credentials.renews) == (method, True)
    assert machine_role.seen
    assert "machine-secret" not in found.model_dump_json()


def test_keys_of_the_environment_are_offered_and_taken(moto_target: Target) -> None:
    switch = TargetSwitch(lambda: None, endpoint_url=moto_target._endpoint_url)
    offered = [option.title for option in get_targets(switch).options if option.kind == "aws"]
    assert offered == ["AWS: environment's credentials"]
    switch.choose("aws")
    found = whoami(switch)
    assert found.credentials is not None
    assert (found.credentials.method, found.credentials.expires_at) == ("env", None)
