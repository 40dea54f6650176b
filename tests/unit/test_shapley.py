"""Shapley values by sampled permutations, against the definition."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from smstudio_ext.engine.autopilot.reports import shapley
from smstudio_ext.engine.autopilot.reports.shapley import Array, Cells


def table(*columns: list[str]) -> list[np.ndarray]:
    return [np.array(column, dtype=object) for column in columns]


def numbers(cells: Cells) -> Array:
    return np.column_stack([column.astype(float) for column in cells])


def interacting(cells: Cells) -> Array:
    x = numbers(cells)
    return x[:, 0] * x[:, 1] + 3 * x[:, 2] + np.sin(x[:, 0])


def exact(rows: Cells, background: Cells, width: int) -> Array:
    """By all subsets (Shapley 1953), averaged over the background."""
    x, b = numbers(rows), numbers(background)
    values = np.zeros((len(x), width))

    def answer(row: int, start: int, subset: tuple[int, ...]) -> float:
        mixed = [x[row, at] if at in subset else b[start, at] for at in range(width)]
        return float(interacting(table(*[[str(cell)] for cell in mixed]))[0])

    for row, start, feature in itertools.product(range(len(x)), range(len(b)), range(width)):
        others = [at for at in range(width) if at != feature]
        for size in range(width):
            for subset in itertools.combinations(others, size):
                weight = math.factorial(size) * math.factorial(width - size - 1) / math.factorial(width)
                gain = answer(row, start, (*subset, feature)) - answer(row, start, subset)
                values[row, feature] += weight * gain / len(b)
    return values


def test_values_are_those_of_the_definition_in_the_mean() -> None:
    rows = table(["1", "-2"], ["3", "1"], ["0.5", "2"])
    starts = table(["0", "1", "2"], ["1", "0", "-1"], ["0", "1", "1"])
    many = [np.tile(column, 300) for column in starts]
    found = shapley.explain(interacting, rows, many, [[0], [1], [2]], seed=1)
    assert np.allclose(found.values[:, :, 0], exact(rows, starts, 3), atol=0.15)


def test_values_add_up_to_the_answer_less_the_expected_value() -> None:
    generator = np.random.default_rng(0)
    cells = [generator.normal(size=40).round(3).astype(str).astype(object) for _ in range(5)]
    rows, starts = [c[:30] for c in cells], [c[30:] for c in cells]

    def two_outputs(given: Cells) -> Array:
        one = interacting(given)
        return np.column_stack([one, -2 * one])

    found = shapley.explain(two_outputs, rows, starts, [[0], [1], [2], [3, 4]], seed=2)
    assert np.allclose(found.values.sum(axis=1), found.answers - found.expected)
    assert np.allclose(found.values[:, 3], 0)
    assert np.allclose(found.values[..., 1], -2 * found.values[..., 0])
    assert (found.global_values() >= 0).all()


def test_stopping_early_keeps_the_sums_exact() -> None:
    rows = table(["1", "2"], ["3", "4"], ["5", "6"])
    starts = table(["0", "9", "4"], ["0", "9", "4"], ["0", "9", "4"])
    found = shapley.explain(interacting, rows, starts, [[0], [1], [2]], 0, go_on=lambda done: done < 2)
    assert found.pairs == 2
    assert np.allclose(found.values.sum(axis=1), found.answers - found.expected)


@pytest.mark.parametrize("width", [3, 200])
def test_only_columns_with_an_effect_are_players(width: int) -> None:
    generator = np.random.default_rng(1)
    rows = [generator.normal(size=6).astype(str).astype(object) for _ in range(width)]
    starts = [generator.normal(size=6).astype(str).astype(object) for _ in range(width)]
    players = shapley.find_players(
        lambda cells: 5 * cells[2].astype(float) + cells[0].astype(float), rows, starts, 60
    )
    assert players == [[2], [0]]


def test_the_weakest_columns_share_one_player() -> None:
    rows = table(["1"], ["1"], ["1"], ["1"])
    starts = table(["0"], ["0"], ["0"], ["0"])
    weights = np.array([4.0, 1.0, 3.0, 2.0])
    players = shapley.find_players(lambda cells: numbers(cells) @ weights, rows, starts, 2)
    assert players == [[0], [2], [3, 1]]


def test_contrasts_differ_wherever_they_can() -> None:
    pool = table(["a"] * 30 + ["b"], ["x"] * 31)
    rows = [column[:8] for column in pool]
    found = shapley.contrasts(rows, pool, seed=0)
    assert found[0].tolist() == ["b"] * 8
    assert found[1].tolist() == ["x"] * 8


def test_a_wide_search_keeps_within_its_answers() -> None:
    width = 2000
    generator = np.random.default_rng(3)
    rows = [generator.normal(size=4).astype(str).astype(object) for _ in range(width)]
    starts = [generator.normal(size=4).astype(str).astype(object) for _ in range(width)]
    asked = []

    def all_matter(cells: Cells) -> Array:
        asked.append(len(cells[0]))
        return sum(cell.astype(float) for cell in cells[:1000]) + 50 * cells[7].astype(float)

    players = shapley.find_players(all_matter, rows, starts, 10, answers=2000)
    assert sum(asked) <= 2200
    assert players[0] == [7]
    together = players[-1]
    assert sorted(column for player in players for column in player) == sorted(
        set(range(1000)) | set(together)
    )
