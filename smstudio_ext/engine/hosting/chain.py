"""The containers of a model, loaded by this process and called one after the other."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from smstudio_ext.engine.hosting.containers import (
    DEFAULT_ACCEPT,
    ContainerFailure,
    LoadedContainer,
    LoadError,
    Program,
    Request,
    Response,
    is_program,
    load_container,
)

__all__ = [
    "DEFAULT_ACCEPT",
    "Chain",
    "ContainerError",
    "ContainerFailure",
    "LoadError",
    "Request",
    "Response",
]

OWN = "x-smstudio-"
"""Beginning of headers that engine and model server exchange."""
TARGET_CONTAINER = "x-amzn-sagemaker-target-container-hostname"

InvokeMany = Callable[[Sequence[bytes], str, str], list[Any]]
"""A predictor's optional `invoke_many(bodies, content_type, accept)`: one (answer, type) or exception a body."""


class ContainerError(Exception):
    """A container of the chain could not answer.

    Attributes:
        container: its name.
        cause: what its predictor raised.
    """

    def __init__(self, container: str, cause: Exception) -> None:
        super().__init__(f"{container}: {cause}")
        self.container = container
        self.cause = cause


class Chain:
    """An inference pipeline: each container gets the body and content type that the one before gave.

    Args:
        direct: containers are called one by one, by name (InferenceExecutionConfig Direct).
    """

    def __init__(self, containers: list[LoadedContainer], *, direct: bool = False) -> None:
        self._containers = containers
        self._direct = direct
        self.programs = any(container.predictor is None for container in containers)
        self.invoke_many: InvokeMany | None = None
        if len(containers) == 1 and containers[0].predictor is not None:
            self.invoke_many = getattr(containers[0].predictor, "invoke_many", None)

    @classmethod
    def load(
        cls,
        specs: list[dict[str, Any]],
        directory: Path,
        sockets: Path | None = None,
        *,
        direct: bool = False,
    ) -> Chain:
        """Unpacks and loads every container.

        Args:
            specs: see `containers.load_container`.
            directory: folder to make; each container's /opt/ml is `<directory>/<number>/`.
            sockets: private folder with a short name for the sockets of programs; one is made if not given.

        Raises:
            LoadError: model data that cannot be unpacked, or a model that its image cannot load.
        """
        if sockets is None:
            sockets = Path(tempfile.mkdtemp(prefix="smstudio-")) if any(map(is_program, specs)) else directory
        # programs first: they may be forks of this process, which must have no threads then
        order = sorted(range(len(specs)), key=lambda at: not is_program(specs[at]))
        loaded = {at: load_container(specs[at], directory / str(at + 1), sockets, at + 1) for at in order}
        return cls([loaded[at] for at in range(len(specs))], direct=direct)

    @property
    def containers(self) -> list[LoadedContainer]:
        """The containers in calling order."""
        return self._containers

    def execution_parameters(self) -> dict[str, Any]:
        """What the first container that is a program answers to GET /execution-parameters; empty without one."""
        for loaded in self._containers:
            if isinstance(loaded.container, Program):
                return loaded.container.execution_parameters()
        return {}

    @property
    def names(self) -> list[str]:
        """Names of the containers in calling order."""
        return [container.name for container in self._containers]

    def accept_of(self, accept: str) -> str:
        """What the last container is asked for when a caller accepts `accept`."""
        return accept if accept not in ("", "*/*") else self._containers[-1].default_accept

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Passes a request through all containers; the answer and its content type.

        Raises:
            ContainerError: a container raised.
        """
        response = self.call(Request(body, content_type, accept))
        return response.body, response.content_type

    def call(self, request: Request, *, stream: bool = False) -> Response:
        """Passes a request through all containers (through the one it names, if they are called directly).

        A container before the last one is asked for its default accept type; the last one for the caller's, or its
        own default where the caller takes anything.

        Raises:
            ContainerError: a container raised.
        """
        target = request.headers.get(TARGET_CONTAINER)
        containers = (
            [container for container in self._containers if container.name == target]
            if self._direct
            else self._containers
        )
        last = len(containers) - 1
        response = Response(request.body, request.content_type)
        told: dict[str, str] = {}  # what a container of many models tells the engine
        for position, container in enumerate(containers):
            final = position == last
            accept = (
                request.accept if final and request.accept not in ("", "*/*") else container.default_accept
            )
            asked = Request(response.body, response.content_type, accept, request.headers, request.timeout)
            try:
                response = container.container.call(asked, stream=stream and final)
            except (ContainerError, LoadError):
                raise  # of a model of many: it names its container itself
            except Exception as error:
                raise ContainerError(container.name, error) from error
            told.update({key: value for key, value in response.headers.items() if key.startswith(OWN)})
        response.headers = {**response.headers, **told}
        return response

    def healthy(self) -> bool:
        """Whether every container answers its health check."""
        return all(container.container.healthy() for container in self._containers)

    def dead(self) -> bool:
        """Whether the program of a container has ended."""
        return any(container.container.dead() for container in self._containers)

    def close(self) -> None:
        """Ends the programs of the containers."""
        for container in self._containers:
            container.container.close()
