"""Reads training text: lines of tokens, with labels in supervised mode."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from smstudio_ext.engine.images.blazingtext.fasttext_file import LABEL_PREFIX
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import Channel

_TYPES = frozenset({"", "text/plain", "text", "application/jsonlines", "application/x-recordio"})


def text_files(channel: Channel) -> list[Path]:
    """The files of a channel that hold something.

    Raises:
        AlgorithmError: none does, or the content type is no text.
    """
    if channel.content_type not in _TYPES:
        raise AlgorithmError(
            f"'{channel.content_type}' is not an accepted ContentType of channel '{channel.name}': text/plain."
        )
    paths = [path for path in channel.files() if path.stat().st_size > 0]
    if not paths:
        raise AlgorithmError(f"Channel '{channel.name}': all files are empty.")
    return paths


def read_lines(paths: list[Path]) -> Iterator[str]:
    """The lines of some files, gzip ones unpacked; bytes that are no UTF-8 are replaced."""
    for path in paths:
        with path.open("rb") as probe:
            packed = probe.read(2) == b"\x1f\x8b"
        opened = gzip.open if packed else open
        with opened(path, "rt", encoding="utf-8", errors="replace") as stream:
            yield from stream


def read_examples(channel: Channel) -> tuple[list[list[str]], list[list[str]]]:
    """Sentences and their labels (with prefix) for classification.

    A line is tokens with labels among them, or a JSON object with `source` and `label` as augmented manifests hold them; labels
    that are numbers or a list become `__label__<value>`.

    Raises:
        AlgorithmError: a line has no label, or a JSON line is broken.
    """
    sentences: list[list[str]] = []
    labels: list[list[str]] = []
    for number, line in enumerate(read_lines(text_files(channel)), 1):
        if not line.strip():
            continue
        tokens, found = _json_example(line, number) if line.lstrip().startswith("{") else _tokens(line)
        if not found:
            raise AlgorithmError(
                f"Channel '{channel.name}', line {number}: no label. Each line needs a word with the prefix {LABEL_PREFIX}, "
                f"as in '{LABEL_PREFIX}1 some text'."
            )
        sentences.append(tokens)
        labels.append(found)
    if not sentences:
        raise AlgorithmError(f"Channel '{channel.name}' holds no example.")
    return sentences, labels


def _tokens(line: str) -> tuple[list[str], list[str]]:
    tokens: list[str] = []
    labels: list[str] = []
    for token in line.split():
        (labels if token.startswith(LABEL_PREFIX) else tokens).append(token)
    return tokens, labels


def _json_example(line: str, number: int) -> tuple[list[str], list[str]]:
    try:
        loaded = json.loads(line)
        source, given = str(loaded["source"]), loaded["label"]
    except (ValueError, KeyError, TypeError) as error:
        # A sentence may begin with a brace.
        if LABEL_PREFIX in line:
            return _tokens(line)
        raise AlgorithmError(
            f'Line {number} is no JSON object with "source" and "label": {line.strip()[:80]}'
        ) from error
    values = given if isinstance(given, list) else [given]
    return source.split(), [
        str(value) if str(value).startswith(LABEL_PREFIX) else f"{LABEL_PREFIX}{value}" for value in values
    ]
