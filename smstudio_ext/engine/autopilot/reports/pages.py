"""Writes a report as a PDF file."""

from __future__ import annotations

import html
import io
import logging
import re
import struct
import textwrap
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from smstudio_ext.engine.autopilot.reports.charts import fonts, plain
from smstudio_ext.engine.autopilot.reports.document import (
    Block,
    Document,
    Figure,
    Heading,
    Notice,
    Table,
)
from smstudio_ext.engine.autopilot.reports.text import shortened

_WIDTH, _HEIGHT, _MARGIN = 8.27, 11.69, 0.75  # A4, inches
_LINE = 0.185
_COLUMNS = 8
_PAGE = 112  # characters of a table row
_CHARACTER = (_WIDTH - 2 * _MARGIN) / _PAGE
_ROWS = 40


def write_pdf(document: Document, path: Path) -> None:
    """Writes the report; wide tables lose their last columns, long ones their last rows, and say so."""
    import matplotlib
    from matplotlib.backends.backend_pdf import PdfPages

    # matplotlib would say for each font which weight it took in place of another.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    with matplotlib.rc_context(_fonts_for(document)), warnings.catch_warnings(), PdfPages(path) as pages:
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        flow = _Flow(pages)
        flow.put(Heading(document.title, 1))
        for section in document.sections:
            flow.begin(section)
            for block in section:
                flow.put(block)
        flow.end()
        pages.infodict()["Title"] = document.title


def _fonts_for(document: Document) -> Any:
    """Every reader has Helvetica, so nothing need be embedded; other scripts need a font that is on this machine."""
    if _is_western(document.title) and all(
        _is_western(part) for blocks in document.sections for block in blocks for part in _parts(block)
    ):
        return {"pdf.use14corefonts": True, "font.family": "sans-serif"}
    return {"font.family": fonts(), "pdf.fonttype": 42}


def _parts(block: Block) -> list[str]:
    if isinstance(block, Table):
        return [cell for row in [block.header, *block.rows] for cell in row]
    if isinstance(block, Figure):
        return []
    if isinstance(block, Notice):
        return [block.title, block.body, *block.actions]
    return [html.unescape(block.text if isinstance(block, Heading) else block.markdown)]


def _is_western(text: str) -> bool:
    try:
        html.unescape(text).encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


