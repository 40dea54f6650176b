"""Writes the generated module: data processors that the user may change, with what trains and serves them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from smstudio_ext.engine.autopilot.generated.processors import processor_source
from smstudio_ext.engine.images.sklearn_automl.specification import Specification

PROCESSORS = "candidate_data_processors"
_TEMPLATES = ("trainer.py", "sagemaker_serve.py")


def template(name: str) -> str:
    """The text of a file that is the same for every job."""
    return (files(__package__) / "files" / f"{name}.txt").read_text(encoding="utf-8")


def write_generated_module(folder: Path, specs: Sequence[Specification]) -> None:
    """Writes README.md and `candidate_data_processors/`.

    Args:
        folder: `generated_module`; made if it is not there.
        specs: the strategies, `dpp0` first.
    """
    processors = folder / PROCESSORS
    processors.mkdir(parents=True, exist_ok=True)
    for name in _TEMPLATES:
        (processors / name).write_text(template(name), encoding="utf-8")
    (processors / "__init__.py").write_text('"""Data processors of the candidate pipelines."""\n')
    for spec in specs:
        (processors / f"{spec.name}.py").write_text(processor_source(spec), encoding="utf-8")
    (folder / "__init__.py").write_text('"""Code that Autopilot generated."""\n')
    listed = "\n".join(f"| `{spec.name}.py` | {spec.description} |" for spec in specs)
    (folder / "README.md").write_text(template("README.md").replace("{processors}", listed), encoding="utf-8")
