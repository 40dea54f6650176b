"""Support vector machines of scikit-learn for tables of many classes, kept as plain arrays."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.automl_ensemble.learning import OutOfTime, Part
from smstudio_ext.engine.images.automl_ensemble.linear import Encoder, probabilities
from smstudio_ext.engine.images.automl_ensemble.table import Floats, Outline, Wide

_MOST_ROWS = 20_000
"""Fitting grows with the square of the rows."""
_WIDEST = 300
_CHUNK = 1024
_PROBE_ROWS = 1500
_GROWTH = 1.7
"""Power of the rows that fitting grows with; two at worst."""
_SLOPE = 8.0
"""From a pair's margin to a chance; calibration sets the whole right."""

Array = npt.NDArray[np.float32]


@dataclass
class KernelModel:
    """A machine for each pair of classes.

    Attributes:
        support: (vectors, columns) encoded rows that decide.
        dual: (classes - 1, vectors) coefficients as libsvm keeps them, vectors sorted by class.
        counts: (classes,) vectors of each class.
        bias: (pairs,) intercepts.
        known: (classes,) codes of the classes that the fold had.
        gamma: of the kernel exp(-gamma |x - v|^2).
    """

    encoder: Encoder
    support: Array
    dual: Array
    counts: npt.NDArray[np.int64]
    bias: npt.NDArray[np.float64]
    known: npt.NDArray[np.int64]
    gamma: float
    outline: Outline
    rounds: int = 0

    def __post_init__(self) -> None:
        self._norms = (self.support**2).sum(axis=1)
        ends = np.cumsum(self.counts)
        self._own = [slice(end - count, end) for end, count in zip(ends, self.counts, strict=True)]
        pairs = np.array(list(combinations(range(len(self.counts)), 2)), dtype=np.int64)
        self._one, self._other = pairs[:, 0], pairs[:, 1]
        # (pairs, classes): which class a pair names first, and second.
        self._first, self._second = np.eye(len(self.counts))[self._one], np.eye(len(self.counts))[self._other]

    def predict(self, x: Floats, rounds: int = 0) -> Wide:
        """See `learning.Model`; there are no rounds to choose."""
        found = [self._chunk(x[start : start + _CHUNK]) for start in range(0, len(x), _CHUNK)]
        return np.concatenate(found) if found else np.empty((0, self.outline.width))

    def _chunk(self, x: Floats) -> Wide:
        rows = self.encoder.transform(x)
        distances = (rows**2).sum(axis=1)[:, None] + self._norms - 2 * rows @ self.support.T
        kernel = np.exp(-self.gamma * np.maximum(distances, 0))
        # (rows, classes, classes - 1): what each class's vectors say against each other class.
        said = np.stack([kernel[:, own] @ self.dual[:, own].T for own in self._own], axis=1)
        margins = said[:, self._one, self._other - 1] + said[:, self._other, self._one] + self.bias
        # A class's score: the product of its chances against each of the others.
        lost, won = np.logaddexp(0, _SLOPE * margins), np.logaddexp(0, -_SLOPE * margins)
        score = np.full((len(x), self.outline.classes), -30.0 * _SLOPE)
        score[:, self.known] = -(won @ self._first) - lost @ self._second
        return probabilities(score, self.outline)

    def save(self, path: Path, rounds: int) -> None:
        """See `learning.Model`."""
        arrays = {
            "support": self.support,
            "dual": self.dual,
            "counts": self.counts,
            "bias": self.bias,
            "known": self.known,
            "gamma": np.array(self.gamma),
        }
        with path.open("wb") as stream:
            np.savez(stream, **{**arrays, **self.encoder.arrays()})  # type: ignore[arg-type]


class KernelKind:
    """Support vector machines with a radial kernel (libsvm), for three classes and more."""

    suffix = ".npz"

    def fit(self, outline: Outline, part: Part, settings: Mapping[str, Any]) -> KernelModel:
        """See `learning.Kind`."""
        from sklearn.svm import SVC

        begin = time.monotonic()
        encoder = Encoder.fit(part.x, outline.categories, ranks=bool(settings.get("ranks")))
        x = encoder.transform(part.x)
        if len(x) > _MOST_ROWS or x.shape[1] > _WIDEST:
            raise OutOfTime(
                f"{len(x)} rows of {x.shape[1]} columns are too many for support vector machines."
            )
        gamma = float(settings.get("gamma", 1.6)) / x.shape[1]
        machine = SVC(C=float(settings.get("C", 10.0)), gamma=gamma, cache_size=400)
        y = part.y.astype(np.int64)
        if len(x) > 2 * _PROBE_ROWS:
            chosen = np.random.default_rng(part.seed).choice(len(x), _PROBE_ROWS, replace=False)
            probe = time.monotonic()
            machine.fit(x[chosen], y[chosen])
            taken = (time.monotonic() - probe) * (len(x) / _PROBE_ROWS) ** _GROWTH
            if time.monotonic() - begin + taken > part.seconds:
                raise OutOfTime(
                    f"{part.seconds:.0f} s do not suffice for support vector machines on these data."
                )
        machine.fit(x, y, sample_weight=part.weights)
        return _kept(machine, encoder, gamma, outline)

    def load(self, path: Path, outline: Outline) -> KernelModel:
        """See `learning.Kind`."""
        with np.load(path, allow_pickle=False) as found:
            return KernelModel(
                Encoder.from_arrays(found),
                found["support"],
                found["dual"],
                found["counts"],
                found["bias"],
                found["known"],
                float(found["gamma"]),
                outline,
            )


def _kept(machine: Any, encoder: Encoder, gamma: float, outline: Outline) -> KernelModel:
    # Of two classes scikit-learn turns libsvm's signs round.
    sign = -1 if len(machine.classes_) == 2 else 1
    return KernelModel(
        encoder,
        machine.support_vectors_.astype(np.float32),
        sign * machine.dual_coef_.astype(np.float32),
        machine.n_support_.astype(np.int64),
        sign * np.asarray(machine.intercept_, dtype=np.float64),
        machine.classes_.astype(np.int64),
        gamma,
        outline,
    )
