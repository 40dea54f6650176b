"""What scripts of older images take from `sagemaker_containers`, `sagemaker_training`, `sagemaker_inference` and their kin.

Only what such scripts use themselves: environments, content types, encoders, errors, responses.
"""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from smstudio_ext.engine.images.toolkit import content, defaults
from smstudio_ext.engine.images.toolkit.environment import Environment, base_dir, module_name
from smstudio_ext.engine.images.toolkit.failures import CommandError
from smstudio_ext.engine.images.toolkit.failures import UserError as ProgramError
from smstudio_ext.engine.images.toolkit.xgboost_content import LIBSVM, X_RECORDIO_PROTOBUF

_NAMES = {
    content.CSV: "csv",
    LIBSVM: "libsvm",
    "text/x-libsvm": "libsvm",
    X_RECORDIO_PROTOBUF: "recordio-protobuf",
}
_NAMES["application/x-parquet"] = "parquet"


class Response:
    """An answer that `output_fn` or `transform_fn` returns (`sagemaker_containers.beta.framework.worker.Response`)."""

    def __init__(
        self,
        response: Any = None,
        accept: str | None = None,
        status: int = 200,
        headers: Any = None,
        mimetype: str | None = None,
        direct_passthrough: bool = False,
    ) -> None:
        self.smstudio_body = response
        self.status = status
        self.status_code = status
        self.headers = headers
        self.mimetype = mimetype or content.JSON

    def get_data(self, as_text: bool = False) -> Any:
        """The body."""
        body = self.smstudio_body
        if as_text:
            return body.decode("utf-8") if isinstance(body, bytes) else body
        return body.encode("utf-8") if isinstance(body, str) else body


class ServingEnv:
    """Facts of a serving container (`sagemaker_containers.beta.framework.env.ServingEnv`)."""

    def __init__(self) -> None:
        self.model_dir = str(base_dir() / "model")
        self.module_name = module_name(os.environ.get("SAGEMAKER_PROGRAM"))
        self.module_dir = os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY") or str(base_dir() / "code")
        self.default_accept = defaults.default_accept()
        self.current_host = os.environ.get("SM_CURRENT_HOST", "algo-1")
        self.num_cpus = os.cpu_count() or 1
        self.num_gpus = 0
        self.log_level = int(os.environ.get("SAGEMAKER_CONTAINER_LOG_LEVEL") or 20)


class ClientError(Exception):
    """The user's code or data are at fault."""


