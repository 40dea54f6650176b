"""A front door without sockets: signed requests go straight into the ASGI application of a real store."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from smstudio_ext.engine.clock import ManualClock
from smstudio_ext.engine.protocol.http import HttpRequest
from smstudio_ext.engine.server.app import Door
from smstudio_ext.engine.settings import Settings
from smstudio_ext.engine.store import Database, Store

ACCESS_KEY = "AKIATEST000000000000"
SECRET_KEY = "secret"


@dataclass
class Answer:
    """What the door sent."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class DoorStand:
    """A door over a store in `directory`, with a clock that stands still."""

    def __init__(self, directory: Path) -> None:
        import time

        self.clock = ManualClock(time.time())
        self.settings = Settings(directory, access_key=ACCESS_KEY, secret_key=SECRET_KEY)
        self.store = Store(Database.at(directory), self.clock)
        parts: Any = SimpleNamespace(settings=self.settings, clock=self.clock, store=self.store)
        self.door = Door(parts)

    async def send(
        self, method: str, url: str, headers: dict[str, str], body: bytes = b"", chunk: int = 1 << 20
    ) -> Answer:
        """One request as it is, signed or not."""
        split = urlsplit(url)
        pieces = [body[at : at + chunk] for at in range(0, len(body), chunk)] or [b""]
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            piece = pieces.pop(0) if pieces else b""
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message: Any) -> None:
            sent.append(message)

        names = {name.lower(): value for name, value in headers.items()}
        names.setdefault("host", split.netloc)
        scope = {
            "type": "http",
            "method": method,
            "raw_path": (split.path or "/").encode(),
            "query_string": split.query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in names.items()],
        }
        await self.door(scope, receive, send)
        start = sent[0]
        answered = {name.decode(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], answered, b"".join(message.get("body", b"") for message in sent[1:]))

    async def call(
        self, service: str, target: str, body: Any, *, secret: str = SECRET_KEY, access_key: str = ACCESS_KEY
    ) -> Answer:
        """One signed json 1.1 call."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
        signed = sign(
            "POST", "http://127.0.0.1/", headers, data, service, secret=secret, access_key=access_key
        )
        return await self.send("POST", "http://127.0.0.1/", signed, data)


def sign(
    method: str,
    url: str,
    headers: dict[str, str],
    body: bytes,
    service: str,
    *,
    secret: str = SECRET_KEY,
    access_key: str = ACCESS_KEY,
    region: str = "us-east-1",
) -> dict[str, str]:
    """The headers of a request with botocore's own signature."""
    request = AWSRequest(method, url, headers={"Host": urlsplit(url).netloc, **headers}, data=body)
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    signer(Credentials(access_key, secret), service, region).add_auth(request)
    return {name: str(value) for name, value in request.headers.items()}


def http_request(method: str, url: str, headers: dict[str, str], body: bytes = b"") -> HttpRequest:
    """A request as the door sees it."""
    split = urlsplit(url)

    async def chunks() -> AsyncIterator[bytes]:
        yield body

    names = {name.lower(): value for name, value in headers.items()}
    names.setdefault("host", split.netloc)
    return HttpRequest(method, split.path or "/", split.query, names, chunks())
