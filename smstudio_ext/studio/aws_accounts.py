"""Accounts and roles of somebody who signed in to IAM Identity Center, and profiles made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.aws import config_file
from smstudio_ext.aws.account import RoleToAssume
from smstudio_ext.aws.signin import access_token, service_client
from smstudio_ext.studio.models import aws_sessions as models
from smstudio_ext.studio.problems import BadInput, Conflict

if TYPE_CHECKING:
    from smstudio_ext.aws.profiles import SsoPlace
    from smstudio_ext.aws.signin import SignIns, SignInState


def list_accounts(state: SignInState) -> models.Accounts:
    """Every account that somebody who signed in may work in, by name.

    Raises:
        Conflict: nobody has signed in yet.
    """
    return models.Accounts(items=accounts_at(_signed_in(state)))


def list_account_roles(state: SignInState, account: str) -> models.AccountRoles:
    """Names of the roles that somebody who signed in may take in an account.

    Raises:
        Conflict: nobody has signed in yet.
    """
    return models.AccountRoles(items=roles_at(_signed_in(state), account))


def accounts_at(place: SsoPlace) -> list[models.Account]:
    """The accounts at a place where somebody has signed in, by name."""
    items = [
        models.Account(
            id=each["accountId"], name=each.get("accountName", ""), email=each.get("emailAddress", "")
        )
        for each in _pages(place, "list_accounts", "accountList")
    ]
    return sorted(items, key=lambda account: (account.name.lower(), account.id))


def roles_at(place: SsoPlace, account: str) -> list[str]:
    """Names of the roles in an account, for somebody who has signed in."""
    return sorted(
        each["roleName"] for each in _pages(place, "list_account_roles", "roleList", accountId=account)
    )


def save_profile(sign_ins: SignIns, request: models.SaveProfile) -> models.SavedProfile:
    """Adds a profile to the AWS configuration of this machine.

    Raises:
        BadInput: neither an account with a role, nor a role to assume is named.
        ProfileExists, ConfigurationNotWritable: the file does not take it.
    """
    if request.assume is not None:
        file = config_file.add_role_profile(
            request.name,
            RoleToAssume(**request.assume.model_dump()),
            source_profile=request.source_profile,
            region=request.region,
        )
    elif request.sign_in and request.account_id and request.role_name:
        file = config_file.add_sso_profile(
            request.name,
            sign_ins.get(request.sign_in).place,
            account_id=request.account_id,
            role_name=request.role_name,
            region=request.region,
        )
    else:
        missing = [name for name in ("account_id", "role_name") if not getattr(request, name)]
        raise BadInput(
            "A profile needs an account and a role of somebody who signed in, or a role to assume.",
            fields=[(name, "is required") for name in missing],
        )
    return models.SavedProfile(name=request.name, file=str(file))


def _signed_in(state: SignInState) -> SsoPlace:
    if state.status != "SignedIn":
        raise Conflict("Nobody has confirmed the code yet.", hint="Finish signing in first.")
    return state.place


def _pages(place: SsoPlace, operation: str, member: str, **request: Any) -> list[dict[str, Any]]:
    client = service_client(place, "sso")
    pages = client.get_paginator(operation).paginate(accessToken=access_token(place), **request)
    return [each for page in pages for each in page[member]]
