"""One container of a model, loaded: an image's predictor in this process, or a program of its own that answers HTTP."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from smstudio_ext.engine.hosting.archive import ModelArchiveError, extract_model
from smstudio_ext.engine.images.contract import ClientError, Predictor

DEFAULT_ACCEPT = "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT"
CLEANUP = "cleanup.json"
"""In a container's folder: what is to be run when its program has ended."""
MODEL_SOURCES = "additional-model-data-sources"


@dataclass
class Request:
    """What a container is asked.

    Attributes:
        headers: further headers by lower-case name (custom attributes, inference id, session).
        timeout: seconds that a program has to answer; None for the longest that an endpoint waits.
    """

    body: bytes
    content_type: str = ""
    accept: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    timeout: float | None = None


@dataclass
class Response:
    """What a container answers; `parts`, if given, is the body piece by piece."""

    body: bytes
    content_type: str
    headers: dict[str, str] = field(default_factory=dict)
    parts: Iterator[bytes] | None = None


class ContainerFailure(Exception):
    """A container's program answered with an error status; the text is its answer."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Container(Protocol):
    """A container that answers."""

    def call(self, request: Request, *, stream: bool = False) -> Response:
        """Answers one request; see `Predictor.invoke` for what it raises, and ContainerFailure."""
        ...

    def healthy(self) -> bool:
        """Whether it would answer GET /ping with 200."""
        ...

    def dead(self) -> bool:
        """Whether its program has ended by itself."""
        ...

    def close(self) -> None:
        """Ends it."""
        ...


@runtime_checkable
class Program(Container, Protocol):
    """A container that is a program of its own."""

    def execution_parameters(self) -> dict[str, Any]:
        """What GET /execution-parameters answers; empty where the program does not have it."""
        ...


class PredictorContainer:
    """An image's predictor in this process."""

    def __init__(self, predictor: Predictor) -> None:
        self.predictor = predictor

    def call(self, request: Request, *, stream: bool = False) -> Response:
        """Asks the predictor; its answer is one piece."""
        body, content_type = self.predictor.invoke(request.body, request.content_type, request.accept)
        return Response(body, content_type)

    def healthy(self) -> bool:
        """It lives in this process."""
        return True

    def dead(self) -> bool:
        """It is no program."""
        return False

    def close(self) -> None:
        """Nothing but memory to give back."""


@dataclass
class LoadedContainer:
    """One container that is ready to answer.

    Attributes:
        name: `primary` for a model's only container, else its hostname or `container-N`.
        default_accept: what it is asked for when the caller does not say.
    """

    name: str
    container: Container
    default_accept: str

    @property
    def predictor(self) -> Predictor | None:
        """The predictor of a container that is no program of its own."""
        return self.container.predictor if isinstance(self.container, PredictorContainer) else None


class LoadError(Exception):
    """A container could not be loaded.

    Attributes:
        container: its name.
        archive: the fault is the model archive's; else the image could not load what is in it.
    """

    def __init__(self, container: str, cause: Exception) -> None:
        self.container = container
        self.archive = isinstance(cause, ModelArchiveError)
        plain = self.archive or isinstance(cause, (ClientError, ContainerFailure))
        super().__init__(str(cause) if plain else f"{type(cause).__name__}: {cause}")


def is_program(spec: Mapping[str, Any]) -> bool:
    """Whether a container's specification names a program of its own."""
    return bool(spec.get("launch"))


def load_container(spec: dict[str, Any], directory: Path, sockets: Path, number: int) -> LoadedContainer:
    """Unpacks and loads a container.

    Args:
        spec: `name`, `environment`, `serve` (`module:function`) or `launch` with `image` (fields of Image), `archive`
            (path or None) with `layout` (`tar`, `folder` or `file`), `sources` (channel -> the same two), `cache`, and
            `multi_model` for a container of many models (see `MultiModelCache.of`).
        directory: folder to make; the model goes to its `model`.
        sockets: folder with a short name, for a program's socket.
        number: tells the sockets of this process apart.

    Raises:
        LoadError: model data that cannot be unpacked, or a model that its image cannot load.
    """
    environment: Mapping[str, str] = spec["environment"]
    default_accept = environment.get(DEFAULT_ACCEPT) or "*/*"
    if spec.get("multi_model"):
        from smstudio_ext.engine.hosting.multi_model import MultiModelCache

        many = MultiModelCache.of(spec, directory, sockets / f"m{number}")
        return LoadedContainer(spec["name"], many, default_accept)
    try:
        model_dir = directory / "model"
        place_model_data(spec, model_dir)
        for channel, source in (spec.get("sources") or {}).items():
            place_model_data(source, directory / MODEL_SOURCES / channel)
        container: Container
        if is_program(spec):
            from smstudio_ext.engine.hosting.programs import ProgramContainer

            sockets.mkdir(parents=True, exist_ok=True, mode=0o700)
            container = ProgramContainer.start(spec, directory, sockets / f"c{number}")
        else:
            module, _, function = spec["serve"].partition(":")
            container = PredictorContainer(
                getattr(importlib.import_module(module), function)(model_dir, environment)
            )
    except Exception as error:
        raise LoadError(spec["name"], error) from error
    return LoadedContainer(spec["name"], container, default_accept)


def place_model_data(source: Mapping[str, Any], model_dir: Path) -> None:
    """Makes a model folder from an archive, a folder or a file.

    Raises:
        ModelArchiveError: the archive is broken or hostile.
    """
    if source.get("archive") is None:
        model_dir.mkdir(parents=True, exist_ok=True)
        return
    path, layout = Path(source["archive"]), source.get("layout", "tar")
    if layout == "tar":
        extract_model(path, model_dir)
        return
    shutil.rmtree(model_dir, ignore_errors=True)
    model_dir.parent.mkdir(parents=True, exist_ok=True)
    if layout == "folder":
        shutil.copytree(path, model_dir, copy_function=shutil.copyfile)
    else:
        model_dir.mkdir()
        shutil.copyfile(path, model_dir / source["file_name"])
