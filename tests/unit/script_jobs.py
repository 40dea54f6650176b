"""Script mode for tests: packs a source folder and makes the request that the SDK's estimators make."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

from smstudio_ext.engine.runtime import training
from smstudio_ext.engine.store import Resource
from tests.unit.job_stand import ACCOUNT, REGION, JobStand, training_request

SKLEARN = f"{ACCOUNT}/sagemaker-scikit-learn:1.2-1-cpu-py3"
GROUP = "/aws/sagemaker/TrainingJobs"


def archive(files: dict[str, str | bytes]) -> bytes:
    """A sourcedir.tar.gz."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def script_request(
    name: str,
    source: str,
    entry: str = "train.py",
    *,
    image: str = SKLEARN,
    channels: dict[str, str] | None = None,
    hyperparameters: dict[str, Any] | None = None,
    **members: Any,
) -> dict[str, Any]:
    """An input of CreateTrainingJob with a script; hyperparameters are JSON-encoded, as the SDK does it."""
    given = {
        "sagemaker_program": entry,
        "sagemaker_submit_directory": source,
        "sagemaker_container_log_level": 20,
        "sagemaker_job_name": name,
        "sagemaker_region": REGION,
        **(hyperparameters or {}),
    }
    request = training_request(name, channels or {}, members)
    request["AlgorithmSpecification"]["TrainingImage"] = image
    request["HyperParameters"] = {key: json.dumps(value) for key, value in given.items()}
    return request


def train_script(
    stand: JobStand,
    name: str,
    files: dict[str, str | bytes],
    entry: str = "train.py",
    *,
    timeout: float = 30.0,
    **options: Any,
) -> Resource:
    """Runs a source folder's entry point to the job's end; the stand has no front door, so the archive is a file."""
    source = stand.data_dir / f"{name}.tar.gz"
    source.write_bytes(archive(files))
    training.create_training_job(stand.ctx, REGION, script_request(name, str(source), entry, **options))
    return stand.settle(name, timeout=timeout)


def log(stand: JobStand, name: str, host: str = "algo-1") -> str:
    """The text of a training job's log."""
    (stream,) = stand.ctx.logs.streams(REGION, GROUP, f"{name}/{host}")
    return "\n".join(event.message for event in stand.ctx.logs.read(REGION, GROUP, stream.name).events)


def make_wheel(folder: Path, name: str, text: str) -> Path:
    """A wheel with one module."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"{name}.py", text)
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        file.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return path
