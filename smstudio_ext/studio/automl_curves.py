"""Curves of a performance report, thinned to what a chart can show."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any, Literal

from smstudio_ext.studio.models.automl_pages import Curve

MAX_POINTS = 400
"""Points of a curve that are sent; of longer ones every n-th, ends kept."""
CHART_POINTS = 4_000
"""Points of all curves of a chart together, where many classes have one each."""
_FEWEST = 30

Kind = Literal["line", "points", "bars"]

_AXES: dict[str, tuple[str, str]] = {
    "receiver_operating_characteristic_curve": ("false_positive_rates", "true_positive_rates"),
    "precision_recall_curve": ("recalls", "precisions"),
}
"""Members that stand on the axes, of curves whose order of members is not that of the axes."""


def curves_of(metrics: dict[str, Any]) -> list[Curve]:
    """Every member that holds two lists of numbers of one length, also those of classes and of groups of members."""
    found: list[Curve] = []
    for name, content in metrics.items():
        if not isinstance(content, dict) or name == "confusion_matrix":
            continue
        curve = _curve(name, "", content)
        if curve is not None:
            found.append(curve)
            continue
        for inner, value in content.items():
            if not isinstance(value, dict):
                continue
            # Either {class: curve}, or {class: {curve name: curve}}, or {curve name: curve} of a group.
            mine = _curve(f"{name}_{inner}", "", value) if _is_group(name) else _curve(name, inner, value)
            curves = (
                [mine]
                if mine
                else [_curve(each, inner, c) for each, c in value.items() if isinstance(c, dict)]
            )
            found += [each for each in curves if each is not None]
    return _shared_out(found)


def _shared_out(curves: list[Curve]) -> list[Curve]:
    """Curves of many classes with fewer points each, so that their chart can still be drawn."""
    of_id = Counter(curve.id for curve in curves)
    for curve in curves:
        kept = _thinned(len(curve.x), max(_FEWEST, CHART_POINTS // of_id[curve.id]))
        curve.x, curve.y = [curve.x[i] for i in kept], [curve.y[i] for i in kept]
    return curves


def _is_group(name: str) -> bool:
    """Whether a member holds different things on the residuals, and no classes."""
    return "residual" in name


def _curve(name: str, label: str, content: dict[str, Any]) -> Curve | None:
    axes = _axes(name, content)
    if axes is None:
        return None
    x, y = content[axes[0]], content[axes[1]]
    if len(x) == len(y) + 1:  # edges of bins: each bar stands in the middle of its own
        x = [(left + right) / 2 for left, right in pairwise(x)]
    if len(x) != len(y):
        return None
    kept = _thinned(len(x))
    return Curve(
        id=name,
        kind=_kind(name),
        label=label,
        x_title=_title(axes[0]),
        y_title=_title(axes[1]),
        x=[float(x[i]) for i in kept],
        y=[float(y[i]) for i in kept],
    )


def _axes(name: str, content: dict[str, Any]) -> tuple[str, str] | None:
    """Members that stand on the axes; none when the content is no curve."""
    known = _AXES.get(name)
    if known is not None and all(_is_numbers(content.get(axis)) for axis in known):
        return known
    lists = [member for member, values in content.items() if _is_numbers(values)]
    if len(lists) < 2:
        return None
    if "edges" in lists:
        return "edges", next(member for member in lists if member != "edges")
    return lists[0], lists[1]


def _kind(name: str) -> Kind:
    if "histogram" in name:
        return "bars"
    return "points" if "residual" in name or "actual" in name else "line"


def _is_numbers(values: Any) -> bool:
    return (
        isinstance(values, list)
        and bool(values)
        and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
    )


def _thinned(length: int, most: int = MAX_POINTS) -> list[int]:
    if length <= most:
        return list(range(length))
    return sorted({round(i * (length - 1) / (most - 1)) for i in range(most)})


def _title(member: str) -> str:
    return member.replace("_", " ").capitalize()
