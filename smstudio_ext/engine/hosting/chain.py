"""The containers of a model, loaded in this process and called one after the other."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smstudio_ext.engine.hosting.archive import ModelArchiveError, extract_model
from smstudio_ext.engine.images.contract import Predictor

DEFAULT_ACCEPT = "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT"


@dataclass
class LoadedContainer:
    """One container that is ready to answer.

    Attributes:
        name: `primary` for a model's only container, else its hostname or `container-N`.
        default_accept: what it is asked for when the caller does not say.
    """

    name: str
    predictor: Predictor
    default_accept: str


class LoadError(Exception):
    """A container could not be loaded.

    Attributes:
        container: its name.
        archive: the fault is the model archive's; else the image could not load what is in it.
    """

    def __init__(self, container: str, cause: Exception) -> None:
        self.container = container
        self.archive = isinstance(cause, ModelArchiveError)
        super().__init__(str(cause) if self.archive else f"{type(cause).__name__}: {cause}")


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
    """An inference pipeline: each container gets the body and content type that the one before gave."""

    def __init__(self, containers: list[LoadedContainer]) -> None:
        self._containers = containers

    @classmethod
    def load(cls, specs: list[dict[str, Any]], directory: Path) -> Chain:
        """Unpacks and loads every container.

        Args:
            specs: `archive` (path or None), `serve` (`module:function`), `environment`, `name`.
            directory: folder to make; each container's model goes to `<directory>/<number>/`.

        Raises:
            LoadError: model data that cannot be unpacked, or a model that its image cannot load.
        """
        return cls([_load(spec, directory / str(number)) for number, spec in enumerate(specs, 1)])

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Passes a request through all containers.

        A container before the last one is asked for its default accept type; the last one for the caller's, or its
        own default where the caller takes anything.

        Raises:
            ContainerError: a container raised.
        """
        last = len(self._containers) - 1
        for position, container in enumerate(self._containers):
            wanted = accept if position == last and accept not in ("", "*/*") else container.default_accept
            try:
                body, content_type = container.predictor.invoke(body, content_type, wanted)
            except Exception as error:
                raise ContainerError(container.name, error) from error
        return body, content_type


def _load(spec: dict[str, Any], model_dir: Path) -> LoadedContainer:
    environment: Mapping[str, str] = spec["environment"]
    try:
        if spec["archive"] is None:
            model_dir.mkdir(parents=True, exist_ok=True)
        else:
            extract_model(Path(spec["archive"]), model_dir)
        module, _, function = spec["serve"].partition(":")
        predictor = getattr(importlib.import_module(module), function)(model_dir, environment)
    except Exception as error:
        raise LoadError(spec["name"], error) from error
    return LoadedContainer(spec["name"], predictor, environment.get(DEFAULT_ACCEPT) or "*/*")
