"""Serving images for tests of batch transform: what they answer is said by the container's environment."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from smstudio_ext.engine.images.contract import ClientError, Predictor


class Sums:
    """Answers each record with the sum of its numbers: a line a record, or a JSON document."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._failures = int(env.get("FAILURES", "0"))

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """See `contract.Predictor`."""
        print(f"asked {len(body)}", flush=True)
        if self._failures:
            self._failures -= 1
            raise RuntimeError("overloaded")
        if self._env.get("SAY"):
            return self._env[self._env["SAY"]].encode(), "text/csv"
        if content_type == "text/csv":
            sums = [_sum(line.split(",")) for line in body.decode().splitlines()]
            return ("".join(f"{value}\n" for value in sums)).encode(), "text/csv"
        lines = [json.loads(line) for line in body.decode().splitlines()]
        found = [_sum(line["features"] if isinstance(line, dict) else line) for line in lines]
        return "".join(json.dumps({"score": value}) + "\n" for value in found).encode(), content_type


def _sum(cells: list[str]) -> int:
    try:
        return sum(int(cell) for cell in cells)
    except ValueError as error:
        raise ClientError(f"could not convert string to float: {error}", 415) from error


def load_sums(model_dir: Path, env: Mapping[str, str]) -> Predictor:
    """`serve` of the test image."""
    return Sums(env)


class Records:
    """Answers with the number of bytes and the process that counted them."""

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """See `contract.Predictor`."""
        return f"{len(body)} {os.getpid()}".encode(), "text/plain"


def load_records(model_dir: Path, env: Mapping[str, str]) -> Predictor:
    """`serve` of the counting image."""
    return Records()
