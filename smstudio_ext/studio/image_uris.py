"""Image URIs of AWS's algorithms and frameworks: read from the tables that the SageMaker SDK ships, without importing it."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from smstudio_ext.studio.models.training_form import ImageVersion

_TABLES = ("image_uri_config", "core/image_uri_config")  # SDK 2, SDK 3
_SUFFIXES = {"cn-": "amazonaws.com.cn", "us-iso-": "c2s.ic.gov", "us-isob-": "sc2s.sgov.gov"}
_ACCOUNT = re.compile(r"^\d{12}\.dkr\.ecr\.")


def image_versions(config: str, region: str, *, python: bool = False) -> list[ImageVersion]:
    """Every version of a training image that AWS has in a region, newest first.

    Args:
        config: the SDK's name of the table, e.g. `xgboost`, `linear-learner`, `sklearn`.
        python: the tag names processor and Python version, as frameworks' images do (`1.2-1-cpu-py3`).
    """
    table = _table(config)
    scope = table.get("training", table)
    found: list[ImageVersion] = []
    for version, entry in scope.get("versions", {}).items():
        account = entry.get("registries", {}).get(region)
        if account is None:
            continue
        tag = version
        pythons = entry.get("py_versions") or []
        if python and pythons:
            tag = f"{version}-cpu-{pythons[-1]}"
        elif python and config == "xgboost" and "-" in version:
            tag = (
                f"{version}-cpu-py3"
                if tuple(map(int, version.split("-")[0].split("."))) < (1, 2)
                else version
            )
        if python and version == "1":
            continue  # XGBoost 0.72: it takes no script
        host = f"{account}.dkr.ecr.{region}.{_suffix(region)}"
        found.append(ImageVersion(version=version, image=f"{host}/{entry['repository']}:{tag}"))
    return sorted(found, key=lambda each: _order(each.version), reverse=True)


def image_in_region(image: str, region: str) -> str | None:
    """The same image of AWS in a region's registry; None for images that are none of AWS's, or are not there."""
    host, repository, tag = split_image(image)
    if host is None:
        return None
    account, _, _, home, *_ = host.split(".")
    for entry in _entries():
        registries = entry["registries"]
        if entry["repository"] == repository and registries.get(home) == account and region in registries:
            return f"{registries[region]}.dkr.ecr.{region}.{_suffix(region)}/{repository}:{tag}"
    return None


def split_image(image: str) -> tuple[str | None, str, str]:
    """Registry host, repository and tag of an image URI."""
    host, _, rest = image.rpartition("/") if _ACCOUNT.match(image) else ("", "", image)
    repository, _, tag = rest.partition(":")
    return host or None, repository, tag or "latest"


@lru_cache(maxsize=64)
def _table(config: str) -> dict[str, Any]:
    folder = _folder()
    path = folder / f"{config}.json" if folder else None
    if path is None or not path.is_file():
        return {}
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=1)
def _entries() -> list[dict[str, Any]]:
    """Every repository of the SDK's tables with its accounts by region."""
    folder = _folder()
    found: dict[str, dict[str, Any]] = {}

    def gather(value: Any) -> None:
        if not isinstance(value, dict):
            return
        if isinstance(value.get("registries"), dict) and isinstance(value.get("repository"), str):
            found[json.dumps([value["repository"], value["registries"]], sort_keys=True)] = value
        for inner in value.values():
            gather(inner)

    for path in sorted(folder.glob("*.json")) if folder else []:
        gather(json.loads(path.read_text(encoding="utf-8")))
    return list(found.values())


@lru_cache(maxsize=1)
def _folder() -> Path | None:
    spec = find_spec("sagemaker")  # finds the package without running it: its import takes five seconds
    for root in (spec.submodule_search_locations or []) if spec else []:
        for name in _TABLES:
            if (Path(root) / name).is_dir():
                return Path(root) / name
    return None


def _suffix(region: str) -> str:
    return next((suffix for start, suffix in _SUFFIXES.items() if region.startswith(start)), "amazonaws.com")


def _order(version: str) -> tuple[int, ...]:
    if version == "1":
        return (0, 72)  # XGBoost's first image; other algorithms have only this one
    return tuple(int(part) for part in re.findall(r"\d+", version))
