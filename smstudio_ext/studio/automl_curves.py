"""Curves of a performance report, thinned to what a chart can show."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Literal

from smstudio_ext.studio.models.automl_pages import Curve

MAX_POINTS = 400
"""Points of a curve that are sent; of longer ones every n-th, ends kept."""

Kind = Literal["line", "points", "bars"]

_AXES: dict[str, tuple[str, str]] = {
    "receiver_operating_characteristic_curve": ("false_positive_rates", "true_positive_rates"),
    "precision_recall_curve": ("recalls", "precisions"),
}
"""Members that stand on the axes, of curves whose order of members is not that of the axes."""


def curves_of(metrics: dict[str, Any]) -> list[Curve]:
    """Every member of the metrics that holds two lists of numbers of one length, or such members by class."""
    found: list[Curve] = []
    for name, content in metrics.items():
        if not isinstance(content, dict) or name == "confusion_matrix":
            continue
        curve = _curve(name, "", content)
        if curve is not None:
            found.append(curve)
            continue
        by_class = (_curve(name, label, inner) for label, inner in content.items() if isinstance(inner, dict))
        found += [each for each in by_class if each is not None]
    return found


def _curve(name: str, label: str, content: dict[str, Any]) -> Curve | None:
    axes = _AXES.get(name)
    if axes is None or not all(axis in content for axis in axes):
        lists = [member for member, values in content.items() if _is_numbers(values)]
        if len(lists) < 2:
            return None
        axes = lists[0], lists[1]
    x, y = content[axes[0]], content[axes[1]]
    if not _is_numbers(x) or not _is_numbers(y):
        return None
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


def _thinned(length: int) -> list[int]:
    if length <= MAX_POINTS:
        return list(range(length))
    return sorted({round(i * (length - 1) / (MAX_POINTS - 1)) for i in range(MAX_POINTS)})


def _title(member: str) -> str:
    return member.replace("_", " ").capitalize()
