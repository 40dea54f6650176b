"""Models of the gallery of example notebooks."""

from __future__ import annotations

from typing import Any, Literal

from smstudio_ext.studio.models.base import Answer

ExampleSection = Literal["walkthroughs", "algorithms", "magics"]


class Example(Answer):
    """One example notebook.

    Attributes:
        language: of its text: en, ja or ko.
        seconds: how long it takes to run, about, on two cores.
        algorithms: SageMaker's names of the built-in algorithms that it trains.
        needs: packages that it needs beside the ordinary installation, e.g. `smstudio-ext[deep]`.
    """

    name: str
    title: str
    description: str
    section: ExampleSection
    language: Literal["en", "ja", "ko"]
    file_name: str
    seconds: int
    algorithms: list[str]
    needs: list[str]


class Examples(Answer):
    """The gallery, in the order to be shown."""

    items: list[Example]


class ExampleView(Answer):
    """An example with its notebook, in the format of Jupyter notebooks (nbformat 4)."""

    example: Example
    notebook: dict[str, Any]
