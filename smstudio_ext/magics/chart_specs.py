"""Vega-Lite of a metric's lines, of a scatter and of a histogram, word for word as the page of charts makes it.

`specs.json` beside the page's tests holds what both must make; its data is called `rows`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

Spec = dict[str, Any]

NAME_COLUMN = "TrialComponentName"
_HEIGHT = 260
_LEGEND = 20
_MANY_NAMES = 40
_MANY_POINTS, _SOME_POINTS, _POINTS_WITH_TOOLTIP, _POINTS_WITH_DOTS = 500, 100, 3000, 240
_TIMES = ("CreationTime", "StartTime", "EndTime")
_COLOURS = (
    "#4c78a8", "#f58518", "#54a24b", "#e45756", "#72b7b2", "#b279a2", "#eeca3b", "#ff9da6", "#9d755d", "#8e8e8e",
    "#2f5d8a", "#b85c00", "#2e7d32", "#a52a2a", "#2b8c88", "#7b4f9d", "#a48900", "#d6616b", "#6b4c35", "#5a5a5a",
)  # fmt: skip
_RUN_COLOURS = (
    "#4c78a8", "#f58518", "#54a24b", "#e45756", "#72b7b2", "#b279a2", "#9d755d", "#eeca3b",
    "#ff9da6", "#439894", "#83bcb6", "#79706e", "#d67195", "#88d27a", "#9ecae9", "#bab0ac",
)  # fmt: skip


def scatter(x: str, y: str, *, numeric: Sequence[str], names: Sequence[str], rows: int) -> Spec:
    """A point for each component.

    Args:
        x, y: columns.
        numeric: columns whose values are numbers.
        names: of all components.
        rows: points.
    """
    opacity = 0.5 if rows > _MANY_POINTS else 0.8 if rows > _SOME_POINTS else 1
    return _framed(
        {
            "params": [{"name": "brush", "select": {"type": "interval"}}],
            "mark": {"type": "point", "filled": True, "size": 12 if rows > 2000 else 46, "opacity": opacity},
            "encoding": {
                "x": _axis(x, "x", numeric, names),
                "y": _axis(y, "y", numeric, names),
                "color": {"value": _COLOURS[0]},
                "tooltip": [
                    {"field": "n", "title": label(NAME_COLUMN)},
                    *[
                        _told(field, column, numeric)
                        for field, column in (("x", x), ("y", y))
                        if column != NAME_COLUMN
                    ],
                ],
            },
        }
    )


def histogram(x: str, *, numeric: Sequence[str]) -> Spec:
    """How many components have which values of a column."""
    binned: Spec = {"bin": {"maxbins": 24}, "type": "quantitative"} if x in numeric else {"type": "nominal"}
    return _framed(
        {
            "mark": {"type": "bar", "binSpacing": 1, "tooltip": True},
            "encoding": {
                "x": {"field": "x", "title": label(x), **binned},
                "y": {
                    "aggregate": "count",
                    "type": "quantitative",
                    "title": "Count of Records",
                    "scale": {},
                    "axis": {"tickMinStep": 1},
                },
                "color": {"value": _COLOURS[0]},
            },
        }
    )


def lines(metric: str, dimension: str, *, names: Sequence[str], rows: int) -> Spec:
    """A metric's line for each component.

    Args:
        dimension: Epoch, Time or `Periods from start`.
        names: of all components, in the order of their colours.
        rows: points of all lines together.
    """
    time = dimension == "Time"
    y_title = label(f"Metrics.{metric}.last")
    x: Spec = {
        "field": "x",
        "type": "temporal" if time else "quantitative",
        "title": dimension,
        "scale": {} if time else {"zero": False, "nice": False},
        "axis": {"tickCount": 7, "labelOverlap": True, "grid": False},
    }
    encoding: Spec = {
        "x": x,
        "y": {"field": "y", "type": "quantitative", "title": y_title, "scale": {"zero": False}},
        "color": _by_name(names),
        "detail": {"field": "n"},
    }
    if rows <= _POINTS_WITH_TOOLTIP:
        encoding["tooltip"] = [
            {"field": "n", "title": label(NAME_COLUMN)},
            {
                "field": "x",
                "type": x["type"],
                "title": dimension,
                **({"format": "%H:%M:%S.%L"} if time else {}),
            },
            {"field": "y", "type": "quantitative", "format": ".6~g", "title": y_title},
        ]
    dots: Any = {"size": 22} if rows <= _POINTS_WITH_DOTS else False
    mark = {"type": "line", "strokeWidth": 1.5, "opacity": 1, "clip": True, "point": dots}
    return _framed({"mark": mark, "encoding": encoding})


def label(column: str) -> str:
    """A column as Studio names it, without what Vega-Lite would take for the end of a text in its expressions."""
    from smstudio_ext.studio.component_sets import label_of

    title = label_of(column).replace('"', "\u201d").replace("\\", "\u2216")
    return re.sub(r"[\r\n\u2028\u2029]+", " ", title)


def colours_of(names: Sequence[str]) -> list[str]:
    """A colour for each component: the one that its name has in all tables, unless another of these has it already."""
    taken: set[str] = set()
    found = []
    for name in names:
        own = _RUN_COLOURS[_hash(name) % len(_RUN_COLOURS)]
        colour = next((each for each in _COLOURS if each not in taken), own) if own in taken else own
        taken.add(colour)
        found.append(colour)
    return found


def _hash(text: str) -> int:
    """FNV-1a of 32 bits over UTF-16, as a browser counts it."""
    value = 0x811C9DC5
    units = text.encode("utf-16-le")
    for at in range(0, len(units), 2):
        value = ((value ^ int.from_bytes(units[at : at + 2], "little")) * 0x01000193) & 0xFFFFFFFF
    return value


def _axis(column: str, field: str, numeric: Sequence[str], names: Sequence[str]) -> Spec:
    if column not in numeric:
        hidden = column == NAME_COLUMN and len(names) > _MANY_NAMES
        return {
            "field": field,
            "type": "nominal",
            "title": label(column),
            **({"sort": None} if column == NAME_COLUMN else {}),
            "axis": {
                "labelAngle": -35 if field == "x" else 0,
                "labelLimit": 120,
                "labelOverlap": True,
                **({"labels": False, "ticks": False} if hidden else {}),
            },
        }
    times = {"labelExpr": "utcFormat(datum.value * 1000, '%m-%d %H:%M')"} if column in _TIMES else {}
    return {
        "field": field,
        "type": "quantitative",
        "title": label(column),
        "scale": {"zero": False},
        "axis": {"labelOverlap": True, "tickCount": 7, **times},
    }


def _told(field: str, column: str, numeric: Sequence[str]) -> Spec:
    number = {"type": "quantitative", "format": ".6~g"} if column in numeric else {}
    return {"field": field, "title": label(column), **number}


def _by_name(names: Sequence[str]) -> Spec:
    legend = None if len(names) > _LEGEND else {"labelLimit": 220, "symbolLimit": _LEGEND, "columns": 1}
    return {
        "field": "n",
        "type": "nominal",
        "title": label(NAME_COLUMN),
        "scale": {"domain": list(names), "range": colours_of(names)},
        "legend": legend,
    }


def _framed(inner: Spec) -> Spec:
    return {"width": "container", "height": _HEIGHT, "data": {"name": "rows"}, **inner}
