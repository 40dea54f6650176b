"""Each route of the REST API, asked at the local engine and at moto: the same request, the same form of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstudio_ext.routes.operations import BY_ID, model
from tests.contract.routes.all_cases import CASES

if TYPE_CHECKING:
    from tests.contract.routes.place import Place


def test_every_route_has_its_case() -> None:
    assert sorted(BY_ID.keys() - CASES.keys()) == [], "new routes need a case in tests/contract/routes"
    assert sorted(CASES.keys() - BY_ID.keys()) == [], "cases of routes that are gone"


@pytest.mark.parametrize("operation_id", sorted(CASES))
def test_route_answers_as_the_table_says(place: Place, operation_id: str) -> None:
    operation, case = BY_ID[operation_id], CASES[operation_id]
    path = operation.path
    for part in case.parts(place) or ():
        begin, _, rest = path.partition("{")
        path = begin + part + rest.partition("}")[2]
    answer = place.request(operation.method, path, query=case.query(place), body=case.body(place))
    case.after(place)
    refusal = (case.refused or {}).get(place.kind)
    if refusal is not None:
        assert (answer.status_code, answer.json().get("code")) == (refusal.status, refusal.code), answer.text
        return
    assert answer.status_code == operation.status, f"{operation.method} {path}: {answer.text}"
    if operation.answer is None:
        return
    content = answer.json()
    model(operation.answer).model_validate_json(answer.content)
    assert case.check is None or case.check(place, content), content
