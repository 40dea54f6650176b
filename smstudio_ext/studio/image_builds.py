"""The building of images: starting, following with its log, cancelling."""

from __future__ import annotations

from datetime import datetime, timezone

from smstudio_ext.studio.environments import find_image
from smstudio_ext.studio.models.environments import ImageBuild
from smstudio_ext.studio.problems import Conflict


def image_build(image_id: str, *, after: int = 0) -> ImageBuild:
    """How the building of an image goes.

    Args:
        after: bytes of its log that are known; the text begins there.

    Raises:
        Missing: there is no such image.
    """
    from smstudio_ext.notebooks.images import building

    image = find_image(image_id)
    build = building.status(image_id)
    text, following = building.log(image_id, after)
    if after and not following:  # the log was begun anew
        text, following = building.log(image_id)
    return ImageBuild(
        image=image_id,
        name=image.name,
        state=image.state,
        cancelled=build is not None and build.state == "cancelled",
        reason=image.reason or None,
        step=(build.step if build else "") or None,
        text=text,
        next=following,
        started=datetime.fromtimestamp(build.started, timezone.utc) if build else None,
        ended=datetime.fromtimestamp(build.ended, timezone.utc) if build and build.ended else None,
    )


def start_build(image_id: str) -> ImageBuild:
    """Starts the building of an image; one that goes on is left alone, and so is an image that is built.

    Raises:
        Missing: there is no such image.
        Conflict: it cannot run on this machine, or its folder cannot be written.
    """
    from smstudio_ext.notebooks.images import building

    image = find_image(image_id)
    if image.state == "unavailable":
        raise Conflict(f"The image {image.name} cannot run here. {image.reason}".strip())
    try:
        building.start(image_id)
    except OSError as error:
        raise Conflict(
            f"The image {image.name} cannot be built: {error.filename or 'its folder'} cannot be written."
        ) from error
    return image_build(image_id)


def cancel_build(image_id: str) -> ImageBuild:
    """Stops the building of an image; what was half made is taken away.

    Raises:
        Missing: there is no such image.
        Conflict: none goes on.
    """
    from smstudio_ext.notebooks.images import building

    image = find_image(image_id)
    if not building.cancel(image_id):
        raise Conflict(f"The image {image.name} is not being built.")
    return image_build(image_id)
