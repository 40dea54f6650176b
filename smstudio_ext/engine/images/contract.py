"""What an image is here, and what its programs promise to the job processes and model servers that run them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol


@dataclass(frozen=True)
class MetricDefinition:
    """A metric that the runtime reads from an image's log.

    Attributes:
        name: metric name as AWS lists it, for example `validation:f1`.
        regex: expression with one group, searched in each log line; the last match is the final value.
    """

    name: str
    regex: str


@dataclass(frozen=True)
class Image:
    """A local implementation of what a container image URI names.

    Programs are named `module:function` and imported only in the process that runs them.

    Attributes:
        name: the algorithm here, for example `xgboost`.
        version: the version that the tag names, for example `1.7-1`.
        uri: the URI that was resolved.
        train: `function(optml: Path) -> None`. Reads `input/config/*.json` and `input/data/<channel>`, writes `model/`;
            raises AlgorithmError for what the user can mend.
        serve: `function(model_dir: Path, env: Mapping[str, str]) -> Predictor`.
        process: `function(optml: Path) -> None` for processing jobs. Reads `config/processingjobconfig.json` and
            `processing/...`; raises AlgorithmError.
        metric_definitions: metrics that training prints.
        preload: modules worth importing in the warm fork server before a job of this image starts.
        accepts: content types that the predictor reads; empty when it decides for itself.
        launch: `function(launch: Launch) -> Command`, called in the engine (standard library only, quick): how a container
            whose program is not one of ours is started (script mode, own images). `starts_by_launch` says when it is used.
        scripts: phases in which a script of the user's is started by `launch`; in the others the image's own program runs it.
        facts: what `launch` needs to know about this image (the folder of an own image, for example).
    """

    name: str
    version: str
    uri: str
    train: str | None = None
    serve: str | None = None
    process: str | None = None
    metric_definitions: tuple[MetricDefinition, ...] = ()
    preload: tuple[str, ...] = ()
    accepts: tuple[str, ...] = field(default=())
    launch: str | None = None
    scripts: tuple[Literal["train", "process", "serve"], ...] = ("train", "process", "serve")
    facts: Mapping[str, str] = field(default_factory=dict)

    def starts_by_launch(
        self, phase: Literal["train", "process", "serve"], *, script: bool = False, entrypoint: bool = False
    ) -> bool:
        """Whether a phase is started by `launch`, not by the program of that phase.

        Args:
            phase: what the container is to do.
            script: the request names a script of the user's (hyperparameter `sagemaker_program`).
            entrypoint: the request has a ContainerEntrypoint or ContainerArguments.
        """
        if self.launch is None:
            return False
        return entrypoint or (script and phase in self.scripts) or getattr(self, phase) is None


@dataclass(frozen=True)
class Launch:
    """What the engine knows when it starts a container's program.

    Attributes:
        phase: what the container is to do.
        image: the image.
        optml: folder on this machine that the program sees as /opt/ml.
        environment: variables of the container, already complete (SM_*, AWS_*, the request's Environment).
        entrypoint: ContainerEntrypoint of the request; empty for the image's own.
        arguments: ContainerArguments of the request.
        cache: folder of the engine's data that may keep what is expensive to make (environments of requirements.txt).
        cpus, memory_mb: what the container is granted; 0 for no limit.
        host: name of the host that the container is; empty for this machine's own.
        addresses: address of each host of the job, by name.
    """

    phase: Literal["train", "process", "serve"]
    image: Image
    optml: Path
    environment: Mapping[str, str]
    cache: Path
    entrypoint: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    cpus: float = 0.0
    memory_mb: int = 0
    host: str = ""
    addresses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Command:
    """How a container's program is started: `argv` as a program, or `entry` in a child of the warm fork server.

    A serving program answers HTTP (`GET /ping`, `POST /invocations`) on the unix domain socket of the variable
    `SMSTUDIO_BIND_TO_SOCKET` when `socket` is true, else on 127.0.0.1 at the port of `SAGEMAKER_BIND_TO_PORT`.

    Attributes:
        argv: program and arguments.
        entry: `module:function`, called as `function(**args)`.
        args: JSON values for `entry`.
        env: variables added to the container's.
        cwd: folder to start in, as the program sees it.
        socket: the serving program listens on the socket.
        cleanup: run when the program has ended, however it did, by the supervisor (for programs that leave something behind).
        needs: modules that the fork server should have loaded before it starts `entry`.
    """

    argv: tuple[str, ...] = ()
    entry: str | None = None
    args: Mapping[str, Any] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None
    socket: bool = False
    cleanup: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


class Predictor(Protocol):
    """A loaded model that answers requests; one instance serves one model server process.

    A predictor may also have `invoke_many(bodies, content_type, accept)`: it answers requests that came at the same time
    together, with one (answer, content type) or exception for each, exactly as `invoke` would have answered each alone.
    """

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request.

        Args:
            body: the request's bytes.
            content_type: MIME type of the body, with or without parameters.
            accept: MIME type wanted; empty or `*/*` leaves the choice to the model.

        Returns:
            The answer's bytes and their content type.

        Raises:
            ClientError: the request is at fault (answered with a 4xx status).
        """
        ...


class AlgorithmError(Exception):
    """A job fails for a reason that its owner can mend; the message goes to FailureReason."""


class ClientError(Exception):
    """A request to a model is at fault.

    Args:
        message: what is wrong, for the person who sent it.
        status: HTTP status, 400-class.
    """

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
