"""Batch transform in its job process: splits inputs into requests, asks the model's containers, assembles answers."""

from __future__ import annotations

import gzip
import importlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.runtime.programs import guarded

# the floor of hosting lies above this one; this process alone loads it
_CHAIN = "smstudio_ext.engine.hosting.chain"

Invoke = Callable[[bytes, str, str], tuple[bytes, str]]


def run(plan: str, optml: str) -> int:
    """Runs the transform that the file `plan` describes; returns the exit code.

    The plan holds `containers` (`archive`, `serve`, `environment`, `name`), `files` (`input`, `output`, `label`), and
    `content_type`, `accept`, `split` (None or Line), `assemble` (None or Line), `single` and `max_bytes`.
    """
    return guarded(lambda: _transform(json.loads(Path(plan).read_text()), Path(optml)), Path(optml))


def _transform(plan: dict[str, Any], optml: Path) -> None:
    chain = importlib.import_module(_CHAIN)
    try:
        containers = chain.Chain.load(plan["containers"], optml / "models")
    except importlib.import_module("smstudio_ext.engine.hosting.archive").ModelArchiveError as error:
        raise AlgorithmError(str(error)) from error
    for file in plan["files"]:
        print(f"[sagemaker logs]: {file['label']}: start")
        try:
            count = transform_file(plan, Path(file["input"]), Path(file["output"]), containers.invoke)
        except chain.ContainerError as error:
            status = getattr(error.cause, "status", 500)
            print(f"[sagemaker logs]: {file['label']}: Bad HTTP status received from algorithm: {status}")
            print(f"[sagemaker logs]: {file['label']}: {error.cause}")
            raise AlgorithmError(
                f"Bad HTTP status received from algorithm: {status}. {file['label']}: {error.cause}"
            ) from error
        print(f"[sagemaker logs]: {file['label']}: {count} requests answered")


def transform_file(plan: dict[str, Any], source: Path, target: Path, invoke: Invoke) -> int:
    """Transforms one file; returns how many requests it took."""
    target.parent.mkdir(parents=True, exist_ok=True)
    lines = plan["assemble"] == "Line"
    count = 0
    with target.open("wb") as sink:
        for body in split_requests(source, plan):
            answer, _ = invoke(body, plan["content_type"], plan["accept"])
            sink.write(answer)
            if lines and answer and not answer.endswith(b"\n"):
                sink.write(b"\n")
            count += 1
    return count


def split_requests(source: Path, plan: dict[str, Any]) -> Iterator[bytes]:
    """The bodies of the requests that a file is sent as.

    Raises:
        AlgorithmError: one of them is larger than MaxPayloadInMB.
    """
    limit = plan["max_bytes"]
    with gzip.open(source) if plan.get("gzip") else source.open("rb") as file:
        if plan["split"] != "Line":
            body = file.read()
            _check_size(len(body), limit, source)
            yield body
            return
        batch: list[bytes] = []
        size = 0
        for line in file:
            if not line.strip(b"\r\n"):
                continue
            _check_size(len(line), limit, source)
            if batch and (plan["single"] or (limit and size + len(line) > limit)):
                yield b"".join(batch)
                batch, size = [], 0
            batch.append(line)
            size += len(line)
        if batch:
            yield b"".join(batch)


def _check_size(size: int, limit: int, source: Path) -> None:
    if limit and size > limit:
        raise AlgorithmError(
            f"{source.name}: a record of {size} bytes exceeds MaxPayloadInMB ({limit // (1024 * 1024)} MB). Set SplitType to "
            "Line, or raise MaxPayloadInMB."
        )
