"""Who works here: the SageMaker domain and user profile of this Jupyter server."""

from __future__ import annotations

import os
import re
import time
import weakref
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from smstudio_ext.target import Target

PROFILE = "SMSTUDIO_USER_PROFILE"
"""Variable that names the user profile of this server, where it is not the domain's first."""

KEPT_SECONDS = 300.0
"""For so long what an AWS account told of its user is taken as true: finding it takes four calls."""

_KEPT: WeakKeyDictionary[Target, tuple[float, str | None, StudioUser]] = WeakKeyDictionary()
"""Target -> until when (monotonic), name that the environment gave, what was found."""
_CHANGES = (
    "CreateDomain",
    "UpdateDomain",
    "DeleteDomain",
    "CreateUserProfile",
    "UpdateUserProfile",
    "DeleteUserProfile",
)
"""Operations after which it may be another."""

_NOT_NAME = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True)
class StudioUser:
    """A user profile in a domain.

    Attributes:
        profile: its name; of a user without one, the name that it would have.
        settings: `UserSettings`, the domain's defaults under those of the profile.
        inherited: the domain's defaults alone.
    """

    domain_id: str
    domain_name: str
    profile: str
    settings: dict[str, Any] = field(default_factory=dict)
    inherited: dict[str, Any] = field(default_factory=dict)


def studio_user(target: Target, *, fresh: bool = False) -> StudioUser | None:
    """The user of this server; None where there is no domain.

    What an AWS account told is kept for five minutes, until something here changes a domain or a profile, or the target is
    chosen anew; that there is no domain is not kept, so that one is seen as soon as it is made.

    Args:
        fresh: ask even so.
    """
    named = os.environ.get(PROFILE) or os.environ.get("JUPYTERHUB_USER")
    kept = _KEPT.get(target)
    if kept is not None and not fresh and kept[1] == named and time.monotonic() < kept[0]:
        return kept[2]
    found = _asked(target, named)
    if found is not None and target.kind == "aws":
        _forget_after_changes(target)
        _KEPT[target] = (time.monotonic() + KEPT_SECONDS, named, found)
    return found


def forget_user(target: Target) -> None:
    """The next question asks the target: what was kept says that something is missing, which may have been mended."""
    _KEPT.pop(target, None)


def _forget_after_changes(target: Target) -> None:
    events = target.client("sagemaker").meta.events
    weak = weakref.ref(target)

    def changed(**_: Any) -> None:
        known = weak()
        if known is not None:
            forget_user(known)

    for operation in _CHANGES:
        events.register(f"after-call.sagemaker.{operation}", changed, unique_id=f"smstudio-user-{operation}")


def _asked(target: Target, named: str | None) -> StudioUser | None:
    """The user as the target tells it now.

    The domain is the account's oldest. The profile is the one that the environment names ($SMSTUDIO_USER_PROFILE, JupyterHub's
    $JUPYTERHUB_USER), else the domain's first.
    """
    sagemaker = target.client("sagemaker")
    domains = sagemaker.list_domains().get("Domains", [])
    if not domains:
        return None
    first = min(domains, key=lambda domain: (domain.get("CreationTime") is None, domain.get("CreationTime")))
    domain = sagemaker.describe_domain(DomainId=first["DomainId"])
    profile = profile_name(named) if named else _first_profile(sagemaker, domain["DomainId"])
    inherited = domain.get("DefaultUserSettings", {})
    settings = {**inherited, **_own_settings(sagemaker, domain["DomainId"], profile)}
    return StudioUser(domain["DomainId"], domain.get("DomainName", ""), profile, settings, inherited)


def profile_name(name: str) -> str:
    """A user's name in the form of user profiles: letters, digits and single hyphens, at most 63."""
    return _NOT_NAME.sub("-", name).strip("-")[:63].strip("-") or "default"


def _first_profile(sagemaker: Any, domain_id: str) -> str:
    answer = _offered(
        lambda: sagemaker.list_user_profiles(
            DomainIdEquals=domain_id, SortBy="CreationTime", SortOrder="Ascending", MaxResults=1
        )
    )
    found = answer.get("UserProfiles", [])
    return str(found[0]["UserProfileName"]) if found else "default"


def _own_settings(sagemaker: Any, domain_id: str, profile: str) -> dict[str, Any]:
    answer = _offered(lambda: sagemaker.describe_user_profile(DomainId=domain_id, UserProfileName=profile))
    settings: dict[str, Any] = answer.get("UserSettings", {})
    return settings


def _offered(call: Any) -> dict[str, Any]:
    """The answer; empty where the profile is not there, or the server knows no user profiles."""
    from botocore.exceptions import ClientError

    try:
        answer: dict[str, Any] = call()
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in ("ResourceNotFound", "UnknownOperationException", "NotImplemented") or code.isdigit():
            return {}
        raise
    return answer
