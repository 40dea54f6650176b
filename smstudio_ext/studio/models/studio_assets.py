"""Models of start-up scripts (lifecycle configurations) and own images."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, Request, UtcTime
from smstudio_ext.studio.models.domains import AppKind

_NAME = r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$"
_IMAGE_NAME = r"^[a-zA-Z0-9]([-.]?[a-zA-Z0-9]){0,62}$"
SourceKind = Literal["requirements", "conda", "environment", "kernelspec", "container"]


class ScriptPlace(Answer):
    """Where a script is attached.

    Attributes:
        arn: of the script.
        user: a user profile of the domain; none is the domain itself.
        default: it runs unless an app names another.
    """

    arn: str
    domain_id: str
    domain_name: str
    user: str | None
    default: bool


class DomainAttachments(Answer):
    """Which scripts a domain and its users have."""

    places: list[ScriptPlace]


class ScriptRow(Answer):
    """A lifecycle configuration in the list."""

    name: str
    arn: str
    app_type: str
    created: UtcTime


class ScriptList(Answer):
    """All lifecycle configurations of the region."""

    items: list[ScriptRow]


class Script(Answer):
    """A lifecycle configuration with its text."""

    name: str
    arn: str
    app_type: str
    created: UtcTime
    text: str


class CreateScript(Request):
    """A new lifecycle configuration.

    Attributes:
        text: at most 16,384 characters in base64, which is about 12,288 bytes.
    """

    name: str = Field(pattern=_NAME)
    app_type: AppKind
    text: str = Field(min_length=1, max_length=16384)


class AttachScript(Request):
    """Where a script is to be attached, or is no longer to be.

    Attributes:
        user: a user profile of the domain; none is the domain itself.
        default: it runs unless an app names another.
    """

    domain_id: str = Field(max_length=63)
    user: str | None = Field(default=None, pattern=_NAME)
    attached: bool = True
    default: bool = False


class OwnImageVersion(Answer):
    """A version of an own image."""

    number: int
    status: str
    base: str
    aliases: list[str]
    created: UtcTime
    failure_reason: str | None


class OwnImage(Answer):
    """An own image."""

    name: str
    arn: str
    display_name: str | None
    description: str | None
    status: str
    created: UtcTime


class OwnImageVersions(Answer):
    """Versions of an own image, newest first."""

    versions: list[OwnImageVersion]


class OwnImageList(Answer):
    """All own images of the region.

    Attributes:
        sources: what a new one can be made of.
    """

    items: list[OwnImage]
    sources: list[SourceKind]


class AttachImage(Request):
    """The form "Attach image".

    Attributes:
        name: of a new image, or of one that gets a new version.
        source: a path of the Jupyter server, an absolute path, or for AWS an image in Amazon ECR.
        kernel_name, kernel_display_name: the kernel that the image is known to have.
        domain_id: the domain that is to offer it; none only makes it.
    """

    name: str = Field(pattern=_IMAGE_NAME)
    display_name: str | None = Field(default=None, max_length=128)
    description: str | None = Field(default=None, max_length=512)
    kind: SourceKind
    source: str = Field(min_length=1, max_length=255)
    execution_role: str | None = Field(default=None, max_length=2048)
    kernel_name: str = Field(default="python3", min_length=1, max_length=1024)
    kernel_display_name: str | None = Field(default=None, max_length=1024)
    domain_id: str | None = Field(default=None, max_length=63)


class ImageAttached(Answer):
    """What the form made."""

    name: str
    version: int
    status: str
    failure_reason: str | None
