"""What stands between us and an AWS account, told as a page, a notebook or a terminal shows it."""

from __future__ import annotations

from typing import Literal


class AccountProblem(Exception):
    """A failure before or beside a call of AWS, about credentials or their configuration.

    Attributes:
        code: short name of the failure, in the form of AWS's error codes.
        status: of the answer of the REST API.
        hint: what to do about it.
    """

    code = "AccountProblem"
    status = 403

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class MfaNeeded(AccountProblem):
    """The role wants a code of a device, and nobody gave one.

    Attributes:
        serial: of the device.
    """

    code = "MfaCodeNeeded"

    def __init__(self, serial: str) -> None:
        super().__init__(
            f"The role asks for the code of the MFA device {serial}.",
            hint="Type the device's current code beside the target.",
        )
        self.serial = serial


class SignInEnded(AccountProblem):
    """Signing in came to an end without a token.

    Attributes:
        outcome: how.
    """

    code = "SignInEnded"

    def __init__(self, message: str, *, hint: str, outcome: Literal["Expired", "Denied"]) -> None:
        super().__init__(message, hint=hint)
        self.outcome: Literal["Expired", "Denied"] = outcome


class SignInUnknown(AccountProblem):
    """No such signing in is under way."""

    code = "NotFound"
    status = 404


class BadAccountInput(AccountProblem):
    """What was typed cannot work."""

    code = "BadInput"
    status = 400
