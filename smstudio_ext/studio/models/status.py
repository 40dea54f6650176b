"""Models of the target, the local engine, and what the pages tell about themselves."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from smstudio_ext.studio.models.base import Answer, Request

TargetKind = Literal["local", "aws"]
CredentialMethod = Literal[
    "keys",
    "sso",
    "assume-role",
    "web-identity",
    "process",
    "login",
    "environment",
    "container",
    "instance",
    "none",
]
EngineState = Literal["running", "starting", "stopped", "failed"]


_ROLE_ARN = r"^arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$"


class RoleToAssume(Request):
    """A role to work as; members of `sts:AssumeRole`.

    Attributes:
        mfa_serial: serial number or ARN of the device whose code the role asks for.
    """

    role_arn: str = Field(max_length=2048, pattern=_ROLE_ARN)
    external_id: str | None = Field(default=None, min_length=2, max_length=1224, pattern=r"^[\w+=,.@:\/\-]*$")
    mfa_serial: str | None = Field(default=None, min_length=9, max_length=256, pattern=r"^[\w+=/:,.@\-]*$")
    session_name: str | None = Field(default=None, min_length=2, max_length=64, pattern=r"^[\w+=,.@\-]*$")
    duration_seconds: int | None = Field(default=None, ge=900, le=43200)


class TargetInfo(Answer):
    """The target that all pages of this server show.

    Attributes:
        title: what the status bar says, e.g. `local` or `aws: work (eu-west-1)`.
        role_arn: execution role that new jobs get; none when it must be typed in the form.
        read_only: nothing may be created, changed, stopped or deleted.
        assume: role that pages work as with the profile's credentials.
    """

    kind: TargetKind
    profile: str | None
    region: str
    role_arn: str | None
    title: str
    read_only: bool = False
    assume: RoleToAssume | None = None


class EngineStatus(Answer):
    """The local engine.

    Attributes:
        message: why it failed, or how to start it.
    """

    state: EngineState
    url: str | None = None
    version: str | None = None
    data_dir: str | None = None
    message: str | None = None


class Identity(Answer):
    """Who the target takes us for (`sts:GetCallerIdentity`)."""

    account: str
    arn: str
    user_id: str


class StatusQuery(Request):
    """`identity=true` also asks the target who we are."""

    identity: bool = False


class Status(Answer):
    """What the status bar shows."""

    version: str
    target: TargetInfo
    engine: EngineStatus
    identity: Identity | None = None
    identity_error: str | None = None


class TargetOption(Answer):
    """One choice of the target switch.

    Attributes:
        method: where its credentials come from.
        signs_in: whether somebody must sign in to IAM Identity Center for it.
        mfa_serial: device whose code its role asks for.
    """

    kind: TargetKind
    profile: str | None
    region: str
    title: str
    method: CredentialMethod = "none"
    signs_in: bool = False
    mfa_serial: str | None = None


class Targets(Answer):
    """What the target switch offers: the local engine and every AWS profile of this machine.

    Attributes:
        problem: why there are no profiles, when the AWS configuration cannot be read.
    """

    current: TargetInfo
    options: list[TargetOption]
    regions: list[str]
    problem: str | None = None


class ChooseTarget(Request):
    """Chooses the target for all pages of this server.

    Attributes:
        mfa_code: code of the role's device, for a role (of `assume` or of the profile) that asks for one.
    """

    kind: TargetKind
    profile: str | None = Field(default=None, max_length=256)
    region: str | None = Field(default=None, max_length=64, pattern=r"^[a-z]{2}(-[a-z]+)+-\d{1,2}$")
    role_arn: str | None = Field(default=None, max_length=2048, pattern=_ROLE_ARN)
    read_only: bool = False
    assume: RoleToAssume | None = None
    mfa_code: SecretStr | None = Field(default=None, min_length=6, max_length=6)


class Presence(Request):
    """A page says whether it is visible, so that nobody polls AWS for pages which nobody sees.

    Attributes:
        page: random id of the browser tab.
    """

    page: str = Field(min_length=1, max_length=64)
    visible: bool


class PresenceReply(Answer):
    """How long the server believes it: say so again before that."""

    again_in_seconds: float


class Change(Answer):
    """One event of schema `https://smstudio-ext.readthedocs.io/events/change`.

    Attributes:
        kind: `AutoMLJob`, `TrainingJob`, `Endpoint`, `Engine`, `Target`...; `*` when everything may have changed.
        details: what a page says the message of a `Kernel` from: `code`, and its values as `1`, `2`...
    """

    kind: str
    name: str
    status: str
    region: str
    target: TargetKind
    deleted: bool = False
    secondary_status: str = ""
    details: dict[str, str] = {}
