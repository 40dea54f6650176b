"""An image for tests: answers with the body and a tag, and fails on request."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

from smstudio_ext.engine.images.contract import ClientError, Predictor


class Tagger:
    """Appends its tag to each body; some bodies make it fail in ways of their own."""

    def __init__(self, tag: str) -> None:
        self._tag = tag

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        if content_type == "text/refused":
            raise ClientError("this type is not for me", 415)
        if body == b"die":
            os._exit(3)
        if body == b"fail":
            raise ValueError("kaputt")
        if body.startswith(b"sleep "):
            time.sleep(float(body[6:]))
        if body.startswith(b"until "):  # there is a file
            while not os.path.exists(body[6:]):
                time.sleep(0.01)
        if body == b"pid":
            return str(os.getpid()).encode(), accept
        return body + self._tag.encode(), accept


def load(model_dir: Path, env: Mapping[str, str]) -> Predictor:
    """`serve` of the test image: the tag is the model, or a variable for a container without one."""
    path = model_dir / "tag"
    if env.get("BROKEN"):
        raise RuntimeError("this model is broken")
    return Tagger(path.read_text() if path.exists() else env.get("TAG", "?"))
