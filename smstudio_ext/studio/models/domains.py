"""Models of the Domain page: domains, user profiles, spaces, apps."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, Request, Tag, UtcTime

_NAME = r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$"
_S3 = r"^s3://[^/]+(/.*)?$"
OwnerKind = Literal["UserProfile", "Space"]
AppKind = Literal["JupyterServer", "KernelGateway", "JupyterLab", "CodeEditor"]


class DomainSummary(Answer):
    """One domain of the list."""

    id: str
    name: str
    status: str
    created: UtcTime
    modified: UtcTime


class DomainList(Answer):
    """All domains of the region.

    Attributes:
        notices: what this target does not do (any more), in whole sentences.
    """

    items: list[DomainSummary]
    notices: list[str]


class Sharing(Request):
    """Where shared notebooks are kept, and whether with their output."""

    output_allowed: bool = False
    s3_output_path: str | None = Field(default=None, max_length=1024, pattern=_S3)
    kms_key_id: str | None = Field(default=None, max_length=2048)


class AttachedScript(Answer):
    """A lifecycle configuration that is attached.

    Attributes:
        default: it runs unless an app names another.
    """

    name: str
    arn: str
    app_type: str
    default: bool


class ProfileRow(Answer):
    """A user profile."""

    name: str
    status: str
    created: UtcTime
    modified: UtcTime


class SpaceRow(Answer):
    """A space.

    Attributes:
        owner: user profile whose private space it is.
    """

    name: str
    status: str
    created: UtcTime
    modified: UtcTime
    sharing: str | None
    owner: str | None
    app_type: str | None


class AppRow(Answer):
    """An app.

    Attributes:
        image: id of its image.
        script: name of its start-up script.
        log_stream: where that script wrote.
    """

    type: str
    name: str
    status: str
    owner_kind: OwnerKind
    owner: str
    created: UtcTime | None
    instance_type: str | None
    image: str | None
    script: str | None
    log_stream: str | None


class Domain(Answer):
    """A domain's page.

    Attributes:
        home: what its users' home folders are on.
        notices: what this target does not do (any more), in whole sentences.
        app_types: types of apps that can be created here.
    """

    id: str
    name: str
    arn: str
    status: str
    failure_reason: str | None
    auth_mode: str
    execution_role: str | None
    network: str | None
    vpc_id: str | None
    subnet_ids: list[str]
    security_group_ids: list[str]
    kms_key_id: str | None
    home: str | None
    url: str | None
    created: UtcTime
    modified: UtcTime
    sharing: Sharing
    scripts: list[AttachedScript]
    images: list[str]
    profiles: list[ProfileRow]
    spaces: list[SpaceRow]
    app_types: list[AppKind]
    notices: list[str]


class AppList(Answer):
    """The apps of a domain, newest first."""

    items: list[AppRow]


class DomainFormOptions(Answer):
    """What the forms offer.

    Attributes:
        suggested_name: `default-<timestamp>`, as AWS suggests it.
        sharing_path: where shared notebooks would be kept.
    """

    suggested_name: str
    execution_role: str | None
    sharing_path: str | None
    instance_types: list[str]


class CreateDomain(Request):
    """The form of a new domain.

    Attributes:
        quick: Quick start: a name, a user, a role; everything else by default.
        user_name: user profile that is made with it; none makes none.
    """

    quick: bool = True
    name: str = Field(pattern=_NAME)
    user_name: str | None = Field(default=None, pattern=_NAME)
    execution_role: str | None = Field(default=None, max_length=2048)
    auth_mode: Literal["IAM", "SSO"] = "IAM"
    share_notebooks: bool = True
    sharing: Sharing = Sharing()
    network: Literal["PublicInternetOnly", "VpcOnly"] = "PublicInternetOnly"
    vpc_id: str | None = Field(default=None, max_length=32)
    subnet_ids: list[str] = Field(default=[], max_length=16)
    security_group_ids: list[str] = Field(default=[], max_length=5)
    kms_key_id: str | None = Field(default=None, max_length=2048)
    tags: list[Tag] = Field(default=[], max_length=50)


class DomainMade(Answer):
    """A new domain."""

    id: str
    name: str


class UpdateDomain(Request):
    """Settings of a domain that can be changed; what is none stays."""

    execution_role: str | None = Field(default=None, max_length=2048)
    sharing: Sharing | None = None


class DeleteDomain(Request):
    """How much of a domain goes."""

    delete_home: bool = False


class CreateProfile(Request):
    """A new user profile."""

    name: str = Field(pattern=_NAME)
    execution_role: str | None = Field(default=None, max_length=2048)


class CreateSpace(Request):
    """A new space.

    Attributes:
        owner: user profile whose space it is.
    """

    name: str = Field(pattern=_NAME)
    owner: str | None = Field(default=None, pattern=_NAME)
    sharing: Literal["Private", "Shared"] = "Shared"
    app_type: Literal["JupyterLab", "CodeEditor"] | None = None
    volume_gb: int | None = Field(default=None, ge=5, le=16384)


class AppPlace(Request):
    """Which app."""

    owner_kind: OwnerKind = "UserProfile"
    owner: str = Field(pattern=_NAME)
    type: AppKind
    name: str = Field(pattern=_NAME)


class CreateApp(AppPlace):
    """A new app."""

    instance_type: str | None = Field(default=None, max_length=64)
    image_arn: str | None = Field(default=None, max_length=256)
    script_arn: str | None = Field(default=None, max_length=256)


class AppFailure(Answer):
    """Why an app failed, if it did."""

    reason: str | None


class PresignDomain(Request):
    """Who is to be signed in, for how long the address is good, and for how long the user stays signed in.

    Attributes:
        session_seconds: of the session that the address begins.
    """

    user: str = Field(pattern=_NAME)
    space: str | None = Field(default=None, pattern=_NAME)
    expires_in_seconds: int = Field(default=300, ge=5, le=300)
    session_seconds: int = Field(default=43_200, ge=1800, le=43_200)


class PresignedUrl(Answer):
    """An address that opens once."""

    url: str
    expires_in_seconds: int


class AppLogQuery(Request):
    """Query of the log of an app's start-up script."""

    stream: str = Field(max_length=512)
    next_token: str | None = Field(default=None, max_length=8192)
    from_start: bool = False
    max_results: int = Field(default=1000, ge=1, le=10000)


class AppLogDownload(Request):
    """Which log is to be sent whole."""

    stream: str = Field(max_length=512)
