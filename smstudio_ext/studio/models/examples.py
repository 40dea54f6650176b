"""Models of the gallery of example notebooks."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, Request, UtcTime

ExampleSection = Literal["walkthroughs", "algorithms", "magics", "sources"]


class Example(Answer):
    """One example notebook.

    Attributes:
        language: of its text: en, ja or ko; None where nobody says.
        seconds: how long it takes to run, about, on two cores; None where nobody knows.
        algorithms: SageMaker's names of the built-in algorithms that it trains.
        needs: packages that it needs beside the ordinary installation, e.g. `smstudio-ext[deep]`.
        source: id of the source that has it; None for those that come with the package.
    """

    name: str
    title: str
    description: str
    section: ExampleSection
    language: Literal["en", "ja", "ko"] | None
    file_name: str
    seconds: int | None
    algorithms: list[str]
    needs: list[str]
    source: str | None = None


class ExampleSource(Answer):
    """A Git repository or S3 folder with notebooks.

    Attributes:
        branch: None for the repository's default one.
        updated: when its notebooks were listed last.
        notebooks: how many it has.
        listed: how many of them the gallery shows.
    """

    id: str
    kind: Literal["git", "s3"]
    address: str
    branch: str | None
    updated: UtcTime
    notebooks: int
    listed: int


class AddExampleSource(Request):
    """A source to be added, or to be read again.

    Attributes:
        address: of a Git repository, or `s3://bucket/folder/`.
        branch: or tag of the repository.
    """

    address: str = Field(min_length=1, max_length=2048)
    branch: str | None = Field(default=None, max_length=255, pattern=r"^[^-\s][^\s]*$|^$")


class Examples(Answer):
    """The gallery, in the order to be shown."""

    items: list[Example]
    sources: list[ExampleSource] = []


class ExampleView(Answer):
    """An example with its notebook, in the format of Jupyter notebooks (nbformat 4)."""

    example: Example
    notebook: dict[str, Any]
