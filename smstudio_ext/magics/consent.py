"""How magics ask before something is created on AWS that costs money."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from smstudio_ext.aws_rules import gate, gate_everywhere

if TYPE_CHECKING:
    from smstudio_ext.studio.cost_consent import Consent
    from smstudio_ext.studio.models.costs import CostEstimate
    from smstudio_ext.target import Target

_HINT = "Say --yes to agree without being asked (%sm_deploy NAME --yes), or work with: %smstudio local"


class KernelGate:
    """Asks by an input field under the cell; the code that estimates loads when something is to be created.

    Args:
        yes: agree without being asked; the cost is shown all the same.
    """

    def __init__(self, *, yes: bool = False) -> None:
        self._yes = yes
        self._made: Consent | None = None

    def check(self, client: Any, operation: str, request: dict[str, Any]) -> None:
        """Asks before a billable request is sent."""
        self._consent().check(client, operation, request)

    def ahead(self, bill: Any, operation: str, region: str) -> None:
        """Asks before anything is made that a billable request needs."""
        self._consent().ahead(bill, operation, region)

    def _consent(self) -> Consent:
        if self._made is None:
            from smstudio_ext.studio.cost_consent import Consent

            self._made = Consent(self._agreed, hint=_HINT)
        return self._made

    def _agreed(self, found: CostEstimate) -> bool:
        print("\n".join([found.text, *found.notes]))
        if found.lines:
            print(f"Prices of {found.prices.region} on demand, list of {found.prices.date}.")
        if self._yes:
            return True
        try:
            return input("Your AWS account is billed for it. Go on? [y/N] ").strip().lower() in ("y", "yes")
        except (
            EOFError,
            OSError,
            NotImplementedError,
        ):  # nobody is there to answer; kernels without one raise a NotImplementedError
            return False


@contextmanager
def agreed(yes: bool) -> Iterator[None]:
    """What is created inside is agreed to when `yes` is true, else asked for."""
    with gate(KernelGate(yes=yes)):
        yield


def asked_before_sending(target: Target, operation: str, request: Callable[[], dict[str, Any]]) -> None:
    """Asks for a job's cost on AWS before the notebook's data goes to S3 for it; the job itself is then not asked for again.

    Args:
        operation: that will create the job.
        request: makes its request, as far as it is known before the data is there.

    Raises:
        UnconfirmedCost: nobody agreed.
    """
    if target.kind == "local":
        return
    from smstudio_ext.studio.billable import bill_of
    from smstudio_ext.studio.cost_consent import confirm_ahead

    confirm_ahead(target, operation, lambda: bill_of(target.client("sagemaker"), operation, request()))


def ask_everywhere() -> None:
    """Lets methods of the magics' objects ask, too, which people call from their own cells."""
    gate_everywhere(KernelGate())
