"""Makes text of unknown origin safe inside Markdown and HTML, and numbers short."""

from __future__ import annotations

import html
import math

_MARKS = frozenset("\\`*_{}[]()#+-.!|~$:=")


def escape(value: object) -> str:
    """Text that Markdown, HTML and MathJax all show as it is."""
    text = " ".join(str(value).split())
    # A dollar sign in an element of its own is no mathematics; the other marks lose their meaning as entities.
    return "".join(
        "<span>&#36;</span>" if mark == "$" else f"&#{ord(mark)};" if mark in _MARKS else html.escape(mark)
        for mark in text
    )


def shortened(value: object, length: int = 60) -> str:
    """At most `length` characters."""
    text = " ".join(str(value).split())
    return text if len(text) <= length else f"{text[: length - 1]}…"


def number(value: float | None) -> str:
    """A number with about five digits; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    if value == int(value) and abs(value) < 1e9:
        return f"{int(value):,}"
    size = abs(value)
    if size >= 1e7 or size < 1e-4:
        return f"{value:.3g}"
    return f"{value:,.2f}" if size >= 1000 else f"{value:.5g}"


def percent(share: float) -> str:
    """A share as per cent; small ones keep a digit that is not zero."""
    if 0 < share < 0.0001:
        return "<0.01%"
    return f"{share * 100:.2f}%"
