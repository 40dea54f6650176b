"""The pictures of the reports, drawn by matplotlib without a display."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.text import Text

Array = npt.NDArray[np.float64]

BLUE, ORANGE, GREY = "#0972d3", "#eb5f07", "#9ba7b6"
_DPI = 110
_CHARACTER = 0.075  # inches, of a character of the tick labels
_FALLBACKS = ("Noto Sans CJK JP", "Noto Sans CJK KR", "IPAexGothic", "NanumGothic", "Arial Unicode MS")


@lru_cache(maxsize=1)
def fonts() -> list[str]:
    """matplotlib's own font and those on this machine that know more scripts."""
    from matplotlib import font_manager

    known = {entry.name for entry in font_manager.fontManager.ttflist}
    return ["DejaVu Sans", *(name for name in _FALLBACKS if name in known)]


def plain(text: object, length: int = 32) -> str:
    """Text that matplotlib does not take for mathematics."""
    line = " ".join(str(text).split())
    short = line if len(line) <= length else f"{line[: length - 1]}…"
    return short.replace("$", r"\$")


def bars(
    names: Sequence[str],
    values: Sequence[float],
    title: str,
    axis: str,
    *,
    series: Mapping[str, Sequence[float]] | None = None,
) -> bytes:
    """Horizontal bars, the first on top; with `series` each bar is stacked of one part a series."""
    canvas, axes = _canvas(7.0, 1.1 + 0.27 * max(3, len(names)))
    places = np.arange(len(names))
    if series:
        left = np.zeros(len(names))
        for number, (name, part) in enumerate(series.items()):
            color = matplotlib.colormaps["tab20"](number % 20)
            axes.barh(places, part, left=left, color=color, label=plain(name, 20), height=0.7)
            left = left + np.asarray(part)
        axes.legend(fontsize=7, ncols=1 + len(series) // 14, loc="lower right")
    else:
        axes.barh(places, values, color=BLUE, height=0.7)
    axes.set_yticks(places, [plain(name) for name in names])
    axes.invert_yaxis()
    return _finish(canvas, axes, title, axis, "")


def columns(names: Sequence[str], values: Sequence[float], title: str, axis: str) -> bytes:
    """Vertical bars for a few classes."""
    canvas, axes = _canvas(max(4.5, min(9.0, 0.5 * len(names) + 2)), 3.2)
    axes.bar(np.arange(len(names)), values, color=BLUE, width=0.7)
    turn = 0 if sum(len(name) for name in names) < 60 else 60
    axes.set_xticks(
        np.arange(len(names)),
        [plain(name, 16) for name in names],
        rotation=turn,
        ha="right" if turn else "center",
    )
    return _finish(canvas, axes, title, "", axis)


def histogram(
    counts: Array, edges: Array, title: str, axis: str, *, bell: tuple[float, float] | None = None
) -> bytes:
    """A histogram of ready counts.

    Args:
        edges: one more than counts.
        bell: mean and standard deviation of a normal density to draw over it; counts are densities then.
    """
    canvas, axes = _canvas(6.0, 3.2)
    axes.stairs(counts, edges, fill=True, color=BLUE, alpha=0.85)
    if bell is not None:
        grid = np.linspace(edges[0], edges[-1], 200)
        density = np.exp(-0.5 * ((grid - bell[0]) / bell[1]) ** 2) / (bell[1] * np.sqrt(2 * np.pi))
        axes.plot(grid, density, color=ORANGE, linewidth=1.5, label="normal density")
        axes.legend(fontsize=8)
    return _finish(canvas, axes, title, axis, "density" if bell else "rows")


def curves(
    lines: Mapping[str, tuple[Array, Array]],
    title: str,
    across: str,
    up: str,
    *,
    reference: tuple[Sequence[float], Sequence[float], str] | None = None,
    unit: bool = True,
) -> bytes:
    """Lines over one another, for example a ROC curve for each class.

    Args:
        lines: (x, y) by name.
        reference: dashed line (x, y, name), what a model without skill would reach.
        unit: the x axis runs from 0 to 1.
    """
    canvas, axes = _canvas(5.2, 4.0)
    if reference is not None:
        axes.plot(reference[0], reference[1], "--", color=GREY, linewidth=1, label=reference[2])
    for number, (name, (x, y)) in enumerate(lines.items()):
        color = BLUE if len(lines) == 1 else matplotlib.colormaps["tab20"](number % 20)
        axes.plot(x, y, color=color, linewidth=1.6, label=plain(name, 30))
    if unit:
        axes.set_xlim(-0.01, 1.01)
    axes.grid(visible=True, color="#e9ebed", linewidth=0.7)
    if len(lines) + (reference is not None) <= 16:
        axes.legend(fontsize=7)
    return _finish(canvas, axes, title, across, up)


def points(x: Array, y: Array, title: str, across: str, up: str, *, diagonal: bool) -> bytes:
    """A scatter plot; `diagonal` draws y = x, else y = 0."""
    canvas, axes = _canvas(5.2, 4.0)
    axes.plot(x, y, ".", color=BLUE, alpha=0.35, markersize=4)
    if diagonal:
        low, high = float(min(x.min(), y.min())), float(max(x.max(), y.max()))
        axes.plot([low, high], [low, high], "--", color=ORANGE, linewidth=1.2)
    else:
        axes.axhline(0, color=ORANGE, linewidth=1.2, linestyle="--")
    return _finish(canvas, axes, title, across, up)


def matrix(
    values: Array,
    across_names: Sequence[str],
    up_names: Sequence[str],
    title: str,
    across: str,
    up: str,
    *,
    diverging: bool = False,
    form: str = "{:.2f}",
) -> bytes:
    """A heat map with its numbers written into the fields."""
    size = max(4.0, 0.55 * len(across_names) + 2.2)
    canvas, axes = _canvas(min(9.5, size), min(8.5, size - 0.6))
    low, high = (-1.0, 1.0) if diverging else (None, None)
    axes.imshow(values, cmap="RdBu_r" if diverging else "Blues", aspect="auto", vmin=low, vmax=high)
    axes.set_xticks(
        np.arange(len(across_names)), [plain(n, 18) for n in across_names], rotation=45, ha="right"
    )
    axes.set_yticks(np.arange(len(up_names)), [plain(n, 18) for n in up_names])
    finite = values[np.isfinite(values)]
    half = (np.abs(finite).max() if diverging else finite.max()) * 0.6 if len(finite) else 0.0
    if values.size <= 289:
        for row, line in enumerate(values):
            for place, value in enumerate(line):
                color = "white" if (abs(value) if diverging else value) > half else "#16191f"
                axes.text(place, row, form.format(value), ha="center", va="center", fontsize=7, color=color)
    return _finish(canvas, axes, title, across, up, frame=True)


def _canvas(width: float, height: float) -> tuple[Canvas, Axes]:
    canvas = Canvas(figsize=(width, height), dpi=_DPI)
    return canvas, canvas.add_subplot()


def _finish(canvas: Canvas, axes: Axes, title: str, across: str, up: str, *, frame: bool = False) -> bytes:
    axes.set_title(plain(title, 70), fontsize=10)
    axes.set_xlabel(plain(across, 60), fontsize=9)
    axes.set_ylabel(plain(up, 60), fontsize=9)
    axes.tick_params(labelsize=8)
    if not frame:
        axes.spines[["top", "right"]].set_visible(False)
    _set_margins(canvas, axes)
    stream = io.BytesIO()
    with matplotlib.rc_context({"font.family": fonts()}), warnings.catch_warnings():
        # A script for which this machine has no font is drawn as boxes; the tables beside hold the text.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        canvas.savefig(stream, format="png")
    return stream.getvalue()


def _set_margins(canvas: Canvas, axes: Axes) -> None:
    """Leaves room for the labels, by their length: matplotlib's own layout draws every picture several times."""
    width, height = canvas.get_size_inches()
    left = 0.25 + _CHARACTER * _longest(axes.get_yticklabels(), 5) + (0.25 if axes.get_ylabel() else 0)
    names = axes.get_xticklabels()
    turned = bool(names) and names[0].get_rotation() > 0
    bottom = (
        0.3 + (_CHARACTER * 0.8 * _longest(names, 3) if turned else 0.1) + (0.25 if axes.get_xlabel() else 0)
    )
    axes.set_position(
        (
            left / width,
            bottom / height,
            max(0.2, 1 - (left + 0.25) / width),
            max(0.2, 1 - (bottom + 0.35) / height),
        )
    )


def _longest(labels: Sequence[Text], least: int) -> int:
    return max([len(label.get_text()) for label in labels] + [least])
