"""Models of signing in to AWS, of who we are there, and of the roles that can be chosen."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, Request, UtcTime
from smstudio_ext.studio.models.status import Identity, RoleToAssume

SignInStatus = Literal["Waiting", "SignedIn", "Expired", "Denied", "Cancelled", "Failed"]
_PROFILE = r"^[^\[\]\x00-\x1f\x7f]+$"
_REGION = r"^[a-z]{2}(-[a-z]+)+-\d{1,2}$"


class StartSignIn(Request):
    """Signs in to IAM Identity Center: for a profile, or at an address that was typed.

    Attributes:
        start_url: of the organisation, e.g. `https://example.awsapps.com/start`; then no profile is named.
        sso_region: region of the organisation's IAM Identity Center.
    """

    profile: str | None = Field(default=None, max_length=256)
    start_url: str | None = Field(default=None, max_length=1024, pattern=r"^https?://[^\s]+$")
    sso_region: str | None = Field(default=None, max_length=64, pattern=_REGION)


class SignIn(Answer):
    """A signing in: open the address, compare the code, and allow it there.

    Attributes:
        verification_uri_complete: address with the code in it.
        expires_at: when the code is no longer good.
        message: why it ended without success.
    """

    id: str
    status: SignInStatus
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_at: UtcTime
    message: str | None = None


class Account(Answer):
    """An account that somebody who signed in may work in."""

    id: str
    name: str
    email: str


class Accounts(Answer):
    """All of them."""

    items: list[Account]


class AccountRoles(Answer):
    """Names of roles in an account."""

    items: list[str]


class SaveProfile(Request):
    """Adds a profile to the AWS configuration of this machine, for all tools: of an account that somebody signed in to, or of a
    role to assume with another profile.

    Attributes:
        sign_in: id of the signing in whose organisation the account belongs to.
        source_profile: with `assume`, whose credentials are taken.
    """

    name: str = Field(min_length=1, max_length=128, pattern=_PROFILE)
    region: str | None = Field(default=None, max_length=64, pattern=_REGION)
    sign_in: str | None = None
    account_id: str | None = Field(default=None, pattern=r"^\d{12}$")
    role_name: str | None = Field(default=None, min_length=1, max_length=64, pattern=r"^[\w+=,.@\-]+$")
    source_profile: str | None = Field(default=None, max_length=256)
    assume: RoleToAssume | None = None


class SavedProfile(Answer):
    """A profile that was added.

    Attributes:
        file: where.
    """

    name: str
    file: str


class Credentials(Answer):
    """Where the credentials come from and how long they last; never what they are.

    Attributes:
        method: botocore's name of the source.
        expires_at: none for those that do not expire.
        renews: whether they are renewed in time by themselves.
        signed_in_until: when somebody must sign in again.
    """

    method: str
    expires_at: UtcTime | None
    renews: bool
    signed_in_until: UtcTime | None


class Whoami(Answer):
    """Who the target takes us for, or why it does not say.

    Attributes:
        signs_in: whether signing in to IAM Identity Center can help.
        mfa_serial: device whose code is asked for.
    """

    identity: Identity | None
    credentials: Credentials | None
    signs_in: bool
    mfa_serial: str | None
    code: str | None = None
    message: str | None = None
    hint: str | None = None


class ExecutionRole(Answer):
    """A role that SageMaker may take."""

    name: str
    arn: str


class ExecutionRoles(Answer):
    """Roles that can be the execution role of new jobs.

    Attributes:
        message: why there are none to choose from; then its ARN must be typed.
    """

    items: list[ExecutionRole]
    message: str | None = None
