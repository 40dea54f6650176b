"""What fastText computes with a model file: features of a text, vectors of words, labels of a sentence."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.blazingtext.fasttext_file import (
    EOS,
    HS,
    LABEL_PREFIX,
    OVA,
    SUPERVISED,
    FastTextFile,
)

Vector: TypeAlias = npt.NDArray[np.float32]
_NGRAM_FACTOR = 116_049_371
_MASK64 = (1 << 64) - 1


def word_hash(word: str) -> int:
    """fastText's 32-bit FNV-1a hash of a word's bytes, each taken as a signed char."""
    value = 2_166_136_261
    for byte in word.encode():
        value ^= byte if byte < 128 else byte | 0xFFFFFF00
        value = value * 16_777_619 & 0xFFFFFFFF
    return value


def signed64(value: int) -> int:
    """A 32-bit hash as fastText widens it to 64 bits: with its sign."""
    return (value - (1 << 32) if value & 0x80000000 else value) & _MASK64


class FastTextModel:
    """Answers with the content of a model file."""

    def __init__(self, file: FastTextFile) -> None:
        self._file = file
        self._ids = {word: index for index, word in enumerate(file.words)}

    @property
    def is_classifier(self) -> bool:
        """Whether the model labels sentences."""
        return bool(self._file.args["model"] == SUPERVISED)

    @property
    def labels(self) -> list[str]:
        """Labels with their prefix."""
        return self._file.labels

    def word_vector(self, word: str) -> Vector:
        """The vector of a word; zeros for an unknown one of a model without subwords."""
        rows = self._word_rows(word)
        if not rows:
            return np.zeros(int(self._file.args["dim"]), dtype=np.float32)
        mean: Vector = np.asarray(self._file.inputs[rows], dtype=np.float32).mean(axis=0)
        return mean

    def probabilities(self, sentence: str) -> Vector:
        """Probability of each label for a sentence of tokens with blanks between them."""
        rows = self._sentence_rows(sentence)
        if not rows:
            return np.zeros(len(self.labels), dtype=np.float32)
        hidden = np.asarray(self._file.inputs[rows], dtype=np.float32).mean(axis=0)
        if self._file.args["loss"] == HS:
            return self._tree_probabilities(hidden)
        scores = self._file.outputs @ hidden
        if self._file.args["loss"] == OVA:
            found: Vector = 1 / (1 + np.exp(-scores))
            return found
        exponents = np.exp(scores - scores.max())
        shares: Vector = exponents / exponents.sum()
        return shares

    def _word_rows(self, word: str) -> list[int]:
        known = self._ids.get(word)
        rows = [] if known is None else [known]
        args = self._file.args
        if args["maxn"] > 0 and word != EOS:
            rows += subword_rows(word, args["minn"], args["maxn"], args["bucket"], len(self._ids))
        return rows

    def _sentence_rows(self, sentence: str) -> list[int]:
        rows: list[int] = []
        hashes: list[int] = []
        for token in [*sentence.split(), EOS]:
            if token not in self._ids and token.startswith(LABEL_PREFIX):
                continue
            rows += self._word_rows(token)
            hashes.append(signed64(word_hash(token)))
        args = self._file.args
        for first in range(len(hashes)):
            value = hashes[first]
            for place in range(first + 1, min(len(hashes), first + args["word_ngrams"])):
                value = (value * _NGRAM_FACTOR + hashes[place]) & _MASK64
                rows.append(len(self._ids) + value % args["bucket"])
        return rows

    def _tree_probabilities(self, hidden: Vector) -> Vector:
        gates = 1 / (1 + np.exp(-(self._file.outputs @ hidden)))
        out = np.ones(len(self.labels), dtype=np.float32)
        for label, (nodes, codes) in enumerate(self._paths):
            chosen = gates[nodes]
            out[label] = np.where(codes, chosen, 1 - chosen).prod()
        return out

    @cached_property
    def _paths(self) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]]:
        return huffman_paths(self._file.label_counts)


def subword_rows(word: str, low: int, high: int, buckets: int, words: int) -> list[int]:
    """Rows of the character n-grams of a word within its marks `<` and `>`."""
    marked = f"<{word}>"
    rows = []
    for start in range(len(marked)):
        for length in range(low, min(high, len(marked) - start) + 1):
            if length == 1 and (start == 0 or start + length == len(marked)):
                continue
            rows.append(words + word_hash(marked[start : start + length]) % buckets)
    return rows


def huffman_paths(
    counts: Sequence[int],
) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]]:
    """Inner nodes and branches from each leaf to the root of the Huffman tree over label counts (hierarchical softmax)."""
    leaves = len(counts)
    parent = [-1] * (2 * leaves - 1)
    branch = [False] * (2 * leaves - 1)
    weights = list(counts) + [0] * (leaves - 1)
    # Leaves are taken from the rarest on, inner nodes in the order of their making, leaves only when strictly lighter.
    queue = [(count, 1, -index, index) for index, count in enumerate(counts)]
    heapq.heapify(queue)
    for node in range(leaves, 2 * leaves - 1):
        first, second = heapq.heappop(queue)[3], heapq.heappop(queue)[3]
        weights[node] = weights[first] + weights[second]
        parent[first] = parent[second] = node
        branch[second] = True
        heapq.heappush(queue, (weights[node], 0, node, node))
    paths = []
    for leaf in range(leaves):
        nodes, codes, at = [], [], leaf
        while parent[at] != -1:
            nodes.append(parent[at] - leaves)
            codes.append(branch[at])
            at = parent[at]
        paths.append((np.asarray(nodes, dtype=np.int64), np.asarray(codes, dtype=bool)))
    return paths
