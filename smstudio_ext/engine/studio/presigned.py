"""Presigned addresses of domains: each opens the running JupyterLab once, within its time, for a session of a length.

The JupyterLab opens the session itself (`notebooks.entrance`) for a ticket: a file in the data directory, used up by reading.
"""

from __future__ import annotations

import contextlib
import hashlib
import html
import json
import os
import secrets
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from smstudio_ext.engine.studio.domains import get_domain, url_of
from smstudio_ext.engine.studio.members import get_member
from smstudio_ext.engine.studio.names import Owner

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

Document = dict[str, Any]
_FAMILY = "studio-presigned-url"
_DEFAULT_SECONDS = 300
_DEFAULT_SESSION = 43_200
_TICKET_SECONDS = 60.0
"""How long a browser has to follow the redirect."""
_FORGET_SECONDS = 24 * 3600.0
_CONNECT_SECONDS = 0.5


@dataclass(frozen=True)
class Opened:
    """What a presigned address leads to.

    Attributes:
        location: where to go; empty when the address opens nothing.
        problem: why it opens nothing.
        waiting: the address is good, but no JupyterLab runs.
    """

    location: str = ""
    problem: str = ""
    waiting: bool = False


def presign(ctx: EngineContext, region: str, request: Document) -> str:
    """A new address that signs a user profile (or, for it, a space) in.

    Raises:
        ResourceNotFound: there is no such domain, user profile or space.
    """
    domain = get_domain(ctx, region, request["DomainId"]).name
    get_member(ctx, region, Owner(domain, "UserProfile", request["UserProfileName"]))
    if request.get("SpaceName"):
        get_member(ctx, region, Owner(domain, "Space", request["SpaceName"]))
    token = secrets.token_urlsafe(48)
    now = ctx.clock.now()
    _forget_old(ctx, now)
    ctx.store.documents.put(
        _FAMILY,
        _digest(token),
        {
            "key": _digest(token),
            "region": region,
            "domain": domain,
            "user": request["UserProfileName"],
            "expires": now + request.get("ExpiresInSeconds", _DEFAULT_SECONDS),
            "session": request.get("SessionExpirationDurationInSeconds", _DEFAULT_SESSION),
            "used": False,
        },
    )
    return f"{url_of(ctx, domain)}/auth?{urlencode({'token': token})}"


def open_presigned(ctx: EngineContext, domain: str, token: str) -> Opened:
    """Uses an address up and says where it leads.

    One that finds no JupyterLab is not used up: it opens when JupyterLab was started within its time.
    """
    key = _digest(token)
    known = ctx.store.documents.get(_FAMILY, key)
    if known is None or known["domain"] != domain:
        return Opened(problem="This address was not made by this engine, or the engine has forgotten it.")
    if known["used"]:
        return Opened(problem="This address was used already. Each one opens once.")
    if ctx.clock.now() > known["expires"]:
        return Opened(problem="This address has expired.")
    if ctx.store.resources.find("UserProfile", known["region"], f"{domain}/{known['user']}") is None:
        return Opened(problem="The user profile of this address does not exist any more.")
    lab = find_lab(ctx, known["user"])
    if lab is None:
        return Opened(waiting=True)
    with ctx.store.documents.changing(_FAMILY, key) as document:
        if document is None or document["used"]:
            return Opened(problem="This address was used already. Each one opens once.")
        document["used"] = True
    if not lab.entrance:
        return Opened(location=f"{lab.url}/lab")  # its own sign-in decides, and how long a session lasts
    ticket = _write_ticket(ctx, lab, known["user"], known.get("session", _DEFAULT_SESSION))
    return Opened(location=f"{lab.url}/smstudio/enter?{urlencode({'ticket': ticket})}")


@dataclass(frozen=True)
class Lab:
    """A JupyterLab that runs.

    Attributes:
        url: without a `/` at its end.
        pid: its process.
        entrance: it opens sessions for tickets.
    """

    url: str
    pid: int
    entrance: bool


def _write_ticket(ctx: EngineContext, lab: Lab, user: str, seconds: float) -> str:
    folder = _tickets(ctx)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ticket = secrets.token_urlsafe(32)
    content = {
        "user": user,
        "server": lab.pid,
        "seconds": seconds,
        "expires": ctx.clock.now() + _TICKET_SECONDS,
    }
    name = folder / f"{_digest(ticket)}.json"
    with os.fdopen(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file)
    return ticket


def _tickets(ctx: EngineContext) -> Path:
    return ctx.settings.data_dir / "studio" / "tickets"


def find_lab(ctx: EngineContext, user: str) -> Lab | None:
    """A running JupyterLab that told this engine where it is; that of the user first, the newest of several."""
    found: list[tuple[bool, float, Lab]] = []
    for path in (ctx.settings.data_dir / "studio" / "servers").glob("*.json"):
        try:
            server = json.loads(path.read_text())
            url, started = str(server["url"]), path.stat().st_mtime
        except (OSError, ValueError, KeyError, TypeError):
            continue  # half written, or not ours
        if not _answers(url) or not _lives(server.get("pid")):
            continue
        lab = Lab(url.rstrip("/"), int(server["pid"]), bool(server.get("entrance")))
        found.append((server.get("user") == user, started, lab))
    return max(found, key=lambda each: each[:2])[2] if found else None


def refusal_page(problem: str) -> bytes:
    """A page that says why an address opens nothing."""
    return _page("This address does not open Studio", f"<p>{html.escape(problem)} Ask for a new one.</p>")


def waiting_page(data_dir: Path) -> bytes:
    """A page that says how to start JupyterLab, so that the address opens."""
    return _page(
        "JupyterLab is not running",
        "<p>Start it on this machine, open its SageMaker panel once, then load this page again:</p>"
        f"<pre>SMSTUDIO_HOME={html.escape(str(data_dir))} jupyter lab</pre>"
        "<p>The address stays good until its time is over.</p>",
    )


def sign_in_page() -> bytes:
    """A page for who opens a domain without a presigned address."""
    return _page(
        "Studio",
        "<p>A domain opens by a presigned address: choose <b>Launch app</b> beside a user profile on the Domain page, "
        "or call <code>CreatePresignedDomainUrl</code>.</p>",
    )


def _page(title: str, body: str) -> bytes:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="robots" content="noindex">'
        f"<title>{title}</title><style>body{{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;"
        "padding:0 1rem;color:#222;background:#fff}pre{background:#eee;padding:.75rem;overflow:auto}"
        "@media(prefers-color-scheme:dark){body{color:#eee;background:#222}pre{background:#333}}</style></head>"
        f"<body><h1>{title}</h1>{body}</body></html>"
    ).encode()


def _digest(token: str) -> str:
    """What is kept of a token: who reads the data base cannot use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _forget_old(ctx: EngineContext, now: float) -> None:
    for document in ctx.store.documents.all(_FAMILY):
        if document["expires"] < now - _FORGET_SECONDS:
            ctx.store.documents.delete(_FAMILY, document["key"])
    for path in _tickets(ctx).glob("*.json"):
        with contextlib.suppress(OSError):  # its browser came just now
            if path.stat().st_mtime < time.time() - 2 * _TICKET_SECONDS:
                path.unlink()


def _lives(pid: object) -> bool:
    if not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _answers(url: str) -> bool:
    """Whether something listens where a server said it is."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return False
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        with socket.create_connection((parts.hostname, port), _CONNECT_SECONDS):
            return True
    except (OSError, ValueError):
        return False
