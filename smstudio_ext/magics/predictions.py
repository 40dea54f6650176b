"""A table through an endpoint: the requests that it takes, and their answers as one DataFrame."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

from smstudio_ext.magics.failure import MagicFailure
from smstudio_ext.magics.tables import table_library
from smstudio_ext.magics.values import csv_bodies

Ask = Callable[[bytes, str], tuple[str, bytes]]
"""Sends a body of a content type; answers content type and body."""

_MOST_BYTES = 5 * 1024 * 1024
"""Of one request: SageMaker takes 6 MiB (25 MB for models made since 2025); headers need room."""


def asked(ask: Ask, data: Any, content_type: str) -> Any:
    """Predictions for rows.

    Args:
        data: a table, rows as lists or an array, or a text or bytes in the content type.

    Returns:
        A DataFrame with a row each for tables that are answered as CSV, or as JSON with a prediction for each row; else
        the answer's text, what its JSON says, or its bytes.

    Raises:
        MagicFailure: data that does not fit the content type, or answers that cannot be joined.
    """
    table = table_library(data) is not None
    answers: list[Any] = []
    for body, rows in _bodies(data, content_type):
        form, answer = ask(body, content_type)
        frame = _frame(form, answer, rows or 0) if table else None
        if frame is not None:
            answers.append(frame)
        elif answers or (rows or 0) < _rows_of(data):
            raise MagicFailure(
                f"The table takes several requests, whose answers in {form} cannot be joined.",
                hint="Ask for CSV: --accept text/csv",
            )
        else:
            return _read(form, answer)
    return _joined(answers, data)


def _bodies(data: Any, content_type: str) -> Iterator[tuple[bytes, int | None]]:
    if isinstance(data, bytes):
        yield data, None
    elif content_type == "text/csv":
        yield from csv_bodies(data, _MOST_BYTES)
    elif table_library(data) is not None:
        raise MagicFailure(
            f"Tables are sent as text/csv, not as {content_type}.",
            hint="Send a text, bytes, or what JSON has: lists, dictionaries, numbers.",
        )
    else:
        yield (data if isinstance(data, str) else json.dumps(data)).encode(), None


def _rows_of(data: Any) -> int:
    return len(data) if table_library(data) is not None and hasattr(data, "__len__") else 0


def _read(form: str, answer: bytes) -> Any:
    if form.startswith("application/json"):
        return json.loads(answer)
    try:
        return answer.decode()
    except UnicodeDecodeError:
        return answer


def _frame(form: str, answer: bytes, rows: int) -> Any:
    """The answer to one request as a DataFrame; None when it has not a prediction for each row."""
    import pandas as pd

    if form.startswith("application/json"):
        found = json.loads(answer)
        found = found.get("predictions") if isinstance(found, dict) else found
        return pd.DataFrame(found) if isinstance(found, list) and len(found) == rows else None
    if not form.startswith("text/csv"):
        return None
    frame = pd.read_csv(io.BytesIO(answer), header=None)
    if frame.shape[0] == 1 and rows > 1 and frame.shape[1] == rows:
        frame = frame.T.reset_index(drop=True)  # XGBoost of before 1.0 answers in one line
    return frame


def _joined(answers: list[Any], data: Any) -> Any:
    import pandas as pd

    frame = pd.concat(answers, ignore_index=True) if len(answers) > 1 else answers[0]
    if isinstance(frame.columns, pd.RangeIndex) or not any(isinstance(name, str) for name in frame.columns):
        frame.columns = (
            ["prediction"] if frame.shape[1] == 1 else [f"prediction_{at}" for at in range(frame.shape[1])]
        )
    if type(data).__module__.startswith("pandas") and frame.shape[0] == len(data):
        frame.index = data.index
    return frame
