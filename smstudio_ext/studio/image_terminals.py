"""Prepares a terminal in an image for the notebook's toolbar and the launcher."""

from __future__ import annotations

from smstudio_ext.notebooks.apps import AppFailed
from smstudio_ext.notebooks.instance_types import default_type, instance_type
from smstudio_ext.notebooks.terminals import Prepared, prepare
from smstudio_ext.studio.environments import find_image
from smstudio_ext.studio.models.environments import OpenTerminal
from smstudio_ext.studio.problems import BadInput, Conflict


def prepare_terminal(form: OpenTerminal) -> Prepared:
    """What the terminal of an image needs.

    Raises:
        Missing: there is no such image.
        BadInput: there is no such instance type.
        Conflict: the image is not built, or its start-up script failed.
    """
    image = find_image(form.image)
    kind = form.instance_type or default_type(gpu=image.gpu)
    if instance_type(kind) is None:
        text = f"There is no instance type '{kind}'."
        raise BadInput(text, fields=[("instance_type", text)])
    try:
        return prepare(image.id, kind, startup_script=form.startup_script)
    except LookupError as error:
        raise Conflict(
            str(error.args[0]), hint="Build it first: choose it in the dialog Change environment."
        ) from error
    except AppFailed as failure:
        raise Conflict(str(failure)) from failure
