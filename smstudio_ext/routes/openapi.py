"""The OpenAPI 3.1 document of the REST API, made from its table and models."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from smstudio_ext import __version__
from smstudio_ext.routes.operation import Operation
from smstudio_ext.routes.operations import API_PREFIX, EVENT_MODELS, OPERATIONS, model

_ERRORS = {
    "400": "Bad input",
    "403": "No permission or no credentials",
    "404": "Not found",
    "409": "In use, or not in a state that allows it",
    "429": "Throttled",
    "501": "Not offered by this target",
    "503": "Engine or endpoint away",
}


@lru_cache(maxsize=1)
def api_schemas() -> dict[str, dict[str, Any]]:
    """JSON schema of every model that travels, by name."""
    inputs: list[tuple[type[BaseModel], JsonSchemaMode]] = []
    outputs: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (model(name), "serialization") for name in EVENT_MODELS
    ]
    for operation in OPERATIONS:
        inputs += [(model(name), "validation") for name in (operation.query, operation.body) if name]
        outputs += [(model(operation.answer), "serialization")] if operation.answer else []
    _, schema = models_json_schema(
        list(dict.fromkeys(inputs + outputs)), ref_template="#/components/schemas/{model}"
    )
    return dict(sorted(schema["$defs"].items()))


def openapi_document(base_url: str = "/") -> dict[str, Any]:
    """The whole document for a server at `base_url`."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(f"/{operation.path}", {})[operation.method.lower()] = _describe(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "smstudio-ext",
            "version": __version__,
            "description": "REST API of the SageMaker panels; served by the Jupyter server, signed in as there.",
            "license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
        },
        "servers": [{"url": f"{base_url.rstrip('/')}/{API_PREFIX}"}],
        "security": [{"jupyter_token": []}],
        "paths": paths,
        "components": {
            "schemas": api_schemas(),
            "securitySchemes": {"jupyter_token": {"type": "apiKey", "in": "header", "name": "Authorization"}},
        },
    }


def _describe(operation: Operation) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", operation.path)
    ]
    if operation.query:
        schema = api_schemas()[_short(operation.query)]
        parameters += [
            {"name": name, "in": "query", "required": name in schema.get("required", []), "schema": field}
            for name, field in schema["properties"].items()
        ]
    answer: dict[str, Any] = _reference(operation.answer) if operation.answer else {"type": "object"}
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "responses": {
            str(operation.status): {
                "description": "Done",
                "content": {"application/json": {"schema": answer}},
            },
        }
        | {
            code: {
                "description": text,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ApiError"}}},
            }
            for code, text in _ERRORS.items()
        },
    }
    if parameters:
        described["parameters"] = parameters
    if operation.body:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _reference(operation.body)}},
        }
    return described


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{_short(name)}"}


def _short(name: str) -> str:
    return name.rsplit(".", 1)[1]
