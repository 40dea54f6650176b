"""`%smstudio`: where the magics work, and the switch between the local engine and AWS."""

from __future__ import annotations

import os
import threading
from html import escape
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments

from smstudio_ext.magics.arguments import parsed
from smstudio_ext.magics.failure import MagicFailure, plain_errors
from smstudio_ext.magics.place import PLACE
from smstudio_ext.magics.show import Shown, Table

if TYPE_CHECKING:
    from smstudio_ext.aws.account import RoleToAssume
    from smstudio_ext.target import Target


@magics_class
class StatusMagics(Magics):
    """The target."""

    @magic_arguments()
    @argument(
        "target",
        nargs="?",
        choices=["local", "aws", "login"],
        help="Switch to this target, or sign in to IAM Identity Center; none shows the one in use.",
    )
    @argument("--profile", help="Profile of the AWS configuration; the default chain otherwise.")
    @argument("--region", help="Region; the profile's, or us-east-1 locally.")
    @argument("--role", help="ARN of the execution role of new jobs.")
    @argument("--assume", help="ARN of a role to work as, with the profile's credentials.")
    @argument("--external-id", help="With --assume: when the role belongs to another company.")
    @argument(
        "--mfa-serial", help="With --assume: serial number or ARN of the MFA device; its code is asked for."
    )
    @argument("--session-name", help="With --assume: stands in CloudTrail's logs.")
    @argument("--duration", type=int, help="With --assume: seconds that the session lasts, 900 to 43200.")
    @line_magic
    @plain_errors
    def smstudio(self, line: str) -> Shown:
        """Show or switch the target of the magics: the local engine or an AWS account."""
        given: Any = parsed(self.smstudio, line)
        assume = _role(given)
        if given.target == "login":
            sign_in(given.profile or os.environ.get("AWS_PROFILE"))
            PLACE.choose(
                "aws", profile=given.profile, region=given.region, role_arn=given.role, assume=assume
            )
        elif given.target or given.profile or given.region or given.role or assume:
            PLACE.choose(
                given.target or PLACE.kind,
                profile=given.profile,
                region=given.region,
                role_arn=given.role,
                assume=assume,
            )
        return _status(PLACE.target())


def sign_in(profile: str | None) -> None:
    """Signs in to IAM Identity Center: shows the code and the address, and waits until it was confirmed.

    Raises:
        MagicFailure: somebody interrupted it.
    """
    from IPython.display import display

    from smstudio_ext.aws.profiles import sso_place
    from smstudio_ext.aws.signin import DeviceSignIn

    device = DeviceSignIn(sso_place(profile))
    display(SignInShown(device.verification_uri_complete, device.user_code))
    try:
        token = device.wait(threading.Event())
    except KeyboardInterrupt:
        raise MagicFailure("Signing in was cancelled.", hint="Run it again when you want to.") from None
    if token:
        device.keep(token)


class SignInShown(Shown):
    """The code and the address."""

    def __init__(self, address: str, code: str) -> None:
        self._address = address
        self._code = code

    def html(self) -> str:
        """The HTML form."""
        address = escape(self._address, quote=True)
        return (
            f'<p>Open <a href="{address}" target="_blank" rel="noopener noreferrer">{address}</a>, check that it shows the '
            f"code <strong><code>{escape(self._code)}</code></strong>, and allow the access.</p>"
        )

    def text(self) -> str:
        """The plain text form."""
        return f"Open {self._address}, check that it shows the code {self._code}, and allow the access."


def _role(given: Any) -> RoleToAssume | None:
    from smstudio_ext.aws.account import RoleToAssume

    if given.assume:
        return RoleToAssume(
            given.assume, given.external_id, given.mfa_serial, given.session_name, given.duration
        )
    if given.external_id or given.mfa_serial or given.session_name or given.duration:
        raise MagicFailure("These options belong to a role.", hint="Name it: --assume ARN")
    return None


def _status(target: Target) -> Table:
    identity = target.identity()
    rows = [
        ["Target", target.title],
        ["Region", target.region],
        ["Account", identity["Account"]],
        ["Identity", identity["Arn"]],
    ]
    lifetime = target.account.lifetime() if target.account else None
    if lifetime and lifetime.expires_at:
        end = f"{lifetime.expires_at.astimezone():%Y-%m-%d %H:%M}"
        rows.append(
            ["Credentials", f"{lifetime.method}, until {end}{', renewed in time' if lifetime.renews else ''}"]
        )
    elif lifetime:
        rows.append(["Credentials", f"{lifetime.method}, which do not expire"])
    rows.append(["Execution role", target.role_arn() or "none found: name one with --role"])
    return Table(["", "SageMaker Studio"], rows)
