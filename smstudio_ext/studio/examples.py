"""The gallery of example notebooks that come with the package."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from smstudio_ext.studio.models.examples import Example, Examples, ExampleView
from smstudio_ext.studio.notebook_documents import read_document
from smstudio_ext.studio.problems import Missing

EXAMPLES_DIR = Path(__file__).parent.parent / "notebooks" / "examples"
"""One notebook a file; its metadata `smstudio_example` says what the gallery shows of it."""

METADATA = "smstudio_example"


def list_examples() -> Examples:
    """All examples; they run on every target."""
    return Examples(items=[*_all().values()])


def read_example(name: str) -> ExampleView:
    """An example with its notebook.

    Raises:
        Missing: there is none of that name.
    """
    example = _all().get(name)
    if example is None:
        raise Missing(f"There is no example {name!r}.", hint="Choose one of the gallery.")
    document = _document(EXAMPLES_DIR / example.file_name)
    document["metadata"].pop(METADATA, None)
    return ExampleView(example=example, notebook=document)


@lru_cache(maxsize=1)
def _all() -> dict[str, Example]:
    found = []
    for path in sorted(EXAMPLES_DIR.glob("*.ipynb")):
        note = _document(path)["metadata"][METADATA]
        rank = note.pop("rank")
        found.append((rank, Example(name=path.stem, file_name=path.name, **note)))
    found.sort(key=lambda each: each[0])
    return {example.name: example for _, example in found}


def _document(path: Path) -> dict[str, Any]:
    return read_document(path.read_bytes(), path.name)
