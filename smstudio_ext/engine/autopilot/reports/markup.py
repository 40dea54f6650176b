"""Writes a report as a notebook of Markdown cells and as an HTML page."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Callable, Sequence
from typing import Any

from smstudio_ext.engine.autopilot.reports.document import (
    Block,
    Document,
    Figure,
    Heading,
    Notice,
    Table,
    Text,
)
from smstudio_ext.engine.autopilot.reports.text import escape

_ALERTS = {"high": "alert-warning", "low": "alert-warning", "info": "alert-info", "action": "alert-info"}
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #16191f; }
table { border-collapse: collapse; font-size: 13px; margin: .5rem 0 1rem; }
th, td { border: 1px solid #d5dbdb; padding: .25rem .6rem; text-align: right; }
th:first-child, td:first-child { text-align: left; }
tr.marked td, tr.marked th, thead th { background: #f2f3f3; }
.tablebox { overflow-x: auto; }
.alert { border-left: 4px solid; padding: .6rem 1rem; margin: .8rem 0; }
.alert-info { background: #e7f3fb; border-color: #0972d3; }
.alert-warning { background: #fdf3e0; border-color: #eb5f07; }
img { max-width: 100%; }
code { background: #f2f3f3; padding: 0 .2rem; }
@media (prefers-color-scheme: dark) {
  body { background: #16191f; color: #e9ebed; }
  tr.marked td, tr.marked th, thead th, code { background: #2a2e33; }
  th, td { border-color: #414d5c; }
  .alert-info { background: #0b2540; }
  .alert-warning { background: #3a2a10; }
  a { color: #75b8f0; }
}
"""


def to_notebook(document: Document) -> dict[str, Any]:
    """The report as a notebook (format 4.5) of Markdown cells; pictures are attachments."""
    cells = [_cell([Heading(document.title, 1)], 0)] if not document.sections else []
    for number, blocks in enumerate(document.sections):
        shown: list[Block] = [Heading(document.title, 1), *blocks] if number == 0 else list(blocks)
        cells.append(_cell(shown, number))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def to_html(document: Document) -> str:
    """The report as one HTML page that needs nothing else."""
    import mistune

    markdown = mistune.create_markdown(escape=False, plugins=["table"])

    def picture(figure: Figure) -> str:
        return f"data:image/png;base64,{base64.b64encode(figure.png).decode()}"

    text = [_markdown(Heading(document.title, 1), picture)]
    text += [_markdown(block, picture) for blocks in document.sections for block in blocks]
    body = markdown("\n\n".join(text))
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{html.escape(document.title)}</title>'
        f"<style>{_STYLE}</style></head><body>\n{body}</body></html>\n"
    )


def anchor(heading: str) -> str:
    """The target of a link to a heading, as notebooks make it."""
    return heading.replace(" ", "-")


def _cell(blocks: Sequence[Block], number: int) -> dict[str, Any]:
    def picture(figure: Figure) -> str:
        return f"attachment:{figure.name}.png"

    source = "\n\n".join(_markdown(block, picture) for block in blocks)
    attachments = {
        f"{block.name}.png": {"image/png": base64.b64encode(block.png).decode()}
        for block in blocks
        if isinstance(block, Figure)
    }
    cell: dict[str, Any] = {
        "cell_type": "markdown",
        "id": hashlib.sha256(f"{number}{source}".encode()).hexdigest()[:12],
        "metadata": {},
        "source": source.splitlines(keepends=True),
    }
    if attachments:
        cell["attachments"] = attachments
    return cell


def _markdown(block: Block, picture: Callable[[Figure], str]) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {block.text}"
    if isinstance(block, Text):
        return block.markdown
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Notice):
        return _notice(block)
    return f"![{escape(block.alt)}]({picture(block)})"


def _table(table: Table) -> str:
    lines = ['<div class="tablebox">', '<table border="1" class="dataframe">', "<thead>"]
    lines += ["<tr>" + "".join(f"<th>{escape(cell)}</th>" for cell in table.header) + "</tr>", "</thead>"]
    lines.append("<tbody>")
    for number, row in enumerate(table.rows):
        mark = ' class="marked"' if number < table.marked else ""
        cells = [
            f"<th>{escape(cell)}</th>"
            if (at == 0 and table.row_titles) or number < table.marked
            else f"<td>{escape(cell)}</td>"
            for at, cell in enumerate(row)
        ]
        lines.append(f"<tr{mark}>{''.join(cells)}</tr>")
    # No blank line may stand within: it would end the HTML block in Markdown.
    return "\n".join([*lines, "</tbody>", "</table>", "</div>"])


def _notice(notice: Notice) -> str:
    if notice.severity in ("high", "low"):
        title = f"⚠️ <strong>{notice.severity.title()} severity insight: “{escape(notice.title)}”</strong>"
    elif notice.severity == "action":
        title = f"💡 <strong>{escape(notice.title)}</strong>"
    else:
        title = f"<strong>{escape(notice.title)}</strong>"
    lines = [f'<div class="alert {_ALERTS[notice.severity]}">{title}']
    if notice.body:
        lines.append(f"<br>{notice.body}")
    if notice.actions:
        if notice.severity != "action":
            lines.append("<br>💡 <strong>Suggested Action Items</strong>")
        lines.append("<ul>" + "".join(f"<li>{action}</li>" for action in notice.actions) + "</ul>")
    return "\n".join([*lines, "</div>"])
