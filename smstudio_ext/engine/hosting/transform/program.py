"""Batch transform in its job process: reads inputs, asks the model for several bodies at once, assembles answers in order."""

from __future__ import annotations

import itertools
import json
import math
import multiprocessing
import sys
import traceback
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from smstudio_ext.engine.hosting.chain import Chain
from smstudio_ext.engine.hosting.containers import LoadError
from smstudio_ext.engine.hosting.transform.asking import (
    Asker,
    LoadFailure,
    Locked,
    Refused,
    answer_group,
    answer_in_worker,
    has_programs,
    load_predictors,
    start_worker,
    unpack,
)
from smstudio_ext.engine.hosting.transform.datalog import DataLog
from smstudio_ext.engine.hosting.transform.processing import RecordError
from smstudio_ext.engine.hosting.transform.splitting import MIB, SplitError, bodies

DEFAULT_MAX_PAYLOAD_MB = 6
_MULTI = "MultiRecord"
# Small bodies travel to worker processes in groups: sending one costs more than answering it.
_GROUP_BYTES = 256 * 1024
_GROUP_BODIES = 256
_ENDINGS = {True: 2, False: 1}


def run(plan: str, optml: str) -> int:
    """Runs the transform that the file `plan` describes; returns the exit code.

    The plan holds `containers` (see `hosting.containers.load_container`), `files` (`input`, `output`, `label`),
    `content_type`, `accept`, `split`, `assemble`, `strategy`, `max_payload_mb`, `concurrent` (the last three None where the
    request leaves them open), `gzip`, `input_filter`, `output_filter`, `join`, `inference_time`, `timeout`, `retries`, `cpus`,
    `instances` and `data_logs`. Writes `failure.json` beside the plan when something fails.
    """
    place = Path(plan)
    settings: dict[str, Any] = json.loads(place.read_text())
    try:
        failures = Transform(settings, Path(optml) / "models").run()
    except (LoadError, LoadFailure) as error:
        print(f"The model could not be loaded: {error}", file=sys.stderr)
        archive = isinstance(error, LoadError) and error.archive
        if not archive and error.__cause__ is not None:
            traceback.print_exception(error.__cause__)
        failures = [Failure(client=archive, text=str(error))]
    except BrokenProcessPool:
        failures = [
            Failure(
                client=False, text="A worker process of the model ended. See job logs for more information."
            )
        ]
    if not failures:
        return 0
    first = failures[0]
    more = (
        f" ({len(failures)} of {len(settings['files'])} input files failed.)"
        if len(settings["files"]) > 1
        else ""
    )
    kind = "ClientError" if first.client else "AlgorithmError"
    (place.parent / "failure.json").write_text(json.dumps({"reason": f"{kind}: {first.text}{more}"}))
    return _ENDINGS[first.client]


@dataclass(frozen=True)
class Failure:
    """Why a file could not be transformed; `client` where its owner can mend it."""

    client: bool
    text: str


@dataclass
class _File:
    """A file on its way: bodies that were sent, answers that were written."""

    source: Path
    target: Path
    label: str
    log: DataLog
    sink: IO[bytes] | None = None
    failure: Failure | None = None
    requests: int = 0

    @property
    def part(self) -> Path:
        return self.target.with_name(self.target.name + "~")

    def write(self, answer: bytes, lines: bool) -> None:
        if self.sink is None:
            self.target.parent.mkdir(parents=True, exist_ok=True)
            self.sink = self.part.open("wb")
        self.sink.write(answer)
        if lines and answer and not answer.endswith(b"\n"):
            self.sink.write(b"\n")

    def close(self) -> None:
        """The output gets its name when all of it is there; a failed file has none."""
        if self.failure is not None:
            if self.sink is not None:
                self.sink.close()
            self.part.unlink(missing_ok=True)
            return
        self.write(b"", False)
        if self.sink is not None:
            self.sink.close()
        self.part.rename(self.target)


