"""The frame of the SDK flow programs: runs each flow, keeps its time, prints one line of JSON at the end.

A program imports `flow` and calls `finish()`. Names of flows on the command line run only those (a flow marked `always` too).
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

FAILED = "FAILED"
results: dict[str, Any] = {}
took: dict[str, float] = {}


def flow(run: Callable[[], Any]) -> Callable[[], Any]:
    """Runs a flow where it is defined, so that the next one may build on it; an error is told and the next flow runs."""
    name = run.__name__
    if sys.argv[1:] and name not in sys.argv[1:] and not name.startswith("always"):
        return run
    began = time.monotonic()
    try:
        results[name] = run()
    except Exception:  # noqa: BLE001
        # the flow's own test fails on this; the others still say whether they work
        traceback.print_exc()
        results[name] = FAILED
    took[name] = round(time.monotonic() - began, 2)
    print("==", name, took[name], str(results[name])[:300], flush=True)
    return run


def finish() -> None:
    """Prints what the flows returned and how long they took, and ends the process.

    It ends without waiting for threads: after an asynchronous prediction the SDK v2 looks for its failure file for 15 minutes.
    """
    print("\nRESULT" + json.dumps({"results": results, "took": took}, default=str), flush=True)
    os._exit(0)


def numbers(path: str, rows: int = 400) -> None:
    """Writes a small table without header: label 0 or 1, a telling column, a silent one."""
    with open(path, "w", encoding="utf-8") as file:
        for n in range(rows):
            file.write(f"{n % 2},{n % 2 + n / 1000},{n % 7}\n")
