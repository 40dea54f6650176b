"""`smstudio config login`, `assume`, `identity` and `roles`: who we are in AWS, for every tool of this machine."""

from __future__ import annotations

import sys
import threading
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smstudio_ext.cli.options import Json
from smstudio_ext.cli.places import Printer, on_target
from smstudio_ext.cli.session import aws_errors, fail

if TYPE_CHECKING:
    from smstudio_ext.aws.account import AwsAccount
    from smstudio_ext.aws.profiles import SsoPlace
    from smstudio_ext.target import Target

_Profile = Annotated[str | None, typer.Option(help="Profile of the AWS configuration; else the default one.")]


def login(
    profile: _Profile = None,
    start_url: Annotated[
        str | None,
        typer.Option(
            help="Address of an organisation's access portal, to make a profile of one of its accounts."
        ),
    ] = None,
    sso_region: Annotated[
        str, typer.Option(help="With --start-url: region of its IAM Identity Center.")
    ] = "us-east-1",
    account: Annotated[str | None, typer.Option(help="With --start-url: account of the new profile.")] = None,
    role: Annotated[str | None, typer.Option(help="With --start-url: role of the new profile.")] = None,
    region: Annotated[str | None, typer.Option(help="With --start-url: region of the new profile.")] = None,
    save_as: Annotated[str | None, typer.Option(help="With --start-url: name of the new profile.")] = None,
    browser: Annotated[bool, typer.Option(help="Open the sign-in page in a browser.")] = True,
    as_json: Json = False,
) -> None:
    """Sign in to IAM Identity Center; the AWS command line and boto3 share the token."""
    from smstudio_ext.aws.profiles import SsoPlace, sso_place
    from smstudio_ext.aws.signin import session_name

    with aws_errors():
        place = (
            SsoPlace(start_url, sso_region, session_name(start_url), ("sso:account:access",))
            if start_url
            else sso_place(profile)
        )
        _sign_in(place, browser=browser)
        printer = Printer(as_json)
        if start_url:
            _make_profile(place, account, role, region, save_as, printer)
        else:
            printer.line(
                f"Signed in for the profile {place.profile}.",
                profile=place.profile,
                start_url=place.start_url,
            )


def assume(
    role_arn: Annotated[str, typer.Argument(help="ARN of the role.")],
    profile: _Profile = None,
    external_id: Annotated[str | None, typer.Option(help="When the role belongs to another company.")] = None,
    mfa_serial: Annotated[
        str | None, typer.Option(help="Serial number or ARN of the MFA device; its code is asked for.")
    ] = None,
    session_name: Annotated[str | None, typer.Option(help="Stands in CloudTrail's logs.")] = None,
    duration: Annotated[
        int | None, typer.Option(min=900, max=43200, help="Seconds that a session lasts; one hour otherwise.")
    ] = None,
    region: Annotated[str | None, typer.Option(help="Region of the new profile.")] = None,
    save_as: Annotated[
        str | None, typer.Option(help="Add it as a profile of this name, for all tools of this machine.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Try to assume a role, show who that is, and add it as a profile."""
    from smstudio_ext.aws.account import AwsAccount, RoleToAssume
    from smstudio_ext.aws.config_file import add_role_profile
    from smstudio_ext.target import Target

    wanted = RoleToAssume(role_arn, external_id, mfa_serial, session_name, duration)
    target = Target.aws(profile, region, account=AwsAccount(profile, wanted))
    with aws_errors(target):
        found = _identity(target)
        if save_as:
            found["saved"] = str(
                add_role_profile(save_as, wanted, source_profile=profile, region=region or target.region)
            )
            found["profile"] = save_as
    _print_identity(found, Printer(as_json))


@on_target
def identity(target: Any, printer: Printer) -> None:
    """Show who the target takes us for, where the credentials come from, and when they end."""
    _print_identity(_identity(target), printer)


@on_target
def roles(target: Any, printer: Printer) -> None:
    """List roles that can be the execution role of new jobs."""
    from smstudio_ext.studio.aws_roles import list_execution_roles

    found = list_execution_roles(target)
    if found.message:
        fail(found.message)
    rows = [(role.name, role.arn) for role in found.items]
    printer.rows(["Name", "ARN"], rows, empty="No role of this account trusts SageMaker.")


def _sign_in(place: SsoPlace, *, browser: bool) -> None:
    """Shows the code and the address, and waits until it was confirmed; Ctrl-C ends it."""
    from smstudio_ext.aws.signin import DeviceSignIn

    device = DeviceSignIn(place)
    lines = (
        "Open this address, check that it shows the code, and allow the access:",
        f"  {device.verification_uri_complete}",
        f"  Code: {device.user_code}",
    )
    for line in lines:
        typer.echo(line, err=True)
    if browser and sys.stdout.isatty():
        typer.launch(device.verification_uri_complete)
    try:
        token = device.wait(threading.Event())
    except KeyboardInterrupt:
        fail("Signing in was cancelled.", 130)
    if token:
        device.keep(token)


def _make_profile(
    place: SsoPlace,
    account: str | None,
    role: str | None,
    region: str | None,
    save_as: str | None,
    printer: Printer,
) -> None:
    from smstudio_ext.aws.config_file import add_sso_profile
    from smstudio_ext.studio.aws_accounts import accounts_at, roles_at

    accounts = {each.id: each.name for each in accounts_at(place)}
    if not account or not role or not save_as:
        rows = [(number, name, ", ".join(roles_at(place, number))) for number, name in accounts.items()]
        printer.rows(["Account", "Name", "Roles"], rows, empty="You may work in no account.")
        if not printer.as_json and rows:
            typer.echo(
                "Add one of them: smstudio config login --start-url ... --account A --role R --save-as NAME",
                err=True,
            )
        return
    if account not in accounts or role not in roles_at(place, account):
        fail(f"You may not work in the account {account} as {role}.")
    file = add_sso_profile(save_as, place, account_id=account, role_name=role, region=region)
    printer.line(f"Added the profile {save_as} to {file}.", profile=save_as, file=str(file))


def _identity(target: Target) -> dict[str, Any]:
    who = target.identity()
    found: dict[str, Any] = {
        "target": target.title,
        "region": target.region,
        "account": who["Account"],
        "arn": who["Arn"],
    }
    account: AwsAccount | None = target.account
    lifetime = account.lifetime() if account else None
    if lifetime:
        found |= {
            "credentials": lifetime.method,
            "expires_at": lifetime.expires_at,
            "renews": lifetime.renews,
            "signed_in_until": lifetime.signed_in_until,
        }
    return found


def _print_identity(found: dict[str, Any], printer: Printer) -> None:
    if printer.as_json:
        printer.document(found)
        return
    headings = {
        "target": "Target",
        "region": "Region",
        "account": "Account",
        "arn": "Identity",
        "credentials": "Credentials",
        "profile": "Profile",
        "saved": "Saved in",
    }
    rows: list[tuple[str, Any]] = [(text, found[key]) for key, text in headings.items() if found.get(key)]
    if found.get("credentials"):
        rows.append(("Expire", expiry(found["expires_at"], renews=found["renews"])))
    if found.get("signed_in_until"):
        rows.append(("Signed in until", found["signed_in_until"]))
    printer.rows(["What", "Value"], rows, empty="")


def expiry(at: datetime | None, *, renews: bool) -> str:
    """When credentials end, for people."""
    if at is None:
        return "never"
    minutes = max(0, round((at - datetime.now(timezone.utc)).total_seconds() / 60))
    return f"in {minutes} min{', renewed in time' if renews else ''}"
