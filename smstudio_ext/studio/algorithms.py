"""The catalogue of built-in algorithms and frameworks: hyperparameters, channels, metrics and images, as AWS documents them."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

from smstudio_ext.studio.image_uris import image_versions, split_image
from smstudio_ext.studio.models.training_form import Algorithm, Framework, Hyperparameter, ImageVersion
from smstudio_ext.target import Target

_FRAMEWORKS: tuple[tuple[str, str, str], ...] = (
    ("sklearn", "scikit-learn", "SKLearn"),
    ("xgboost", "XGBoost", "XGBoost"),
    ("pytorch", "PyTorch", "PyTorch"),
)
"""The SDK's table, title, and name of the SDK's class."""


@lru_cache(maxsize=1)
def catalogue() -> dict[str, dict[str, Any]]:
    """Every algorithm's table by its name, in the order of the form."""
    folder = files("smstudio_ext.studio") / "catalogue"
    tables = [
        json.loads(entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".json")
    ]
    return {table["name"]: table for table in sorted(tables, key=lambda table: table["rank"])}


def hyperparameters_of(algorithm: str) -> list[Hyperparameter]:
    """What an algorithm can be told."""
    table = catalogue().get(algorithm)
    return [Hyperparameter.model_validate(entry) for entry in table["hyperparameters"]] if table else []


def list_algorithms(target: Target) -> list[Algorithm]:
    """Every algorithm of the catalogue with its images in the target's region."""
    found = []
    for name, table in catalogue().items():
        versions = image_versions(table["config"], target.region)
        members = {key: value for key, value in table.items() if key not in ("rank", "config")}
        found.append(
            Algorithm.model_validate(
                {**members, "name": name, "versions": versions, "offered": _offered(target, versions)}
            )
        )
    return found


def list_frameworks(target: Target) -> list[Framework]:
    """Frameworks whose images run a script."""
    found = []
    for config, title, _ in _FRAMEWORKS:
        versions = image_versions(config, target.region, python=True)
        found.append(
            Framework(name=config, title=title, versions=versions, offered=_offered(target, versions[:1]))
        )
    return found


def sdk_class(framework: str | None) -> str | None:
    """Name of the SDK's estimator class of a framework."""
    return next((name for config, _, name in _FRAMEWORKS if config == framework), None)


def image_of(target: Target, name: str, version: str | None, *, framework: bool = False) -> str | None:
    """The image URI of an algorithm or framework; without a version the newest."""
    config = name if framework else catalogue().get(name, {}).get("config", name)
    versions = image_versions(config, target.region, python=framework)
    if version is None:
        return versions[0].image if versions else None
    return next((each.image for each in versions if each.version == version), None)


def algorithm_of_image(image: str | None) -> tuple[str, str] | None:
    """Name and version of the algorithm of an image; none when it is no built-in algorithm's."""
    return _named(image, [(name, table["config"], False) for name, table in catalogue().items()])


def framework_of_image(image: str | None) -> tuple[str, str] | None:
    """Name and version of the framework of an image; none when it is none of the catalogue's."""
    return _named(image, [(config, config, True) for config, _, _ in _FRAMEWORKS])


def _named(image: str | None, tables: list[tuple[str, str, bool]]) -> tuple[str, str] | None:
    if not image:
        return None
    host, repository, tag = split_image(image)
    region = host.split(".")[3] if host and host.count(".") > 3 else "us-east-1"
    for name, config, python in tables:
        for version in image_versions(config, region, python=python):
            _, known, known_tag = split_image(version.image)
            if known == repository and (known_tag == tag or version.version == tag):
                return name, version.version
    return None


def _offered(target: Target, versions: list[ImageVersion]) -> bool:
    """Whether the target runs one of the images. AWS does; the local engine is asked by ECR's own call."""
    if not versions or target.kind == "aws":
        return bool(versions)
    from botocore.exceptions import ClientError

    ecr = target.client("ecr")
    for version in (versions[0], versions[-1]):
        host, repository, tag = split_image(version.image)
        try:
            ecr.describe_images(
                registryId=(host or "").split(".")[0], repositoryName=repository, imageIds=[{"imageTag": tag}]
            )
        except ClientError:
            continue
        return True
    return False
