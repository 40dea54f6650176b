"""Beam search, and the BLEU score of what it finds."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from smstudio_ext.engine.images.seq2seq.network import Translator


@dataclass
class Translation:
    """The best target of one source: ids without marks, and attention weights (target tokens, source tokens)."""

    tokens: list[int]
    attention: list[list[float]]


@torch.no_grad()
def translate(
    network: Translator, source: Sequence[int], begin: int, end: int, *, beam: int, longest: int
) -> Translation:
    """Searches the target of highest mean log probability.

    Args:
        source: ids; at least one.
        begin, end: ids of the marks <s> and </s>.
        longest: most tokens of a target.
    """
    encoded = network.encode(torch.tensor([list(source)]))
    state = network.begin(encoded)
    tokens = torch.tensor([begin])
    scores = torch.zeros(1)
    sequences: list[list[int]] = [[]]
    weights: list[list[list[float]]] = [[]]
    finished: list[tuple[float, list[int], list[list[float]]]] = []
    for length in range(1, longest + 1):
        rows = torch.zeros(len(tokens), dtype=torch.long)
        combined, state, attention = network.step(tokens, state, encoded.take(rows))
        logs = torch.log_softmax(network.output(combined), dim=1)
        logs[:, begin] = float("-inf")
        logs[:, network.padding[1]] = float("-inf")
        total = scores[:, None] + logs
        best, places = total.flatten().topk(min(2 * beam, total.numel()))
        alive: list[tuple[int, int, float]] = []
        for score, place in zip(best.tolist(), places.tolist(), strict=True):
            row, token = divmod(place, total.shape[1])
            if token == end:
                finished.append((score / length, sequences[row], weights[row]))
            elif len(alive) < beam:
                alive.append((row, token, score))
        # Ends that come too early fill the list as well: what is still open may be better than all of them.
        if not alive or (len(finished) >= beam and max(finished)[0] >= alive[0][2] / length):
            break
        sequences = [[*sequences[row], token] for row, token, _ in alive]
        weights = [[*weights[row], attention[row].tolist()] for row, _, _ in alive]
        picked = torch.tensor([row for row, _, _ in alive])
        state = [tuple(part[picked] for part in parts) for parts in state]
        tokens = torch.tensor([token for _, token, _ in alive])
        scores = torch.tensor([score for _, _, score in alive])
    if not finished:
        finished = [
            (float(score) / max(1, len(sequence)), sequence, weight)
            for score, sequence, weight in zip(scores, sequences, weights, strict=True)
        ]
    _, sequence, weight = max(finished, key=lambda item: item[0])
    return Translation(sequence, weight)


def bleu(found: Sequence[Sequence[int]], truth: Sequence[Sequence[int]]) -> float:
    """Corpus BLEU-4 with one reference each and brevity penalty, in [0, 1] (Papineni et al., 2002)."""
    matches, totals = [0] * 4, [0] * 4
    for guess, reference in zip(found, truth, strict=True):
        for size in range(1, 5):
            mine, theirs = _ngrams(guess, size), _ngrams(reference, size)
            matches[size - 1] += sum((mine & theirs).values())
            totals[size - 1] += sum(mine.values())
    pairs = [(hit, total) for hit, total in zip(matches, totals, strict=True) if total > 0]
    if not pairs or any(hit == 0 for hit, _ in pairs):
        return 0.0
    precision = sum(math.log(hit / total) for hit, total in pairs) / len(pairs)
    ours, theirs_length = sum(map(len, found)), sum(map(len, truth))
    penalty = min(0.0, 1 - theirs_length / max(1, ours))
    return math.exp(precision + penalty)


def _ngrams(tokens: Sequence[int], size: int) -> Counter[tuple[int, ...]]:
    return Counter(tuple(tokens[at : at + size]) for at in range(len(tokens) - size + 1))
