"""Asks a model's containers for one body after the other, with the time limit and retries of ModelClientConfig."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from smstudio_ext.engine.hosting.chain import Chain, ContainerError
from smstudio_ext.engine.hosting.containers import (
    DEFAULT_ACCEPT,
    Container,
    ContainerFailure,
    LoadedContainer,
    LoadError,
    PredictorContainer,
    Request,
    Response,
    is_program,
    place_model_data,
)
from smstudio_ext.engine.hosting.transform.processing import Processing, RecordError
from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.runtime.programs import load

_FIRST_PAUSE = 0.1


class Refused(Exception):
    """The algorithm answered a request with an error status, or not in time.

    Attributes:
        status: HTTP status.
        message: what it said.
        place: number of the body in its group.
    """

    def __init__(self, status: int, message: str, place: int = 0) -> None:
        super().__init__(status, message, place)  # all, so that it travels between processes
        self.status = status
        self.message = message
        self.place = place


class Asker:
    """Turns bodies of the input into what is stored for them.

    Args:
        plan: of the job; see `program.run`.
    """

    def __init__(self, plan: dict[str, Any], chain: Chain) -> None:
        self._chain = chain
        self._processing = Processing.of(plan)
        self._content_type = plan["content_type"]
        self._accept = plan["accept"]
        self._retries = int(plan["retries"])
        self._timeout = float(plan["timeout"])

    def answer(self, body: bytes) -> bytes:
        """What is stored for one body.

        Raises:
            Refused: the algorithm did not answer it.
            RecordError: filters or the join do not fit it.
        """
        if self._processing.idle:
            return self._ask(body).body
        response = self._ask(self._processing.request(body))
        return self._processing.result(body, response.body, response.content_type)

    def _ask(self, body: bytes) -> Response:
        for attempt in range(self._retries + 1):
            try:
                with _time_limit(self._timeout):
                    return self._chain.call(
                        Request(body, self._content_type, self._accept, timeout=self._timeout)
                    )
            except ContainerError as error:
                refused = _refusal(error)
            except TimeoutError:
                refused = Refused(504, f"no answer within InvocationsTimeoutInSeconds ({self._timeout:g})")
            if refused.status < 500 or attempt == self._retries:
                # AWS's containers log each request that they refuse
                print(f"POST /invocations {refused.status}: {refused.message}", file=sys.stderr, flush=True)
                raise refused
            print(f"The invocation failed ({refused.status}) and is tried again.", flush=True)
            time.sleep(_FIRST_PAUSE * 2**attempt)
        raise AssertionError("the last attempt returns or raises")


def _refusal(error: ContainerError) -> Refused:
    cause = error.cause
    if isinstance(cause, TimeoutError):
        raise cause
    if isinstance(cause, ContainerFailure):
        return Refused(cause.status, str(cause))
    if isinstance(cause, ClientError):
        return Refused(cause.status if 400 <= cause.status < 500 else 400, cause.message)
    traceback.print_exception(cause)
    return Refused(500, f"{type(cause).__name__}: {cause}")


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raises TimeoutError in a predictor that runs in this thread; programs have the limit of their connection."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def late(number: int, frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Locked:
    """A predictor beside programs that are asked from several threads: it serves one at a time."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._lock = threading.Lock()

    def call(self, request: Request, *, stream: bool = False) -> Response:
        """Asks the predictor when no other thread does."""
        with self._lock:
            return self._container.call(request)

    def healthy(self) -> bool:
        """It lives in this process."""
        return True

    def dead(self) -> bool:
        """It lives in this process."""
        return False

    def close(self) -> None:
        """Nothing but memory to give back."""


def has_programs(plan: dict[str, Any]) -> bool:
    """Whether a container of the model is a program of its own."""
    return any(is_program(spec) for spec in plan["containers"])


def unpack(plan: dict[str, Any], models: Path) -> None:
    """Unpacks the models of containers that are no programs; `load_predictors` loads them then, once a process.

    Raises:
        LoadError: a broken or hostile archive.
    """
    for number, spec in enumerate(plan["containers"], 1):
        try:
            place_model_data(spec, models / str(number) / "model")
        except Exception as error:
            raise LoadError(spec["name"], error) from error


def load_predictors(plan: dict[str, Any], models: Path) -> Chain:
    """Loads models that `unpack` has placed.

    Raises:
        LoadError: a model that its image cannot load.
    """
    containers = []
    for number, spec in enumerate(plan["containers"], 1):
        environment = spec["environment"]
        try:
            predictor = load(spec["serve"])(models / str(number) / "model", environment)
        except Exception as error:
            raise LoadError(spec["name"], error) from error
        containers.append(
            LoadedContainer(
                spec["name"], PredictorContainer(predictor), environment.get(DEFAULT_ACCEPT) or "*/*"
            )
        )
    return Chain(containers)


class WorkerProcess:
    """What a forked worker keeps: its asker, or why its model could not be loaded."""

    asker: Asker | None = None
    failure: str = ""


def start_worker(plan: dict[str, Any], models: str, cpus: int) -> None:
    """First call in a worker process: loads the model there, so that native thread pools are its own."""
    os.environ["SM_NUM_CPUS"] = str(cpus)
    try:
        WorkerProcess.asker = Asker(plan, load_predictors(plan, Path(models)))
    except LoadError as error:
        traceback.print_exception(error.__cause__ or error)
        WorkerProcess.failure = str(error)


def answer_in_worker(bodies: list[bytes]) -> list[bytes]:
    """Answers bodies in a worker process.

    Raises:
        LoadFailure: the model could not be loaded.
    """
    if WorkerProcess.asker is None:
        raise LoadFailure(WorkerProcess.failure)
    return answer_group(WorkerProcess.asker, bodies)


def answer_group(asker: Asker, bodies: list[bytes]) -> list[bytes]:
    """Answers bodies one after the other; what fails says which of them it was.

    Raises:
        Refused, RecordError: with `place`, the number of the body.
    """
    answers = []
    for place, body in enumerate(bodies):
        try:
            answers.append(asker.answer(body))
        except (Refused, RecordError) as error:
            error.place = place
            error.args = (*error.args[: 2 if isinstance(error, Refused) else 1], place)
            raise
    return answers


class LoadFailure(Exception):
    """The model could not be loaded; the text says why. Travels between processes."""
