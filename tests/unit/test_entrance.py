"""Sessions of presigned addresses: what their user carries, and which pages get the server's token."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_server.auth.identity import IdentityProvider, PasswordIdentityProvider, User

from smstudio_ext.notebooks import entrance


class Hub(IdentityProvider):
    """Stands for a provider of another package."""


class Server:
    """What `open_entrance` uses of a Jupyter server."""

    base_url = "/base/"

    def __init__(self, provider: Any, **settings: Any) -> None:
        self.identity_provider = provider
        self.handlers: list[Any] = []
        self.web_app = SimpleNamespace(settings=settings, add_handlers=self._add)

    def _add(self, host: str, handlers: list[Any]) -> None:
        self.handlers += handlers


def test_a_session_ends_whatever_cookie_the_browser_keeps() -> None:
    server = Server(PasswordIdentityProvider(token="t"))
    assert entrance.open_entrance(server)
    assert [pattern for pattern, _ in server.handlers] == ["/base/smstudio/enter"]
    provider = server.identity_provider
    now = int(time.time())

    def known(username: str) -> bool:
        user = User(username, "ada", "ada", "AD", None, None)
        return provider.user_from_cookie(provider.user_to_cookie(user)) is not None

    assert known(f"studio-0123456789ab-{now + 1000}")
    assert not known(f"studio-0123456789ab-{now - 1}")
    assert known("0123456789ab")  # who signed in with the token or a password


def test_pages_of_a_session_do_not_have_the_server_s_token() -> None:
    def before(handler: Any, config: dict[str, Any]) -> dict[str, Any]:
        return {**config, "more": 1}

    server = Server(PasswordIdentityProvider(token="t"), page_config_hook=before)
    entrance.open_entrance(server)
    hook = server.web_app.settings["page_config_hook"]
    config = {"token": "t"}
    inside = SimpleNamespace(current_user=User("studio-0123456789ab-99999999999"))
    assert hook(inside, config) == {"token": "", "more": 1}
    assert hook(SimpleNamespace(current_user=User("ada")), config) == {"token": "t", "more": 1}
    assert config == {"token": "t"}  # Lab's own, which all pages share


@pytest.mark.parametrize(
    "provider", [Hub(token="t"), PasswordIdentityProvider(token="")], ids=["another", "no token"]
)
def test_other_ways_to_sign_in_stay_as_they_are(provider: Any) -> None:
    server = Server(provider)
    assert not entrance.open_entrance(server)
    assert server.handlers == []
    assert server.web_app.settings == {}
