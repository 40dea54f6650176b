"""Kinds of Studio's resources, the names of their rows and their ARNs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from smstudio_ext.engine.arns import partition
from smstudio_ext.engine.errors import ResourceInUse, ResourceNotFound, ValidationException
from smstudio_ext.engine.settings import ACCOUNT_ID

DOMAIN = "Domain"
USER_PROFILE = "UserProfile"
SPACE = "Space"
APP = "App"
ENDED_APP = "EndedApp"
"""An app that is Deleted; its row's name is that of the app with the time of its end."""
LIFECYCLE_CONFIG = "StudioLifecycleConfig"
IMAGE = "Image"
IMAGE_VERSION = "ImageVersion"
APP_IMAGE_CONFIG = "AppImageConfig"

OwnerKind = Literal["UserProfile", "Space"]


@dataclass(frozen=True)
class Owner:
    """Whose app it is: a user profile or a space of a domain."""

    domain: str
    kind: OwnerKind
    name: str

    @property
    def row(self) -> str:
        """Name of the owner's row."""
        return f"{self.domain}/{self.name}"

    @property
    def members(self) -> dict[str, str]:
        """The members of requests and answers that name the owner."""
        return {
            "DomainId": self.domain,
            ("UserProfileName" if self.kind == "UserProfile" else "SpaceName"): self.name,
        }


@dataclass(frozen=True)
class AppKey:
    """Which app it is."""

    owner: Owner
    type: str
    name: str

    @property
    def row(self) -> str:
        """Name of the app's row while it is not Deleted."""
        return f"{self.owner.domain}/{self.owner.kind}/{self.owner.name}/{self.type}/{self.name}"

    @property
    def shown(self) -> str:
        """The app in AWS's messages."""
        return f"{self.owner.domain}/{self.owner.name}/{self.type}/{self.name}"


def owner_of(request: dict[str, Any]) -> Owner:
    """The owner that a request of an app names.

    Raises:
        ValidationException: it names none, or both a user profile and a space.
    """
    profile, space = request.get("UserProfileName"), request.get("SpaceName")
    if profile and not space:
        return Owner(request["DomainId"], "UserProfile", str(profile))
    if space and not profile:
        return Owner(request["DomainId"], "Space", str(space))
    raise ValidationException("Exactly one of UserProfileName and SpaceName must be specified.")


def app_key(request: dict[str, Any]) -> AppKey:
    """The app that a request names.

    Raises:
        ValidationException: it names no owner, or two.
    """
    return AppKey(owner_of(request), request["AppType"], request["AppName"])


def domain_arn(region: str, domain: str) -> str:
    """The ARN of a domain."""
    return _arn(region, f"domain/{domain}")


def profile_arn(region: str, domain: str, name: str) -> str:
    """The ARN of a user profile; SageMaker lower-cases the name in it."""
    return _arn(region, f"user-profile/{domain}/{name.lower()}")


def space_arn(region: str, domain: str, name: str) -> str:
    """The ARN of a space."""
    return _arn(region, f"space/{domain}/{name.lower()}")


def app_arn(region: str, key: AppKey) -> str:
    """The ARN of an app."""
    owner = key.owner
    return _arn(region, f"app/{owner.domain}/{owner.name.lower()}/{key.type.lower()}/{key.name.lower()}")


def lifecycle_config_arn(region: str, name: str) -> str:
    """The ARN of a lifecycle configuration."""
    return _arn(region, f"studio-lifecycle-config/{name.lower()}")


def image_arn(region: str, name: str) -> str:
    """The ARN of an own image."""
    return _arn(region, f"image/{name.lower()}")


def image_version_arn(region: str, name: str, version: int) -> str:
    """The ARN of a version of an own image."""
    return _arn(region, f"image-version/{name.lower()}/{version}")


def app_image_config_arn(region: str, name: str) -> str:
    """The ARN of the configuration of an image as an app."""
    return _arn(region, f"app-image-config/{name.lower()}")


def does_not_exist(kind: str, name: str) -> ResourceNotFound:
    """SageMaker's message for a missing domain, user profile, space, app, image or configuration."""
    return ResourceNotFound(f"{kind} [{name}] does not exist.")


def exists(kind: str, name: str) -> ResourceInUse:
    """SageMaker's message for a name that one of these has already."""
    return ResourceInUse(f"{kind} [{name}] already exists.")


def _arn(region: str, resource: str) -> str:
    return f"arn:{partition(region)}:sagemaker:{region}:{ACCOUNT_ID}:{resource}"
