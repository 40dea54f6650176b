"""`spark` and `sc` of the kernel PySpark: Spark on this machine, started when they are first used."""

from __future__ import annotations

from typing import Any


class _Started:
    """Stands for an object that is made when it is first used: starting Java takes seconds."""

    def __init__(self, make: Any) -> None:
        object.__setattr__(self, "_make", make)

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "_make")(), name)

    def __repr__(self) -> str:
        return repr(object.__getattribute__(self, "_make")())


def _session() -> Any:
    from importlib import import_module

    builder: Any = import_module("pyspark.sql").SparkSession.builder
    builder = builder.appName("notebook").master("local[*]").config("spark.ui.enabled", "false")
    # A bar that moves fills a cell's output with lines.
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    for name in ("spark.driver.host", "spark.driver.bindAddress"):
        builder = builder.config(name, "127.0.0.1")
    return builder.getOrCreate()


def _context() -> Any:
    return _session().sparkContext


spark: Any = _Started(_session)
"""The Spark session."""

sc: Any = _Started(_context)
"""Its context."""
