"""Inference program of the text classification image: texts in, labels or probabilities out."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from smstudio_ext.engine.images.automl_classes.answering import encode_classes, output_settings
from smstudio_ext.engine.images.automl_classes.card import Card
from smstudio_ext.engine.images.automl_text.kinds import TEXT
from smstudio_ext.engine.images.automl_text.texts import normalise
from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.images.deep.requests import JSON, JSONLINES, kind_of, parse_json, parse_lines

CSV, PLAIN = "text/csv", "text/plain"


def load(model_dir: Path, env: Mapping[str, str]) -> TextPredictor:
    """Loads a candidate's model folder.

    Raises:
        ValueError: no text candidate, or a response key that is not offered.
    """
    card, algorithm = TEXT.load(model_dir)
    return TextPredictor(card, algorithm, env)


class TextPredictor:
    """Answers texts: CSV of one column without header, plain text, JSON or JSON Lines."""

    def __init__(self, card: Card, algorithm: Any, env: Mapping[str, str]) -> None:
        self._card = card
        self._algorithm = algorithm
        self._settings = output_settings(env)
        self._column = str(card.facts.get("Content", ""))

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        texts = [normalise(text) for text in self._texts(body, content_type)]
        answers = self._algorithm.predict(texts)
        return encode_classes(answers, self._card.classes, accept, self._settings)

    def _texts(self, body: bytes, content_type: str) -> list[str]:
        kind = kind_of(content_type, (CSV, PLAIN, JSON, JSONLINES), default=CSV)
        if kind == JSON:
            loaded = parse_json(body)
            rows = loaded.get("instances", [loaded]) if isinstance(loaded, dict) else loaded
            if not isinstance(rows, list):
                rows = [rows]
            if not rows:
                raise ClientError("The request holds no instance.")
            return [self._text(row, number) for number, row in enumerate(rows, 1)]
        if kind == JSONLINES:
            return [self._text(row, number) for number, row in enumerate(parse_lines(body), 1)]
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ClientError(f"The body is not UTF-8: {error.reason} at byte {error.start}.") from error
        return [text] if kind == PLAIN else _rows(text)

    def _text(self, row: Any, number: int) -> str:
        """A text, alone or under the content column's name, `features`, `text`, `source` or `data`."""
        if isinstance(row, dict):
            known = [name for name in (self._column, "features", "text", "source", "data") if name in row]
            if not known:
                raise ClientError(
                    f"Instance {number} has no member '{self._column}'; its members are {', '.join(map(repr, row))}."
                )
            row = row[known[0]]
        if isinstance(row, list) and len(row) == 1:
            row = row[0]
        if not isinstance(row, str):
            raise ClientError(f"Instance {number} must be a text, or an object with '{self._column}'.")
        return row


def _rows(text: str) -> list[str]:
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    except csv.Error as error:
        raise ClientError(f"The body is no valid CSV: {error}.") from error
    if not rows:
        raise ClientError("The request body is empty.")
    for number, row in enumerate(rows, 1):
        if len(row) != 1:
            raise ClientError(
                f"Row {number} has {len(row)} columns; expected one, the text. Quote texts that contain commas or line breaks."
            )
    return [row[0] for row in rows]
