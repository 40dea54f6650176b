"""Data capture: samples of requests and answers, written to S3 in the background as AWS's JSON Lines."""

from __future__ import annotations

import asyncio
import base64
import datetime
import json
import logging
import random
import threading
import uuid
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.store.objects import parse_s3_uri

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.hosting.invocations import Answer, Invocation

log = logging.getLogger(__name__)

FLUSH_SECONDS = 5.0
"""How long captured data waits at most before it is written, while requests keep coming."""
QUICK_SECONDS = 1.0
"""How long it waits after a pause without requests."""
FLUSH_BYTES = 8 * 1024 * 1024
"""Captured data in memory beyond which it is written at once."""
_INFERENCE_ID = "x-amzn-sagemaker-inference-id"
_CUSTOM_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"


@dataclass(frozen=True)
class _Record:
    config: dict[str, Any]
    time: float
    request: bytes
    request_type: str
    response: bytes
    response_type: str
    inference_id: str | None
    custom_attributes: str | None


class Capture:
    """Keeps samples in memory and writes them every few seconds from a worker thread.

    `add` belongs to the event loop; `flush` may be called from any thread, and what was added before the call is written
    when it returns. An engine that is killed loses what it had not written, at most `FLUSH_SECONDS` of it.
    """

    def __init__(self, ctx: EngineContext) -> None:
        self._ctx = ctx
        self._records: dict[tuple[str, str], list[_Record]] = defaultdict(list)
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._last = -FLUSH_SECONDS  # when the timer last fired, by the loop's clock
        self._lock = threading.Lock()
        self._writing = threading.Lock()

    def add(self, config: dict[str, Any], invocation: Invocation, answer: Answer) -> None:
        """Captures a request and its answer, if it falls into the sample."""
        if random.random() * 100.0 >= config["InitialSamplingPercentage"] or answer.parts is not None:
            return
        record = _Record(
            config,
            self._ctx.clock.now(),
            invocation.body,
            invocation.content_type,
            answer.body,
            answer.content_type,
            invocation.headers.get(_INFERENCE_ID),
            answer.custom_attributes or invocation.headers.get(_CUSTOM_ATTRIBUTES),
        )
        with self._lock:
            self._records[invocation.endpoint, answer.variant].append(record)
            self._size += len(record.request) + len(record.response)
            full = self._size > FLUSH_BYTES
        loop = asyncio.get_running_loop()
        if full:
            loop.run_in_executor(None, self.flush)
        elif self._timer is None:
            quiet = loop.time() - self._last >= FLUSH_SECONDS
            self._timer = loop.call_later(QUICK_SECONDS if quiet else FLUSH_SECONDS, self._flush_later)

    def flush(self) -> None:
        """Writes what was captured."""
        with self._writing:  # another thread may have taken records and not written them yet
            self._flush()

    def _flush(self) -> None:
        with self._lock:
            records, self._records, self._size = self._records, defaultdict(list), 0
        for (endpoint, variant), captured in records.items():
            files: dict[tuple[str, str], list[_Record]] = defaultdict(list)
            for record in captured:
                hour = datetime.datetime.fromtimestamp(record.time, datetime.timezone.utc)
                files[record.config["DestinationS3Uri"], f"{hour:%Y/%m/%d/%H}"].append(record)
            for (place, hour_path), lines in files.items():
                self._write(place, f"{endpoint}/{variant}/{hour_path}", lines)

    def close(self) -> None:
        """Writes the rest."""
        if self._timer is not None:
            self._timer.cancel()
        self.flush()

    def _write(self, place: str, folder: str, records: list[_Record]) -> None:
        first = datetime.datetime.fromtimestamp(records[0].time, datetime.timezone.utc)
        name = f"{first:%M-%S}-{first.microsecond // 1000:03d}-{uuid.uuid4()}.jsonl"
        try:
            location = parse_s3_uri(place).child(f"{folder}/{name}")
            body = "".join(json.dumps(document(record)) + "\n" for record in records).encode()
            self._ctx.objects.put_bytes(
                location.bucket, location.key, body, content_type="application/jsonlines"
            )
        except (AwsError, OSError):
            log.exception("%d captured requests could not be written to %s", len(records), place)

    def _flush_later(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer, self._last = None, loop.time()
        loop.run_in_executor(None, self.flush)


def document(record: _Record) -> dict[str, Any]:
    """One line of a capture file."""
    config = record.config
    modes = {option["CaptureMode"] for option in config["CaptureOptions"]}
    both = "InputAndOutput" in modes
    captured: dict[str, Any] = {}
    if both or "Input" in modes:
        captured["endpointInput"] = _part(record.request, record.request_type, "INPUT", config)
    if both or "Output" in modes:
        captured["endpointOutput"] = _part(record.response, record.response_type, "OUTPUT", config)
    moment = datetime.datetime.fromtimestamp(record.time, datetime.timezone.utc)
    metadata: dict[str, Any] = {"eventId": str(uuid.uuid4())}
    if record.inference_id is not None:
        metadata["inferenceId"] = record.inference_id
    if record.custom_attributes is not None:
        metadata["customAttributes"] = [record.custom_attributes]
    metadata["inferenceTime"] = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    return {"captureData": captured, "eventMetadata": metadata, "eventVersion": "0"}


def _part(data: bytes, content_type: str, mode: str, config: dict[str, Any]) -> dict[str, str]:
    encoding = _encoding(content_type, config)
    text = None
    if encoding != "BASE64":
        try:
            text = data.decode()
        except UnicodeDecodeError:
            encoding = "BASE64"
    return {
        "observedContentType": content_type,
        "mode": mode,
        "data": base64.b64encode(data).decode() if text is None else text,
        "encoding": encoding,
    }


def _encoding(content_type: str, config: dict[str, Any]) -> str:
    """CSV and JSON types are captured as text, all others as base64."""
    kind = content_type.split(";")[0].strip().lower()
    header = config.get("CaptureContentTypeHeader") or {}
    if kind in {one.lower() for one in header.get("CsvContentTypes") or ("text/csv",)}:
        return "CSV"
    json_types = header.get("JsonContentTypes") or ("application/json", "application/jsonlines")
    return "JSON" if kind in {one.lower() for one in json_types} else "BASE64"
