"""Who confirms costs, and how: the gate that every billable request to AWS passes, and tokens for browsers and tools."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

from smstudio_ext.aws_rules import UnconfirmedCost, costs_are_confirmed, current_gate
from smstudio_ext.studio.billable import Bill, bill_of, estimate
from smstudio_ext.studio.models.costs import CostEstimate
from smstudio_ext.target import Target

TOKEN_SECONDS = 900.0
"""How long a token confirms an estimate."""


class Consent:
    """The gate of one request, command or cell.

    Args:
        answer: whether somebody agrees to an estimate.
        token: makes the token that agrees to an estimate; None where tokens are not used.
        hint: how to agree, for whom does not.
    """

    def __init__(
        self,
        answer: Callable[[CostEstimate], bool],
        *,
        token: Callable[[CostEstimate], str] | None = None,
        hint: str | None = None,
    ) -> None:
        self._answer = answer
        self._token = token
        self._hint = hint
        self._ahead: list[str] = []

    def check(self, client: Any, operation: str, request: dict[str, Any]) -> None:
        """Asks before a billable request is sent, unless that was asked ahead.

        Raises:
            UnconfirmedCost: nobody agreed.
        """
        if operation in self._ahead:
            self._ahead.remove(operation)
            return
        bill = bill_of(client, operation, request)
        if bill is not None:
            self._ask(bill, operation, client.meta.region_name)

    def ahead(self, bill: Bill, operation: str, region: str) -> None:
        """Asks before anything is made that the billable request needs; the next such request then passes.

        Raises:
            UnconfirmedCost: nobody agreed.
        """
        if operation not in self._ahead:
            self._ask(bill, operation, region)
            self._ahead.append(operation)

    def _ask(self, bill: Bill, operation: str, region: str) -> None:
        found = estimate(bill, region, operation=operation)
        if not self._answer(found):
            token = self._token(found) if self._token else None
            raise UnconfirmedCost(operation, found, token, hint=self._hint)


def confirm_ahead(target: Target, operation: str, bill: Callable[[], Bill | None]) -> None:
    """Asks for the cost of a request that is still to come, so that nothing is half made when nobody agrees.

    Args:
        bill: what the request will be billed for; only called where somebody is asked.

    Raises:
        UnconfirmedCost: nobody agreed.
    """
    if target.kind == "local" or target.read_only or not costs_are_confirmed():
        return
    gate = current_gate()
    if gate is None:
        raise UnconfirmedCost(operation)
    found = bill()
    if found is not None:
        gate.ahead(found, operation, target.region)


def confirm_request(target: Target, operation: str, request: dict[str, Any]) -> None:
    """Asks for the cost of a request to SageMaker before what it needs is made.

    Raises:
        UnconfirmedCost: nobody agreed.
    """
    confirm_ahead(target, operation, lambda: bill_of(target.client("sagemaker"), operation, request))


class Tokens:
    """Tokens that confirm estimates: bound to place and estimate, for a quarter of an hour, each good once.

    Args:
        clock: seconds; for tests.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._secret = secrets.token_bytes(32)
        self._clock = clock
        self._used: dict[str, float] = {}
        self._lock = threading.Lock()

    def issue(self, place: str, found: CostEstimate) -> str:
        """A new token for an estimate at a place."""
        head = f"{int(self._clock() + TOKEN_SECONDS)}.{secrets.token_hex(8)}"
        return f"{head}.{self._sign(place, found, head)}"

    def redeem(self, token: str | None, place: str, found: CostEstimate) -> bool:
        """Whether a token confirms an estimate at a place; it does so once."""
        head, _, signature = (token or "").rpartition(".")
        if not head or not hmac.compare_digest(signature.encode(), self._sign(place, found, head).encode()):
            return False
        until, now = int(head.partition(".")[0]), self._clock()  # signed by us: it is a number
        with self._lock:
            self._used = {each: end for each, end in self._used.items() if end >= now}
            if until < now or head in self._used:
                return False
            self._used[head] = until
        return True

    def _sign(self, place: str, found: CostEstimate, head: str) -> str:
        what = json.dumps(
            [place, head, found.operation, [line.model_dump() for line in found.lines], found.notes],
            sort_keys=True,
        )
        digest = hmac.new(self._secret, what.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


TOKENS = Tokens()
"""Those of this process."""


def token_consent(place: Callable[[], str], token: str | None) -> Consent:
    """The gate of a request that came with a token, or without one.

    Args:
        place: tells where the request goes, once it costs something.
    """
    return Consent(
        lambda found: TOKENS.redeem(token, place(), found),
        token=lambda found: TOKENS.issue(place(), found),
    )
