"""Why an image of the catalogue cannot be had: its tag does not exist, or a package that it needs is not installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from typing import TYPE_CHECKING

from smstudio_ext.engine.errors import ValidationException

if TYPE_CHECKING:
    from smstudio_ext.engine.images.registry import ImageUri


def no_such_tag(uri: ImageUri, known: Iterable[str] = ()) -> ValidationException:
    """The error for a tag that the repository does not have; `known` are versions to choose from."""
    choice = ", ".join(known)
    return ValidationException(
        f"Image '{uri.uri}': tag '{uri.tag}' of repository '{uri.repository}' does not exist."
        + (f" Known versions: {choice}." if choice else "")
    )


def check_tag(uri: ImageUri, tags: frozenset[str]) -> None:
    """Makes sure that a repository has the tag; digests name any image.

    Raises:
        ValidationException: it has not; the message holds those that it has.
    """
    if uri.tag not in tags and not uri.tag.startswith("sha256:"):
        raise no_such_tag(uri, sorted(tags))


def require_package(module: str, user: str, extra: str) -> None:
    """Makes sure that a package can be imported, without importing it.

    Args:
        user: what needs it, as the message names it.
        extra: the extra of this package that installs it.

    Raises:
        ValidationException: it is not installed; the message holds the install command.
    """
    try:
        found = importlib.util.find_spec(module)
    except ModuleNotFoundError:  # asking for a submodule imports its parent, which may be missing too
        found = None
    if found is None:
        raise ValidationException(
            f"Cannot run {user}: the Python package '{module}' is not installed in the engine's environment. "
            f'Install it with: pip install "smstudio-ext[{extra}]"'
        )
