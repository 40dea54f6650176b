"""Signing in with a code, question by question, against a small identity center."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from smstudio_ext.aws.problems import BadAccountInput, SignInEnded, SignInUnknown
from smstudio_ext.aws.profiles import sso_place
from smstudio_ext.aws.signin import DeviceSignIn, SignIns, session_name, token_directory
from tests.identity_center import CONFIG, IdentityCenter, identity_center


@pytest.fixture
def center(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityCenter]:
    with identity_center() as found:
        config = tmp_path / "config"
        config.write_text(CONFIG.format(moto="http://127.0.0.1:9", center=found.url))
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
        monkeypatch.delenv("AWS_PROFILE", raising=False)
        yield found


def test_it_asks_less_often_when_told_and_keeps_the_token_when_confirmed(center: IdentityCenter) -> None:
    device = DeviceSignIn(sso_place("work"))
    assert device.ask() is None
    before = device.interval
    center.answer = "SlowDownException"
    assert device.ask() is None
    assert device.interval == before + 5
    center.confirm()
    token = device.ask()
    assert token is not None
    assert not token_directory().exists()
    device.keep(token)
    (file,) = token_directory().glob("*.json")
    kept = json.loads(file.read_text())
    assert set(kept) == {
        "startUrl",
        "region",
        "accessToken",
        "expiresAt",
        "clientId",
        "clientSecret",
        "registrationExpiresAt",
        "refreshToken",
    }
    assert kept["startUrl"] == "https://company.example.com/start"
    assert center.registrations[-1]["scopes"] == ["sso:account:access"]


def test_a_break_of_the_network_is_no_end(center: IdentityCenter) -> None:
    time = [1000.0]
    device = DeviceSignIn(sso_place("work"), clock=lambda: time[0])
    real = device._client
    device._client = _Broken()
    assert device.ask() is None
    device._client = real
    time[0] += center.device_seconds
    with pytest.raises(SignInEnded, match="expired"):
        device.ask()


class _Broken:
    """A client without a network."""

    def create_token(self, **_: object) -> None:
        from botocore.exceptions import EndpointConnectionError

        raise EndpointConnectionError(endpoint_url="https://oidc.us-east-1.amazonaws.com")


def test_who_waits_can_be_stopped(center: IdentityCenter) -> None:
    stop = threading.Event()
    stop.set()
    assert DeviceSignIn(sso_place("work")).wait(stop) is None
    assert center.asked == 0


def test_what_was_cancelled_keeps_no_token(center: IdentityCenter) -> None:
    told: list[str] = []
    running = SignIns(lambda state: told.append(state.id))
    state = running.start(sso_place("work"))
    assert running.cancel(state.id).status == "Cancelled"
    center.confirm()
    running.close()
    assert told == []
    assert not token_directory().exists()
    with pytest.raises(SignInUnknown):
        running.get("another")


def test_only_profiles_that_sign_in_have_a_place(center: IdentityCenter) -> None:
    assert sso_place("work").session_name == "company"
    assert sso_place("old").session_name is None
    for profile in ("keys", "lacking", "nobody"):
        with pytest.raises(BadAccountInput):
            sso_place(profile)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://example.awsapps.com/start", "example"),
        ("https://d-1234567890.awsapps.com/start/#", "d-1234567890"),
        ("https://localhost:8443/start", "localhost"),
    ],
)
def test_a_session_is_called_after_its_address(url: str, name: str) -> None:
    assert session_name(url) == name