class UserError(Exception):
    """The user's data or parameters are at fault (`sagemaker_algorithm_toolkit.exceptions`)."""

    def __init__(self, message: str = "", caused_by: BaseException | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.caused_by = caused_by


class BaseInferenceToolkitError(Exception):
    """A failed request with the status to answer it with (`sagemaker_inference.errors`)."""

    def __init__(self, status_code: int, message: str, phrase: str) -> None:
        super().__init__(status_code, message, phrase)
        self.status_code = status_code
        self.message = message
        self.phrase = phrase


class GenericInferenceToolkitError(BaseInferenceToolkitError):
    """The same with a message that may be left out."""

    def __init__(self, status_code: int, message: str | None = None, phrase: str | None = None) -> None:
        told = message or "Invalid Request"
        super().__init__(status_code, told, phrase or told)


def training_env(*given: Any, **named: Any) -> Environment:
    """The training environment (`sagemaker_containers.training_env`)."""
    return Environment(*given, **named)


def get_dmatrix(
    data_path: str | list[str], content_type: str, csv_weights: int = 0, is_pipe: bool = False
) -> Any:
    """The DMatrix of the files below a path (`sagemaker_xgboost_container.data_utils.get_dmatrix`); None without files.

    Args:
        data_path: folder, file, or several of them; with `is_pipe` the FIFO's path without `_0`.
        content_type: `csv`, `libsvm`, `parquet`, `recordio-protobuf`, or their MIME types; the label comes first.
        csv_weights: 1 if the second column of CSV holds weights.
    """
    import xgboost

    from smstudio_ext.engine.images.matrices import stack
    from smstudio_ext.formats import read_csv, read_libsvm, read_parquet, read_recordio

    readers: dict[str, Callable[[Path], Any]] = {
        "csv": lambda path: read_csv(path, weights=bool(csv_weights)),
        "libsvm": read_libsvm,
        "parquet": read_parquet,
        "recordio-protobuf": read_recordio,
    }
    wanted = content.media_type(content_type)
    reader = readers[_NAMES.get(wanted, wanted)]
    files = [
        path
        for given in ([data_path] if isinstance(data_path, str) else data_path)
        for path in _files(given, is_pipe)
    ]
    if not files:
        return None
    table = stack([reader(path) for path in files])
    return xgboost.DMatrix(table.features, label=table.labels, weight=table.weights)


def rabit_run(
    exec_fun: Callable[..., Any],
    args: dict[str, Any],
    include_in_training: bool,
    hosts: list[str],
    current_host: str,
    first_port: int | None = None,
    second_port: int | None = None,
    max_connect_attempts: int | None = None,
    connect_retry_timeout: int = 10,
    update_rabit_args: bool = False,
) -> None:
    """Runs a function on the job's hosts with xgboost's collectives between those that have data
    (`sagemaker_xgboost_container.distributed.rabit_run`)."""
    from smstudio_ext.engine.images.xgboost.cluster import joined, leads

    if len(hosts) < 2:
        exec_fun(**{**args, **({"is_master": True} if update_rabit_args else {})})
        return
    with joined(base_dir(), has_data=include_in_training, columns=1) as (takes_part, _):
        if takes_part:
            exec_fun(**{**args, **({"is_master": leads()} if update_rabit_args else {})})


def _files(given: str, is_pipe: bool) -> list[Path]:
    place = Path(given)
    if is_pipe:
        return [Path(f"{given}_0")]
    if place.is_file():
        return [place]
    return [path for path in sorted(place.rglob("*")) if path.is_file() and not path.name.startswith(".")]


class EntryPointProcess:
    """A running entry point (`sagemaker_containers.beta.framework.process.ProcessRunner`)."""

    def __init__(self, process: subprocess.Popen[str], command: list[str]) -> None:
        self._process = process
        self._command = command

    def wait(self, capture_error: bool = False) -> int:
        """Waits for the end.

        Raises:
            CommandError: it ended with another code than 0.
        """
        _, errors = self._process.communicate()
        if self._process.returncode:
            output = errors if capture_error and errors else ""
            raise CommandError(
                "ExecuteUserScriptError", self._process.returncode, output, shlex.join(self._command)
            )
        return 0


def run_entry_point(
    uri: str,
    user_entry_point: str,
    args: list[str],
    env_vars: Mapping[str, str] | None = None,
    wait: bool = True,
    capture_error: bool = False,
    runner: Any = None,
    extra_opts: Any = None,
) -> EntryPointProcess:
    """Runs a script, a package or a shell program of a folder (`sagemaker_containers.entry_point.run`).

    Args:
        uri: a folder of this machine; the original also takes an archive in S3.
        user_entry_point: `name.py`, another file (run by the shell), or the folder's package.

    Raises:
        ProgramError: `uri` is no folder, or a runner for MPI was asked for.
        CommandError: the program ended with another code than 0.
    """
    folder = Path(uri)
    if not folder.is_dir():
        raise ProgramError(
            f"entry_point.run() takes a folder here; {uri} is none. Download and unpack it first."
        )
    if (runner is not None and "Process" not in str(runner)) or extra_opts:
        raise ProgramError("entry_point.run() starts one process here; runners for MPI are not offered.")
    if user_entry_point.endswith(".py"):
        command = [sys.executable, user_entry_point, *args]
    elif (folder / "setup.py").exists() or (folder / user_entry_point / "__main__.py").exists():
        command = [sys.executable, "-m", user_entry_point, *args]
    else:
        command = ["/bin/sh", "-c", f"./{shlex.quote(user_entry_point)} {shlex.join(args)}"]
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **(env_vars or {})},
        stderr=subprocess.PIPE if capture_error else None,
        text=True,
    )
    started = EntryPointProcess(process, command)
    if wait:
        started.wait(capture_error)
    return started


def wait_hostname_resolution(seconds: float = 60.0) -> None:
    """Waits until the name of each host of the job has an address (`entry_point._wait_hostname_resolution`).

    Raises:
        OSError: a name has none after `seconds`.
    """
    deadline = time.monotonic() + seconds
    for host in Environment().hosts:
        while True:
            try:
                socket.gethostbyname(host)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
