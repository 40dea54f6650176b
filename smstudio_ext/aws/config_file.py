"""Adds profiles to the AWS configuration file of this machine; what stands there stays as it is."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from smstudio_ext.aws.problems import AccountProblem
from smstudio_ext.aws.profiles import SsoPlace, configuration_files, core_session, read_profiles

if TYPE_CHECKING:
    from smstudio_ext.aws.account import RoleToAssume


class ProfileExists(AccountProblem):
    """There is a profile of this name."""

    code = "Conflict"
    status = 409


class ConfigurationNotWritable(AccountProblem):
    """The file cannot be written."""

    code = "ConfigurationNotWritable"
    status = 400


def add_sso_profile(
    name: str, place: SsoPlace, *, account_id: str, role_name: str, region: str | None
) -> Path:
    """Adds a profile of an account that somebody signs in to; with a section of the sign-in, unless there is one.

    Returns:
        The file.

    Raises:
        ProfileExists: there is one of this name.
        ConfigurationNotWritable: the file cannot be written.
        botocore.exceptions.ConfigParseError: it cannot be read.
    """
    _require_new(name)
    session_name, is_new = _session_section(place)
    sections = []
    if is_new:
        sections.append(
            _section(
                f"sso-session {session_name}",
                {
                    "sso_start_url": place.start_url,
                    "sso_region": place.region,
                    "sso_registration_scopes": ",".join(place.scopes) or "sso:account:access",
                },
            )
        )
    values = {"sso_session": session_name, "sso_account_id": account_id, "sso_role_name": role_name}
    sections.append(_section(_profile_section(name), {**values, "region": region}))
    return _append("\n".join(sections))


def add_role_profile(
    name: str, role: RoleToAssume, *, source_profile: str | None, region: str | None
) -> Path:
    """Adds a profile that assumes a role with another profile's credentials, or with the environment's.

    Raises:
        ProfileExists: there is one of this name.
        ConfigurationNotWritable: the file cannot be written.
        botocore.exceptions.ConfigParseError: it cannot be read.
    """
    _require_new(name)
    values = {
        "role_arn": role.role_arn,
        "source_profile": source_profile,
        "credential_source": None if source_profile else "Environment",
        "external_id": role.external_id,
        "mfa_serial": role.mfa_serial,
        "role_session_name": role.session_name,
        "duration_seconds": str(role.duration_seconds) if role.duration_seconds else None,
        "region": region,
    }
    return _append(_section(_profile_section(name), values))


def _require_new(name: str) -> None:
    if name in read_profiles():
        raise ProfileExists(f"There is a profile {name!r} already.", hint="Choose another name.")


def _session_section(place: SsoPlace) -> tuple[str, bool]:
    """Name of the section of a sign-in, and whether it must be written."""
    known = core_session().full_config.get("sso_sessions", {})
    wanted = place.session_name or "sso"
    name, number = wanted, 1
    while name in known:
        if known[name].get("sso_start_url") == place.start_url:
            return name, False
        number += 1
        name = f"{wanted}-{number}"
    return name, True


def _profile_section(name: str) -> str:
    return "default" if name == "default" else f"profile {name}"


def _section(title: str, values: dict[str, str | None]) -> str:
    lines = [f"[{title}]", *(f"{key} = {value}" for key, value in values.items() if value)]
    return "\n".join(lines) + "\n"


def _append(text: str) -> Path:
    """Writes the file anew with a text at its end, so that nobody ever reads half of it."""
    path = configuration_files()[0]
    real = path.resolve()  # many keep it as a link into a folder of settings
    try:
        real.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        before = real.read_text() if real.exists() else ""
        handle, name = tempfile.mkstemp(dir=real.parent, prefix=".smstudio-")
        with os.fdopen(handle, "w") as file:
            file.write(f"{before.rstrip()}\n\n{text}" if before.strip() else text)
        if real.exists():
            Path(name).chmod(real.stat().st_mode & 0o777)
        Path(name).replace(real)
    except OSError as error:
        raise ConfigurationNotWritable(
            f"{path} cannot be written: {error.strerror}.",
            hint="Add the profile by hand, or mend its permissions.",
        ) from None
    return path
