"""DataProcessing of one request: what of the records is sent, and what becomes of the answers."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from smstudio_ext.engine.hosting.transform.jsonpath import FilterError, Path, parse

CSV = "csv"
JSON_TYPES = ("application/json", "application/jsonlines", "application/x-jsonlines", "application/jsonl")
OUTPUT, INPUT = "SageMakerOutput", "SageMakerInput"
INFERENCE_ID, INFERENCE_TIME = "SageMakerInferenceId", "SageMakerInferenceTime"


def format_of(content_type: str) -> str | None:
    """`csv`, `json` (one document), `jsonlines`, or None for types whose records are not looked into."""
    kind = content_type.split(";")[0].strip().lower()
    if kind == "text/csv":
        return CSV
    if kind == "application/json":
        return "json"
    return "jsonlines" if kind in JSON_TYPES else None


class RecordError(Exception):
    """Records or answers cannot be filtered or joined; the text says why.

    Attributes:
        place: number of the body in its group.
    """

    def __init__(self, text: str, place: int = 0) -> None:
        super().__init__(text, place)  # both, so that it travels between processes
        self.place = place

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Processing:
    """DataProcessing of a transform job, with the inference ids of its DataCaptureConfig.

    Attributes:
        content_type: of the input.
        join: JoinSource is Input.
        lines: a body holds one record a line (SplitType Line); else it is one document.
        inference_time: given when each record gets an inference id and this time.
    """

    input_filter: Path
    output_filter: Path
    content_type: str
    join: bool
    lines: bool
    inference_time: str | None = None

    @classmethod
    def of(cls, plan: dict[str, Any]) -> Processing:
        """From the plan of a job: `input_filter`, `output_filter`, `join`, `content_type`, `split`, `inference_time`."""
        return cls(
            parse(plan["input_filter"]),
            parse(plan["output_filter"]),
            plan["content_type"],
            plan["join"],
            plan["split"] == "Line",
            plan.get("inference_time"),
        )

    @property
    def idle(self) -> bool:
        """Whether bodies and answers pass as they are."""
        whole = self.input_filter.whole and self.output_filter.whole
        return whole and not self.join and self.inference_time is None

    def request(self, body: bytes) -> bytes:
        """The body to send for a body of the input.

        Raises:
            RecordError: a record does not fit the input filter.
        """
        if self.input_filter.whole:
            return body
        if format_of(self.content_type) == CSV:
            return _join_lines(_pick_csv(body, self.input_filter))
        with _told():
            records = [self.input_filter.apply(record) for record in self._read_json(body)]
        return self._write_json(records)

    def result(self, body: bytes, answer: bytes, answer_type: str) -> bytes:
        """What is stored for a body of the input and the model's answer to it.

        Raises:
            RecordError: input and answer do not fit each other or the output filter.
        """
        if not self.join and self.output_filter.whole and self.inference_time is None:
            return answer
        if format_of(answer_type) == CSV:
            return self._csv_result(body, answer)
        return self._json_result(body, answer)

    def _csv_result(self, body: bytes, answer: bytes) -> bytes:
        lines = _csv_lines(answer)
        if self.join:
            if format_of(self.content_type) != CSV:
                raise RecordError(
                    "Failed to join: the input is JSON and the model's answer is text/csv; set Accept to the input's content type."
                )
            given = _csv_lines(body)
            _check_counts(len(given), len(lines))
            lines = [left + b"," + right for left, right in zip(given, lines, strict=True)]
        if not self.output_filter.whole:
            lines = list(_pick_csv(b"\n".join(lines), self.output_filter))
        if self.inference_time is not None:
            tail = f",{self.inference_time}".encode()
            lines = [line + b"," + str(uuid.uuid4()).encode() + tail for line in lines]
        return _join_lines(iter(lines))

    def _json_result(self, body: bytes, answer: bytes) -> bytes:
        try:
            found = self._read_json(answer)
        except RecordError:
            raise RecordError(
                "Failed to parse output from the algorithm as JSON; filters and joins need Accept to be a type that the model answers."
            ) from None
        if self.join:
            if format_of(self.content_type) == CSV:
                raise RecordError("Failed to parse output from the algorithm as CSV")
            given = self._read_json(body)
            _check_counts(len(given), len(found))
            found = [_joined(left, right) for left, right in zip(given, found, strict=True)]
        with _told():
            found = [self.output_filter.apply(record) for record in found]
        if self.inference_time is not None:
            found = [self._identified(record, self.inference_time) for record in found]
        return self._write_json(found)

    def _identified(self, record: Any, time: str) -> Any:
        named = record if isinstance(record, dict) else {OUTPUT: record}
        return {**named, INFERENCE_ID: str(uuid.uuid4()), INFERENCE_TIME: time}

    def _read_json(self, body: bytes) -> list[Any]:
        try:
            if self.lines:
                return [json.loads(line) for line in body.splitlines() if line.strip()]
            return [json.loads(body)]
        except ValueError as error:
            raise RecordError(f"A record is not valid JSON: {error}") from error

    def _write_json(self, records: list[Any]) -> bytes:
        texts = [json.dumps(record) for record in records]
        return ("\n".join(texts) + "\n").encode() if self.lines else "".join(texts).encode()


def _joined(given: Any, answer: Any) -> dict[str, Any]:
    """AWS: the answer becomes an attribute of the input object; an input that is none goes into an attribute of its own."""
    return {**given, OUTPUT: answer} if isinstance(given, dict) else {INPUT: given, OUTPUT: answer}


def _check_counts(given: int, answered: int) -> None:
    if given != answered:
        raise RecordError(
            f"Failed to join: {given} input records, but {answered} records in the model's answer. A join needs one answer a record, "
            "each on a line of its own."
        )


def _csv_lines(text: bytes) -> list[bytes]:
    """Records of CSV text; a quoted cell may hold line breaks."""
    if b'"' not in text:
        return [line for line in text.replace(b"\r\n", b"\n").split(b"\n") if line]
    rows = csv.reader(io.StringIO(text.decode("utf-8", "surrogateescape"), newline=""))
    return [_csv_row(row) for row in rows if row]


def _pick_csv(text: bytes, path: Path) -> Iterator[bytes]:
    """The records of CSV text after a filter."""
    with _told():
        if path.columns is not None and b'"' not in text:
            yield from _pick_columns(_csv_lines(text), path.columns)
            return
        rows = csv.reader(io.StringIO(text.decode("utf-8", "surrogateescape"), newline=""))
        for row in rows:
            if row:
                picked = path.apply(row)
                yield _csv_row(picked if isinstance(picked, list) else [picked])


def _pick_columns(lines: list[bytes], columns: Callable[[int], Any]) -> Iterator[bytes]:
    width, chosen = -1, range(0)
    for line in lines:
        cells = line.split(b",")
        if len(cells) != width:
            width = len(cells)
            chosen = columns(width)
        yield b",".join([cells[column] for column in chosen])


def _csv_row(cells: list[Any]) -> bytes:
    sink = io.StringIO(newline="")
    csv.writer(sink, lineterminator="").writerow(cells)
    return sink.getvalue().encode("utf-8", "surrogateescape")


def _join_lines(lines: Iterator[bytes]) -> bytes:
    text = b"\n".join(lines)
    return text + b"\n" if text else text


class _told:
    """Turns what a filter cannot find into a RecordError."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, FilterError):
            raise RecordError(str(error)) from error
        if isinstance(error, IndexError):
            raise RecordError(f"A filter does not fit a record: {error}.") from error
