"""A report as blocks: text, tables, figures and notices, from which notebook, HTML page and PDF are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["high", "low", "info", "action"]


@dataclass(frozen=True)
class Heading:
    """A heading; what of `text` comes from the data must have been escaped."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Text:
    """A paragraph or list in Markdown; whatever comes from the data must have been escaped."""

    markdown: str


@dataclass(frozen=True)
class Table:
    """A table of plain text cells.

    Attributes:
        header: column titles.
        rows: cells; the first column is a row title when `row_titles` is set.
        marked: numbers of the rows to be set apart at the top.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    row_titles: bool = False
    marked: int = 0


@dataclass(frozen=True)
class Figure:
    """A picture.

    Attributes:
        name: file name without ending, unique within the report.
        png: the picture.
        alt: what it shows, for readers who cannot see it.
        width: pixels that it takes on a page.
    """

    name: str
    png: bytes
    alt: str
    width: int = 600


@dataclass(frozen=True)
class Notice:
    """A coloured box: an insight with its severity, or suggested actions.

    Attributes:
        title: plain text.
        body: Markdown-safe HTML text.
        actions: suggested actions, same form.
    """

    severity: Severity
    title: str
    body: str = ""
    actions: Sequence[str] = ()


Block = Heading | Text | Table | Figure | Notice


@dataclass
class Document:
    """A report.

    Attributes:
        title: plain text.
        sections: blocks by section; a section becomes one cell of the notebook.
    """

    title: str
    sections: list[list[Block]] = field(default_factory=list)

    def add(self, *blocks: Block) -> None:
        """Adds a section."""
        self.sections.append(list(blocks))
