"""Writes docs/coverage.md: which operations of each AWS service this engine offers."""

from __future__ import annotations

import argparse
from pathlib import Path

from smstudio_ext.engine.protocol import models
from smstudio_ext.engine.server.offered import import_services
from smstudio_ext.engine.services import registry
from smstudio_ext.engine.services.s3 import operations

PAGE = Path("docs/coverage.md")

_HEAD = """# What the engine offers

Made by `python -m smstudio_ext.engine.server.coverage`; `make lint` fails when it is out of date. Every other operation of these services answers
an error of its wire that names the operation (`UnknownOperationException`, `InvalidAction`, `NotImplemented`).

| service | offered |
| --- | ---: |
"""


def offered() -> dict[str, list[str]]:
    """Names of the offered operations by service."""
    import_services()
    found: dict[str, set[str]] = {}
    for service, name in registry.OPERATIONS:
        found.setdefault(service, set()).add(name)
    for service, names in registry.RAW_OPERATIONS.items():
        found.setdefault(service, set()).update(names)
    found["s3"] = _offered_by_s3()
    return {service: sorted(found[service]) for service in sorted(found)}


def _offered_by_s3() -> set[str]:
    """S3's operations whose method and parameters have a handler."""
    api = models.load("s3")
    assert api is not None
    names = set()
    for name in api.operation_names:
        model = api.operation(name)
        assert model is not None
        path, _, query = model.http["requestUri"].partition("?")
        if path == "/":
            if name == "ListBuckets":
                names.add(name)
            continue
        parameters = [piece.partition("=")[0] for piece in query.split("&")]
        if model.input_shape is not None:
            members = model.input_shape.members
            parameters += [
                members[required].serialization.get("name", required)
                for required in model.input_shape.required_members
                if members[required].serialization.get("location") == "querystring"
            ]
        subresource = operations.subresource_of(parameters)
        copies = name in ("CopyObject", "UploadPartCopy")
        if operations.offers(model.http["method"], subresource, of_object="{Key" in path, copies=copies):
            names.add(name)
    return names - {"RenameObject", "WriteGetObjectResponse"}


def page() -> str:
    """The whole page.

    Raises:
        ValueError: an operation is registered that AWS's model does not have.
    """
    table, sections = "", ""
    for service, names in offered().items():
        api = models.load(service)
        known = api.operation_names if api is not None else frozenset()
        strange = set(names) - known
        if strange:
            raise ValueError(f"{service} has no operation {', '.join(sorted(strange))}")
        table += f"| [{service}](#{service}) | {len(names)} |\n"
        sections += f"\n## {service}\n{', '.join(f'`{name}`' for name in names)}\n"
    return _HEAD + table + sections


def main() -> None:
    """Writes the page, or with `--check` says whether it is out of date."""
    parser = argparse.ArgumentParser(
        prog="python -m smstudio_ext.engine.server.coverage", description=__doc__
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail when the page is out of date"
    )
    parser.add_argument("--page", type=Path, default=PAGE)
    arguments = parser.parse_args()
    text = page()
    if not arguments.check:
        arguments.page.write_text(text)
    elif not arguments.page.exists() or arguments.page.read_text() != text:
        raise SystemExit(
            f"{arguments.page} is out of date: run python -m smstudio_ext.engine.server.coverage"
        )


if __name__ == "__main__":
    main()
