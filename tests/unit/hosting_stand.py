"""A hosting stand for tests: a real store, object store, runner and reconciler with a small image of the tests' own."""

from __future__ import annotations

import io
import os
import tarfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from smstudio_ext.engine.clock import Clock, ManualClock
from smstudio_ext.engine.context import EngineContext
from smstudio_ext.engine.hosting import controller, endpoints, models
from smstudio_ext.engine.images.contract import Image
from smstudio_ext.engine.server.wiring import build_context, start_parts, stop_parts
from smstudio_ext.engine.settings import Settings
from smstudio_ext.engine.store import Resource
from tests.conftest import eventually

REGION = "us-east-1"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/test-tagger:1"
PROGRAM = "123456789012.dkr.ecr.us-east-1.amazonaws.com/test-program:1"
TRAIN_ONLY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/test-train-only:1"
BUCKET = "models"


def archive(files: Mapping[str, str]) -> bytes:
    """A model.tar.gz of text files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


CONTROLLER = controller.EndpointController.kind  # its import registers it


class Stand:
    """Hosting over a data directory, without the front door."""

    def __init__(self, data_dir: Path, clock: Clock | None = None) -> None:
        self.data_dir = data_dir
        self._clock = clock
        self.ctx = self._build()
        self._start()
        if self.ctx.objects.bucket(BUCKET) is None:
            self.ctx.objects.create_bucket(BUCKET, REGION)

    def _build(self) -> EngineContext:
        ctx = build_context(Settings(self.data_dir), self._clock)
        ctx.images.register(
            "test-tagger", lambda uri: Image("tagger", "1", uri.uri, serve="tagger_image:load")
        )
        ctx.images.register(
            "test-program", lambda uri: Image("program", "1", uri.uri, launch="program_image:launch")
        )
        ctx.images.register("test-train-only", lambda uri: Image("trainer", "1", uri.uri, train="x:y"))
        return ctx

    def restart(self) -> None:
        """What a new engine does on the same data."""
        stop_parts(self.ctx)
        self.ctx = self._build()
        self._start()

    def _start(self) -> None:
        start_parts(self.ctx)

    def put_model(self, key: str, content: bytes) -> str:
        """Puts an object and returns its s3:// address."""
        self.ctx.objects.put_bytes(BUCKET, key, content)
        return f"s3://{BUCKET}/{key}"

    def model(self, name: str, tag: str | None = None, **container: Any) -> Resource:
        """A model of one container with the given tag."""
        definition: dict[str, Any] = {"Image": IMAGE, **container}
        if tag is not None:
            definition["ModelDataUrl"] = self.put_model(f"{name}/model.tar.gz", archive({"tag": tag}))
        return models.create_model(self.ctx, REGION, {"ModelName": name, "PrimaryContainer": definition})

    def config(self, name: str, *variants: dict[str, Any], **more: Any) -> Resource:
        """An endpoint configuration; variants need only what differs from one instance of a model named as it."""
        full = [
            {"VariantName": "AllTraffic", "InstanceType": "ml.m5.large", **variant} for variant in variants
        ]
        for variant in full:
            if "ServerlessConfig" in variant:
                del variant["InstanceType"]
        request = {"EndpointConfigName": name, "ProductionVariants": full, **more}
        return endpoints.create_endpoint_config(self.ctx, REGION, request)

    def create(self, name: str, config: str | None = None, wait: str = "InService") -> Resource:
        """An endpoint, once it has the status `wait`."""
        endpoints.create_endpoint(
            self.ctx, REGION, {"EndpointName": name, "EndpointConfigName": config or name}
        )
        return self.wait(name, wait) if wait else self.get(name)

    def get(self, name: str) -> Resource:
        """The endpoint's row."""
        return endpoints.get_endpoint(self.ctx, REGION, name)

    def wait(self, name: str, status: str) -> Resource:
        """The endpoint, once it has a status."""
        return eventually(lambda: row if (row := self.get(name)).status == status else None, what=status)

    def delete(self, name: str) -> None:
        """Deletes an endpoint and waits until it is gone."""
        endpoints.delete_endpoint(self.ctx, REGION, name)
        eventually(lambda: self.find(name) is None)

    def find(self, name: str) -> Resource | None:
        """The endpoint's row, if there is one."""
        return self.ctx.store.resources.find("Endpoint", REGION, name)

    def processes(self, endpoint: str = "*") -> list[Path]:
        """Folders of model servers that run."""
        folders = (self.data_dir / "jobs").glob(f"Endpoint/*/{endpoint}-*/*/run-*")
        return sorted(folder for folder in folders if self.ctx.runner.state(folder).state == "running")

    def close(self) -> None:
        """Takes every endpoint away and ends the parts."""
        for row in self.ctx.store.resources.list("Endpoint", REGION).items:
            self.delete(row.name)
        stop_parts(self.ctx)


class ManualStand(Stand):
    """A stand whose clock the test turns: steps run in the test's own thread when it looks at an endpoint."""

    def __init__(self, data_dir: Path) -> None:
        self.clock = ManualClock(time.time())
        super().__init__(data_dir, self.clock)

    def _start(self) -> None:
        self.ctx.runner.open()
        self.ctx.reconciler.attach(self.ctx)
        self.ctx.reconciler.take_up()

    def tick(self, seconds: float = 0.02) -> None:
        """Lets a little time pass and runs what is due."""
        self.clock.advance(seconds)
        self.ctx.reconciler.run_due()

    def pass_time(self, seconds: float, step: float = 5.0) -> None:
        """Lets much time pass, in steps."""
        while seconds > 0:
            self.tick(min(step, seconds))
            seconds -= step

    def get(self, name: str) -> Resource:
        self.tick()
        return super().get(name)

    def find(self, name: str) -> Resource | None:
        self.tick()
        return super().find(name)


@contextmanager
def hosting_stand(data_dir: Path, kind: type[Stand] = Stand) -> Iterator[Any]:
    """A stand that leaves no process behind."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)  # model servers import the test image
    stand = kind(data_dir)
    try:
        yield stand
    finally:
        stand.close()
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
