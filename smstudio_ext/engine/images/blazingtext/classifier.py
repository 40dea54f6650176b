"""Supervised mode: a linear classifier over the mean of word and word n-gram vectors (Joulin et al., arXiv:1607.01759)."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from smstudio_ext.engine.images.blazingtext import fasttext_file
from smstudio_ext.engine.images.blazingtext.fasttext_file import EOS
from smstudio_ext.engine.images.blazingtext.fasttext_model import signed64, word_hash
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.deep.job import StopSignal

Integers: TypeAlias = npt.NDArray[np.int64]
Matrix: TypeAlias = npt.NDArray[np.float32]
_BATCH = 32
_FACTOR = np.uint64(116_049_371)


@dataclass
class Features:
    """Rows of the input matrix for each sentence.

    Attributes:
        rows: all rows, sentence after sentence.
        starts: where each sentence begins in `rows`, and the end of the last.
    """

    rows: Integers
    starts: Integers

    def __len__(self) -> int:
        return len(self.starts) - 1


class Vocabulary:
    """Words and labels by falling frequency, as fastText orders them.

    Raises:
        AlgorithmError: no word occurs as often as `min_count`.
    """

    def __init__(self, sentences: list[list[str]], labels: list[list[str]], min_count: int) -> None:
        counts: Counter[str] = Counter()
        for sentence in sentences:
            counts.update(sentence)
        counts[EOS] += len(sentences)
        self.words = [(word, count) for word, count in counts.most_common() if count >= max(1, min_count)]
        self.labels = Counter(label for found in labels for label in found).most_common()
        self.tokens = sum(counts.values())
        if len(self.words) < 2:
            raise AlgorithmError(
                f"No word occurs at least min_count={min_count} times; use a smaller min_count."
            )
        self.word_ids = {word: index for index, (word, _) in enumerate(self.words)}
        self.label_ids = {label: index for index, (label, _) in enumerate(self.labels)}


def features_of(sentences: list[list[str]], vocabulary: Vocabulary, ngrams: int, buckets: int) -> Features:
    """Word rows and hashed word n-gram rows of sentences, as fastText computes them."""
    raw: dict[str, int] = {}
    flat = np.fromiter(
        (raw.setdefault(token, len(raw)) for sentence in sentences for token in (*sentence, EOS)),
        dtype=np.int64,
    )
    owners = np.repeat(np.arange(len(sentences)), [len(sentence) + 1 for sentence in sentences])
    known = np.fromiter((vocabulary.word_ids.get(token, -1) for token in raw), dtype=np.int64, count=len(raw))
    rows, of = [known[flat]], [owners]
    if ngrams > 1:
        hashes = np.fromiter((signed64(word_hash(token)) for token in raw), dtype=np.uint64, count=len(raw))[
            flat
        ]
        value = hashes.copy()
        for reach in range(1, ngrams):
            if reach >= len(flat):
                break
            value = value[:-1] * _FACTOR + hashes[reach:]  # wraps at 64 bits as fastText's does
            inside = owners[:-reach] == owners[reach:]
            hashed = (value % np.uint64(buckets)).astype(np.int64) + len(vocabulary.words)
            rows.append(np.where(inside, hashed, -1))
            of.append(owners[:-reach])
    together, owner = np.concatenate(rows), np.concatenate(of)
    chosen = together >= 0
    together, owner = together[chosen], owner[chosen]
    order = np.argsort(owner, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(sentences)))])
    return Features(together[order], starts)


class Classifier:
    """Trains on the rows that occur; all others of the input matrix stay zero.

    Args:
        dim: size of the vectors.
        buckets: rows for n-grams; 0 without n-grams.
    """

    def __init__(self, vocabulary: Vocabulary, dim: int, ngrams: int, buckets: int) -> None:
        self.vocabulary = vocabulary
        self.dim = dim
        self.ngrams = ngrams
        self.buckets = buckets if ngrams > 1 else 0
        self._places: Integers = np.zeros(0, dtype=np.int64)
        self._inputs: Matrix = np.zeros((0, dim), dtype=np.float32)
        self.outputs: Matrix = np.zeros((len(vocabulary.labels), dim), dtype=np.float32)

    def features(self, sentences: list[list[str]]) -> Features:
        """Rows of sentences."""
        return features_of(sentences, self.vocabulary, self.ngrams, self.buckets)

    def begin(self, features: Features, seed: int = 0) -> None:
        """Makes vectors for the words and for the n-grams of the training text, uniform in [-1/dim, 1/dim]."""
        words = np.arange(len(self.vocabulary.words))
        self._places = np.union1d(words, features.rows)
        shape = (len(self._places), self.dim)
        spread = np.random.default_rng(seed).uniform(-1 / self.dim, 1 / self.dim, shape)
        self._inputs = spread.astype(np.float32)

    def means(self, features: Features) -> Any:
        """A sparse matrix (sentences, trained rows) that takes means; rows never seen in training are zeros of the model file."""
        at = np.minimum(np.searchsorted(self._places, features.rows), len(self._places) - 1)
        seen = self._places[at] == features.rows
        lengths = np.diff(features.starts)
        owners = np.repeat(np.arange(len(features)), lengths)
        kept = np.bincount(owners[seen], minlength=len(features))
        shares = (1 / np.maximum(lengths, 1)).astype(np.float32)
        starts = np.concatenate([[0], np.cumsum(kept)])
        shape = (len(features), len(self._places))
        return sparse.csr_matrix((np.repeat(shares, kept), at[seen], starts), shape=shape)

    def fit_epoch(
        self,
        means: Any,
        labels: list[list[int]],
        order: Integers,
        rates: npt.NDArray[np.float64],
        stop: StopSignal,
    ) -> None:
        """One pass of stochastic gradient descent.

        Args:
            means: what `means` gave.
            labels: indices of each sentence's labels; one of several is drawn at random, as fastText does.
            order: order of the sentences.
            rates: learning rate for each step of `order`.
        """
        random = np.random.default_rng(int(order[0]))
        truth = np.array(
            [found[0] if len(found) == 1 else found[random.integers(len(found))] for found in labels]
        )
        for begin in range(0, len(order), _BATCH):
            if stop.requested:
                return
            picked = order[begin : begin + _BATCH]
            batch = means[picked]
            # only the rows that occur: the batch over them alone
            rows, places = np.unique(batch.indices, return_inverse=True)
            batch = sparse.csr_matrix((batch.data, places, batch.indptr), shape=(len(picked), len(rows)))
            inputs = self._inputs[rows]
            hidden = batch @ inputs
            errors = _softmax(hidden @ self.outputs.T)
            errors[np.arange(len(picked)), truth[picked]] -= 1
            errors *= np.float32(rates[begin])
            gradient = errors @ self.outputs
            self.outputs -= errors.T @ hidden
            self._inputs[rows] = inputs - batch.T @ gradient

    def accuracy(self, means: Any, labels: list[list[int]]) -> float:
        """Share of sentences whose most probable label is one of theirs."""
        best = np.argmax((means @ self._inputs) @ self.outputs.T, axis=1).tolist()
        return sum(guess in truth for guess, truth in zip(best, labels, strict=True)) / len(labels)

    def snapshot(self) -> tuple[Matrix, Matrix]:
        """The weights as they are now."""
        return self._inputs.copy(), self.outputs.copy()

    def restore(self, weights: tuple[Matrix, Matrix]) -> None:
        """Takes weights back."""
        self._inputs, self.outputs = weights

    def save(self, path: Path, chosen: dict[str, Any]) -> None:
        """Writes `model.bin`."""
        args = {
            "dim": self.dim,
            "ws": 5,
            "epoch": chosen["epochs"],
            "min_count": chosen["min_count"],
            "neg": 5,
            "word_ngrams": self.ngrams,
            "loss": fasttext_file.SOFTMAX,
            "model": fasttext_file.SUPERVISED,
            "bucket": self.buckets,
            "minn": 0,
            "maxn": 0,
            "lr_update_rate": 100,
            "t": 1e-4,
        }
        fasttext_file.write(
            path,
            args,
            self.vocabulary.words,
            self.vocabulary.labels,
            self._places,
            self._inputs,
            self.outputs,
            self.vocabulary.tokens,
        )


@dataclass
class Fitted:
    """A trained classifier and its scores (validation is None without that channel)."""

    classifier: Classifier
    train_accuracy: float
    validation_accuracy: float | None
    seconds: float


def fit(
    train: tuple[list[list[str]], list[list[str]]],
    validation: tuple[list[list[str]], list[list[str]]] | None,
    chosen: dict[str, Any],
    stop: StopSignal,
) -> Fitted:
    """Trains a classifier; with early stopping the weights of the best epoch stay.

    Raises:
        AlgorithmError: no word is frequent enough, or only one label occurs.
    """
    began = time.monotonic()
    vocabulary = Vocabulary(*train, chosen["min_count"])
    if len(vocabulary.labels) < 2:
        raise AlgorithmError("Supervised mode needs at least two different labels in the train channel.")
    model = Classifier(vocabulary, chosen["vector_dim"], chosen["word_ngrams"], chosen["buckets"])
    features = model.features(train[0])
    labels = _label_ids(train[1], vocabulary)
    model.begin(features)
    means = model.means(features)
    held_out = None
    if validation is not None:
        held_out = (model.means(model.features(validation[0])), _label_ids(validation[1], vocabulary))
    random = np.random.default_rng(0)
    total, size = chosen["epochs"], len(features)
    best, best_weights, since = -1.0, model.snapshot() if chosen["early_stopping"] else None, 0
    for epoch in range(total):
        done = epoch * size + np.arange(size)
        rates = chosen["learning_rate"] * (1 - done / (total * size))
        model.fit_epoch(means, labels, random.permutation(size), rates, stop)
        print(f"-------------- End of epoch: {epoch + 1}", flush=True)
        words = vocabulary.tokens * (epoch + 1) / max(1e-9, time.monotonic() - began) / 1e6
        left = chosen["learning_rate"] * (1 - (epoch + 1) / total)
        progress = 100 * (epoch + 1) / total
        print(
            f"##### Alpha: {left:.4f}  Progress: {progress:.2f}%  Million Words/sec: {words:.2f} #####",
            flush=True,
        )
        if stop.requested:
            break
        if chosen["early_stopping"] and held_out is not None and epoch + 1 >= chosen["min_epochs"]:
            found = model.accuracy(*held_out)
            print(f"Validation accuracy: {found:.6g}", flush=True)
            since = 0 if found > best else since + 1
            if found > best:
                print("Validation accuracy improved! Storing best weights...", flush=True)
                best, best_weights = found, model.snapshot()
            elif since >= chosen["patience"]:
                print(
                    f"Validation accuracy has not improved for last {since} epochs. Early stopping...",
                    flush=True,
                )
                break
            else:
                print(f"Validation accuracy has not improved for last {since} epochs.", flush=True)
    if best_weights is not None and best >= 0:
        model.restore(best_weights)
    return Fitted(
        model,
        model.accuracy(means, labels),
        None if held_out is None else model.accuracy(*held_out),
        time.monotonic() - began,
    )


def _softmax(scores: Matrix) -> Matrix:
    exponents: Matrix = np.exp(scores - scores.max(axis=1, keepdims=True))
    exponents /= exponents.sum(axis=1, keepdims=True)
    return exponents


def _label_ids(labels: list[list[str]], vocabulary: Vocabulary) -> list[list[int]]:
    """Indices of labels; one that training never saw is -1, which no guess equals."""
    return [[vocabulary.label_ids.get(label, -1) for label in found] for found in labels]
