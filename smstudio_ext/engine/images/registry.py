"""Resolves container image URIs to the local programs that stand in for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.images import catalogue, containers
from smstudio_ext.engine.images.contract import (
    AlgorithmError,
    ClientError,
    Image,
    MetricDefinition,
    Predictor,
)
from smstudio_ext.engine.images.own import OwnImages

__all__ = [
    "AlgorithmError",
    "ClientError",
    "Image",
    "ImageRegistry",
    "ImageUri",
    "MetricDefinition",
    "Predictor",
    "parse_image_uri",
]

ENTRY_POINTS = "smstudio_ext.images"

_URI = re.compile(
    r"^(?:(?P<registry>[a-zA-Z0-9][a-zA-Z0-9.\-]*(?::\d+)?)/)?"
    r"(?P<repository>[a-z0-9]+(?:[._\-/][a-z0-9]+)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.\-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?$"
)

Factory = Callable[["ImageUri"], Image]


@dataclass(frozen=True)
class ImageUri:
    """The parts of an image URI; account and region are ignored, as the repository alone names the algorithm."""

    uri: str
    registry: str | None
    repository: str
    tag: str


def parse_image_uri(uri: str) -> ImageUri:
    """Splits an image URI.

    Raises:
        ValidationException: the text is no image URI.
    """
    match = _URI.match(uri or "")
    if match is None or len(uri) > 255:
        raise ValidationException(
            f"1 validation error detected: Value '{uri}' is not a valid image URI. Expected "
            "<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>."
        )
    tag = match["tag"] or ("latest" if match["digest"] is None else match["digest"])
    return ImageUri(uri, match["registry"], match["repository"], tag)


class ImageRegistry:
    """Knows every image that runs here. Safe to share between threads once filled.

    Args:
        discover: look for third parties' images under the entry point group `smstudio_ext.images`; each entry point names a
            function that takes this registry and calls `register`.
        own: folders that users registered; they go before all others.
    """

    def __init__(self, *, discover: bool = True, own: OwnImages | None = None) -> None:
        self._factories: dict[str, Factory] = {}
        self._own = own or OwnImages(None)
        catalogue.register_builtin_images(self)
        if discover:
            for entry_point in entry_points(group=ENTRY_POINTS):
                entry_point.load()(self)

    def register(self, repository: str, factory: Factory) -> None:
        """Adds an image, or takes the place of one.

        Args:
            repository: ECR repository name, for example `sagemaker-xgboost`.
            factory: makes the Image for a parsed URI; raises ValidationException for tags that it does not know.
        """
        self._factories[repository] = factory

    def repositories(self) -> list[str]:
        """Names of the repositories that run here, sorted."""
        return sorted({*self._factories, *self._own.names()})

    def resolve(self, uri: str) -> Image:
        """Finds the local implementation of an image URI.

        Raises:
            ValidationException: malformed URI, an AWS image that is not offered yet, or an image of unknown kind.
        """
        parsed = parse_image_uri(uri)
        own = self._own.find(parsed)
        if own is not None:
            return own
        factory = self._factories.get(parsed.repository)
        if factory is not None:
            return factory(parsed)
        contained = containers.find_image(parsed)
        if contained is not None:
            return contained
        offered = ", ".join(self.repositories())
        if parsed.repository in catalogue.KNOWN_REPOSITORIES:
            usual = f"The image '{parsed.repository}' of '{uri}' is not offered by this engine yet."
            raise ValidationException(
                f"{catalogue.WHY_NOT.get(parsed.repository, usual)} Offered: {offered}."
            )
        raise ValidationException(
            f"Cannot find repository '{parsed.repository}' of image '{uri}'. To run an image of your own, register a folder with "
            f"`train` and `serve` programs (smstudio images register {parsed.repository} FOLDER), or have it in Docker or "
            f"Podman ({containers.why_not(uri)}). Offered: {offered}."
        )
