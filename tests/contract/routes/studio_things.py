"""What the routes of Studio are asked about: domains, apps, scripts, images, notebooks, notebook instances."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.conftest import eventually
from tests.contract.routes.things import created, put

if TYPE_CHECKING:
    from tests.contract.routes.place import Place


def new_domain(place: Place) -> str:
    """A domain of one's own, without users."""
    return str(created(place, "domains", {"name": place.name("domain")})["id"])


def domain(place: Place) -> str:
    """A domain with the user ada, shared."""

    def make() -> str:
        return str(created(place, "domains", {"name": place.name("domain"), "user_name": "ada"})["id"])

    return str(place.once("domain", make))


def new_user(place: Place) -> str:
    """A user profile of one's own in the shared domain."""
    name = place.name("user")
    created(place, f"domains/{domain(place)}/users", {"name": name})
    return name


def new_space(place: Place) -> str:
    """A space of one's own in the shared domain."""
    name = place.name("space")
    created(place, f"domains/{domain(place)}/spaces", {"name": name, "owner": "ada"})
    return name


def app_form(place: Place, name: str) -> dict[str, Any]:
    """Which app, at each place of a kind that can be made there."""
    if place.aws:
        space = place.once("space", lambda: new_space(place))
        return {"owner_kind": "Space", "owner": space, "type": "JupyterLab", "name": name}
    return {"owner": "ada", "type": "KernelGateway", "name": name}


def new_app(place: Place) -> dict[str, Any]:
    """An app of one's own in the shared domain."""
    form = app_form(place, place.name("app"))
    created(place, f"domains/{domain(place)}/apps", form)
    return form


def app(place: Place) -> dict[str, Any]:
    """An app, shared."""
    found: dict[str, Any] = place.once("app", lambda: new_app(place))
    return found


def script_stream(place: Place) -> str:
    """Where the start-up script of an app wrote."""

    def make() -> str:
        if place.aws:
            stream = f"{domain(place)}/ada/KernelGateway/scripted/LifecycleConfigOnStart"
            logs = place.client("logs")
            logs.create_log_group(logGroupName="/aws/sagemaker/studio")
            logs.create_log_stream(logGroupName="/aws/sagemaker/studio", logStreamName=stream)
            return stream
        arn = place.request("GET", f"lifecycle-configs/{script(place)}").json()["arn"]
        form = {**app_form(place, place.name("scripted")), "script_arn": arn}
        created(place, f"domains/{domain(place)}/apps", form)

        def written() -> str | None:
            apps = place.request("GET", f"domains/{domain(place)}/apps").json()["items"]
            found = next(each for each in apps if each["name"] == form["name"])
            return found["log_stream"] if found["status"] == "InService" else None

        return str(eventually(written, 180, "the app with its script"))

    return str(place.once("script stream", make))


def script_form(place: Place) -> dict[str, Any]:
    """A start-up script."""
    return {"name": place.name("script"), "app_type": "KernelGateway", "text": "echo hello\n"}


def new_script(place: Place) -> str:
    """A start-up script of one's own."""
    form = script_form(place)
    created(place, "lifecycle-configs", form)
    return str(form["name"])


def script(place: Place) -> str:
    """A start-up script, shared."""
    return str(place.once("script", lambda: new_script(place)))


def image_form(place: Place) -> dict[str, Any]:
    """The form of an own image."""
    if place.aws:
        source = f"123456789012.dkr.ecr.{place.region}.amazonaws.com/own:1"
        return {"name": place.name("own"), "kind": "container", "source": source}
    (place.server.root / "requirements.txt").write_text("ipykernel\n")
    return {"name": place.name("own"), "kind": "requirements", "source": "requirements.txt"}


def own_image(place: Place) -> str:
    """An own image."""
    form = image_form(place)
    created(place, "own-images", form)
    return str(form["name"])


