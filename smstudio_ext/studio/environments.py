"""A notebook's environment: what the dialog "Change environment" offers, and what a notebook runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstudio_ext.notebooks.instance_types import default_type, instance_type, this_machine
from smstudio_ext.studio.instance_table import machine_facts, machine_text, shortfall
from smstudio_ext.studio.models.environments import (
    ChooseEnvironment,
    ChosenEnvironment,
    Environment,
    EnvironmentQuery,
    Environments,
    ImageKernel,
    NotebookEnvironment,
    StudioImage,
)
from smstudio_ext.studio.problems import BadInput
from smstudio_ext.studio.startup_scripts import AWS_NOTE

if TYPE_CHECKING:
    from smstudio_ext.notebooks.images.catalogue import Image
    from smstudio_ext.notebooks.images.recipes import Kernel
    from smstudio_ext.notebooks.placing import Placement

DEFAULT_IMAGE = "datascience-1.0"
"""Image of a notebook when nobody chose one: Studio's "Data Science"."""

_AWS_NOTICE = (
    "Kernels run on this machine also with an AWS account, and cost nothing there: AWS admits no new apps of Studio "
    "Classic. They have the account's credentials, and the instance type limits what they use here."
)


def list_environments(*, local: bool) -> Environments:
    """Images with their kernels, the defaults, and what this machine has.

    Args:
        local: whether the target is the local engine.
    """
    images = [_studio_image(each) for each in _images()]
    machine = this_machine()
    return Environments(
        images=images,
        default=_default(images),
        machine=machine_facts(machine),
        notice=None if local else _AWS_NOTICE,
    )


def choose_environment(
    form: ChooseEnvironment, *, session_name: str, local: bool = True
) -> ChosenEnvironment:
    """Notes what a session's next kernel gets.

    Args:
        session_name: under which the kernel provisioner will ask.
        local: whether the target is the local engine, which runs start-up scripts.

    Raises:
        BadInput: there is no such instance type, the kernel's image cannot run here, or the script is of an AWS account.
    """
    from smstudio_ext.notebooks import placing
    from smstudio_ext.notebooks.gateway.specs import gateway_of

    if gateway_of(form.kernel) is not None:
        from smstudio_ext.studio.gateways import choose_resources

        choose_resources(session_name, form.resources)
        placing.forget_choice(session_name)
        return ChosenEnvironment(kernel=form.kernel, instance_type=None, warning=None)
    having = _having(_images(), form.kernel)
    image = having[0] if having else None
    if image is not None and image.state == "unavailable":
        raise BadInput(
            f"The image {image.name} cannot run here. {image.reason}".strip(),
            fields=[("kernel", image.reason or "cannot run here")],
        )
    if image is None or form.instance_type is None:
        placing.forget_choice(session_name)
        return ChosenEnvironment(kernel=form.kernel, instance_type=None, warning=None)
    if instance_type(form.instance_type) is None:
        text = f"There is no instance type '{form.instance_type}'."
        raise BadInput(text, fields=[("instance_type", text)])
    if form.startup_script and not local:
        raise BadInput(AWS_NOTE, fields=[("startup_script", AWS_NOTE)])
    placing.choose(session_name, form.instance_type, lifecycle_config_arn=form.startup_script)
    return ChosenEnvironment(
        kernel=form.kernel,
        instance_type=form.instance_type,
        warning=shortfall(form.instance_type, this_machine()),
    )


def notebook_environment(query: EnvironmentQuery, *, session_name: str) -> NotebookEnvironment:
    """What a notebook runs on, or would run on when its kernel starts.

    Args:
        session_name: absolute path of the notebook; empty for none.
    """
    from smstudio_ext.notebooks import placing

    if query.kernel:
        from smstudio_ext.studio.gateways import environment_there

        there = environment_there(query, query.kernel, session_name)
        if there is not None:
            return there
    machine = this_machine()
    placed = placing.placement(query.kernel_id) if query.kernel_id else None
    kernel = placed.kernel_name if placed else query.kernel
    found = _image_of(placed, kernel)
    if found is None:
        return NotebookEnvironment(
            image=None,
            image_name=None,
            state=None,
            kernel=None,
            kernel_text=None,
            instance_type=None,
            instance_text=machine_text(machine),
            placed=False,
            app=None,
            warning=None,
        )
    image, one = found
    kind = placed.instance_type if placed else _wanted(query, image, session_name)
    known = instance_type(kind)
    return NotebookEnvironment(
        image=image.id,
        image_name=image.name,
        state=image.state,
        kernel=one.name,
        kernel_text=kernel_text(one.display_name, image.name),
        instance_type=kind,
        instance_text=known.text() if known else machine_text(machine),
        placed=placed is not None,
        app=placed.app_name if placed else None,
        warning=shortfall(kind, machine),
        limits=list(placed.limits) if placed else [],
    )


def kernel_text(kernel: str, image: str) -> str:
    """Kernel and image as Studio's toolbar says them: `Python 3 (Data Science)`."""
    return f"{kernel} ({image})"


def find_image(image_id: str) -> Image:
    """The image of that id.

    Raises:
        Missing: there is none.
    """
    from smstudio_ext.notebooks.images.catalogue import image
    from smstudio_ext.studio.problems import Missing

    found = image(image_id)
    if found is not None:
        return found
    raise Missing(f"There is no image '{image_id}'.", hint="`smstudio images list` names those there are.")


def _images() -> list[Image]:
    from smstudio_ext.notebooks.images.catalogue import images

    return images()


def _image_of(placed: Placement | None, kernel: str | None) -> tuple[Image, Kernel] | None:
    """The image and kernel that a notebook runs on, or that its metadata names in our words or the real Studio's."""
    from smstudio_ext.notebooks.studio_names import matching

    images = _images()
    if placed is not None:
        found = next((each for each in images if each.id == placed.image and each.kernels), None)
        if found is not None:
            return found, next((one for one in found.kernels if one.name == kernel), found.kernels[0])
    if kernel is None:
        return None
    return _having(images, kernel) or matching(kernel, images)


def _having(images: list[Image], kernel: str) -> tuple[Image, Kernel] | None:
    return next(((each, one) for each in images for one in each.kernels if one.name == kernel), None)


def _wanted(query: EnvironmentQuery, image: Image, session_name: str) -> str:
    """The instance type of the notebook's next kernel: chosen, said by its metadata, or the default."""
    from smstudio_ext.notebooks import placing

    chosen = placing.chosen(session_name) if session_name else None
    if chosen is not None:
        return chosen.instance_type
    if query.instance_type and instance_type(query.instance_type):
        return query.instance_type
    return default_type(gpu=image.gpu)


def _studio_image(image: Image) -> StudioImage:
    return StudioImage(
        id=image.id,
        name=image.name,
        description=image.description,
        custom=image.source == "own",
        gpu=image.gpu,
        packages=list(image.packages),
        state=image.state,
        reason=image.reason or None,
        kernels=[ImageKernel(name=each.name, display_name=each.display_name) for each in image.kernels],
        instance_type=default_type(gpu=image.gpu),
    )


def _default(images: list[StudioImage]) -> Environment:
    usable = [each for each in images if each.state != "unavailable" and each.kernels]
    image = next((each for each in usable if each.id == DEFAULT_IMAGE), usable[0] if usable else None)
    return Environment(
        image=image.id if image else DEFAULT_IMAGE,
        kernel=image.kernels[0].name if image else "python3",
        instance_type=image.instance_type if image else default_type(gpu=False),
        startup_script=None,
    )
