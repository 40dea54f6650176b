"""Signing in to AWS from the panel: the code, the token that all tools share, and what nobody may see."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from tests.conftest import eventually
from tests.identity_center import IdentityCenter, identity_center
from tests.server.conftest import JupyterServer

CONFIG = """\
[profile work]
region = us-east-2
sso_session = company
sso_account_id = 111122223333
sso_role_name = Scientist
endpoint_url = {moto}
services = here
[profile old]
region = us-east-2
sso_start_url = https://old.example.com/start
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = Scientist
endpoint_url = {moto}
services = here
[profile lacking]
sso_session = nowhere
sso_account_id = 111122223333
sso_role_name = Scientist
[profile keys]
aws_access_key_id = testing
aws_secret_access_key = testing
endpoint_url = {moto}
[sso-session company]
sso_start_url = https://company.example.com/start
sso_region = us-east-1
sso_registration_scopes = sso:account:access
[services here]
sso_oidc =
  endpoint_url = {center}
sso =
  endpoint_url = {center}
"""


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    running = ThreadedMotoServer(port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


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


def begin(server: JupyterServer, **request: Any) -> dict[str, Any]:
    found: dict[str, Any] = server.post("sign-ins", request, status=201)
    assert found["status"] == "Waiting"
    return found


def ended(server: JupyterServer, sign_in: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = server.get(f"sign-ins/{sign_in}")
        return found if found["status"] != "Waiting" else None

    return eventually(look, what="the end of signing in")


def test_a_profile_signs_in_and_every_tool_has_its_token(
    signing_server: JupyterServer, center: IdentityCenter
) -> None:
    server = signing_server
    before = server.get("identity")
    assert before["identity"] is None
    assert before["signs_in"]
    assert "Press Sign in" in before["hint"]
    assert server.fails(403, "GET", "automl-jobs")["hint"] == before["hint"]
    begun = begin(server, profile="work")
    assert begun["user_code"] == "ABCD-EFGH"
    assert begun["verification_uri_complete"].startswith(center.url)
    eventually(lambda: center.asked >= 2, what="two questions of the server")
    assert server.get(f"sign-ins/{begun['id']}")["status"] == "Waiting"
    center.confirm()
    assert ended(server, begun["id"])["status"] == "SignedIn"
    after = server.get("identity")
    assert after["identity"]["account"]
    assert (after["credentials"]["method"], after["credentials"]["renews"]) == ("sso", True)
    assert after["credentials"]["expires_at"]
    assert server.get("automl-jobs")["items"] == []
    (token,) = (server.home / ".aws" / "sso" / "cache").glob("*.json")
    assert token.stat().st_mode & 0o777 == 0o600
    assert set(json.loads(token.read_text())) == {
        "startUrl",
        "region",
        "accessToken",
        "expiresAt",
        "clientId",
        "clientSecret",
        "registrationExpiresAt",
        "refreshToken",
    }
