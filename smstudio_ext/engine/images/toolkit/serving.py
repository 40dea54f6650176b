"""The serving toolkit: a framework container's model server, in a process of its own."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import signal
import socket
import sys
import traceback
from pathlib import Path
from types import ModuleType

from smstudio_ext.engine.images.frameworks.images import FRAMEWORKS, Framework
from smstudio_ext.engine.images.toolkit.defaults import handler_of
from smstudio_ext.engine.images.toolkit.environment import base_dir, module_name
from smstudio_ext.engine.images.toolkit.failures import EXIT_CODE, UserError, write_failure
from smstudio_ext.engine.images.toolkit.handlers import UserModel
from smstudio_ext.engine.images.toolkit.httpserver import ModelServer, execution_parameters, listen
from smstudio_ext.engine.images.toolkit.jobpython import JobPython
from smstudio_ext.engine.images.toolkit.requirements import environment_for
from smstudio_ext.engine.images.toolkit.running import IMAGE_VARIABLE, Container, announce, require_framework
from smstudio_ext.engine.images.toolkit.scripts import can_run_here, renew
from smstudio_ext.engine.images.toolkit.sources import fetch_source

PROGRAM = "SAGEMAKER_PROGRAM"
SUBMIT_DIRECTORY = "SAGEMAKER_SUBMIT_DIRECTORY"
WORKERS = "SAGEMAKER_MODEL_SERVER_WORKERS"
DEFAULT_PROGRAM = "inference.py"
SOCKET = "SMSTUDIO_BIND_TO_SOCKET"
_CODE = "SMSTUDIO_CODE"
_PR_SET_PDEATHSIG = 1
_BOOT = "from smstudio_ext.engine.images.toolkit.serving import main; main()"


def serve(*, framework: str, image: str, optml: str, cache: str, own_interpreter: bool = False) -> int:
    """Loads the model with the user's functions and answers requests until SIGTERM.

    Args:
        framework: name in `FRAMEWORKS`.
        image: the image's URI.
        optml: the folder that is /opt/ml; the model is in its `model`.
        cache: where environments are kept.
        own_interpreter: the model sets variables that Python or a library reads when it starts.
    """
    os.environ[IMAGE_VARIABLE] = image
    kind = FRAMEWORKS[framework]
    container = Container("serve", kind, image, Path(optml), Path(cache), (), (), own_interpreter)
    announce(kind, image)
    shared = None
    try:
        code = find_code()
        layers: tuple[Path, ...] = ()
        if code is not None and (code / "requirements.txt").exists():
            print("Installing dependencies from requirements.txt", flush=True)
            shared = environment_for(code / "requirements.txt", container.cache)
            layers = (shared.site_packages,)
        require_framework(container, layers)
        python = container.python(layers)
        environment = python.environment(dict(os.environ))
        if code is not None:
            environment[_CODE] = str(code)
            environment["PYTHONPATH"] = os.pathsep.join(
                filter(None, [str(code), environment.get("PYTHONPATH", "")])
            )
        if layers or own_interpreter or (code is not None and not can_run_here(code / _program())):
            if shared is not None:
                shared.keep_open()
            sys.stdout.flush()
            os.execve(python.python, [str(python.python), "-c", _BOOT, framework], environment)
        return _serve_here(kind, code, python, environment)
    except UserError as error:
        return _failed(str(error))


def main() -> None:
    """The server in the interpreter of the model's own environment; its argument is the framework."""
    code = os.environ.get(_CODE)
    sys.exit(_serve(FRAMEWORKS[sys.argv[1]], None if code is None else Path(code)))


def find_code() -> Path | None:
    """The folder of the user's module: what SAGEMAKER_SUBMIT_DIRECTORY names, else `model/code`; None if there is none.

    Raises:
        UserError: it is named, but cannot be had.
    """
    named = os.environ.get(SUBMIT_DIRECTORY)
    inside = base_dir() / "model" / "code"
    if named and named.startswith("/opt/ml"):
        inside = Path(str(base_dir()) + named[len("/opt/ml") :])
        if inside.is_file() and not inside.name.endswith((".tar.gz", ".tgz", ".tar")):
            inside = inside.parent
        named = str(inside) if inside.is_file() else None
    if named:
        code = base_dir() / "code"
        fetch_source(named, code)
        return code
    return inside if inside.is_dir() else None


