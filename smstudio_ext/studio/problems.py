"""What goes wrong in the pages' own code, before or beside an AWS call."""

from __future__ import annotations


class StudioProblem(Exception):
    """A failure that a page shows as it is.

    Attributes:
        code: short name of the failure, in the form of AWS's error codes.
        hint: what to do about it.
    """

    code = "StudioProblem"

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class BadInput(StudioProblem):
    """The request cannot work as it is.

    Attributes:
        fields: (field, what is wrong with it).
    """

    code = "BadInput"

    def __init__(
        self, message: str, *, fields: list[tuple[str, str]] | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.fields = fields or []


class Missing(StudioProblem):
    """What was asked for is not there."""

    code = "NotFound"


class Conflict(StudioProblem):
    """The resource is in use, or not in a state that allows this."""

    code = "Conflict"


class Refused(StudioProblem):
    """The user may not do this."""

    code = "Forbidden"


class NotOffered(StudioProblem):
    """The target does not offer this."""

    code = "NotOffered"


class Unreachable(StudioProblem):
    """Another computer that is needed does not answer."""

    code = "Unreachable"
