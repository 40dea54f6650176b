"""KernelGateway apps of the local engine: what the kernels of one image on one instance count to."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from smstudio_ext.notebooks.home import local_engine, notebooks_dir, sagemaker_client

IMAGE_ACCOUNT = "081325390199"
"""AWS's account of Studio's own images in us-east-1; used for all regions here."""

OWN_ACCOUNT = "000000000000"
"""The local engine's account, of images that users attached."""

_LONGEST_NAME = 63
_SUFFIX = 8
_LIVE = ("InService", "Pending")
_NO_APPS = ("UnknownOperationException", "NotImplemented", "InvalidAction")


class AppFailed(Exception):
    """The app of a kernel did not start; the message says why (its start-up script, mostly)."""


@dataclass(frozen=True)
class App:
    """An app that a kernel counts to."""

    name: str
    domain_id: str
    user_profile: str
    status: str
    reason: str = ""


def image_arn(image: str, region: str) -> str:
    """The ARN of an image of the catalogue, in AWS's form."""
    from smstudio_ext.notebooks.images import catalogue

    found = catalogue.recipe(image)
    account = OWN_ACCOUNT if found is not None and found.source == "own" else IMAGE_ACCOUNT
    return f"arn:aws:sagemaker:{region}:{account}:image/{image}"


def app_prefix(image: str, instance_type: str) -> str:
    """What the names of all apps of an image on a type begin with, `-` included."""
    tail = re.sub(r"[^A-Za-z0-9]+", "-", instance_type).strip("-")
    room = _LONGEST_NAME - len(tail) - _SUFFIX - 2
    head = re.sub(r"[^A-Za-z0-9]+", "-", image).strip("-")[:room].strip("-")
    return f"{head}-{tail}-"


def ensure_app(
    image: str, instance_type: str, *, lifecycle_config_arn: str | None = None, wait: float = 0.0
) -> App | None:
    """The app of an image on the user's instance of a type, made when there is none.

    Args:
        image: id in the catalogue, or the ARN of an image of the user's.
        lifecycle_config_arn: start-up script of an app that is made; `None` (the word) for none, None for the default one.
        wait: seconds to wait for the engine to answer, should it be starting.

    Returns:
        The app; None where no engine runs, or it keeps no apps: the kernel is not recorded then.

    Raises:
        AppFailed: the engine refuses the app.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    deadline = time.monotonic() + wait
    while True:
        try:
            client = _client(deadline - time.monotonic())
            if client is None:
                return None
            return _ensure(client, image, instance_type, lifecycle_config_arn)
        except ClientError as error:
            if error.response["Error"]["Code"] in _NO_APPS:
                return None  # an engine that is older than its apps
            raise AppFailed(error.response["Error"]["Message"]) from error
        except BotoCoreError:  # the address of an engine that ended; another one may be starting
            if time.monotonic() >= deadline:
                return None
            time.sleep(0.2)


def _ensure(client: Any, image: str, instance_type: str, lifecycle_config_arn: str | None) -> App | None:
    with _one_at_a_time():
        owner = owner_of(client)
        if owner is None:
            return None
        found = _live_app(client, owner, app_prefix(image, instance_type))
        return found or _create(client, owner, image, instance_type, lifecycle_config_arn)


def wait_in_service(app: App, timeout: float, pause: float = 0.2) -> App:
    """Waits until an app serves, which its start-up script decides.

    Raises:
        AppFailed: it failed; the message has the engine's reason.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    client = _client(0.0)
    deadline = time.monotonic() + timeout
    while client is not None:
        try:
            said = client.describe_app(
                DomainId=app.domain_id,
                UserProfileName=app.user_profile,
                AppType="KernelGateway",
                AppName=app.name,
            )
        except (ClientError, BotoCoreError) as error:
            raise AppFailed(str(error)) from error
        if said["Status"] == "InService":
            return App(app.name, app.domain_id, app.user_profile, "InService")
        if said["Status"] != "Pending" or time.monotonic() > deadline:
            reason = said.get("FailureReason") or f"Its state is {said['Status']}."
            raise AppFailed(f"The app {app.name} did not start: {reason}")
        time.sleep(pause)
    raise AppFailed("The local engine does not run.")


def _client(wait: float) -> Any:
    deadline = time.monotonic() + wait
    while (engine := local_engine()) is None:
        if time.monotonic() >= deadline:
            return None
        time.sleep(0.1)
    return sagemaker_client(engine)


def owner_of(client: Any) -> tuple[str, str] | None:
    """Domain and user profile of who works here: JupyterHub's user, else the domain's first profile."""
    domains = client.list_domains()["Domains"]
    live = [each for each in domains if each.get("Status", "InService") == "InService"]
    if not live:
        return None
    domain = str(live[0]["DomainId"])
    profiles = client.list_user_profiles(DomainIdEquals=domain)["UserProfiles"]
    names = [str(each["UserProfileName"]) for each in profiles]
    hub = re.sub(r"[^A-Za-z0-9]+", "-", os.environ.get("JUPYTERHUB_USER", "")).strip("-")[:63]
    if hub and hub not in names:
        client.create_user_profile(DomainId=domain, UserProfileName=hub)
        return domain, hub
    return (domain, hub or names[0]) if hub or names else None


def _live_app(client: Any, owner: tuple[str, str], prefix: str) -> App | None:
    request = {"DomainIdEquals": owner[0], "UserProfileNameEquals": owner[1]}
    for page in client.get_paginator("list_apps").paginate(**request):
        for each in page["Apps"]:
            name = str(each["AppName"])
            fits = name.startswith(prefix) and len(name) == len(prefix) + _SUFFIX
            if fits and each["AppType"] == "KernelGateway" and each["Status"] in _LIVE:
                return App(name, owner[0], owner[1], str(each["Status"]))
    return None


def _create(
    client: Any, owner: tuple[str, str], image: str, instance_type: str, lifecycle_config_arn: str | None
) -> App:
    name = app_prefix(image, instance_type) + secrets.token_hex(_SUFFIX // 2)
    resources = {
        "InstanceType": instance_type,
        "SageMakerImageArn": image if image.startswith("arn:") else image_arn(image, client.meta.region_name),
    }
    if lifecycle_config_arn:
        resources["LifecycleConfigArn"] = lifecycle_config_arn
    _tell_environment(client, image)
    client.create_app(
        DomainId=owner[0],
        UserProfileName=owner[1],
        AppType="KernelGateway",
        AppName=name,
        ResourceSpec=resources,
    )
    return App(name, owner[0], owner[1], "Pending")


def _tell_environment(client: Any, image: str) -> None:
    """Has the engine put the image's programs first for a start-up script: its `pip` installs where kernels look."""
    from smstudio_ext.notebooks.images import catalogue, environments

    recipe = catalogue.recipe(image.rsplit("/", 1)[-1])
    python = environments.interpreter(recipe) if recipe is not None else None
    if python is None:
        return
    prefix = str(python.parent.parent)

    def add(params: dict[str, Any], **_: Any) -> None:
        params["headers"]["x-smstudio-environment"] = prefix

    client.meta.events.register("before-call.sagemaker.CreateApp", add, unique_id="smstudio-environment")


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two kernels that start together make one app."""
    folder = notebooks_dir()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "apps.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
