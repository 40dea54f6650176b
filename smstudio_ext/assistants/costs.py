"""How an assistant has the user confirm what something costs on AWS: it shows the estimate and calls again with its token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from smstudio_ext.aws_rules import UnconfirmedCost, gate

_WHAT_TO_DO = (
    "Nothing was created. Show this estimate to the user; only when they agree, call the tool again with the same "
    "arguments and confirm_cost set to the token. It is good once, for a quarter of an hour."
)


def asked(place: str, confirm_cost: str | None, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `work` answers, or, when it would cost money that nobody has agreed to, the estimate and its token.

    Args:
        place: title of the target.
        confirm_cost: a token that the tool answered before.
    """
    from smstudio_ext.studio.cost_consent import token_consent

    try:
        with gate(token_consent(lambda: place, confirm_cost)):
            return work()
    except Exception as error:
        # Objects of the magics tell failures by exceptions of their own.
        question = error if isinstance(error, UnconfirmedCost) else error.__context__
        if not isinstance(question, UnconfirmedCost) or question.estimate is None or not question.token:
            raise
        return {
            "created": False,
            "cost": question.estimate.model_dump(mode="json", exclude={"simulated"}),
            "confirm_cost": question.token,
            "what_to_do": _WHAT_TO_DO,
        }
