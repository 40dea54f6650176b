"""A framework container's program in its job process: the training toolkit, or the entry point that the request names."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from smstudio_ext.engine.images.frameworks.images import FRAMEWORKS, Framework
from smstudio_ext.engine.images.toolkit.environment import base_dir
from smstudio_ext.engine.images.toolkit.failures import EXIT_CODE, MissingFramework, UserError, write_failure
from smstudio_ext.engine.images.toolkit.jobpython import JobPython, make_job_python
from smstudio_ext.engine.images.toolkit.scripts import become_script, can_run_here

OPT_ML = "/opt/ml"
IMAGE_VARIABLE = "SMSTUDIO_IMAGE"
"""Tells the modules for scripts of older images (`frameworks/compat`) which image the job has."""
_PYTHONS = (
    "python",
    "python3",
    "/usr/bin/python3",
    "/usr/bin/python",
    "/opt/conda/bin/python",
    "/miniconda3/bin/python",
)
_DISTRIBUTIONS = {"sklearn": ("scikit-learn",), "xgboost": ("xgboost", "xgboost-cpu")}


@dataclass(frozen=True)
class Container:
    """What a program is started with; the arguments of `run`."""

    phase: str
    framework: Framework
    image: str
    optml: Path
    cache: Path
    entrypoint: tuple[str, ...]
    arguments: tuple[str, ...]
    own_interpreter: bool

    def beside(self, name: str) -> Path:
        """A private folder of the job beside its /opt/ml."""
        return self.optml.with_name(f"{self.optml.name}-{name}")

    def python(self, layers: tuple[Path, ...] = ()) -> JobPython:
        """Makes the job's Python."""
        return make_job_python(self.beside("python"), layers)


def run(
    *,
    phase: str,
    framework: str,
    image: str,
    optml: str,
    cache: str,
    entrypoint: Sequence[str] = (),
    arguments: Sequence[str] = (),
    own_interpreter: bool = False,
) -> int:
    """Runs the program to its end; returns the exit code.

    Args:
        phase: `train` or `process`.
        framework: name in `FRAMEWORKS`.
        image: the image's URI.
        optml: the folder that is /opt/ml.
        cache: where environments are kept.
        entrypoint, arguments: the request's ContainerEntrypoint and ContainerArguments.
        own_interpreter: the request sets variables that Python or a library reads when it starts.
    """
    container = Container(
        phase,
        FRAMEWORKS[framework],
        image,
        Path(optml),
        Path(cache),
        tuple(entrypoint),
        tuple(arguments),
        own_interpreter,
    )
    os.environ[IMAGE_VARIABLE] = image
    announce(container.framework, image)
    try:
        if container.entrypoint:
            return _execute(container)
        if phase == "train":
            from smstudio_ext.engine.images.toolkit.training import train

            return train(container)
        raise UserError(
            f"The image {image} has no program of its own for processing jobs. Give one in AppSpecification.ContainerEntrypoint."
        )
    except UserError as error:
        failed = "Reporting training FAILURE\n" if phase == "train" else ""
        print(f"{failed}{error}", file=sys.stderr, flush=True)
        write_failure(base_dir(), str(error))
        return EXIT_CODE


def announce(framework: Framework, image: str) -> None:
    """Says in the log which versions the image's name stands for here."""
    installed = f"Python {sys.version.split()[0]}"
    if framework.package is not None:
        found = installed_version(framework.package)
        installed = f"{framework.title} {found or '(not installed)'}, {installed}"
    print(
        f"smstudio: the image {image.rsplit('/', 1)[-1]} runs with what is installed here: {installed}",
        flush=True,
    )


def installed_version(package: str) -> str | None:
    """The version of an installed package, named by its module."""
    for name in _DISTRIBUTIONS.get(package, (package,)):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return None


def require_framework(container: Container, layers: Sequence[Path]) -> None:
    """Ends the job when the image's framework is neither installed nor in the job's own environment.

    Raises:
        MissingFramework: it says what to install.
    """
    framework = container.framework
    if framework.package is None or any((layer / framework.package).exists() for layer in layers):
        return
    if importlib.util.find_spec(framework.package) is None:
        name = container.image.rsplit("/", 1)[-1]
        raise MissingFramework(name, framework.title, framework.package, framework.install)


def _execute(container: Container) -> int:
    """Becomes the entry point of the request."""
    try:
        require_framework(container, ())
    except MissingFramework as missing:  # the program may do without it, or install it
        print(f"smstudio: {missing}", flush=True)
    python = container.python()
    environment = python.environment(dict(os.environ))
    work = container.beside("work")
    work.mkdir(exist_ok=True)
    os.chdir(work)
    argv = [_here(word) for word in (*container.entrypoint, *container.arguments)]
    script = _script_of(argv)
    if script is not None and not container.own_interpreter and can_run_here(Path(script[0])):
        return become_script(script[0], script[1:], python, environment)
    program = str(python.python) if argv[0] in _PYTHONS else argv[0]
    sys.stdout.flush()
    try:
        os.execvpe(program, [program, *argv[1:]], environment)
    except OSError as error:
        raise UserError(f"Cannot run {' '.join(container.entrypoint)}: {error.strerror}") from error


def _script_of(argv: list[str]) -> list[str] | None:
    """The script and its arguments when the command is `python3 [-u] script.py ...`."""
    if argv[0] not in _PYTHONS:
        return None
    rest = argv[1:]
    if rest[:1] == ["-u"]:
        rest = rest[1:]
    if not rest or not rest[0].endswith(".py") or not Path(rest[0]).is_file():
        return None
    return rest


def _here(word: str) -> str:
    """A path below /opt/ml as this process sees it, where /opt/ml cannot be bound."""
    base = str(base_dir())
    if base != OPT_ML and (word == OPT_ML or word.startswith(OPT_ML + "/")):
        return base + word[len(OPT_ML) :]
    return word
