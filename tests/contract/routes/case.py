"""How one route is asked in the contract suite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.contract.routes.place import Place, PlaceKind

NOTHING: Callable[[Any], Any] = lambda place: None  # noqa: E731 - a default of the fields below


@dataclass(frozen=True)
class Case:
    """One request to a route, that must be answered as the table of the REST API says.

    Attributes:
        parts: values of the path's parts.
        query, body: of the request.
        check: what must be true of the answer's JSON beside its form.
        after: puts things right again for other tests.
        refused: places that answer no success but a status and a code, with the reason: the one list of what is not tested
            to its end.
    """

    parts: Callable[[Place], tuple[str, ...]] = NOTHING
    query: Callable[[Place], dict[str, Any]] = NOTHING
    body: Callable[[Place], Any] = NOTHING
    check: Callable[[Place, Any], bool] | None = None
    after: Callable[[Place], Any] = NOTHING
    refused: dict[PlaceKind, Refusal] | None = None


@dataclass(frozen=True)
class Refusal:
    """An answer that is no success, and why it is the right one here."""

    status: int
    code: str
    why: str


def named(name: Callable[[Place], str]) -> Callable[[Place, Any], bool]:
    """The answer is about something."""
    return lambda place, answer: answer["name"] == name(place)


def lists(
    name: Callable[[Place], str], members: str = "items", key: str = "name"
) -> Callable[[Place, Any], bool]:
    """The answer lists something."""
    return lambda place, answer: name(place) in [each[key] for each in answer[members]]
