"""A whole engine in this process, with a clock that the test turns, and unmodified boto3 in front of it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import botocore.auth
import botocore.crt.auth
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from smstudio_ext.engine.clock import ManualClock
from smstudio_ext.engine.server.app import Door
from smstudio_ext.engine.server.offered import import_services
from smstudio_ext.engine.server.wiring import build_context, stop_parts
from smstudio_ext.engine.settings import Settings
from smstudio_ext.target import LocalEngine, Target


class SteppedEngine:
    """One engine over a folder of its own; requests of `target` go into its front door without sockets.

    Attributes:
        clock: of the engine and of the requests' signatures.
    """

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch, start: float) -> None:
        self.clock = ManualClock(start)
        import_services()
        settings = Settings(directory, access_key="AKIATEST000000000000", secret_key="secret")
        self.context = build_context(settings, self.clock)
        self.context.runner.open()
        self.context.reconciler.attach(self.context)
        self._door = Door(self.context)
        for signer in (botocore.auth, botocore.crt.auth):
            monkeypatch.setattr(signer, "get_current_datetime", self._moment)
        self.target = Target.local(
            LocalEngine("http://127.0.0.1:9", settings.access_key, settings.secret_key, "us-east-1")
        )
        for service in ("sagemaker", "sts"):
            self.target.client(service).meta.events.register("before-send", self._answer)

    def _moment(self, remove_tzinfo: bool = True) -> datetime:
        """The stepped time as botocore's signers ask for it."""
        moment = datetime.fromtimestamp(self.clock.now(), timezone.utc)
        return moment.replace(tzinfo=None) if remove_tzinfo else moment

    def close(self) -> None:
        """Ends its parts."""
        stop_parts(self.context)

    def turn(self, hours: float) -> None:
        """Moves the clock on and lets everything that is due happen."""
        self.clock.advance(hours * 3600)
        self.settle()

    def settle(self) -> None:
        """Lets everything that is due happen."""
        self.context.reconciler.run_due()

    def _answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        status, headers, body = asyncio.run(self._send(request))
        self.settle()
        return AWSResponse(request.url, status, headers, _Body(body))

    async def _send(self, request: AWSPreparedRequest) -> tuple[int, dict[str, str], bytes]:
        split = urlsplit(request.url)
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else bytes(body)
        pieces, sent = [body], []
        names = {key.lower(): value for key, value in request.headers.items()}
        names.setdefault("host", split.netloc)

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": pieces.pop(0) if pieces else b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": request.method,
            "raw_path": (split.path or "/").encode(),
            "query_string": split.query.encode(),
            "headers": [
                (key.encode(), value if isinstance(value, bytes) else str(value).encode())
                for key, value in names.items()
            ],
        }
        await self._door(scope, receive, send)
        headers = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
        return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:])


class _Body:
    """What botocore reads an answer from."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any, **__: Any) -> Any:
        yield self._content
