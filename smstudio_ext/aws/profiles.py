"""The profiles of this machine's AWS configuration, as far as they may be told: never their keys."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from smstudio_ext.aws.problems import BadAccountInput

Method = Literal["keys", "sso", "assume-role", "web-identity", "process", "login", "none"]
"""Where the credentials of a profile come from."""

_METHODS: tuple[tuple[str, Method], ...] = (
    # In the order of botocore's own chain.
    ("web_identity_token_file", "web-identity"),
    ("role_arn", "assume-role"),
    ("sso_account_id", "sso"),
    ("sso_role_name", "sso"),
    ("aws_access_key_id", "keys"),
    ("credential_process", "process"),
    ("login_session", "login"),
    ("sso_session", "sso"),
    ("sso_start_url", "sso"),
)


@dataclass(frozen=True)
class Profile:
    """A profile without its secrets.

    Attributes:
        sign_in: name of the profile that signs in to IAM Identity Center for this one (itself, or one that it takes its
            credentials from); none when it needs no such signing in.
        mfa_serial: of the device whose code the role wants.
        role_arn: role that the profile assumes.
    """

    name: str
    region: str | None
    method: Method
    sign_in: str | None = None
    mfa_serial: str | None = None
    role_arn: str | None = None


@dataclass(frozen=True)
class SsoPlace:
    """Where to sign in.

    Attributes:
        session_name: of the `sso-session` section; none for profiles of the older form, and for an address that was typed.
        profile: whose settings (proxies, endpoints) the calls use.
    """

    start_url: str
    region: str
    session_name: str | None = None
    scopes: tuple[str, ...] = ()
    profile: str | None = None


def core_session(profile: str | None = None) -> Any:
    """A session of botocore for a profile."""
    import botocore.session

    for name in ("botocore.tokens", "botocore.credentials"):
        logging.getLogger(name).addFilter(_without_traceback)
    return botocore.session.Session(profile=profile)


def _without_traceback(record: logging.LogRecord) -> bool:
    """Keeps tracebacks out of the log: botocore writes one whenever it fails to renew, and then raises what it wrote."""
    record.exc_info = None
    return True


def read_profiles() -> dict[str, Profile]:
    """Every profile by name, in order of names.

    Raises:
        botocore.exceptions.ConfigParseError: the configuration cannot be read.
    """
    found: dict[str, dict[str, Any]] = core_session().full_config.get("profiles", {})
    return {name: _profile(name, found) for name in sorted(found)}


def find_profile(name: str | None) -> Profile | None:
    """One profile; the default one without a name. None when there is none, or the configuration cannot be read."""
    from botocore.exceptions import ConfigParseError

    try:
        return read_profiles().get(name or os.environ.get("AWS_PROFILE") or "default")
    except ConfigParseError:
        return None


def sso_place(profile: str | None) -> SsoPlace:
    """Where a profile signs in.

    Raises:
        BadAccountInput: it does not sign in to IAM Identity Center, or its settings are not complete.
    """
    session = core_session()
    profiles: dict[str, dict[str, Any]] = session.full_config.get("profiles", {})
    name = profile or os.environ.get("AWS_PROFILE") or "default"
    signing = _sign_in(name, profiles)
    if signing is None:
        raise BadAccountInput(
            f"The profile {name!r} does not sign in to IAM Identity Center.",
            hint="Choose a profile with sso_session or sso_start_url, or type the start URL of your organisation.",
        )
    settings = dict(profiles[signing])
    session_name = settings.get("sso_session")
    if session_name is not None:
        sections = session.full_config.get("sso_sessions", {})
        if session_name not in sections:
            raise BadAccountInput(
                f"The profile {signing!r} names the sso-session {session_name!r}, which is not in the AWS configuration.",
                hint=f"Add [sso-session {session_name}] with sso_start_url and sso_region, or run: aws configure sso",
            )
        settings.update(sections[session_name])
    missing = [key for key in ("sso_start_url", "sso_region") if not settings.get(key)]
    if missing:
        raise BadAccountInput(
            f"The profile {signing!r} lacks {' and '.join(missing)}.",
            hint="Complete it in the AWS configuration, or run: aws configure sso",
        )
    scopes = tuple(
        part.strip() for part in str(settings.get("sso_registration_scopes", "")).split(",") if part.strip()
    )
    return SsoPlace(
        start_url=str(settings["sso_start_url"]),
        region=str(settings["sso_region"]),
        session_name=session_name,
        scopes=scopes or (("sso:account:access",) if session_name else ()),
        profile=signing,
    )


def configured_region(profile: str | None) -> str | None:
    """The region that the environment or a profile names."""
    from botocore.exceptions import ConfigParseError, ProfileNotFound

    try:
        region = core_session(profile).get_config_variable("region")
    except (ProfileNotFound, ConfigParseError):
        return None
    return str(region) if region else None


def default_source() -> Literal["environment", "container", "web-identity", "instance"]:
    """Where botocore looks for credentials when no profile is named, beside the default one."""
    if os.environ.get("AWS_ACCESS_KEY_ID") and not has_engine_environment():
        return "environment"
    if os.environ.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        return "web-identity"
    if os.environ.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") or os.environ.get(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI"
    ):
        return "container"
    return "instance"


def configuration_files() -> tuple[Path, Path]:
    """The configuration and the credentials file of this machine, there or not."""
    return (
        Path(os.environ.get("AWS_CONFIG_FILE") or "~/.aws/config").expanduser(),
        Path(os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials").expanduser(),
    )


def has_engine_environment() -> bool:
    """Whether this process was started with the variables of `smstudio engine env`."""
    return "smstudio" in os.environ.get("SAGEMAKER_USER_CONFIG_OVERRIDE", "") and bool(
        os.environ.get("AWS_ENDPOINT_URL")
    )


def _profile(name: str, profiles: dict[str, dict[str, Any]]) -> Profile:
    values = profiles[name]
    method: Method = next((method for key, method in _METHODS if key in values), "none")
    return Profile(
        name=name,
        region=values.get("region"),
        method=method,
        sign_in=_sign_in(name, profiles),
        mfa_serial=values.get("mfa_serial") if method == "assume-role" else None,
        role_arn=values.get("role_arn") if method == "assume-role" else None,
    )


def _sign_in(name: str, profiles: dict[str, dict[str, Any]]) -> str | None:
    """The profile at the end of a chain of source profiles, if it signs in to IAM Identity Center."""
    seen: set[str] = set()
    while name in profiles and name not in seen:
        seen.add(name)
        values = profiles[name]
        if "sso_session" in values or "sso_start_url" in values:
            return name
        if "role_arn" not in values or "source_profile" not in values:
            return None
        name = str(values["source_profile"])
    return None
