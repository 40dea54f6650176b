"""Who works here: the SageMaker domain and user profile of this Jupyter server."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Any

from smstudio_ext.target import Target

PROFILE = "SMSTUDIO_USER_PROFILE"
"""Variable that names the user profile of this server, where it is not the domain's first."""

_NOT_NAME = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True)
class StudioUser:
    """A user profile in a domain.

    Attributes:
        profile: its name; of a user without one, the name that it would have.
        settings: `UserSettings`, the domain's defaults under those of the profile.
    """

    domain_id: str
    domain_name: str
    profile: str
    settings: dict[str, Any] = field(default_factory=dict)


def studio_user(target: Target) -> StudioUser | None:
    """The user of this server; None where there is no domain.

    The domain is the account's oldest. The profile is the one that the environment names ($SMSTUDIO_USER_PROFILE, JupyterHub's
    $JUPYTERHUB_USER), else the domain's first.
    """
    sagemaker = target.client("sagemaker")
    domains = sagemaker.list_domains().get("Domains", [])
    if not domains:
        return None
    first = min(domains, key=lambda domain: (domain.get("CreationTime") is None, domain.get("CreationTime")))
    domain = sagemaker.describe_domain(DomainId=first["DomainId"])
    named = os.environ.get(PROFILE) or os.environ.get("JUPYTERHUB_USER")
    profile = profile_name(named) if named else _first_profile(sagemaker, domain["DomainId"])
    settings = {
        **domain.get("DefaultUserSettings", {}),
        **_own_settings(sagemaker, domain["DomainId"], profile),
    }
    return StudioUser(domain["DomainId"], domain.get("DomainName", ""), profile, settings)


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