class _Flow:
    """Places blocks one under the other on as many pages as it takes."""

    def __init__(self, pages: object) -> None:
        self._pages = pages
        self._new_page()

    def begin(self, section: Sequence[Block]) -> None:
        """Takes a new page when a section's heading would stand apart from the picture that it belongs to."""
        for number, block in enumerate(section[:3]):
            if isinstance(block, Figure):
                self._room(0.5 + 0.5 * number + _size(block)[1])

    def put(self, block: Block) -> None:
        """Places one block."""
        if isinstance(block, Heading):
            self._room(0.9 if block.level > 1 else 0.6)
            self._y += 0.12
            self._line(
                " ".join(_plain_lines(block.text)), {1: 16, 2: 13}.get(block.level, 11), bold=True, height=0.3
            )
        elif isinstance(block, Table):
            self._table(block)
        elif isinstance(block, Figure):
            self._figure(block)
        elif isinstance(block, Notice):
            mark = f"{block.severity.title()} severity insight: " if block.severity in ("high", "low") else ""
            self._line(f"{mark}{block.title}", 9, bold=True, color="#8a3c00" if mark else "#0b4a8a")
            self._paragraph(block.body)
            for action in block.actions:
                self._paragraph(f"- {action}")
            self._y += 0.08
        else:
            for part in re.split(r"\n\s*\n", block.markdown):
                self._paragraph(part)

    def end(self) -> None:
        """Writes the last page."""
        self._pages.savefig(self._canvas)  # type: ignore[attr-defined]

    def _new_page(self) -> None:
        from matplotlib.figure import Figure as Canvas

        self._canvas = Canvas(figsize=(_WIDTH, _HEIGHT))
        self._y = _MARGIN

    def _room(self, height: float) -> None:
        if self._y + height > _HEIGHT - _MARGIN:
            self.end()
            self._new_page()

    def _line(
        self, text: str, size: float, *, bold: bool = False, height: float = _LINE, color: str = "#16191f"
    ) -> None:
        self._room(height)
        self._canvas.text(
            _MARGIN / _WIDTH,
            1 - (self._y + height * 0.75) / _HEIGHT,
            plain(text, 400),
            fontsize=size,
            fontweight="bold" if bold else "normal",
            color=color,
        )
        self._y += height

    def _paragraph(self, markdown: str) -> None:
        for item in _plain_lines(markdown):
            for line in textwrap.wrap(item, 108):
                self._line(line, 9)
        self._y += 0.07

    def _figure(self, figure: Figure) -> None:
        from matplotlib.image import imread

        picture = imread(io.BytesIO(figure.png), format="png")
        width, height = _size(figure)
        self._room(height + 0.1)
        axes = self._canvas.add_axes(
            (_MARGIN / _WIDTH, 1 - (self._y + height) / _HEIGHT, width / _WIDTH, height / _HEIGHT)
        )
        axes.imshow(picture, aspect="auto", interpolation="none")
        axes.set_axis_off()
        self._y += height + 0.1

    def _table(self, table: Table) -> None:
        columns = min(len(table.header), _COLUMNS)
        shown = [row[:columns] for row in [table.header, *table.rows[:_ROWS]]]
        widths = _widths(shown)
        starts = [sum(widths[:place]) for place in range(columns)]
        for number, row in enumerate(shown):
            self._room(_LINE)
            for place, cell in enumerate(row):
                length = widths[place] - 2
                self._canvas.text(
                    (_MARGIN + starts[place] * _CHARACTER) / _WIDTH,
                    1 - (self._y + _LINE * 0.75) / _HEIGHT,
                    plain(shortened(cell, length), length),
                    fontsize=7.5,
                    fontweight="bold" if number == 0 or (place == 0 and table.row_titles) else "normal",
                )
            self._y += _LINE
        left_out = []
        if len(table.header) > columns:
            left_out.append(f"{len(table.header) - columns} columns")
        if len(table.rows) > _ROWS:
            left_out.append(f"{len(table.rows) - _ROWS} rows")
        if left_out:
            self._line(f"{' and '.join(left_out)} are left out here; see the notebook.", 7.5, color="#5f6b7a")
        self._y += 0.1


def _size(figure: Figure) -> tuple[float, float]:
    """Inches that a picture takes on the page."""
    # The header of a PNG file holds its width and height (https://www.w3.org/TR/png-3/#11IHDR).
    wide, tall = struct.unpack(">II", figure.png[16:24])
    width = min(_WIDTH - 2 * _MARGIN, wide / 110)
    height = width * tall / wide
    limit = _HEIGHT - 2 * _MARGIN
    return (width * limit / height, limit) if height > limit else (width, height)


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """Characters for each column: what its cells need, the longest ones cut when the page is too narrow."""
    needed = [max(len(row[place]) for row in rows) + 2 for place in range(len(rows[0]))]
    while sum(needed) > _PAGE:
        needed[needed.index(max(needed))] -= 1
    return [max(6, one) for one in needed]


def _plain_lines(markdown: str) -> list[str]:
    """Lines of text without Markdown's and HTML's marks; list items keep their dash."""
    text = re.sub(r"<br\s*/?>", "\n", markdown)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", re.sub(r"<[^>]+>", "", text))
    text = text.replace("**", "").replace("`", "")
    lines: list[str] = []
    for line in text.splitlines():
        if re.match(r"\s*(?:[-*]|\d+\.) ", line) or not lines:
            lines.append(line.strip())
        else:
            lines[-1] = f"{lines[-1]} {line.strip()}"
    return [html.unescape(line) for line in lines if line]
