"""Stands in for `pkg_resources`, which setuptools dropped in version 82, where old packages and notebooks import it.

It offers what `smexperiments` and AWS's notebooks use of it, over `importlib.metadata`. The real module is taken where there is
one. This file stands alone, as `hook.py` does.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import os
import re


class DistributionNotFound(Exception):
    """No distribution of that name is installed."""


class VersionConflict(Exception):
    """Never raised: versions are not compared."""


class Distribution:
    """An installed distribution: its name and version."""

    def __init__(self, name: str) -> None:
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            raise DistributionNotFound(f"The '{name}' distribution was not found") from None
        self.project_name = found.metadata["Name"]
        self.key = self.project_name.lower()
        self.version = found.version

    def __str__(self) -> str:
        return f"{self.project_name} {self.version}"


def get_distribution(requirement: str) -> Distribution:
    """The installed distribution that a requirement names.

    Raises:
        DistributionNotFound: it is not installed.
    """
    return Distribution(re.split(r"[\s<>=!~;\[(]", str(requirement).strip(), maxsplit=1)[0])


def require(*requirements: str) -> list[Distribution]:
    """The installed distributions that requirements name; those that they need in turn are not listed.

    Raises:
        DistributionNotFound: one is not installed.
    """
    return [get_distribution(one) for one in requirements]


def resource_filename(package: str, resource: str) -> str:
    """The path of a file of a package."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"No module named {package!r}")
    return os.path.join(os.path.dirname(spec.origin), *resource.split("/"))


def resource_string(package: str, resource: str) -> bytes:
    """What a file of a package holds."""
    with open(resource_filename(package, resource), "rb") as file:
        return file.read()


def parse_version(text: str) -> object:
    """A version that compares as PEP 440 says."""
    version: object = importlib.import_module("packaging.version").Version(text)
    return version
