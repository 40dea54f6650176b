"""Commands of `smstudio images` for the images that notebooks run in: build, attach, list, remove-env."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smstudio_ext.cli.domain_choice import DomainOption, domain_named
from smstudio_ext.cli.places import Printer, on_target
from smstudio_ext.cli.session import Data, fail

if TYPE_CHECKING:
    from smstudio_ext.notebooks.images.recipes import Recipe
    from smstudio_ext.target import Target
else:
    Target = Any

Names = Annotated[
    list[str], typer.Argument(help="Ids of images, as `smstudio images list --notebooks` shows them.")
]
_LOOK_SECONDS = 0.2


def build(
    images: Names,
    again: Annotated[bool, typer.Option("--again", help="Build anew what is built.")] = False,
    data: Data = None,
) -> None:
    """Build images of notebooks now, so that their first kernel starts at once; Ctrl-C cancels."""
    from smstudio_ext.notebooks.images import building, catalogue

    _use(data)
    recipes = [_known(name) for name in images]
    for recipe in recipes:
        lack = recipe.lacks()
        if lack:
            fail(f"{recipe.id} cannot be built here: {lack}")
        if recipe.kind in ("host", "interpreter"):
            typer.echo(f"{recipe.id}: nothing to build, it runs on {catalogue.interpreter(recipe.id)}")
            continue
        try:
            started = building.start(recipe.id, again=again)
            if started.state == "built":
                typer.echo(f"{recipe.id}: built already")
                continue
            _follow(recipe.id)
        except OSError as error:
            fail(f"{error.filename or 'The folder of environments'} cannot be written: {error.strerror}")


@on_target
def attach(
    place: Target,
    printer: Printer,
    name: Annotated[str, typer.Argument(help="Name of the image: letters, digits and dashes.")],
    source: Annotated[
        str,
        typer.Argument(
            help="requirements.txt, conda's environment.yml, the folder of an environment, or that of a kernelspec; on "
            "AWS a container in Amazon ECR."
        ),
    ],
    display_name: Annotated[str | None, typer.Option(help="Name in the pickers.")] = None,
    kernel: Annotated[str, typer.Option(help="Name of its kernel.")] = "python3",
    kernel_display_name: Annotated[str, typer.Option(help="Name of its kernel in the pickers.")] = "Python 3",
    domain: DomainOption = None,
) -> None:
    """Attach an image of your own to a domain, so that notebooks can choose it."""
    from smstudio_ext.studio.models.studio_assets import AttachImage
    from smstudio_ext.studio.own_images import attach_image

    local = place.kind == "local"
    path = Path(source).expanduser().absolute() if local else None
    form = AttachImage(
        name=name,
        display_name=display_name,
        kind=_kind(path) if path else "container",
        source=str(path) if path else source,
        kernel_name=kernel,
        kernel_display_name=kernel_display_name,
        domain_id=_offering(place, domain),
    )
    made = attach_image(place, form, path)
    if made.status == "CREATE_FAILED":
        fail(str(made.failure_reason))
    state = _state(name) if local else made.status
    printer.line(f"{name}: version {made.version}, {state}", state=state, **made.model_dump(mode="json"))
    if state == "unbuilt":
        typer.echo(
            f"Its first kernel builds it; to do it now: smstudio images build {name}", err=printer.as_json
        )


def _offering(place: Target, domain: str | None) -> str:
    """The domain that is to offer an image: the named one, or the region's first."""
    if domain:
        return domain_named(place, domain)
    domains = place.client("sagemaker").list_domains()["Domains"]
    if not domains:
        fail("There is no domain to attach it to. Create one: smstudio domains create")
    return str(domains[0]["DomainId"])


def _state(name: str) -> str:
    """How far an image of this machine is."""
    from smstudio_ext.notebooks.images import catalogue

    found = next((each for each in catalogue.images() if each.id == name), None)
    if found is None:
        fail("The engine does not offer it; look at the page Images of the domain.")
    return found.state


def remove_env(images: Names, data: Data = None) -> None:
    """Delete what was built for images, and their kernelspecs; they are built again at their next use."""
    from smstudio_ext.notebooks import placing
    from smstudio_ext.notebooks.images import environments, specs

    _use(data)
    for name in images:
        recipe = _known(name)
        if recipe.kind in ("host", "interpreter"):
            fail(f"{name} has no environment of its own: nothing was built for it.")
        users = [each for each in placing.placements() if each.image == name]
        if users:
            fail(f"{len(users)} kernel(s) of {name} run; shut them down first (smstudio running).")
        folder = environments.folder_of(recipe)
        there = folder.exists()
        try:
            environments.remove(folder)
            gone = specs.remove_specs(recipe)
        except OSError as error:
            fail(f"{error.filename or folder} cannot be deleted: {error.strerror}")
        if not there and not gone:
            fail(f"{name} is not built.")
        for place in [*([folder] if there else []), *gone]:
            typer.echo(f"Removed {place}")


def rows(data: Path | None) -> list[dict[str, Any]]:
    """The images of notebooks, for `list`."""
    from smstudio_ext.notebooks.images import catalogue

    _use(data)
    return [
        {
            "id": each.id,
            "name": each.name,
            "state": each.state,
            "reason": each.reason,
            "kernels": [kernel.name for kernel in each.kernels],
            "packages": list(each.packages),
            "source": each.source,
        }
        for each in catalogue.images()
    ]


def _follow(image_id: str) -> None:
    """Prints the log of a build until it ends."""
    from smstudio_ext.notebooks.images import building

    offset = 0
    try:
        while True:
            found = building.status(image_id)
            text, offset = building.log(image_id, offset)
            typer.echo(text, nl=False)
            if found is None or found.state != "building":
                break
            time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        building.cancel(image_id)
        fail("Cancelled; nothing of the image stays.", code=130)
    text, _ = building.log(image_id, offset)
    typer.echo(text, nl=False)
    if found is not None and found.state != "built":
        fail(found.reason or "The build was cancelled.")


def _known(name: str) -> Recipe:
    from smstudio_ext.notebooks.images import catalogue

    found = catalogue.recipe(name)
    if found is None:
        catalogue.images()  # asks the engine for images that were attached since
        found = catalogue.recipe(name)
    if found is None:
        fail(f"There is no image '{name}'. There are: {', '.join(each.id for each in catalogue.recipes())}")
    return found


def _kind(path: Path) -> Any:
    if path.is_dir():
        return "kernelspec" if (path / "kernel.json").is_file() else "environment"
    return "conda" if path.suffix in (".yml", ".yaml") else "requirements"


def _use(data: Path | None) -> None:
    """Lets the Jupyter side look at the data directory of the command's option."""
    import os

    if data is not None:
        os.environ["SMSTUDIO_HOME"] = str(data.expanduser().absolute())
