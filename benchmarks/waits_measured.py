"""What the two programs of `bench_sdk_waits.py` measure with."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

figures: dict[str, list[float]] = {}


def measured(name: str, act: Callable[[], Any]) -> tuple[Any, float]:
    """Calls, keeps the seconds it took, and returns its value and the time at its end."""
    began = time.time()
    value = act()
    ended = time.time()
    figures.setdefault(name, []).append(ended - began)
    return value, ended


def after(name: str, returned: float, end: datetime) -> None:
    """Keeps how long after the end of the work a call returned, seconds."""
    figures.setdefault(f"{name} after the end", []).append(max(0.0, returned - end.timestamp()))