def _program() -> str:
    return os.environ.get(PROGRAM) or DEFAULT_PROGRAM


def _serve_here(kind: Framework, code: Path | None, python: JobPython, environment: dict[str, str]) -> int:
    os.environ.clear()
    os.environ.update(environment)
    renew(python)
    if code is not None:
        sys.path.insert(0, str(code))
    return _serve(kind, code)


def _serve(kind: Framework, code: Path | None) -> int:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    socket_path = Path(os.environ[SOCKET])
    workers = _workers()
    if workers == 1:
        loaded = _load(kind, code)
        return EXIT_CODE if loaded is None else _answer(loaded, listen(socket_path))
    return _several(kind, code, socket_path, workers)


def _load(kind: Framework, code: Path | None) -> UserModel | None:
    """The model, or None with the failure told."""
    try:
        return UserModel(_user_module(kind, code), handler_of(kind.name), str(base_dir() / "model"))
    except UserError as error:
        _failed(str(error))
    except Exception as error:  # noqa: BLE001 - the user's code may raise anything while it loads
        traceback.print_exc()
        _failed(f"{type(error).__name__}: {error}")
    return None


def _user_module(kind: Framework, code: Path | None) -> ModuleType | None:
    name = module_name(_program()) or ""
    found = code is not None and ((code / f"{name.replace('.', '/')}.py").exists() or (code / name).is_dir())
    if not found:
        if kind.name == "pytorch" and not os.environ.get(PROGRAM):
            return None  # a TorchScript model needs no code
        where = (
            f"in {code}" if code is not None else "in the model data (code/) or SAGEMAKER_SUBMIT_DIRECTORY"
        )
        raise UserError(
            f"No inference code was found for the {kind.title} image: there is no module '{name}' {where}. Give an entry point "
            "with model_fn (SAGEMAKER_PROGRAM and SAGEMAKER_SUBMIT_DIRECTORY, as the SDK's models do), or put code/inference.py "
            "into model.tar.gz."
        )
    return importlib.import_module(name)


def _answer(loaded: UserModel, listener: socket.socket) -> int:
    print("Model server ready: the model is loaded.", flush=True)
    ModelServer(loaded, execution_parameters(loaded.execution_parameters_fn)).serve(listener)
    return 0


def _several(kind: Framework, code: Path | None, socket_path: Path, workers: int) -> int:
    """Several processes answer on one socket; one that ends is started anew, as gunicorn does it."""
    ready, told = os.pipe()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    aside = socket_path.with_name(socket_path.name + "~")
    aside.unlink(missing_ok=True)
    listener.bind(str(aside))
    listener.listen(1024)
    running = {_worker(kind, code, listener, told) for _ in range(workers)}
    os.close(told)
    count = 0
    while count < workers:
        data = os.read(ready, workers)
        if not data or b"x" in data:
            return EXIT_CODE  # its reason is told; the others end with this process
        count += len(data)
    aside.rename(socket_path)
    while True:
        pid, status = os.wait()
        if pid in running:
            print(
                f"smstudio: a worker ended with {os.waitstatus_to_exitcode(status)}; it is started again",
                flush=True,
            )
            running.discard(pid)
            running.add(_worker(kind, code, listener, None))


def _worker(kind: Framework, code: Path | None, listener: socket.socket, told: int | None) -> int:
    parent = os.getpid()
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    exit_code = EXIT_CODE
    try:
        _end_with(parent)
        loaded = _load(kind, code)
        if told is not None:
            os.write(told, b"x" if loaded is None else b".")
            os.close(told)
        if loaded is not None:
            exit_code = _answer(loaded, listener)
    finally:
        os._exit(exit_code)


def _end_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(EXIT_CODE)


def _workers() -> int:
    with contextlib.suppress(ValueError):
        return max(1, int(os.environ.get(WORKERS) or 1))
    raise UserError(f"{WORKERS} must be a whole number, not {os.environ[WORKERS]!r}")


def _failed(message: str) -> int:
    print(message, file=sys.stderr, flush=True)
    write_failure(base_dir(), message)
    return EXIT_CODE
