"""Who may open a notebook instance: signed links for one use, sessions that end, addresses that may come.

The engine makes the links (`engine.notebook_instances.links`); both sides share the instance's secret and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_FORGET_SECONDS = 600.0


class LinkRefused(Exception):
    """A link does not open the instance; the message says why."""


class Gate:
    """Checks links and addresses for one instance.

    Args:
        instance: id of the instance.
        secret: with which the engine signs links.
        control: folder that engine and server share.
        now: clock, epoch seconds.
    """

    def __init__(
        self, instance: str, secret: str, control: Path, *, now: Callable[[], float] = time.time
    ) -> None:
        self._instance = instance
        self._secret = secret
        self._control = control
        self._now = now
        self._networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] | None = None
        self._read = -1.0

    def redeem(self, token: str) -> float:
        """Uses a link up; returns when the session that it opens ends, epoch seconds.

        Raises:
            LinkRefused: it is forged, for another instance, expired, or was used before.
        """
        claims = self._claims(token)
        now = self._now()
        if claims["expires"] < now:
            raise LinkRefused("This link has expired: it is valid for 5 minutes.")
        used = self._control / "used"
        used.mkdir(mode=0o700, exist_ok=True)
        try:
            os.close(os.open(used / claims["nonce"], os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            raise LinkRefused("This link has been used: it opens one session.") from None
        for old in used.iterdir():
            if old.stat().st_mtime < time.time() - _FORGET_SECONDS:
                old.unlink(missing_ok=True)
        return now + float(claims["session"])

    def admits(self, address: str) -> bool:
        """Whether somebody at this address may come; all may while there is no list."""
        networks = self._allowed()
        if networks is None:
            return True
        try:
            asked = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        return any(asked in network for network in networks)

    def is_over(self, end: float) -> bool:
        """Whether a session that ends then has ended."""
        return end < self._now()

    def _claims(self, token: str) -> dict[str, Any]:
        body, _, signature = token.partition(".")
        right = _encode(hmac.new(self._secret.encode(), body.encode(), hashlib.sha256).digest())
        if not hmac.compare_digest(right.encode(), signature.encode()):
            raise LinkRefused("This link was not made by the engine of this notebook instance.")
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        if claims["instance"] != self._instance:
            raise LinkRefused("This link is for another notebook instance.")
        return claims

    def _allowed(self) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network] | None:
        """Networks of the list, read again when the engine has changed it; None where there is none."""
        path = self._control / "access.json"
        try:
            changed = path.stat().st_mtime
        except OSError:
            return None
        if changed != self._read:
            listed = json.loads(path.read_text())["allowed"]
            self._networks = _networks(listed) if listed else None
            self._read = changed
        return self._networks


def _networks(texts: list[str]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    found: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
    for text in texts:
        try:
            found.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            continue  # what is no network lets nobody in
    return found


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
