"""Conda's environment.yml as lines for uv, for machines without conda."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_NAMES = {
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "matplotlib-base": "matplotlib",
    "tensorflow-base": "tensorflow",
    "py-xgboost": "xgboost",
    "opencv": "opencv-python-headless",
    "boto3": "boto3",
    "python-graphviz": "graphviz",
    "pyyaml": "pyyaml",
}
"""Packages that PyPI has under another name."""

_LEFT_OUT = frozenset(
    {
        "pip",
        "setuptools",
        "wheel",
        "mkl",
        "blas",
        "libblas",
        "openblas",
        "cudatoolkit",
        "openssl",
        "ca-certificates",
    }
)
"""What comes with Python packages on PyPI, or has no meaning there."""


class BadFile(Exception):
    """The file is no environment of conda's; the message says why."""


@dataclass(frozen=True)
class Translation:
    """What an environment.yml says.

    Attributes:
        python: version of Python; None where it says none.
        requirements: lines for the installer.
        left_out: dependencies that have no line.
    """

    python: str | None
    requirements: tuple[str, ...]
    left_out: tuple[str, ...]


def translate(path: Path) -> Translation:
    """Reads an environment.yml.

    Raises:
        BadFile: it is not one.
    """
    dependencies = _dependencies(path)
    python: str | None = None
    lines: list[str] = []
    left_out: list[str] = []
    for each in dependencies:
        if isinstance(each, dict):
            lines += [str(line) for line in each.get("pip") or ()]
            continue
        name, version = _split(str(each))
        if name == "python":
            python = version.lstrip("=<>!~ ").removesuffix(".*") or None
        elif name in _LEFT_OUT:
            left_out.append(str(each))
        else:
            lines.append(_NAMES.get(name, name) + version)
    return Translation(python, tuple(lines), tuple(left_out))


def _dependencies(path: Path) -> list[Any]:
    import yaml  # type: ignore[import-untyped]

    try:
        content = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadFile(f"{path} cannot be read as YAML: {error}") from error
    found = content.get("dependencies") if isinstance(content, dict) else None
    if not isinstance(found, list):
        raise BadFile(f"{path} has no list of dependencies.")
    return found


def _split(text: str) -> tuple[str, str]:
    """Name and version, `numpy=1.26=py311_0` as `numpy`, `==1.26.*`."""
    text = text.split("#", 1)[0].split("::", 1)[-1].strip()
    matched = re.match(r"([A-Za-z0-9._-]+)\s*(.*)", text)
    if matched is None:
        raise BadFile(f"'{text}' is no dependency.")
    name, rest = matched.group(1).lower(), matched.group(2).strip()
    if rest.startswith("=") and not rest.startswith("=="):
        version = rest[1:].split("=", 1)[0].strip()
        rest = f"=={version}" if version.endswith("*") else f"=={version}.*"
    return name, rest.replace(" ", "")
