"""The generated types and the OpenAPI document."""

from __future__ import annotations

import ast
from pathlib import Path

from smstudio_ext.routes import types
from smstudio_ext.routes.openapi import openapi_document
from smstudio_ext.routes.operations import OPERATIONS, function

ROOT = Path(__file__).resolve().parents[2]


def test_committed_files_are_up_to_date() -> None:
    for path, text in types.generated_files(ROOT).items():
        assert path.read_text(encoding="utf-8") == text, f"{path} is stale: run `make types`"


def test_answers_hold_every_member_and_requests_may_leave_defaults_out() -> None:
    text = types.typescript()
    assert "export interface ApiError {\n" in text
    assert "  hint: string | null;" in text
    create = text.split("export interface CreateAutoMLJob {")[1].split("\n}")[0]
    assert "  name: string;" in create
    assert "  complete?: boolean;" in create
    assert "  mode?: 'AUTO' | 'ENSEMBLING' | 'HYPERPARAMETER_TUNING' | null;" in create


def test_every_function_of_the_table_exists() -> None:
    for operation in OPERATIONS:
        if operation.runs:
            assert callable(function(operation.runs)), operation


def test_references_of_the_document_resolve() -> None:
    document = openapi_document("/base/")
    schemas = document["components"]["schemas"]

    def walk(node: object) -> None:
        if isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str):
                assert reference.rsplit("/", 1)[1] in schemas
            for inner in node.values():
                walk(inner)
        elif isinstance(node, list):
            for inner in node:
                walk(inner)

    walk(document)
    identifiers = [method["operationId"] for path in document["paths"].values() for method in path.values()]
    assert len(identifiers) == len(set(identifiers)) == len(OPERATIONS)


def test_the_same_choices_stand_in_the_same_order() -> None:
    """`Literal["a", "b"] | None` and `Literal["b", "a"] | None` are one cached object: whoever is imported first would decide."""
    orders: dict[frozenset[object], set[tuple[object, ...]]] = {}
    for path in (ROOT / "smstudio_ext").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (
                isinstance(node, ast.Subscript)
                and isinstance(node.value, ast.Name)
                and node.value.id == "Literal"
            ):
                continue
            members = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            values = tuple(each.value for each in members if isinstance(each, ast.Constant))
            orders.setdefault(frozenset(values), set()).add(values)
    assert [sorted(map(str, found)) for found in orders.values() if len(found) > 1] == []
