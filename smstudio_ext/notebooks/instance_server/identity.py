"""Sessions of a notebook instance: opened by a link of the engine, ended by time."""

from __future__ import annotations

import json
from typing import Any

from jupyter_server.auth.identity import IdentityProvider, User

from smstudio_ext.notebooks.instance_server.access import Gate
from smstudio_ext.notebooks.instance_server.handlers import SignedOutHandler
from smstudio_ext.notebooks.instance_server.settings import read_settings


class InstanceIdentity(IdentityProvider):
    """Knows the holder of a session cookie; no token, no password."""

    login_handler_class = SignedOutHandler

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.token = ""
        settings = read_settings()
        self.gate = Gate(settings.instance, settings.secret, settings.control)
        self.instance_name = settings.name

    async def get_user_token(self, handler: Any) -> User | None:
        """Nobody: requests carry no tokens here."""
        return None

    def open_session(self, handler: Any, end: float) -> None:
        """Signs the browser in until `end`, epoch seconds."""
        handler.set_secure_cookie(
            self.get_cookie_name(handler),
            json.dumps({"user": self.instance_name, "end": end}),
            expires=end,
            httponly=True,
            samesite="Lax",
            path=handler.base_url,
        )

    def user_from_cookie(self, cookie_value: str) -> User | None:
        """The user of a session that has not ended."""
        value = json.loads(cookie_value)
        if self.gate.is_over(float(value["end"])):
            return None
        return User(value["user"], value["user"], value["user"], "NI", None, None)
