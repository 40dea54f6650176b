"""The gallery of example notebooks: those that come with the package, and those of sources that somebody added."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.studio.models.examples import Example, Examples, ExampleView
from smstudio_ext.studio.notebook_documents import read_document
from smstudio_ext.studio.problems import Missing

if TYPE_CHECKING:
    from smstudio_ext.target import Target

EXAMPLES_DIR = Path(__file__).parent.parent / "notebooks" / "examples"
"""One notebook a file; its metadata `smstudio_example` says what the gallery shows of it."""

METADATA = "smstudio_example"


def list_examples() -> Examples:
    """All examples; they run on every target."""
    from smstudio_ext.studio.example_sources import examples_of_sources, list_sources

    return Examples(items=[*_all().values(), *examples_of_sources()], sources=list_sources())


def read_example(name: str, target: Callable[[], Target]) -> ExampleView:
    """An example with its notebook.

    Args:
        target: gives the chosen target, for notebooks in S3.

    Raises:
        Missing: there is none of that name.
        StudioProblem: it is one of a source that cannot be read now.
    """
    example = _all().get(name)
    if example is None:
        from smstudio_ext.studio.example_sources import read_from_source

        found = read_from_source(name, target)
        if found is not None:
            return found
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
