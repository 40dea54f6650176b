"""Shapley values of any model's answers by antithetic permutation sampling.

Each pair of walks starts at a row of the background and switches, one after the other in a random order and in its reverse, the
features to those of the explained row; a feature's value is the mean change at its switch (Castro et al. 2009,
https://doi.org/10.1016/j.cor.2008.04.004; antithetic orders: Mitchell et al. 2022, https://arxiv.org/abs/2104.12199). Like Kernel
SHAP it needs nothing of the model but its answers, and the values of a row add up exactly to its answer less the expected value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Cells = Sequence[npt.NDArray[np.object_]]
"""Text cells by column."""
Predict = Callable[[Cells], Array]
"""Answers (rows,) or (rows, outputs) for cells by column."""


@dataclass(frozen=True)
class Explanation:
    """Shapley values.

    Attributes:
        values: (rows, features, outputs).
        expected: (outputs,), the mean answer on the background.
        answers: (rows, outputs), what the model answers for the rows.
        pairs: how many pairs of walks were made.
    """

    values: Array
    expected: Array
    answers: Array
    pairs: int

    def global_values(self) -> Array:
        """Mean absolute value of each feature for each output: (features, outputs)."""
        return np.asarray(np.abs(self.values).mean(axis=0))


def explain(
    predict: Predict,
    rows: Cells,
    background: Cells,
    players: Sequence[Sequence[int]],
    seed: int,
    go_on: Callable[[int], bool] = lambda done: True,
) -> Explanation:
    """Explains rows; one pair of walks for each row of the background.

    Args:
        predict: the model.
        rows: rows to explain.
        background: rows that stand for "nothing known".
        players: columns that are switched together; columns of no player keep the background's cell until the end, and count
            for nothing.
        seed: same seed, same orders.
        go_on: asked after each pair with the number of pairs done; False ends early.
    """
    generator = np.random.default_rng(seed)
    count, size = len(rows[0]), len(players)
    answers = _outputs(predict(rows))
    starts = _outputs(predict(background))
    total = np.zeros((count, size, answers.shape[1]))
    done = 0
    for pair in range(len(background[0])):
        orders = np.argsort(generator.random((count, size)), axis=1)
        start = np.broadcast_to(starts[pair], answers.shape)
        for walk in (orders, orders[:, ::-1]):
            total += _walk(predict, rows, background, pair, players, walk, start, answers)
        done = pair + 1
        if not go_on(done):
            break
    return Explanation(total / (2 * done), starts[:done].mean(axis=0), answers, done)


def _walk(
    predict: Predict,
    rows: Cells,
    background: Cells,
    pair: int,
    players: Sequence[Sequence[int]],
    orders: npt.NDArray[np.int64],
    start: Array,
    answers: Array,
) -> Array:
    count, size = orders.shape
    # rank[r, f] is when feature f is switched; state s holds the features of rank < s.
    rank = np.argsort(orders, axis=1)
    states = np.arange(1, size)
    switched = rank[:, None, :] < states[None, :, None]
    flat = switched.reshape(count * (size - 1), size)
    owner = np.repeat(np.arange(count), size - 1)
    cells: list[npt.NDArray[np.object_]] = [
        np.full(len(flat), column[pair], dtype=object) for column in background
    ]
    for player, columns in enumerate(players):
        for column in columns:
            chosen = flat[:, player]
            cells[column][chosen] = rows[column][owner[chosen]]
    path = np.empty((count, size + 1, answers.shape[1]))
    path[:, 0], path[:, -1] = start, answers
    if size > 1:
        path[:, 1:-1] = _outputs(predict(cells)).reshape(count, size - 1, -1)
    steps = np.diff(path, axis=1)
    return np.asarray(np.take_along_axis(steps, rank[:, :, None], axis=1))


def find_players(
    predict: Predict,
    rows: Cells,
    background: Cells,
    most: int,
    *,
    groups: int = 64,
    answers: float = math.inf,
) -> list[list[int]]:
    """Columns that change the answers when they alone are exchanged, the strongest first.

    Wide tables are searched by halves: only blocks of columns with an effect are looked at more closely, the strongest first.

    Args:
        rows, background: the same number of rows.
        most: this many columns stand for themselves; all further ones with an effect are one player, the last.
        groups: number of blocks to start with.
        answers: about how many rows the model may be asked for; blocks that are not taken apart join the last player.
    """
    width, count = len(rows), len(rows[0])
    base = _outputs(predict(rows))
    blocks = [list(part) for part in np.array_split(np.arange(width), min(groups, width)) if len(part)]
    found: list[tuple[float, int]] = []
    left_whole: list[int] = []
    while blocks:
        answers -= count * len(blocks)
        effects = _effects(predict, rows, background, blocks, base)
        found += [
            (-effect, block[0])
            for block, effect in zip(blocks, effects, strict=True)
            if effect > 0 and len(block) == 1
        ]
        active = sorted(
            (
                (-effect, block)
                for block, effect in zip(blocks, effects, strict=True)
                if effect > 0 and len(block) > 1
            )
        )
        affordable = len(active)
        if active and answers < math.inf:
            # What is left is spread over the levels down to single columns.
            levels = math.ceil(math.log2(max(len(block) for _, block in active)))
            affordable = int(max(0.0, answers) / (2 * count * levels))
        left_whole += [column for _, block in active[affordable:] for column in block]
        blocks = [half for _, block in active[:affordable] for half in _halves(block)]
    ordered = [int(column) for _, column in sorted(found)]
    alone = [[column] for column in ordered[:most]]
    together = ordered[most:] + [int(column) for column in left_whole]
    return [*alone, together] if together else alone


def _halves(block: list[int]) -> tuple[list[int], list[int]]:
    return block[: len(block) // 2], block[len(block) // 2 :]


def contrasts(rows: Cells, pool: Cells, seed: int) -> list[npt.NDArray[np.object_]]:
    """Cells that differ from those of the rows wherever the pool has other values of the column, rare ones as likely as frequent ones."""
    generator = np.random.default_rng(seed)
    found = []
    for own, column in zip(rows, pool, strict=True):
        values = np.array(sorted(set(column.tolist())), dtype=object)
        chosen = values[generator.integers(0, len(values), len(own))]
        same = chosen == own
        if len(values) > 1 and same.any():
            places = {value: at for at, value in enumerate(values.tolist())}
            chosen[same] = [values[(places[cell] + 1) % len(values)] for cell in own[same].tolist()]
        found.append(chosen)
    return found


def _effects(
    predict: Predict, rows: Cells, background: Cells, blocks: Sequence[Sequence[int]], base: Array
) -> list[float]:
    count = len(rows[0])
    cells = [np.tile(column, len(blocks)) for column in rows]
    for number, block in enumerate(blocks):
        part = slice(number * count, (number + 1) * count)
        for column in block:
            cells[column][part] = background[column]
    answers = _outputs(predict(cells)).reshape(len(blocks), count, -1)
    return [float(np.abs(one - base).mean()) for one in answers]


def _outputs(answers: Array) -> Array:
    return answers[:, None] if answers.ndim == 1 else answers
