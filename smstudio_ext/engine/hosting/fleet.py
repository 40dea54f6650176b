"""What an endpoint is made of: fleets of variants of instances, as its controller keeps them in the store."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from smstudio_ext.engine.settings import Settings

# sun_path holds 108 bytes on Linux and 104 on macOS, with the closing zero
_LONGEST_SOCKET_PATH = 100


@dataclass
class Container:
    """One container of a model as it is served.

    Attributes:
        image: URI as the user gave it.
        serve: `module:function` of the image's implementation; empty for a program of its own.
        model_data: s3:// or https:// address of the archive, if the container has one.
        archive: name of the local copy in the endpoint's `artifacts` folder.
        layout: what the address and the copy are: `tar` (an archive), `folder` or `file`.
        launch: `module:function` that says how the container's program is started.
        facts: fields of its Image, for `launch`.
        sources: further model data by channel: `model_data`, `archive`, `layout`.
        models: s3:// prefix of the models of a multi-model container.
        keep_models: models stay loaded between requests.
    """

    image: str
    serve: str
    environment: dict[str, str] = field(default_factory=dict)
    hostname: str = ""
    model_data: str | None = None
    archive: str | None = None
    resolved_image: str = ""
    layout: str = "tar"
    launch: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    models: str | None = None
    keep_models: bool = True

    def artifacts(self) -> Iterator[dict[str, Any]]:
        """Everything of this container that an endpoint keeps a copy of: `model_data`, `archive`, `layout`."""
        if self.model_data is not None and self.models is None:
            yield {"model_data": self.model_data, "archive": self.archive, "layout": self.layout}
        yield from self.sources.values()


@dataclass
class Instance:
    """One model server.

    Attributes:
        attempt: counts the starts of its process; every start has its own folder.
        ready: it has answered since its last start.
        not_before: time of the next start after a crash, seconds since the epoch; None while it may run.
        crashes: starts that ended by themselves without a pause of good service between them.
        ready_since: when it last became ready, seconds since the epoch.
    """

    id: str
    attempt: int = 1
    ready: bool = False
    not_before: float | None = None
    crashes: int = 0
    ready_since: float | None = None


@dataclass
class Variant:
    """One production variant with its instances.

    Attributes:
        count: instances that it is to have.
        startup_timeout: seconds within which a model server must have loaded its model.
        resolved_at: when the images were resolved, seconds since the epoch.
        direct: its containers are called one by one, by name.
        serverless: ServerlessConfig of a variant whose servers come and go with requests.
    """

    name: str
    model: str
    instance_type: str
    weight: float
    count: int
    containers: list[Container]
    instances: list[Instance]
    routing: str = "RANDOM"
    startup_timeout: float = 300.0
    resolved_at: float = 0.0
    direct: bool = False
    serverless: dict[str, int] | None = None


@dataclass
class Fleet:
    """Every variant of an endpoint under one configuration.

    Attributes:
        shadows: variants that get copies of the requests; their answers are dropped.
        capture: DataCaptureConfig, while capture is on.
        asynchronous: AsyncInferenceConfig of an asynchronous endpoint.
    """

    config: str
    variants: list[Variant]
    shadows: list[Variant] = field(default_factory=list)
    capture: dict[str, Any] | None = None
    asynchronous: dict[str, Any] | None = None

    def all_variants(self) -> list[Variant]:
        """Production and shadow variants."""
        return [*self.variants, *self.shadows]

    def instances(self) -> Iterator[tuple[Variant, Instance]]:
        """Every instance with its variant."""
        for variant in self.all_variants():
            for instance in variant.instances:
                yield variant, instance

    def ids(self) -> set[str]:
        """Ids of all instances."""
        return {instance.id for _, instance in self.instances()}

    def find(self, name: str) -> Variant | None:
        """The variant of that name."""
        return next((variant for variant in self.all_variants() if variant.name == name), None)

    def to_json(self) -> dict[str, Any]:
        """As kept in `Resource.internal`."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Fleet:
        """The fleet that `to_json` wrote."""
        return cls(
            data["config"],
            [_variant(variant) for variant in data["variants"]],
            [_variant(variant) for variant in data.get("shadows") or ()],
            data.get("capture"),
            data.get("asynchronous"),
        )


def _variant(data: dict[str, Any]) -> Variant:
    return Variant(
        **{
            **data,
            "containers": [Container(**container) for container in data["containers"]],
            "instances": [Instance(**instance) for instance in data["instances"]],
        }
    )


def new_instance() -> Instance:
    """An instance with an id like those of AWS's log streams (`i-` and 17 hex digits)."""
    return Instance("i-" + secrets.token_hex(9)[:17])


def endpoint_directory(settings: Settings, region: str, name: str, identity: str) -> Path:
    """Where an endpoint keeps its artifacts, processes and logs."""
    return settings.jobs_dir / "Endpoint" / region / f"{name}-{identity}"


def attempt_directory(endpoint: Path, instance: Instance) -> Path:
    """The process folder of an instance's present start."""
    return endpoint / instance.id / f"run-{instance.attempt}"


def socket_directory(settings: Settings) -> Path:
    """A folder, private to this user, whose socket paths are short enough for the kernel.

    It is the data directory's own `run/ep` where that is short, else one under the system's folder for temporary
    files, named after the data directory, so that a restarted engine finds the same sockets.

    Raises:
        OSError: the folder belongs to somebody else.
    """
    own = settings.run_dir / "ep"
    if len(os.fsencode(own)) + 32 <= _LONGEST_SOCKET_PATH:
        own.mkdir(parents=True, exist_ok=True, mode=0o700)
        return own
    digest = hashlib.sha256(os.fsencode(settings.data_dir.resolve())).hexdigest()[:12]
    base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    if len(os.fsencode(base)) > _LONGEST_SOCKET_PATH - 64:
        base = "/tmp"
    return private_directory(Path(base) / f"smstudio-{os.getuid()}-{digest}")


def private_directory(path: Path) -> Path:
    """Makes a folder that only this user can enter, unless it is there.

    Raises:
        OSError: it belongs to somebody else, or others may enter it.
    """
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{path} is not a private folder of this user; remove it.")
    return path


def socket_path(settings: Settings, instance: Instance) -> Path:
    """Where an instance's present start listens."""
    return socket_directory(settings) / f"{instance.id}-{instance.attempt}"
