"""What runs in the processes of jobs whose image is a function: calls it and writes /opt/ml/output/failure."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from smstudio_ext.engine.images.contract import AlgorithmError, ClientError

EXIT_ALGORITHM = 1
EXIT_CLIENT = 2


def run_program(program: str, optml: str) -> int:
    """Runs an image's `train` or `process` program over its /opt/ml folder; returns the exit code.

    Args:
        program: `module:function`, called with the folder.
        optml: the folder that holds `input`, `model` and `output`.
    """
    return guarded(lambda: load(program)(Path(optml)), Path(optml))


def run_function(program: str, optml: str, arguments: dict[str, Any]) -> int:
    """Like `run_program` for a function that takes further keyword arguments."""
    return guarded(lambda: load(program)(Path(optml), **arguments), Path(optml))


def load(program: str) -> Callable[..., Any]:
    """The function that `module:function` names."""
    module, _, function = program.partition(":")
    loaded: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return loaded


def guarded(work: Callable[[], Any], optml: Path) -> int:
    """Runs `work`; what goes wrong is printed and told in `output/failure` as an image's program does it."""
    try:
        work()
    except (AlgorithmError, ClientError) as error:
        print(f"Customer Error: {error}", file=sys.stderr)
        return _fail(optml, str(error), EXIT_CLIENT)
    except MemoryError:
        traceback.print_exc()
        return _fail(optml, "Out of memory. Please use an instance type with more memory.", EXIT_ALGORITHM)
    except OSError as error:
        traceback.print_exc()
        return _fail(optml, f"{error.strerror or error}", EXIT_ALGORITHM)
    except Exception as error:  # noqa: BLE001 - an image's own code may raise anything; it is all an AlgorithmError
        traceback.print_exc()
        return _fail(optml, f"framework error: {type(error).__name__}: {error}", EXIT_ALGORITHM)
    return 0


def _fail(optml: Path, message: str, code: int) -> int:
    try:
        (optml / "output").mkdir(parents=True, exist_ok=True)
        (optml / "output" / "failure").write_text(message)
    except OSError as error:  # a full disk: the exit code still tells
        print(f"cannot write output/failure: {error}", file=sys.stderr)
    return code
