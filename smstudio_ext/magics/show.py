"""What magics show: a place in the output that is written anew, tables, and numbers for people; HTML and plain text."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from html import escape
from typing import Any

_TIME = re.compile(r" · [\d.]+ (s|min \d+ s|h \d+ min)$")
_CELL = "padding:2px 10px;text-align:{side};white-space:nowrap"
_BAR = (
    '<div style="background:var(--jp-layout-color3,#ddd);height:6px;border-radius:3px;width:320px;margin:4px 0">'
    '<div style="background:var(--jp-brand-color1,#2196f3);height:6px;border-radius:3px;width:{percent:.0f}%"></div></div>'
)


class Shown(ABC):
    """Something with an HTML and a plain text form, for IPython's display."""

    @abstractmethod
    def html(self) -> str:
        """The HTML form."""

    @abstractmethod
    def text(self) -> str:
        """The plain text form."""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.html(), "text/plain": self.text()}

    def __repr__(self) -> str:
        return self.text()


class Table(Shown):
    """Rows under headings.

    Args:
        rows: cells as texts or numbers; None shows as a dash.
        title: a line above the table.
        empty: what to say without rows.
    """

    def __init__(
        self,
        headings: Sequence[str],
        rows: Sequence[Sequence[Any]],
        *,
        title: str = "",
        empty: str = "Nothing.",
    ) -> None:
        self.headings = list(headings)
        self.rows = [list(row) for row in rows]
        self.title = title
        self._empty = empty

    def html(self) -> str:
        """The table as HTML; every cell is escaped."""
        if not self.rows:
            return f"<p>{escape(self._empty)}</p>"
        head = "".join(
            f'<th style="{_CELL.format(side=self._side(at))}">{escape(name)}</th>'
            for at, name in enumerate(self.headings)
        )
        body = "".join(
            "<tr>"
            + "".join(
                f'<td style="{_CELL.format(side=self._side(at))}">{escape(figure(cell))}</td>'
                for at, cell in enumerate(row)
            )
            + "</tr>"
            for row in self.rows
        )
        title = f"<p>{escape(self.title)}</p>" if self.title else ""
        return f"{title}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def text(self) -> str:
        """The table in columns of spaces."""
        if not self.rows:
            return self._empty
        cells = [self.headings, *[[figure(cell) for cell in row] for row in self.rows]]
        widths = [max(len(row[at]) for row in cells) for at in range(len(self.headings))]
        lines = [
            "  ".join(
                cell.rjust(width) if self._side(at) == "right" else cell.ljust(width)
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in cells
        ]
        return "\n".join([*([self.title] if self.title else []), *lines])

    def _side(self, column: int) -> str:
        numbers = [row[column] for row in self.rows if row[column] is not None]
        return "right" if numbers and all(isinstance(each, int | float) for each in numbers) else "left"


class Tabled(Shown):
    """Something that shows itself as a table, made anew each time."""

    def html(self) -> str:
        """The table as HTML."""
        return self._table().html()

    def text(self) -> str:
        """The table as text."""
        return self._table().text()

    @abstractmethod
    def _table(self) -> Table:
        """What it is now."""


class Live:
    """One output that is written anew while something runs; without a notebook, a line each time that its text changes."""

    def __init__(self) -> None:
        self._handle: Any = None
        self._last: str | None = None

    def show(self, html: str, text: str) -> None:
        """Shows the new state."""
        if not in_notebook():
            state = _TIME.sub("", text)
            if state != self._last:
                print(text)
            self._last = state
            return
        from IPython.display import display

        bundle = {"text/html": html, "text/plain": text}
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)


def in_notebook() -> bool:
    """Whether this is a kernel, whose frontend can write an output anew; IPython in a terminal cannot."""
    from IPython.core.getipython import get_ipython

    return hasattr(get_ipython(), "kernel")


def progress(title: str, share: float | None, facts: Sequence[str]) -> tuple[str, str]:
    """The HTML and the text of something that runs: its title, a bar (share from 0 to 1) and some facts."""
    told = " · ".join(fact for fact in facts if fact)
    bar = _BAR.format(percent=100 * min(1.0, max(0.0, share))) if share is not None else ""
    return f"<div><b>{escape(title)}</b>{bar}<span>{escape(told)}</span></div>", f"{title}: {told}"


def figure(value: Any) -> str:
    """A cell's text; numbers with as many digits as people read."""
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e6):
        return f"{value:,.0f}"
    return f"{value:.4f}" if abs(value) < 1000 else f"{value:,.1f}"


def span(seconds: float) -> str:
    """A duration for people."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
