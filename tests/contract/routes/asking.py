"""Asking a route for its case, as often as a test needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.routes.operations import BY_ID
from tests.contract.routes.all_cases import CASES

if TYPE_CHECKING:
    import httpx

    from tests.contract.routes.place import Place


class Question:
    """One request to a route; what it is about was made before."""

    def __init__(self, place: Place, operation_id: str) -> None:
        operation, case = BY_ID[operation_id], CASES[operation_id]
        path = operation.path
        for part in case.parts(place) or ():
            begin, _, rest = path.partition("{")
            path = begin + part + rest.partition("}")[2]
        self._place = place
        self.operation, self.case, self.path = operation, case, path
        self.query: dict[str, Any] | None = case.query(place)
        self.body = case.body(place)

    def ask(self) -> httpx.Response:
        """The answer."""
        return self._place.request(self.operation.method, self.path, query=self.query, body=self.body)
