"""Own images over boto3: list, the form "Attach image", delete."""

from __future__ import annotations

import contextlib
import uuid
from pathlib import Path
from typing import Any

from smstudio_ext.studio.domains import pages
from smstudio_ext.studio.models.base import Accepted
from smstudio_ext.studio.models.studio_assets import (
    AttachImage,
    ImageAttached,
    OwnImage,
    OwnImageList,
    OwnImageVersion,
    OwnImageVersions,
    SourceKind,
)
from smstudio_ext.studio.problems import BadInput
from smstudio_ext.target import Target

Document = dict[str, Any]
_LOCAL: tuple[SourceKind, ...] = ("requirements", "conda", "environment", "kernelspec")
_NAMES = {
    "requirements": "a requirements.txt",
    "conda": "a conda environment.yml",
    "environment": "the folder of a virtual or conda environment",
    "kernelspec": "the folder of a kernelspec, which holds kernel.json",
}


def list_images(target: Target) -> OwnImageList:
    """All own images, newest first."""
    items = [
        OwnImage(
            name=row["ImageName"],
            arn=row["ImageArn"],
            display_name=row.get("DisplayName"),
            description=row.get("Description"),
            status=row["ImageStatus"],
            created=row["CreationTime"],
        )
        for row in pages(target, "list_images", "Images")
    ]
    return OwnImageList(items=items, sources=list(_LOCAL) if target.kind == "local" else ["container"])


def image_versions(target: Target, name: str) -> OwnImageVersions:
    """The versions of an own image, newest first.

    Raises:
        botocore.exceptions.ClientError: there is no such image.
    """
    sagemaker = target.client("sagemaker")
    versions = []
    for version in pages(target, "list_image_versions", "ImageVersions", ImageName=name):
        number = version["Version"]
        described = sagemaker.describe_image_version(ImageName=name, Version=number)
        aliases = sagemaker.list_aliases(ImageName=name, Version=number).get(
            "SageMakerImageVersionAliases", []
        )
        versions.append(
            OwnImageVersion(
                number=number,
                status=version["ImageVersionStatus"],
                base=described.get("BaseImage", ""),
                aliases=aliases,
                created=version["CreationTime"],
                failure_reason=version.get("FailureReason"),
            )
        )
    return OwnImageVersions(versions=sorted(versions, key=lambda version: version.number, reverse=True))


def attach_image(target: Target, form: AttachImage, path: Path | None) -> ImageAttached:
    """Makes an image (or the next version of one), says which kernel it has, and lets a domain offer it.

    A version that fails is not offered.

    Args:
        path: what the form's source is on this machine; none for a container image.

    Raises:
        BadInput: the source is nothing that an image can be made of.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    base = _base(form, path, local=target.kind == "local")
    role = form.execution_role or target.role_arn()
    if not role:
        text = "AWS needs the ARN of an execution role here."
        raise BadInput(text, fields=[("execution_role", text)])
    sagemaker = target.client("sagemaker")
    new = _ensure_image(sagemaker, form, role)
    try:
        return _add_version(sagemaker, form, base)
    except BaseException:
        if new:  # nothing half made stays behind
            with contextlib.suppress(ClientError, BotoCoreError):
                sagemaker.delete_image(ImageName=form.name)
        raise


def _add_version(sagemaker: Any, form: AttachImage, base: str) -> ImageAttached:
    """The image's next version, its kernel, and its place in a domain."""
    arn = sagemaker.create_image_version(ImageName=form.name, BaseImage=base, ClientToken=str(uuid.uuid4()))[
        "ImageVersionArn"
    ]
    number = int(arn.rsplit("/", 1)[1])
    version = sagemaker.describe_image_version(ImageName=form.name, Version=number)
    made = ImageAttached(
        name=form.name,
        version=number,
        status=version["ImageVersionStatus"],
        failure_reason=version.get("FailureReason"),
    )
    if made.status == "CREATE_FAILED":
        return made
    config = form.name.replace(".", "-")
    _ensure_config(sagemaker, config, form)
    if form.domain_id:
        _offer(sagemaker, form.domain_id, {"ImageName": form.name, "AppImageConfigName": config})
    return made


def delete_image(target: Target, name: str) -> Accepted:
    """Takes an image out of all domains and away; what it was made of stays."""
    sagemaker = target.client("sagemaker")
    for domain in pages(target, "list_domains", "Domains"):
        settings = sagemaker.describe_domain(DomainId=domain["DomainId"]).get("DefaultUserSettings") or {}
        part = settings.get("KernelGatewayAppSettings") or {}
        kept = [custom for custom in part.get("CustomImages") or () if custom["ImageName"] != name]
        if len(kept) != len(part.get("CustomImages") or ()):
            changed = {"KernelGatewayAppSettings": {**part, "CustomImages": kept}}
            sagemaker.update_domain(DomainId=domain["DomainId"], DefaultUserSettings=changed)
    sagemaker.delete_image(ImageName=name)
    return Accepted(name=name)


def _base(form: AttachImage, path: Path | None, *, local: bool) -> str:
    if not local:
        if form.kind != "container":
            text = "AWS makes images of containers in Amazon ECR: name one."
            raise BadInput(text, fields=[("source", text)])
        return form.source
    if form.kind == "container":
        text = "The local engine runs kernels without containers: choose a file or an environment."
        raise BadInput(text, fields=[("source", text)])
    if path is None or not path.exists():
        text = f"There is no {form.source}."
        raise BadInput(text, fields=[("source", text)])
    if path.is_dir() != (form.kind in ("environment", "kernelspec")):
        text = f"{form.source} is not {_NAMES[form.kind]}."
        raise BadInput(text, fields=[("source", text)])
    return str(path)


def _ensure_image(sagemaker: Any, form: AttachImage, role: str) -> bool:
    """Makes the image, or changes one that is there; whether it is new."""
    from botocore.exceptions import ClientError

    request: Document = {"ImageName": form.name, "RoleArn": role}
    if form.display_name:
        request["DisplayName"] = form.display_name
    if form.description:
        request["Description"] = form.description
    try:
        sagemaker.create_image(**request)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceInUse":
            raise
        if len(request) > 2:
            sagemaker.update_image(**request)
        return False
    return True


def _ensure_config(sagemaker: Any, name: str, form: AttachImage) -> None:
    from botocore.exceptions import ClientError

    kernel = {
        "Name": form.kernel_name,
        # The image's name stands behind it in all lists.
        "DisplayName": form.kernel_display_name
        or ("Python 3" if form.kernel_name == "python3" else form.display_name or form.name),
    }
    request = {"AppImageConfigName": name, "KernelGatewayImageConfig": {"KernelSpecs": [kernel]}}
    try:
        sagemaker.create_app_image_config(**request)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceInUse":
            raise
        sagemaker.update_app_image_config(**request)


def _offer(sagemaker: Any, domain_id: str, image: Document) -> None:
    settings = sagemaker.describe_domain(DomainId=domain_id).get("DefaultUserSettings") or {}
    part = settings.get("KernelGatewayAppSettings") or {}
    others = [
        custom for custom in part.get("CustomImages") or () if custom["ImageName"] != image["ImageName"]
    ]
    changed = {"KernelGatewayAppSettings": {**part, "CustomImages": [*others, image]}}
    sagemaker.update_domain(DomainId=domain_id, DefaultUserSettings=changed)
