"""A stand for tests of jobs: real store, objects, runner and slots; steps are taken by the test or by real workers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from smstudio_ext.engine.context import EngineContext
from smstudio_ext.engine.images.contract import Image, MetricDefinition
from smstudio_ext.engine.runtime import training
from smstudio_ext.engine.server.wiring import build_context, stop_parts
from smstudio_ext.engine.settings import Settings
from smstudio_ext.engine.store import Resource
from tests.conftest import eventually

REGION = "us-east-1"
ACCOUNT = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
IMAGE = f"{ACCOUNT}/test-image:1"
BUCKET = "bucket"
PROGRAMS = "job_images"


class JobStand:
    """Jobs over a data directory, without the front door.

    Args:
        workers: real reconciler threads; without them the test calls `settle` or steps by itself.
    """

    def __init__(self, data_dir: Path, *, workers: bool = False, **settings: Any) -> None:
        self.data_dir = data_dir
        self.settings = {"cpus": 2, **settings}
        self.workers = workers
        self.ctx = self._open()
        self.ctx.objects.create_bucket(BUCKET, REGION)

    def _open(self) -> EngineContext:
        ctx = build_context(Settings(self.data_dir, **self.settings))
        ctx.runner._preload = ["numpy"]  # the whole list takes seconds
        for name, facts in _IMAGES.items():
            ctx.images.register(name, lambda uri, facts=facts: Image("test", "1", uri.uri, **facts))
        ctx.runner.open()
        if self.workers:
            ctx.reconciler.start(ctx)
        else:
            ctx.reconciler.attach(ctx)
        return ctx

    def restart(self) -> None:
        """What a start after `kill -9` finds: only what is on disk (the fork server lives on)."""
        old = self.ctx
        self.workers and old.reconciler.close()
        old.runner.close(keep_fork_server=True)
        old.objects.close()
        old.store.close()
        self.ctx = self._open()
        if not self.workers:
            self.ctx.reconciler.take_up()

    def close(self) -> None:
        """Stops everything that runs in this process, and what it started."""
        for row in self.ctx.store.resources.unfinished():
            self.ctx.runner.stop(Path(row.internal["folder"]) / "process", 0)
        stop_parts(self.ctx)

    def put(self, key: str, text: str | bytes) -> str:
        """Puts an object; returns its URI."""
        self.ctx.objects.put_bytes(BUCKET, key, text if isinstance(text, bytes) else text.encode())
        return f"s3://{BUCKET}/{key}"

    def text(self, key: str) -> str:
        """The text of an object."""
        with self.ctx.objects.open(BUCKET, key) as file:
            return file.read().decode()

    def keys(self, prefix: str = "") -> list[str]:
        """Keys of the bucket."""
        return [info.key for info in self.ctx.objects.iterate(BUCKET, prefix)]

    def train(self, name: str, *, channels: dict[str, str] | None = None, **members: Any) -> Resource:
        """Creates a training job; keyword arguments in lower case are hyperparameters, others members."""
        return training.create_training_job(self.ctx, REGION, training_request(name, channels or {}, members))

    def job(self, name: str, kind: str = "TrainingJob") -> Resource:
        """The row as it is now."""
        return self.ctx.store.resources.get(kind, REGION, name)

    def settle(self, name: str, kind: str = "TrainingJob", timeout: float = 30.0) -> Resource:
        """Takes steps until the job is finished."""

        def finished() -> Resource | None:
            if not self.workers:
                self.ctx.reconciler.run_due()
            row = self.job(name, kind)
            return row if row.finished else None

        return eventually(finished, timeout, f"end of {kind} {name}")

    def reach(self, name: str, secondary: str) -> Resource:
        """Takes steps until a training job has that secondary status and, in Training, its process runs."""

        def there() -> Resource | None:
            if not self.workers:
                self.ctx.reconciler.run_due()
            row = self.job(name)
            assert not row.finished or row.document["SecondaryStatus"] == secondary, row.document
            if row.document["SecondaryStatus"] != secondary:
                return None
            process = Path(row.internal["folder"]) / "process"
            if secondary == "Training" and self.ctx.runner.state(process).pid is None:
                return None
            return row

        return eventually(there, what=f"{name} in {secondary}")

    def log(self, row: Resource) -> list[str]:
        """Lines of the job's log."""
        group = "/aws/sagemaker/TrainingJobs"
        (stream,) = self.ctx.logs.streams(row.region, group, f"{row.name}/")
        return [event.message for event in self.ctx.logs.read(row.region, group, stream.name).events]


_IMAGES: dict[str, dict[str, Any]] = {
    "test-image": {
        "train": f"{PROGRAMS}:train",
        "serve": f"{PROGRAMS}:load_upper",
        "process": f"{PROGRAMS}:process",
        "metric_definitions": (MetricDefinition("train:loss", r"train-loss:([0-9.]+)"),),
    },
    "test-counter": {"serve": f"{PROGRAMS}:load_counter"},
    "test-cores": {"train": f"{PROGRAMS}:count_cores"},
    "test-tuned": {"train": "tuned_images:train"},
}


def training_request(name: str, channels: dict[str, str], members: dict[str, Any]) -> dict[str, Any]:
    """An input of CreateTrainingJob."""
    request: dict[str, Any] = {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "RoleArn": "arn:aws:iam::000000000000:role/test",
        "HyperParameters": {key: str(value) for key, value in members.items() if key.islower()},
        "InputDataConfig": [channel(name, uri) for name, uri in channels.items()],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    }
    request.update({key: value for key, value in members.items() if not key.islower()})
    return request


def channel(name: str, uri: str, **members: Any) -> dict[str, Any]:
    """A channel of InputDataConfig over an S3 prefix."""
    source = {"S3DataType": "S3Prefix", "S3Uri": uri}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}, **members}


@contextmanager
def job_stand(data_dir: Path, **options: Any) -> Iterator[JobStand]:
    """A stand whose job processes find the test images; closed at the end."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    stand = JobStand(data_dir, **options)
    try:
        yield stand
    finally:
        stand.close()
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
