"""Many models behind one server: loaded when first asked for, the least recently used ones unloaded under memory."""

from __future__ import annotations

import gc
import os
import shutil
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from smstudio_ext.engine.hosting.chain import Chain, Request, Response
from smstudio_ext.engine.runtime.procfs import descendants, private_memory_mb

MODEL = "x-smstudio-model"
"""Header of the engine: which model (a name that changes with its content)."""
ARCHIVE = "x-smstudio-archive"
"""Header of the engine: where the model's archive lies."""
CACHE_HIT = "x-smstudio-cache-hit"
LOADING_SECONDS = "x-smstudio-loading"
LOADED_MODELS = "x-smstudio-loaded"

HIGH_WATER = 0.8
"""Share of the memory above which models are unloaded before another one is loaded."""


@dataclass
class _Model:
    chain: Chain
    directory: Path
    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0


class MultiModelCache:
    """The loaded models of one server. Safe from any thread; a model answers one request at a time.

    Args:
        spec: the container, without model data; see `containers.load_container`.
        memory_mb: memory of the server, MiB; 0 for no limit.
        keep: models stay loaded for the next request (ModelCacheSetting Enabled).
    """

    def __init__(
        self, spec: dict[str, Any], directory: Path, sockets: Path, memory_mb: int, *, keep: bool = True
    ) -> None:
        self._spec = spec
        self._directory = directory
        self._sockets = sockets
        self._limit = memory_mb
        self._keep = keep
        self._models: OrderedDict[str, _Model] = OrderedDict()
        self._loading = threading.Lock()
        self._lock = threading.Lock()
        self._count = 0

    @classmethod
    def of(cls, spec: dict[str, Any], directory: Path, sockets: Path) -> MultiModelCache:
        """The cache that a container's specification with `multi_model` (`keep`, `memory_mb`) means."""
        plain = {name: value for name, value in spec.items() if name != "multi_model"}
        settings = spec["multi_model"]
        return cls(plain, directory, sockets, int(settings["memory_mb"]), keep=bool(settings["keep"]))

    def call(self, request: Request, *, stream: bool = False) -> Response:
        """Answers with the model that the request names, loading it if need be.

        Raises:
            LoadError: the model cannot be loaded.
            ContainerError: the model raised.
        """
        begin = time.perf_counter()
        name = request.headers.pop(MODEL)
        model, hit = self._take(name, request.headers.pop(ARCHIVE))
        loading = 0.0 if hit else time.perf_counter() - begin
        try:
            with model.lock:
                response = model.chain.call(request, stream=stream)
                if response.parts is not None:  # the lock must not outlive this call
                    response.body, response.parts = b"".join(response.parts), None
        finally:
            self._give_back(name, model)
        response.headers[CACHE_HIT] = "1" if hit else "0"
        response.headers[LOADING_SECONDS] = f"{loading:.6f}"
        response.headers[LOADED_MODELS] = str(len(self._models))
        return response

    @property
    def loaded(self) -> list[str]:
        """Names of the loaded models, the least recently used first."""
        with self._lock:
            return list(self._models)

    def healthy(self) -> bool:
        """Whether the programs of all loaded models answer."""
        with self._lock:
            models = list(self._models.values())
        return all(model.chain.healthy() for model in models)

    def dead(self) -> bool:
        """Whether the program of a loaded model has ended; then it is forgotten, and loaded again when asked for."""
        with self._lock:
            gone = [(name, model) for name, model in self._models.items() if model.chain.dead()]
            for name, _ in gone:
                del self._models[name]
        for name, model in gone:
            self._unload(name, model)
        return False

    def close(self) -> None:
        """Ends every model."""
        for model in list(self._models.values()):
            model.chain.close()

    def _take(self, name: str, archive: str) -> tuple[_Model, bool]:
        found = self._find(name)
        if found is not None:
            return found, True
        with self._loading:
            found = self._find(name)
            if found is not None:
                return found, True
            self._make_room()
            self._count += 1
            directory = self._directory / f"m{self._count}"
            spec = {**self._spec, "archive": archive, "layout": "tar"}
            try:
                chain = Chain.load([spec], directory, self._sockets / f"m{self._count}")
            except BaseException:
                shutil.rmtree(directory, ignore_errors=True)
                raise
            model = _Model(chain, directory, users=1)
            with self._lock:
                self._models[name] = model
            print(f"Model {name.rpartition('@')[0] or name} loaded", flush=True)
            return model, False

    def _find(self, name: str) -> _Model | None:
        with self._lock:
            model = self._models.get(name)
            if model is not None:
                self._models.move_to_end(name)
                model.users += 1
            return model

    def _give_back(self, name: str, model: _Model) -> None:
        with self._lock:
            model.users -= 1
            if self._keep or model.users:
                return
            self._models.pop(name, None)
        self._unload(name, model)

    def _make_room(self) -> None:
        """Unloads idle models, the least recently used first, while memory is above the mark."""
        if not self._limit:
            return
        while used_memory_mb() > self._limit * HIGH_WATER:
            with self._lock:
                name = next((name for name, model in self._models.items() if not model.users), None)
                if name is None:
                    return
                model = self._models.pop(name)
            self._unload(name, model)
            del model
            gc.collect()

    def _unload(self, name: str, model: _Model) -> None:
        model.chain.close()
        shutil.rmtree(model.directory, ignore_errors=True)
        print(f"Model {name.rpartition('@')[0] or name} unloaded", flush=True)


def used_memory_mb() -> int:
    """Private memory of this process and its children, MiB."""
    return private_memory_mb([os.getpid(), *descendants(os.getpid())])
