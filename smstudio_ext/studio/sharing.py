"""Whether and where the domain lets its users share notebooks (`SharingSettings`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from smstudio_ext.studio.buckets import split_s3_uri
from smstudio_ext.studio.models.snapshots import GitInformation, SharingOptions
from smstudio_ext.studio.problems import BadInput, Conflict
from smstudio_ext.studio.studio_user import StudioUser, forget_user, studio_user
from smstudio_ext.target import Target

NO_DOMAIN = "There is no SageMaker domain here, and snapshots are kept in the domain's S3 location."
NO_DOMAIN_HINT = "Create a domain: the page Domain, Quick start."
NOT_ENABLED = "Notebook sharing is not enabled in the domain {domain}: it names no S3 location."
NOT_ENABLED_HINT = "Give the domain's sharing settings an S3 location: the page Domain, Notebook sharing."


@dataclass(frozen=True)
class SharingPlace:
    """Where snapshots of a domain lie.

    Attributes:
        prefix: of keys; empty or ends with a slash.
        key_id: KMS key for new snapshots.
        output_allowed: cell outputs may be shared.
    """

    user: StudioUser
    bucket: str
    prefix: str
    key_id: str | None
    output_allowed: bool

    @property
    def s3_uri(self) -> str:
        """The location as one string."""
        return f"s3://{self.bucket}/{self.prefix}"


def sharing_place(target: Target, *, fresh: bool = False) -> SharingPlace:
    """The place for snapshots.

    Args:
        fresh: as the domain says now, not as it said some minutes ago: before something is written or deleted.

    Raises:
        Conflict: there is no domain, or its sharing settings name no usable S3 location.
    """
    user = studio_user(target, fresh=fresh)
    if user is None:
        raise Conflict(NO_DOMAIN, hint=NO_DOMAIN_HINT)
    settings: dict[str, Any] = user.settings.get("SharingSettings") or {}
    path = settings.get("S3OutputPath")
    if not path:
        forget_user(target)
        raise Conflict(NOT_ENABLED.format(domain=user.domain_name or user.domain_id), hint=NOT_ENABLED_HINT)
    try:
        bucket, key = split_s3_uri(path)
    except BadInput as error:
        raise Conflict(f"The domain's S3 location for shared notebooks is none: {error}") from None
    root = f"{key.strip('/')}/" if key.strip("/") else ""
    return SharingPlace(
        user=user,
        bucket=bucket,
        prefix=f"{root}{user.domain_id}/snapshots/",
        key_id=settings.get("S3KmsKeyId"),
        # Disabled is AWS's default.
        output_allowed=settings.get("NotebookOutputOption") == "Allowed",
    )


def sharing_options(target: Target, git: GitInformation | None) -> SharingOptions:
    """What the dialog offers for a notebook that lies in this repository."""
    try:
        place = sharing_place(target)
    except Conflict as error:
        return SharingOptions(enabled=False, reason=str(error), hint=error.hint)
    return SharingOptions(
        enabled=True,
        domain=place.user.domain_name or place.user.domain_id,
        user=place.user.profile,
        s3_uri=place.s3_uri,
        output_allowed=place.output_allowed,
        git=git,
    )
