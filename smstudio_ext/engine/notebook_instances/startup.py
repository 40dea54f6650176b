"""Writes down what a start of a notebook instance needs, and starts its process."""

from __future__ import annotations

import json
import os
import platform
import site
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import smstudio_ext
from smstudio_ext.engine.notebook_instances.configs import HOOKS, get_config, script_of
from smstudio_ext.engine.notebook_instances.folders import Folders, folders_of
from smstudio_ext.engine.notebook_instances.links import allowed_networks
from smstudio_ext.engine.notebook_instances.repositories import clone_order
from smstudio_ext.engine.runtime.instances import instance_type, machine_memory_mb
from smstudio_ext.engine.runtime.jobs import job_environment
from smstudio_ext.engine.runtime.processes import ProcessSpec
from smstudio_ext.engine.runtime.supervisor import read_json, write_json

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store.resources import Resource

LOG_GROUP = "/aws/sagemaker/NotebookInstances"
MACHINE = "smstudio_ext.engine.notebook_instances.machine"
SERVER = "smstudio_ext.notebooks.instance_server"
"""The Jupyter side's extension in an instance's server, by name: the engine imports nothing of Jupyter."""
_STREAMS = {
    "progress": "progress",
    "jupyter": "jupyter.log",
    "git": "git.log",
    "OnCreate": "LifecycleConfigOnCreate",
    "OnStart": "LifecycleConfigOnStart",
}
_STOP_GRACE = 12.0
_ALONE = 43200.0
"""Seconds that an instance goes on without an engine: as long as a session may last."""
MOST_PROCESSES = 4096
"""Processes and threads of one instance, where the kernel can count them: a fork bomb ends there."""


def start_process(ctx: EngineContext, resource: Resource) -> None:
    """Starts the present run of an instance; repeating it is harmless.

    Raises:
        ValidationException: its lifecycle configuration or a repository is gone.
        OSError: the process could not be started; calling again is right.
    """
    folders = folders_of(ctx.settings, resource)
    directory = folders.run(resource.internal["run"])
    folders.make()
    _register_logs(ctx, resource, folders)
    config = _machine_config(ctx, resource, folders, directory)
    directory.mkdir(parents=True, exist_ok=True)
    write_json(folders.control / "machine.json", config)
    _write_jupyter_config(resource, folders)
    _write_metadata(resource, folders)
    refresh_control(ctx, resource)
    granted = instance_type(resource.document["InstanceType"])
    cores = _cores(granted.vcpus)
    ctx.runner.start(
        ProcessSpec(
            directory=directory,
            log_path=_log(folders, "progress"),
            command=[sys.executable, "-m", MACHINE, str(folders.control / "machine.json")],
            env=_environment(ctx, resource, folders),
            optml=folders.scratch / "opt-ml",
            home=folders.home,
            cpus=len(cores) or granted.vcpus,
            cores=cores,
            memory_mb=min(granted.memory_mb, machine_memory_mb()),
            contain=True,
            most_processes=MOST_PROCESSES,
            grace=_STOP_GRACE,
            alone=_ALONE,
            owner=resource.key,
        )
    )


def refresh_control(ctx: EngineContext, resource: Resource) -> None:
    """Tells a running server who may come, and where the engine is now (it may have been started anew)."""
    folders = folders_of(ctx.settings, resource)
    for name, value in (
        ("access.json", {"allowed": allowed_networks(ctx, resource)}),
        ("environment.json", job_environment(ctx, resource.region)),
    ):
        if read_json(folders.control / name) != value:
            write_json(folders.control / name, value, durable=False)
            (folders.control / name).chmod(0o600)


def port_of(folders: Folders) -> int | None:
    """Port of the running server; None while it does not answer."""
    ready = read_json(folders.control / "ready.json")
    return None if ready is None else int(ready["port"])


def failure_of(folders: Folders, run: int) -> str | None:
    """Why a run failed, as its process wrote it down."""
    failure = read_json(folders.run(run) / "failure.json")
    return None if failure is None else str(failure["reason"])


def _machine_config(
    ctx: EngineContext, resource: Resource, folders: Folders, directory: Path
) -> dict[str, Any]:
    document, region = resource.document, resource.region
    scripts: dict[str, str] = {}
    config_arn = ""
    if document.get("NotebookInstanceLifecycleConfigName"):
        config = get_config(ctx, region, document["NotebookInstanceLifecycleConfigName"], "find")
        config_arn = config.arn
        scripts = {hook: script_of(config, hook) for hook in HOOKS}
    named = [document.get("DefaultCodeRepository"), *(document.get("AdditionalCodeRepositories") or ())]
    (folders.control / "ready.json").unlink(missing_ok=True)
    package = Path(smstudio_ext.__file__).parent
    return {
        "name": resource.name,
        "arn": resource.arn,
        "config_arn": config_arn,
        "instance": _capacity_text(document["InstanceType"]),
        "packages": f"Python {platform.python_version()} and what is installed with it; there is no Anaconda here",
        "volume_gb": document["VolumeSizeInGB"],
        "home": str(folders.home),
        "scratch": str(folders.scratch),
        "made": str(folders.made),
        "ready": str(folders.control / "ready.json"),
        "failure": str(directory / "failure.json"),
        "examples": str(package / "notebooks" / "examples"),
        "python_path": [str(package / "companion" / "path"), *_python_path(package)],
        "secrets": [ctx.settings.secret_key, resource.internal["secret"]],
        "repositories": [clone_order(ctx, region, one) for one in named if one],
        "scripts": scripts,
        "logs": {key: str(_log(folders, key)) for key in _STREAMS},
        "jupyter": [
            sys.executable,
            "-m",
            "jupyterlab",
            f"--config={folders.control / 'jupyter_server_config.json'}",
        ],
    }