def notebook(place: Place) -> str:
    """A notebook of the server's files."""
    cell = {
        "cell_type": "code",
        "id": "a",
        "source": "1",
        "metadata": {},
        "outputs": [],
        "execution_count": 1,
    }
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    (place.server.root / "routes.ipynb").write_text(json.dumps(document))
    return "routes.ipynb"


def shareable(place: Place) -> str:
    """The same notebook, at a place with a domain that says where snapshots are kept."""
    domain(place)
    place.once("sharing", lambda: put(place, "sharing/begin", ""))
    return notebook(place)


def new_snapshot(place: Place) -> str:
    """A snapshot of one's own."""
    return str(created(place, "snapshots", {"path": shareable(place)})["name"])


def snapshot(place: Place) -> str:
    """A snapshot, shared."""
    return str(place.once("snapshot", lambda: new_snapshot(place)))


def file(place: Place) -> str:
    """A file of the server."""
    (place.server.root / "rows.csv").write_text("a,b\n1,2\n")
    return "rows.csv"


def kernel(place: Place) -> str:
    """A running kernel, shared."""

    def make() -> str:
        base = str(place.server.client.base_url).removesuffix("smstudio/api/")
        answer = place.server.client.post(f"{base}api/kernels", json={"name": "python3"})
        return str(answer.json()["id"])

    return str(place.once("kernel", make))


def notebook_instance_form(place: Place) -> dict[str, Any]:
    """A notebook instance; its start-up script fails, so that the engine starts no JupyterLab for it."""
    failing = place.once("failing", lambda: _lifecycle_config(place, "exit 1"))
    return {
        "name": place.name("instance"),
        "instance_type": "ml.t2.medium",
        "role_arn": place.role,
        "lifecycle_config": failing,
    }


def _instance(place: Place, **changes: Any) -> str:
    form = {**notebook_instance_form(place), **changes}
    created(place, "notebook-instances", form)
    return str(form["name"])


def notebook_instance(place: Place) -> str:
    """The shared instance, in service."""
    name = str(place.once("instance", lambda: _instance(place, lifecycle_config=None)))
    return _settled(place, name, "InService", "start")


def stopped_notebook_instance(place: Place) -> str:
    """The shared instance, stopped."""
    name = str(place.once("instance", lambda: _instance(place, lifecycle_config=None)))
    return _settled(place, name, "Stopped", "stop")


def deletable_notebook_instance(place: Place) -> str:
    """An instance of one's own that can be deleted."""
    name = _instance(place)
    if place.aws:
        return _settled(place, name, "Stopped", "stop")
    return _settled(place, name, "Failed", "stop")


def _settled(place: Place, name: str, status: str, action: str) -> str:
    """Waits for a status; asks for it where the instance rests in another one."""
    client = place.client("sagemaker")

    def look() -> bool:
        found = client.describe_notebook_instance(NotebookInstanceName=name)["NotebookInstanceStatus"]
        if found != status and found in ("InService", "Stopped"):
            getattr(client, f"{action}_notebook_instance")(NotebookInstanceName=name)
        return bool(found == status)

    eventually(look, 180, f"{name} {status}")
    return name


def _lifecycle_config(place: Place, text: str) -> str:
    name = place.name("config")
    created(place, "notebook-lifecycle-configs", {"name": name, "on_create": text})
    return name


def new_lifecycle_config(place: Place) -> str:
    """A lifecycle configuration of notebook instances of one's own."""
    return _lifecycle_config(place, "echo hello")


def lifecycle_config(place: Place) -> str:
    """A lifecycle configuration, shared."""
    return str(place.once("config", lambda: new_lifecycle_config(place)))


def example_source(place: Place) -> str:
    """A source of examples of one's own."""
    bucket = put(place, f"routes/{place.name('gallery')}/a.csv", "1").split("/")[2]
    return str(created(place, "example-sources", {"address": f"s3://{bucket}/routes/"})["id"])
