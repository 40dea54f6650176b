"""The entrance of presigned addresses: a session of this Jupyter server that ends by itself, opened once by a ticket.

The engine writes a ticket when an address is used (`engine.studio.presigned`); both share the data directory and nothing
else. A browser that enters gets Jupyter's own signed cookie with the session's end in it, and never the server's token.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from pathlib import Path
from typing import Any

from smstudio_ext.notebooks.home import data_dir

PATH = "smstudio/enter"
"""Below the server's base URL."""

_USER = re.compile(r"studio-[0-9a-f]{12}-(\d+)$")
_SHORTEST, _LONGEST = 1.0, 43_200.0

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Studio</title>
<body style="font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem">
<h1>This address does not open Studio</h1><p>{reason} Ask for a new one: <b>Launch app</b> on the Domain page, or
<code>CreatePresignedDomainUrl</code>.</p></body></html>"""


class TicketRefused(Exception):
    """A ticket opens nothing; the message says why."""


def tickets_dir() -> Path:
    """Folder with one file a ticket that was not used yet."""
    return data_dir() / "studio" / "tickets"


def redeem(ticket: str, server: int) -> tuple[str, float]:
    """Uses a ticket up.

    Args:
        ticket: as the browser brings it.
        server: process of the Jupyter server that was asked.

    Returns:
        The user profile, and when the session ends, seconds since the epoch.

    Raises:
        TicketRefused: it is forged, was used before, has expired or is for another server.
    """
    path = tickets_dir() / f"{hashlib.sha256(ticket.encode()).hexdigest()}.json"
    try:
        said = json.loads(path.read_text())
        path.unlink()  # of two browsers one gets here
    except (OSError, ValueError):
        raise TicketRefused("This address was used already, or was not made here.") from None
    now = time.time()
    if said["expires"] < now:
        raise TicketRefused("This address has expired.")
    if said["server"] != server:
        raise TicketRefused("This address is for another JupyterLab.")
    return str(said["user"]), now + min(max(float(said["seconds"]), _SHORTEST), _LONGEST)


def offers(provider: Any) -> bool:
    """Whether sessions can be opened beside a server's own sign-in: Jupyter's own providers with a token, not a hub's."""
    return type(provider).__module__ == "jupyter_server.auth.identity" and bool(provider.token)


def session_end(user: Any) -> float | None:
    """When the session of a user ends, seconds since the epoch; None for who signed in otherwise."""
    found = _USER.match(str(getattr(user, "username", "")))
    return float(found.group(1)) if found else None


def open_entrance(server: Any) -> bool:
    """Adds the entrance to a Jupyter server, where its kind of sign-in allows that.

    Args:
        server: `ServerApp`.

    Returns:
        Whether it was added.
    """
    provider = server.identity_provider
    if not offers(provider):
        return False
    from jupyter_server.utils import url_path_join

    _end_sessions(provider)
    _keep_token(server.web_app.settings)
    server.web_app.add_handlers(".*$", [(url_path_join(server.base_url, PATH), _handler())])
    return True


def _end_sessions(provider: Any) -> None:
    """Has the provider know no user of a session that has ended, whatever cookie the browser keeps."""
    read = provider.user_from_cookie

    def user_from_cookie(cookie_value: str) -> Any:
        user = read(cookie_value)
        end = session_end(user)
        return None if end is not None and end <= time.time() else user

    provider.user_from_cookie = user_from_cookie


def _keep_token(settings: dict[str, Any]) -> None:
    """Leaves the server's token, with which a session would have no end, out of the pages of such sessions."""
    before = settings.get("page_config_hook")

    def page_config(handler: Any, config: dict[str, Any]) -> dict[str, Any]:
        made = before(handler, config) if before else config
        return made if session_end(handler.current_user) is None else {**made, "token": ""}

    settings["page_config_hook"] = page_config


def _handler() -> type[Any]:
    import os

    from jupyter_server.auth.decorator import allow_unauthenticated
    from jupyter_server.auth.identity import User
    from jupyter_server.base.handlers import JupyterHandler
    from jupyter_server.utils import url_path_join

    class EntranceHandler(JupyterHandler):
        """Opens a session for a ticket and leads on to JupyterLab."""

        @allow_unauthenticated
        def get(self) -> None:
            """Answers a redirect, or 403 with a page that says why not."""
            self.set_header("Cache-Control", "no-store")
            self.set_header("Referrer-Policy", "no-referrer")
            try:
                name, end = redeem(self.get_argument("ticket", ""), os.getpid())
            except TicketRefused as refusal:
                self.set_status(403)
                self.set_header("Content-Type", "text/html; charset=utf-8")
                self.finish(_PAGE.format(reason=refusal))
                return
            if self.current_user is None:  # who is signed in stays signed in
                self._open(name, end)
            self.redirect(url_path_join(self.base_url, "lab"))

        def _open(self, name: str, end: float) -> None:
            provider = self.identity_provider
            username = f"studio-{secrets.token_hex(6)}-{int(end)}"
            user = User(username, name, name, name[:2].upper(), None, None)
            options: dict[str, Any] = {"httponly": True, "samesite": "Lax", "path": self.base_url}
            if self.request.protocol == "https":
                options["secure"] = True
            cookie, value = provider.get_cookie_name(self), provider.user_to_cookie(user)
            self.set_secure_cookie(cookie, value, expires=end, **{**options, **provider.cookie_options})

    return EntranceHandler