def _python_path(package: Path) -> list[str]:
    """Folders besides those of the interpreter in which this engine's own modules were found."""
    given = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    root = str(package.parent)
    inside = root in site.getsitepackages()
    return given if inside or root in given else [root, *given]


def _write_jupyter_config(resource: Resource, folders: Folders) -> None:
    document = resource.document
    settings = {
        "instance": resource.internal["id"],
        "name": resource.name,
        "secret": resource.internal["secret"],
        "control": str(folders.control),
        "volume_gb": document["VolumeSizeInGB"],
    }
    write_json(folders.control / "instance.json", settings)
    (folders.control / "instance.json").chmod(0o600)
    server = {
        "ip": "127.0.0.1",
        "port": resource.internal.get("port") or 8890,
        "port_retries": 200,
        "open_browser": False,
        "allow_root": True,
        "cookie_secret_file": str(folders.control / "cookie_secret"),
        "identity_provider_class": f"{SERVER}.identity.InstanceIdentity",
        "kernel_spec_manager_class": f"{SERVER}.kernels.InstanceKernels",
        # the panel is that of the user's own server: a second one would take its kernels and its idle policy over
        "jpserver_extensions": {SERVER: True, "smstudio_ext": False},
        "quit_button": False,
        "terminado_settings": {"shell_command": ["/bin/bash"]},
    }
    value = {
        "ServerApp": server,
        "LabApp": {"news_url": None, "check_for_updates_class": "jupyterlab.NeverCheckForUpdate"},
    }
    write_json(folders.control / "jupyter_server_config.json", value)
    lab = _config_folder(folders) / "labconfig"
    lab.mkdir(parents=True, exist_ok=True)
    write_json(lab / "page_config.json", {"disabledExtensions": {"smstudio-ext": True}}, durable=False)


def _write_metadata(resource: Resource, folders: Folders) -> None:
    """What SDKs read on an instance to find out its role."""
    place = folders.scratch / "opt-ml" / "metadata" / "resource-metadata.json"
    place.write_text(json.dumps({"ResourceArn": resource.arn, "ResourceName": resource.name}))


def _environment(ctx: EngineContext, resource: Resource, folders: Folders) -> dict[str, str]:
    values = {
        **job_environment(ctx, resource.region),
        "SMSTUDIO_HOME": str(ctx.settings.data_dir),
        "SMSTUDIO_NOTEBOOK_INSTANCE": str(folders.control / "instance.json"),
        "SAGEMAKER_USER_CONFIG_OVERRIDE": str(
            Path(smstudio_ext.__file__).parent / "companion" / "sagemaker-config.yaml"
        ),
        "PYTHONPATH": os.pathsep.join(_python_path(Path(smstudio_ext.__file__).parent)),
        "JUPYTER_RUNTIME_DIR": str(folders.scratch / "jupyter"),
        "JUPYTER_CONFIG_DIR": str(_config_folder(folders)),
        "SHELL": "/bin/bash",
    }
    if site.ENABLE_USER_SITE and site.getuserbase():  # the home directory is another one there
        values["PYTHONUSERBASE"] = site.getuserbase()
    return values


def _register_logs(ctx: EngineContext, resource: Resource, folders: Folders) -> None:
    for key, stream in _STREAMS.items():
        if key in ("git", *HOOKS) and not _uses(resource, key):
            continue
        ctx.logs.register(resource.region, LOG_GROUP, f"{resource.name}/{stream}", _log(folders, key))


def _uses(resource: Resource, key: str) -> bool:
    document = resource.document
    if key == "git":
        return bool(document.get("DefaultCodeRepository") or document.get("AdditionalCodeRepositories"))
    return bool(document.get("NotebookInstanceLifecycleConfigName"))


def _config_folder(folders: Folders) -> Path:
    return folders.scratch / "jupyter-config"


def _log(folders: Folders, key: str) -> Path:
    return folders.logs / f"{key}.log"


def _capacity_text(name: str) -> str:
    """What the type has, and what of it this machine can give."""
    granted = instance_type(name)
    given, memory = len(_cores(granted.vcpus)) or granted.vcpus, machine_memory_mb()
    text = f"{name}, {granted.vcpus:g} vCPU and {granted.memory_mb / 1024:g} GiB"
    if given < granted.vcpus or memory < granted.memory_mb:
        text += f"; this machine is smaller: limited to {given:g} vCPU and {min(memory, granted.memory_mb) / 1024:.1f} GiB"
    return text


def _cores(vcpus: float) -> list[int]:
    usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return usable[: max(1, int(vcpus))]
