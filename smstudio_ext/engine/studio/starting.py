"""The start-up script of an app: a supervised process with 5 minutes of time and a log stream of its own."""

from __future__ import annotations

import json
import os
import secrets
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.runtime.instances import instance_type
from smstudio_ext.engine.runtime.jobs import job_environment
from smstudio_ext.engine.runtime.processes import TIMEOUT, ProcessSpec, ProcessState
from smstudio_ext.engine.store.resources import Resource
from smstudio_ext.engine.studio import script_program
from smstudio_ext.engine.studio.domains import homes_of
from smstudio_ext.engine.studio.names import AppKey, app_key
from smstudio_ext.engine.studio.scripts import script_text

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

LOG_GROUP = "/aws/sagemaker/studio"
LIMIT_SECONDS = 300.0
"""How long a start-up script may run, as on AWS."""
GRACE_SECONDS = 5.0


def log_stream(key: AppKey) -> str:
    """The log stream of the start-up script of an app."""
    return f"{key.owner.domain}/{key.owner.name}/{key.type}/{key.name}/LifecycleConfigOnStart"


def new_folder(ctx: EngineContext) -> str:
    """A folder for a new app with a script; it is made when the script starts."""
    return str(ctx.settings.data_dir / "studio" / "apps" / secrets.token_hex(8))


def start_script(ctx: EngineContext, resource: Resource) -> None:
    """Starts the script of an app, unless that was done.

    Raises:
        FileNotFoundError: its lifecycle configuration (whose ARN is the message) is not there any more.
        OSError: it could not be started; calling again is right.
    """
    key = app_key(resource.document)
    folder = folder_of(resource)
    arn = resource.document["ResourceSpec"]["LifecycleConfigArn"]
    script = ctx.store.resources.find_by_arn(arn)
    if script is None:
        raise FileNotFoundError(arn)
    _write_files(resource, folder, script_text(script.document["StudioLifecycleConfigContent"]))
    stream = log_stream(key)
    log = ctx.settings.data_dir / "logs" / "studio" / resource.region / f"{stream}.log"
    ctx.logs.register(resource.region, LOG_GROUP, stream, log)
    ctx.runner.start(_specification(ctx, resource, key, folder, log))


def script_state(ctx: EngineContext, resource: Resource) -> ProcessState:
    """Where the script of an app is."""
    return ctx.runner.state(folder_of(resource) / "process")


def stop_script(ctx: EngineContext, resource: Resource, *, late: bool = False) -> None:
    """Ends a script.

    Args:
        late: because its time is over.
    """
    directory = folder_of(resource) / "process"
    if late:
        ctx.runner.stop(directory, GRACE_SECONDS, reason=TIMEOUT)
    else:
        ctx.runner.stop(directory, GRACE_SECONDS)


def failure_of(resource: Resource, state: ProcessState) -> str:
    """Why an app whose script did not end well could not start."""
    arn = resource.document["ResourceSpec"]["LifecycleConfigArn"]
    where = f"Check its logs in log group {LOG_GROUP}, log stream {log_stream(app_key(resource.document))}."
    if state.reason == TIMEOUT:
        return f"LifecycleConfig execution took longer than 5 minutes for script {arn}. {where}"
    if state.reason:
        what = f"{state.reason}: {state.message}" if state.message else state.reason
        return f"LifecycleConfig execution failed ({what}) for script {arn}. {where}"
    code = state.code if state.code is not None else 128 + (state.signal or 0)
    return f"LifecycleConfig execution failed with non zero exit code {code} for script {arn}. {where}"


def folder_of(resource: Resource) -> Path:
    """The folder of an app that has a script."""
    return Path(resource.internal["place"])


def forget_files(resource: Resource) -> None:
    """Takes the folder of an app away; its log stays."""
    if resource.internal.get("place"):
        shutil.rmtree(folder_of(resource), ignore_errors=True)


def _write_files(resource: Resource, folder: Path, text: str) -> None:
    metadata = folder / "ml" / "metadata"
    metadata.mkdir(parents=True, exist_ok=True, mode=0o700)
    document = resource.document
    facts: dict[str, Any] = {
        "AppType": document["AppType"],
        "DomainId": document["DomainId"],
        **({"UserProfileName": document["UserProfileName"]} if document.get("UserProfileName") else {}),
        **({"SpaceName": document["SpaceName"]} if document.get("SpaceName") else {}),
        "ResourceArn": resource.arn,
        "ResourceName": document["AppName"],
        "AppImageVersion": "",
    }
    (metadata / "resource-metadata.json").write_text(json.dumps(facts))
    script = folder / "on-start.sh"
    script.write_bytes(text.encode())
    script.chmod(0o700)


def _write_pip(bins: Path, prefix: Path) -> None:
    """A `pip` for an environment that uv made without one: else a script's `pip` would be another Python's."""
    bins.mkdir(exist_ok=True, mode=0o700)
    for name in ("pip", "pip3"):
        if not (prefix / "bin" / name).exists():
            # started as a module, uv would take the environment that it is in
            python, own = shlex.quote(str(prefix / "bin" / "python")), shlex.quote(sys.executable)
            text = f'#!/bin/sh\nUV_PYTHON={python} exec {own} -m uv pip "$@"\n'
            (bins / name).write_text(text)
            (bins / name).chmod(0o700)


def _specification(
    ctx: EngineContext, resource: Resource, key: AppKey, folder: Path, log: Path
) -> ProcessSpec:
    home = homes_of(ctx, key.owner.domain) / key.owner.name
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    asked = resource.internal.get("folder")
    here = Path(asked) if asked and Path(asked).is_dir() else home
    environment = {"HOME": str(home), **job_environment(ctx, resource.region)}
    prefix = resource.internal.get("environment")
    if prefix:
        _write_pip(folder / "bin", Path(prefix))
        bins = [str(Path(prefix) / "bin"), str(folder / "bin"), os.environ.get("PATH") or os.defpath]
        environment |= {"PATH": os.pathsep.join(bins), "VIRTUAL_ENV": prefix}
    name = resource.document["ResourceSpec"].get("InstanceType", "system")
    size = instance_type(name) if name != "system" else None
    return ProcessSpec(
        directory=folder / "process",
        log_path=log,
        command=[sys.executable, "-I", "-S", script_program.__file__, str(folder / "on-start.sh")],
        env=environment,
        cwd=here,
        optml=folder / "ml",
        cpus=size.vcpus if size else 1.0,
        memory_mb=min(size.memory_mb, ctx.slots.memory_mb) if size else 0,
        timeout=LIMIT_SECONDS,
        grace=GRACE_SECONDS,
        owner=resource.key,
    )