@dataclass
class Transform:
    """One transform job's work.

    Args:
        plan: see `run`.
        models: folder to unpack models into.
    """

    plan: dict[str, Any]
    models: Path
    # file, number of the first body of the group, its answers; None for the end of the file
    _pending: deque[tuple[_File, int, Future[list[bytes]] | None]] = field(default_factory=deque)

    def run(self) -> list[Failure]:
        """Transforms every file; returns the failures, in the order of the files.

        Raises:
            LoadError, LoadFailure: the model could not be loaded.
        """
        chain: Chain | None = None
        if has_programs(self.plan):
            chain = Chain.load(self.plan["containers"], self.models)
            self._ask_container(chain)
        else:
            unpack(self.plan, self.models)
        self._settle()
        logs = [DataLog(Path(path)) for path in self.plan["data_logs"]]
        for log in logs:
            log.say(
                f"MaxConcurrentTransforms={self.plan['concurrent']}, MaxPayloadInMB={self.plan['max_payload_mb']}, "
                f"BatchStrategy={'SINGLE_RECORD' if self.plan['strategy'] != _MULTI else 'MULTI_RECORD'}"
            )
        files = [
            _File(Path(file["input"]), Path(file["output"]), file["label"], logs[number % len(logs)])
            for number, file in enumerate(self.plan["files"])
        ]
        workers = min(self._bodies_at_most(files), self.plan["concurrent"] * self.plan["instances"])
        try:
            with self._executor(chain, workers) as executor:
                for file in files:
                    self._send(file, executor, keep=2 * workers)
                self._take(0)
        finally:
            if chain is not None:
                chain.close()
        return [file.failure for file in files if file.failure is not None]

    def _ask_container(self, chain: Chain) -> None:
        """Fills what the request leaves open with the container's /execution-parameters."""
        offered = chain.execution_parameters()
        if not self.plan["concurrent"]:
            self.plan["concurrent"] = int(offered.get("MaxConcurrentTransforms") or 1)
        if self.plan["max_payload_mb"] is None and offered.get("MaxPayloadInMB") is not None:
            self.plan["max_payload_mb"] = int(offered["MaxPayloadInMB"])
        if self.plan["strategy"] is None and offered.get("BatchStrategy"):
            single = str(offered["BatchStrategy"]).upper().replace("_", "") == "SINGLERECORD"
            self.plan["strategy"] = "SingleRecord" if single else _MULTI

    def _settle(self) -> None:
        self.plan["concurrent"] = int(self.plan["concurrent"] or max(1, round(self.plan["cpus"])))
        if self.plan["max_payload_mb"] is None:
            self.plan["max_payload_mb"] = DEFAULT_MAX_PAYLOAD_MB
        self.plan["strategy"] = self.plan["strategy"] or _MULTI

    def _bodies_at_most(self, files: list[_File]) -> int:
        """An upper bound of the number of request bodies, so that no idle workers are started."""
        if self.plan["split"] == "None":
            return len(files)
        size = sum(file.source.stat().st_size for file in files)
        if self.plan["strategy"] == "SingleRecord":
            return max(len(files), math.ceil(size / _GROUP_BYTES))
        packing = 20 if self.plan["gzip"] else 1
        limit = self.plan["max_payload_mb"] * MIB or 64 * MIB
        return max(1, len(files) - 1 + math.ceil(packing * size / limit))

    def _executor(self, chain: Chain | None, workers: int) -> Executor:
        if chain is not None:
            for container in chain.containers:
                if container.predictor is not None:
                    container.container = Locked(container.container)
            self._asker: Asker | None = Asker(self.plan, chain)
            return ThreadPoolExecutor(workers, thread_name_prefix="transform")
        if workers <= 1:
            self._asker = Asker(self.plan, load_predictors(self.plan, self.models))
            return _Inline()
        self._asker = None
        cpus = max(1, round(self.plan["cpus"]) // workers)
        return ProcessPoolExecutor(
            workers,
            mp_context=multiprocessing.get_context("fork"),
            initializer=start_worker,
            initargs=(self.plan, str(self.models), cpus),
        )

    def _answer(self, group: list[bytes]) -> list[bytes]:
        assert self._asker is not None
        return answer_group(self._asker, group)

    def _send(self, file: _File, executor: Executor, keep: int) -> None:
        file.log.say(f"{file.label}: start")
        try:
            for group in self._groups(file):
                if file.failure is not None:
                    break
                task = answer_in_worker if self._asker is None else self._answer
                first = file.requests - len(group)
                self._pending.append((file, first, executor.submit(task, group)))
                self._take(keep)
        except SplitError as error:
            self._fail(file, Failure(client=True, text=f"{file.label}: {error}"), str(error))
        self._pending.append((file, 0, None))

    def _bodies(self, file: _File) -> Iterator[bytes]:
        return bodies(
            file.source,
            self.plan["split"],
            packed=self.plan["gzip"],
            limit=self.plan["max_payload_mb"] * MIB,
            single=self.plan["strategy"] != _MULTI,
        )

    def _label(self, file: _File, number: int) -> str:
        """Name of a file, and where in it a body that is not its first begins: models count rows from there."""
        if number == 0 or self.plan["split"] != "Line":
            return file.label
        before = sum(body.count(b"\n") for body in itertools.islice(self._bodies(file), number))
        return f"{file.label} (request {number + 1}, from record {before + 1} of the file on)"

    def _groups(self, file: _File) -> Iterator[list[bytes]]:
        group: list[bytes] = []
        size = 0
        several = self._asker is None
        for body in self._bodies(file):
            group.append(body)
            size += len(body)
            file.requests += 1
            if not several or size >= _GROUP_BYTES or len(group) >= _GROUP_BODIES:
                yield group
                group, size = [], 0
        if group:
            yield group

    def _take(self, keep: int) -> None:
        """Writes the answers of the oldest requests until only `keep` are under way."""
        lines = self.plan["assemble"] == "Line"
        while len(self._pending) > keep:
            file, first, future = self._pending.popleft()
            if future is None:
                file.close()
                if file.failure is None:
                    file.log.say(f"{file.label}: {file.requests} requests answered")
                continue
            if file.failure is not None:
                future.cancel()
                continue
            try:
                for answer in future.result():
                    file.write(answer, lines)
            except Refused as error:
                text = f"Bad HTTP status received from algorithm: {error.status}"
                label = self._label(file, first + error.place)
                failure = Failure(error.status < 500, f"{text}. {label}: {error.message}")
                self._fail(file, failure, text, error.message)
            except RecordError as error:
                label = self._label(file, first + error.place)
                self._fail(file, Failure(client=True, text=f"{label}: {error}"), str(error))

    def _fail(self, file: _File, failure: Failure, text: str, message: str = "") -> None:
        file.failure = file.failure or failure
        file.log.say(f"{file.label}: {text}")
        if message:
            for line in ("", "Message:", *message.splitlines()):
                file.log.say(f"{file.label}: {line}")


class _Inline(Executor):
    """Answers in this thread: one body after the other needs no pool."""

    def submit(self, task: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(task(*arguments, **named))
        except (Refused, RecordError, LoadFailure) as error:
            future.set_exception(error)
        return future
