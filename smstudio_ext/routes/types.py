"""Writes the front end's types and the OpenAPI document: `python -m smstudio_ext.routes.types [--check]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from smstudio_ext.routes.openapi import api_schemas, openapi_document
from smstudio_ext.routes.operations import OPERATIONS

_HEAD = """/* Made by `python -m smstudio_ext.routes.types` from the pydantic models in smstudio_ext/studio; do not edit. */
/* eslint-disable */
"""
_PRIMITIVES = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}


def typescript() -> str:
    """All types of the REST API as TypeScript interfaces, and a map of its operations."""
    parts = [_HEAD]
    for name, schema in api_schemas().items():
        parts.append(_interface(name, schema))
    parts.append(_operations())
    return "\n".join(parts)


def _interface(name: str, schema: dict[str, Any]) -> str:
    lines = [*_comment(schema.get("description"), "")]
    if schema.get("type") != "object" or "properties" not in schema:
        return "\n".join([*lines, f"export type {name} = {_type(schema)};", ""])
    lines.append(f"export interface {name} {{")
    required = set(schema.get("required", []))
    for field, inner in schema["properties"].items():
        lines += _comment(inner.get("description"), "  ")
        mark = "" if field in required else "?"
        lines.append(f"  {field}{mark}: {_type(inner)};")
    return "\n".join([*lines, "}", ""])


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if "const" in schema:
        return _literal(schema["const"])
    if "enum" in schema:
        return " | ".join(_literal(value) for value in schema["enum"])
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " | ".join(dict.fromkeys(_type(choice) for choice in schema[union]))
    kind = schema.get("type")
    if kind == "array":
        inner = _type(schema.get("items", {}))
        return f"({inner})[]" if " " in inner else f"{inner}[]"
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"Record<string, {_type(values) if isinstance(values, dict) else 'unknown'}>"
    return _PRIMITIVES.get(str(kind), "unknown")


def _literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else json.dumps(value)


def _comment(text: str | None, indent: str) -> list[str]:
    if not text:
        return []
    rows = text.strip().split("\n")
    if len(rows) == 1:
        return [f"{indent}/** {rows[0]} */"]
    return [f"{indent}/**", *(f"{indent} * {row.strip()}".rstrip() for row in rows), f"{indent} */"]


def _operations() -> str:
    lines = [
        "/** Every operation of the REST API: its types, under the same names as in OpenAPI. */",
        "export interface Operations {",
    ]
    for operation in OPERATIONS:
        members = [
            f"method: '{operation.method}'",
            f"path: '{operation.path}'",
            f"query: {operation.query.rsplit('.', 1)[1] if operation.query else 'undefined'}",
            f"body: {operation.body.rsplit('.', 1)[1] if operation.body else 'undefined'}",
            f"answer: {operation.answer.rsplit('.', 1)[1] if operation.answer else 'unknown'}",
        ]
        lines.append(f"  /** {operation.summary} */")
        lines.append(f"  {operation.id}: {{ {'; '.join(members)} }};")
    return "\n".join([*lines, "}", ""])


def generated_files(root: Path) -> dict[Path, str]:
    """Every generated file with its content."""
    document = openapi_document()
    document["info"]["version"] = "0"  # the committed copy does not change with each release
    return {
        root / "src" / "api" / "generated.ts": typescript(),
        root / "docs" / "openapi.json": json.dumps(document, indent=1, ensure_ascii=False) + "\n",
    }


def main(arguments: list[str]) -> int:
    """Writes the files, or with `--check` says which are stale; returns the exit code."""
    root = Path(__file__).resolve().parents[2]
    stale = [
        path
        for path, text in generated_files(root).items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(root)} is stale: run `make types`", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(generated_files(root)[path], encoding="utf-8")
        print(f"wrote {path.relative_to(root)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
