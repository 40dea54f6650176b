"""`smstudio notebook-instances`: machines with a Jupyter server of their own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from smstudio_ext.cli import notebook_lifecycles
from smstudio_ext.cli.consent import Sure, Yes, asking, sure
from smstudio_ext.cli.logs import Follow, Stream, Streams, Tail, show_log
from smstudio_ext.cli.options import Browser, Most, Repeated, Role, Search, Tags
from smstudio_ext.cli.pairs import pairs
from smstudio_ext.cli.places import Printer, on_target
from smstudio_ext.cli.session import fail

if TYPE_CHECKING:
    from smstudio_ext.studio.models.notebook_instances import NotebookInstance, NotebookInstanceForm
    from smstudio_ext.target import Target
else:
    Target = Any

app = typer.Typer(
    help="Notebook instances: list, describe, create, update, start, stop, open, logs, delete; their scripts.",
    no_args_is_help=True,
)
app.add_typer(notebook_lifecycles.app, name="lifecycle")

Name = Annotated[str, typer.Argument(help="Name of the notebook instance.")]
Type = Annotated[str | None, typer.Option("--instance", help="Instance type, such as ml.t3.medium.")]
Volume = Annotated[int | None, typer.Option(min=5, max=16384, help="GB of the volume.")]
Lifecycle = Annotated[str | None, typer.Option(help="Lifecycle configuration; an empty text takes it away.")]
Repository = Annotated[
    str | None, typer.Option(help="Git repository that it opens; an empty text takes it away.")
]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it has come so far.")]

_MOVING = ("Pending", "Stopping", "Updating", "Deleting")


@app.command("list")
@on_target
def list_(
    place: Target,
    printer: Printer,
    search: Search = None,
    most: Most = 20,
) -> None:
    """List notebook instances, the newest first."""
    from smstudio_ext.studio.models.notebook_instances import ListNotebookInstances
    from smstudio_ext.studio.notebook_instances import list_notebook_instances

    page = list_notebook_instances(place, ListNotebookInstances(search=search, max_results=most))
    printer.items(
        page.items,
        ["Name", "Status", "Type", "Lifecycle", "Created"],
        lambda each: [each.name, each.status, each.instance_type, each.lifecycle_config, each.created],
        empty="There are no notebook instances.",
    )


@app.command()
@on_target
def describe(place: Target, printer: Printer, name: Name) -> None:
    """Show a notebook instance."""
    from smstudio_ext.studio.notebook_instances import describe_notebook_instance

    found = describe_notebook_instance(place, name)
    facts = [
        ("Name", found.name),
        ("Status", f"{found.status}: {found.status_text}"),
        ("Type", found.instance_type),
        ("Platform", found.platform),
        ("Volume", f"{found.volume_gb} GB"),
        ("Role", found.role_arn),
        ("Lifecycle", found.lifecycle_config),
        (
            "Repositories",
            [each for each in (found.default_repository, *found.additional_repositories) if each],
        ),
        ("Root access", found.root_access),
        ("Direct internet", found.direct_internet),
        ("Subnet", found.subnet_id),
        ("Security groups", found.security_groups),
        ("Opened from", found.allowed_ips),
        ("Tags", [f"{tag.key}={tag.value}" for tag in found.tags]),
        ("Created", found.created),
        ("Address", found.url),
    ]
    printer.facts(found, facts)


@app.command()
@on_target
def create(
    place: Target,
    printer: Printer,
    name: Name,
    instance: Type = None,
    volume: Volume = None,
    role: Role = None,
    new_role: Annotated[
        bool, typer.Option("--new-role", help="Make a role with AmazonSageMakerFullAccess first.")
    ] = False,
    lifecycle: Lifecycle = None,
    repository: Repository = None,
    subnet: Annotated[str | None, typer.Option(help="Subnet of a VPC.")] = None,
    security_group: Repeated = None,
    no_internet: Annotated[bool, typer.Option("--no-internet", help="No direct internet access.")] = False,
    no_root: Annotated[bool, typer.Option("--no-root", help="No root access for its users.")] = False,
    tag: Tags = None,
    wait: Wait = True,
    yes: Yes = False,
) -> None:
    """Create a notebook instance, which starts at once."""
    from smstudio_ext.studio.models.base import Tag
    from smstudio_ext.studio.models.notebook_instances import NotebookInstanceForm
    from smstudio_ext.studio.notebook_instances_form import create_notebook_instance

    form = NotebookInstanceForm(
        name=name,
        role_arn=role or (None if new_role else place.role_arn()),
        new_role=new_role,
        lifecycle_config=lifecycle or None,
        default_repository=repository or None,
        subnet_id=subnet,
        security_groups=security_group or [],
        direct_internet=not no_internet,
        root_access=not no_root,
        tags=[Tag(key=key, value=value) for key, value in pairs(tag, "--tag").items()],
    )
    with asking(place, yes):
        create_notebook_instance(place, _with(form, instance, volume))
    _told(place, printer, name, wait, "Pending")


@app.command()
@on_target
def update(
    place: Target,
    printer: Printer,
    name: Name,
    instance: Type = None,
    volume: Volume = None,
    role: Role = None,
    lifecycle: Lifecycle = None,
    repository: Repository = None,
    wait: Wait = True,
) -> None:
    """Change settings of a stopped notebook instance; what is not named stays."""
    from smstudio_ext.studio.notebook_instances import describe_notebook_instance
    from smstudio_ext.studio.notebook_instances_form import update_notebook_instance

    form = _form_of(describe_notebook_instance(place, name))
    changes: dict[str, Any] = {}
    if role:
        changes["role_arn"] = role
    if lifecycle is not None:
        changes["lifecycle_config"] = lifecycle or None
    if repository is not None:
        changes["default_repository"] = repository or None
    update_notebook_instance(place, name, _with(form.model_copy(update=changes), instance, volume))
    _told(place, printer, name, wait, "Updating")


@app.command()
@on_target
def start(place: Target, printer: Printer, name: Name, wait: Wait = True, yes: Yes = False) -> None:
    """Start a stopped notebook instance."""
    from smstudio_ext.studio.notebook_instances import start_notebook_instance

    with asking(place, yes):
        start_notebook_instance(place, name)
    _told(place, printer, name, wait, "Pending")


@app.command()
@on_target
def stop(place: Target, printer: Printer, name: Name, wait: Wait = True) -> None:
    """Stop a notebook instance; its folder SageMaker is kept."""
    from smstudio_ext.studio.notebook_instances import stop_notebook_instance

    stop_notebook_instance(place, name)
    _told(place, printer, name, wait, "Stopping")


@app.command("open")
@on_target
def open_(
    place: Target,
    printer: Printer,
    name: Name,
    view: Annotated[Literal["tree", "lab"], typer.Option(help="JupyterLab or Jupyter.")] = "lab",
    session: Annotated[
        int | None, typer.Option(min=1800, max=43200, help="Seconds that the browser stays signed in.")
    ] = None,
    browser: Browser = False,
) -> None:
    """Print a link that opens a notebook instance once within five minutes."""
    from smstudio_ext.studio.models.notebook_instances import OpenNotebookInstance
    from smstudio_ext.studio.notebook_instances import open_notebook_instance

    found = open_notebook_instance(place, name, OpenNotebookInstance(view=view, session_seconds=session))
    if browser:
        import webbrowser

        webbrowser.open(found.url)
    printer.line(found.url, name=name, url=found.url)


@app.command()
@on_target
def logs(
    place: Target,
    printer: Printer,
    name: Name,
    stream: Stream = None,
    streams: Streams = False,
    tail: Tail = None,
    follow: Follow = False,
) -> None:
    """Print a log of a notebook instance; unless named that of its start, or of its server."""
    from smstudio_ext.studio.notebook_instances import notebook_instance_logs

    read = partial(notebook_instance_logs, place, name)
    show_log(place, printer, read, stream=stream, streams=streams, tail=tail, follow=follow)


@app.command()
@on_target
def delete(place: Target, printer: Printer, name: Name, yes: Sure = False) -> None:
    """Delete a stopped notebook instance with its folder SageMaker."""
    from smstudio_ext.studio.notebook_instances import delete_notebook_instance, describe_notebook_instance

    describe_notebook_instance(place, name)  # says when there is none
    sure(f"Delete the notebook instance {name} with all files in its folder?", yes)
    delete_notebook_instance(place, name)
    printer.line(f"{name} is being deleted.", name=name, status="Deleting")


def _with(form: NotebookInstanceForm, instance: str | None, volume: int | None) -> NotebookInstanceForm:
    changes: dict[str, Any] = {}
    if instance:
        changes["instance_type"] = instance
    if volume:
        changes["volume_gb"] = volume
    return form.model_copy(update=changes)


def _form_of(found: NotebookInstance) -> NotebookInstanceForm:
    """The form "Edit notebook instance" as it opens."""
    from smstudio_ext.studio.models.notebook_instances import NotebookInstanceForm

    return NotebookInstanceForm.model_validate(
        {
            "name": found.name,
            "instance_type": found.instance_type,
            "platform": found.platform,
            "accelerator": found.accelerators[0] if found.accelerators else None,
            "volume_gb": found.volume_gb,
            "lifecycle_config": found.lifecycle_config,
            "minimum_imds": found.minimum_imds,
            "role_arn": found.role_arn,
            "root_access": found.root_access,
            "kms_key": found.kms_key,
            "subnet_id": found.subnet_id,
            "security_groups": found.security_groups,
            "direct_internet": found.direct_internet,
            "default_repository": found.default_repository,
            "additional_repositories": found.additional_repositories,
            "allowed_ips": " ".join(found.allowed_ips) or None,
            "tags": [tag.model_dump() for tag in found.tags],
        }
    )


def _told(place: Target, printer: Printer, name: str, wait: bool, status: str) -> None:
    """Tells the status, after it has changed for the last time where that is waited for."""
    reason = None
    if wait:
        found = _settled(place, name)
        status, reason = found["NotebookInstanceStatus"], found.get("FailureReason")
    printer.line(f"{name}: {status}", name=name, status=status, failure_reason=reason)
    if status == "Failed":
        fail(reason or "No reason was given.")


def _settled(place: Target, name: str) -> dict[str, Any]:
    from smstudio_ext.studio.waiting import moments

    found: dict[str, Any] = {}
    try:
        for _ in moments(place.kind):
            found = place.client("sagemaker").describe_notebook_instance(NotebookInstanceName=name)
            if found["NotebookInstanceStatus"] not in _MOVING:
                break
    except KeyboardInterrupt:
        fail(f"{name} goes on without this command.", code=130)
    return found
